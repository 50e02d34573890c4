// SPDX-License-Identifier: Apache-2.0

package phishing

import (
	"strings"
	"testing"
)

// TestHeader: who a message says that it is from.
func TestHeader(t *testing.T) {
	tests := []struct{ name, header, want string }{
		{"ordinary", "From: Anna Example <anna@evil.com>", ""},
		{"name of a house", "From: PayPal Service <x@evil.com>", `display_name : the display name "PayPal Service" is that of paypal.com, the address is at evil.com`},
		{"its own", "From: PayPal Service <x@mail.paypal.com>", ""},
		{"with more", "From: PayPal Developers Berlin <x@evil.com>", `sender_name : the display name "PayPal Developers Berlin" is that of paypal.com, the address is at evil.com`},
		{"of several words", "From: Wells Fargo <x@evil.com>", `display_name : the display name "Wells Fargo" is that of wellsfargo.com, the address is at evil.com`},
		{"ordinary word", "From: Chase <x@evil.com>", `sender_name : the display name "Chase" is that of chase.com, the address is at evil.com`},
		{"ordinary word in others", "From: Chase Miller <x@evil.com>", ""},
		{"letters of other scripts", "From: =?utf-8?q?P=D0=B0yPal?= <x@evil.com>", `homograph : the display name "Pаyl" has`},
		{"slip of the keyboard", "From: =?utf-8?q?=D0=90=D1=82=D0=B8=D0=BA=D0=BE=D0=B2a?= <x@evil.com>", ""},
		{"address of the site", `From: "boss@example.org" <x@evil.com>`, "display_name : the display name is an address at example.org, the address is at evil.com"},
		{"address of somebody", `From: "a@other.com" <x@evil.com>`, "sender_name : the display name is an address at other.com, the address is at evil.com"},
		{"address at the double of a house", `From: "a@paypa1.com" <x@evil.com>`, "display_name : the display name is an address at paypa1.com, the address is at evil.com"},
		{"address by a relay", `From: "a@other.com via List" <x@evil.com>`, ""},
		{"same address", `From: "a@evil.com" <a@evil.com>`, ""},
		{"person", "From: Jane Boss <x@gmail.com>", `display_name : "Jane Boss" writes from gmail.com`},
		{"person, turned round", "From: \"BOSS, Jane\" <x@gmail.com>", `display_name : "BOSS, Jane" writes from gmail.com`},
		{"person at home", "From: Jane Boss <x@example.org>", ""},
		{"name cut off by a comma", "From: PayPal team ,_<x@evil.com>", `display_name : the display name "PayPal team" is that of paypal.com, the address is at evil.com; split_name : "PayPal team" stands in From without an address, beside one at evil.com`},
		{"quoted name cut off", `From: "Amazon.de", abc <x@evil.com>`, `display_name : the display name "Amazon.de" is that of amazon.com, the address is at evil.com; split_name : "Amazon.de" stands in From without an address, beside one at evil.com`},
		{"person cut by a comma", "From: Boss, Jane <x@gmail.com>", `display_name : "Boss, Jane" writes from gmail.com; split_name : "Boss" stands in From without an address, beside one at gmail.com`},
		{"address cut off by a comma", `From: "parcel@other.com", <x@evil.com>`, `sender_name : the display name is an address at other.com, the address is at evil.com; display_name : an address at other.com stands in From as a name, beside one at evil.com`},
		{"own address cut off", `From: "a@evil.com", <x@evil.com>`, `split_name : "a@evil.com" stands in From without an address, beside one at evil.com`},
		{"ordinary word with fillers", "From: Ledger Support Team <x@evil.com>", `sender_name : the display name "Ledger Support Team" is that of ledger.com, the address is at evil.com`},
		{"house in another country", "From: DHL Express <x@mail.dhl.ee>", ""},
		{"house without a suffix", "From: DHL Express <x@dhl>", `display_name : the display name "DHL Express" is that of dhl.com, the address is at dhl`},
		{"subject of two scripts", "From: x@evil.com\r\nSubject: =?utf-8?q?=5BBin=D0=B0n=D1=81=D0=B5=5D_now?=", `homograph : the subject has "Binаnсе", with letters that look like others: like binance.com`},
		{"subject of two scripts, no name", "From: x@evil.com\r\nSubject: =?utf-8?q?M=D0=B0yer?=", ""},
		{"no address at all", "From: PayPal <>", `display_name : the display name "PayPal" is that of paypal.com, the address is at no host`},
		{"spaced letters", "From: P a y P a l <x@evil.com>", `display_name : the display name "P a y P a l" is that of paypal.com, the address is at evil.com`},
		{"short name", "From: DHL Paket <x@evil.com>", `display_name : the display name "DHL Paket" is that of dhl.com, the address is at evil.com`},
		{"prize", "From: Amazon Gutschein <x@evil.com>", `display_name : the display name "Amazon Gutschein" is that of amazon.com, the address is at evil.com`},
		{"mathematical subject", "From: x@evil.com\r\nSubject: =?utf-8?q?=F0=9D=97=94=F0=9D=97=95=F0=9D=97=96?=", "disguised : the subject has letters in disguise"},
		{"scratched name", "From: =?utf-8?q?C=CC=B7a=CC=B7rd?= <x@evil.com>", "disguised : the display name has letters in disguise"},
		{"split subject", "From: x@evil.com\r\nSubject: =?utf-8?q?p=E2=80=8Ba=E2=80=8By?=", "disguised : the subject has letters in disguise"},
		{"accents", "From: x@evil.com\r\nSubject: =?utf-8?q?Tie=CC=82=CC=81ng Vie=CC=A3=CC=82t?=", ""},
		{"replies", "From: x@example.org\r\nReply-To: x@gmail.com", "reply_to : from example.org, replies go to gmail.com"},
		{"replies of others", "From: x@evil.com\r\nReply-To: x@gmail.com", "reply_freemail : from evil.com, replies go to gmail.com"},
		{"replies to the list", "List-Id: <a.b>\r\nFrom: x@evil.com\r\nReply-To: x@gmail.com", ""},
		{"domain that looks like another", "From: x@paypa1.com", "lookalike : From: paypa1.com has digits or letters for others: like paypal.com"},
	}
	f := newFilter(t, nil)
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := strings.Join(told(inspect(t, f, tt.header+"\r\n\r\ntext\r\n")), "; ")
			if tt.name == "letters of other scripts" {
				tt.want, got = "homograph", strings.Fields(got + " none")[0]
			}
			if got != tt.want {
				t.Errorf("%s\ngot  %s\nwant %s", tt.header, got, tt.want)
			}
		})
	}
}

