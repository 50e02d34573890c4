// SPDX-License-Identifier: Apache-2.0

package facts

// wordGroup is a group of phrases that say the same sort of thing. They are written without accents, and are separated by bars or line ends.
type wordGroup struct {
	name    string
	reason  string // What a text of the group does.
	phrases string
}

// wordGroups are all of them. In which language a phrase is does not matter.
var wordGroups = []wordGroup{
	{"credential", "asks to confirm or change what an account is opened with", credentialPhrases},
	{"threat", "threatens that something will be closed, limited or lost", threatPhrases},
	{"mailbox", "is about the mailbox itself, as those write who want its password", mailboxPhrases},
	{"payment", "is about a payment, an invoice or a card", paymentPhrases},
	{"urgency", "says that it is urgent", urgencyPhrases},
	{"delivery", "is about a parcel that cannot be delivered", deliveryPhrases},
	{"prize", "is about a prize, a gift or a survey", prizePhrases},
	{"click", "asks to follow a link", clickPhrases},
	{"greeting", "greets somebody whose name is not known", greetingPhrases},
	{"wallet", "is about a wallet for electronic money", walletPhrases},
	{"advance", "is about money that waits for the recipient", advancePhrases},
	{"approach", "introduces a stranger who asks for an answer", approachPhrases},
	{"extortion", "threatens to publish something", extortionPhrases},
	{"pharmacy", "sells medicines", pharmacyPhrases},
	{"replica", "sells imitations", replicaPhrases},
	{"casino", "is about gambling", casinoPhrases},
	{"loan", "is about loans and debts", loanPhrases},
	{"investment", "is about shares or investments", investmentPhrases},
	{"adult", "is about sex", adultPhrases},
	{"health", "is about losing weight and staying young", healthPhrases},
	{"work", "promises easy work", workPhrases},
	{"degree", "sells degrees", degreePhrases},
	{"software", "sells cheap software", softwarePhrases},
	{"promotion", "sells attention or addresses", promotionPhrases},
	{"offer", "praises an offer", offerPhrases},
	{"optout", "explains why it was sent", optoutPhrases},
	{"contact", "asks to answer by another way", contactPhrases},
	{"callback", "asks to call about a charge", callbackPhrases},
	{"task", "asks for a favour, as fraud between colleagues begins", taskPhrases},
	{"tax", "is about taxes, fines and benefits", taxPhrases},
	{"document", "is about a document that waits to be opened", documentPhrases},
}