// TestSubjectName: a name in the subject counts if links lead elsewhere than home, and none there.
func TestSubjectName(t *testing.T) {
	f := newFilter(t, nil)
	for _, tt := range []struct {
		name, message string
		want          bool
	}{
		{"elsewhere", "Subject: Your PayPal account\r\n" + page(link("https://evil.com/", "here")), true},
		{"there", "Subject: Your PayPal account\r\n" + page(link("https://evil.com/", "here"), link("https://www.paypal.com/", "x")), false},
		{"home", "Subject: Your PayPal account\r\n" + page(link("https://www.shop.example/", "here")), false},
		{"no link", "Subject: Your PayPal account\r\n" + page("here"), false},
		{"from there", strings.Replace("Subject: Your PayPal account\r\n"+page(link("https://evil.com/", "here")), "shop.example", "paypal.com", 1), false},
		{"mailing list", "List-Id: <a.b>\r\nSubject: Your PayPal account\r\n" + page(link("https://evil.com/", "here")), false},
		{"network", "Subject: Google News\r\n" + page(link("https://evil.com/", "here")), false},
	} {
		if got := len(inspect(t, f, tt.message)) > 0; got != tt.want {
			t.Errorf("%s: got %v", tt.name, told(inspect(t, f, tt.message)))
		}
	}
}
