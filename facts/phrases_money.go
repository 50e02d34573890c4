// SPDX-License-Identifier: Apache-2.0

package facts

// Phrases of those who are after money at once.

const paymentPhrases = `
invoice|invoice attached|attached invoice|overdue invoice|unpaid invoice|outstanding invoice|invoice number|payment due|payment overdue|overdue|outstanding payment|outstanding balance|payment advice|payment confirmation|payment receipt|payment notification|proof of payment|remittance|remittance advice|wire transfer|bank transfer|swift copy|swift|bank details|purchase order|new order|quotation|request for quotation|rfq|proforma|statement of account|your payment|your order|order confirmation|has been charged|will be charged|auto renewal|auto renew|renewal|subscription|subscription has expired|subscription expired|your subscription|renew your|billing|billing problem|payment method|update payment method|credit card|debit card|refund|refund is|pending refund|you have received a payment|money transfer|transaction|transaction id|direct deposit|payroll
rechnung|zahlung|offene rechnung|mahnung|uberweisung|lastschrift|abonnement|zahlungsmethode|ruckerstattung|erstattung|gutschrift|kreditkarte|zahlungserinnerung|inkasso
facture|paiement|virement|remboursement|abonnement|moyen de paiement|carte bancaire|impaye|prelevement
factura|pago|pagos|transferencia|reembolso|suscripcion|metodo de pago|tarjeta de credito|deuda|comprobante|comprobante de pago|cfdi|adeudo
fattura|pagamento|bonifico|rimborso|abbonamento|metodo di pagamento|carta di credito|carta di pagamento|importo|addebito
fatura|boleto|pagamento|pix|reembolso|assinatura|cartao de credito|cartao|nota fiscal|comprovante|cobranca|debito|debitos|segunda via|parcela|transferencia|compra aprovada|compra|limite|anuidade|resgate|restituicao
factuur|betaling|terugbetaling|abonnement|incasso|openstaand|creditcard
faktura|platnosc|zwrot|請求|お支払い|ご請求|決済|クレジットカード|发票|付款|счет|оплата`

const taxPhrases = `
tax refund|tax return|tax payment|hmrc|irs|internal revenue|tax authority|tax office|fiscal|customs fee|customs duty|customs clearance|stimulus|social security|medicare|benefits|government grant|traffic fine|toll|unpaid toll|e zpass|road tax|vehicle tax|court|summons|subpoena|parking fine
steuerruckerstattung|steuererstattung|finanzamt|elster|bussgeld|zoll|zollgebuhren|krankenkasse|impots|amende|antai|ameli|carte vitale|douane|agencia tributaria|hacienda|multa|sat|declaracion|agenzia delle entrate|inps|rimborso fiscale|receita federal|imposto de renda|cpf|detran|ipva|irpf|malha fina|gov br|inss|belastingdienst|digid|boete|国税|税务|налог`

const urgencyPhrases = `
urgent|urgently|immediately|immediate action|immediate action required|action required|action needed|as soon as possible|asap|act now|act fast|act quickly|dont wait|don't wait|do not wait|dont miss|don't miss|do not miss|last chance|last warning|final notice|final warning|final reminder|second notice|last reminder|last notice|second attempt|3rd attempt|final attempt|important notice|important information|important update|important message|attention|attention required|response required|reply immediately|time sensitive|limited time|expires|today only|hurry|now or never|before its too late|before it's too late|while supplies last|notice|notification|alert|warning|reminder|immediate attention
dringend|sofort|umgehend|wichtig|wichtige mitteilung|handlungsbedarf|letzte erinnerung|letzte mahnung|letzte chance|nur noch|nur heute|achtung|unverzuglich|zeitnah
urgent|immediatement|des que possible|dernier rappel|derniere chance|dernier avis|important|attention|action requise|rappel|avis|sans delai
urgente|inmediatamente|de inmediato|lo antes posible|ultimo aviso|ultima oportunidad|importante|atencion|accion requerida|aviso|notificacion|recordatorio
urgente|immediatamente|subito|il prima possibile|ultimo avviso|ultima possibilita|attenzione|avviso|azione richiesta|promemoria|comunicazione importante
urgente|imediatamente|o mais rapido|ultimo aviso|ultima chance|ultimas horas|atencao|aviso|notificacao|comunicado|importante|hoje|somente hoje|ultimo dia|regularize|imediata
dringend|onmiddellijk|zo spoedig mogelijk|laatste herinnering|laatste kans|belangrijk|let op|actie vereist|herinnering
重要|緊急|至急|最終通知|お知らせ|紧急|重要通知|срочно|важно|внимание|pilne|wazne`

const deliveryPhrases = `
your package|your parcel|your shipment|package delivery|parcel delivery|delivery attempt|missed delivery|delivery failed|failed delivery|unsuccessful delivery|could not be delivered|unable to deliver|undelivered package|package is waiting|package waiting|parcel is waiting|is on hold|held at|shipping fee|shipping fees|delivery fee|redelivery|re delivery|reschedule delivery|reschedule your delivery|schedule delivery|schedule your delivery|delivery address|confirm delivery|confirm your address|update your address|incomplete address|incorrect address|wrong address|tracking number|tracking code|track your package|track package|shipment notification|arrived at|depot|warehouse|courier|customs
ihr paket|ihre sendung|paket|sendung|zustellung|zustellversuch|lieferung|versandkosten|sendungsnummer|zollgebuhr|lieferadresse|paketzustellung
votre colis|colis|livraison|frais de livraison|frais de port|numero de suivi|livreur|adresse de livraison|en attente de livraison|instance
su paquete|tu paquete|paquete|envio|su envio|entrega|gastos de envio|numero de seguimiento|direccion de entrega|aduana|aduanas
il tuo pacco|pacco|spedizione|consegna|spese di spedizione|numero di tracciamento|in attesa di consegna|indirizzo di consegna|dogana|corriere
sua encomenda|encomenda|seu pedido|pacote|entrega|envio|taxa de entrega|codigo de rastreio|rastreamento|taxado|alfandega|alfandegaria|objeto|correios
uw pakket|je pakket|pakket|bezorging|zending|verzendkosten|bezorgkosten|paczka|przesylka|dostawa|荷物|配達|配送|お届け|包裹|快递|посылка`

const prizePhrases = `
you have won|you won|you are the winner|winner|winners|congratulations|you have been selected|you have been chosen|been selected|been chosen|youve been selected|you've been selected|youve been chosen|you've been chosen|chosen to receive|selected to receive|lucky winner|lucky customer|lucky visitor|claim your prize|claim your reward|claim your gift|claim your free|claim prize|claim reward|claim now|your reward|reward|rewards|your prize|gift card|giftcard|e gift card|free gift|exclusive gift|exclusive reward|exclusive offer|survey|short survey|quick survey|take the survey|complete the survey|answer a few|answer and win|giveaway|lottery|jackpot|sweepstakes|raffle|voucher|bonus|loyalty program|loyalty points|reward points|points will expire|free sample|free iphone|get yours|unclaimed|for free|win a
herzlichen gluckwunsch|gewonnen|gewinner|gewinn|sie wurden ausgewahlt|ausgewahlt|gutschein|umfrage|kostenlos|pramie|belohnung|gewinnspiel|verlosung|geschenk|einkaufsgutschein
felicitations|vous avez gagne|gagnant|gagnez|selectionne|cadeau|carte cadeau|sondage|enquete|recompense|tirage|gratuit|gratuitement
felicidades|felicitaciones|enhorabuena|ha ganado|has ganado|ganador|seleccionado|premio|regalo|tarjeta regalo|encuesta|recompensa|sorteo|gratis
congratulazioni|complimenti|hai vinto|ha vinto|vincitore|selezionato|premio|regalo|carta regalo|sondaggio|ricompensa|buono|gratuito|estrazione
parabens|voce ganhou|ganhador|ganhe|selecionado|contemplado|premio|brinde|presente|vale presente|pesquisa|recompensa|sorteio|gratis|pontos|seus pontos|milhas|resgatar|resgate agora|cashback|beneficio
gefeliciteerd|gewonnen|winnaar|geselecteerd|cadeaubon|cadeaukaart|prijs|enquete|beloning|gratis|当選|プレゼント|ポイント|中奖|恭喜|поздравляем|выиграли`

const clickPhrases = `
click here|click below|click the link|click the button|click on the link|click the link below|click the button below|click on the button|click on this link|click this link|clicking here|clicking the link|clicking the link below|clicking the button|follow the link|follow this link|follow the link below|link below|button below|by clicking|please click|kindly click|use the link|use the button|tap here|tap below|log in here|login here|sign in here|login now|log in now|sign in now|get started|get started now|start now|continue|proceed|view document|view documents|review document|view file|view message|read message|open document|access document|download attachment|download now|download here|download document|view details|see details|check activity|check now|order now|shop now|buy now|learn more|find out more|visit|visit our website|visit here
hier klicken|klicken sie hier|klicken sie auf|klick hier|auf den link|auf den button|den folgenden link|uber den link|uber folgenden link|jetzt ansehen|weiter|hier einloggen|jetzt starten|zum konto|hier anmelden
cliquez ici|cliquer ici|cliquez sur|cliquant ici|cliquant sur|cliquez sur le lien|le lien ci dessous|je confirme|je valide|acceder|commencer|suivez le lien|consulter
haga clic|haga clic aqui|haz clic|haz clic aqui|clic aqui|clic en|siguiente enlace|enlace|pulse aqui|ingrese aqui|ingresar|acceder|acceda|ver documento|descargar
clicca qui|clicca su|cliccare|cliccando|clicca sul|seguente link|il link|accedi|procedi|continua|vai al|scarica
clique aqui|clicar aqui|clique no|clique no link|clicando|link abaixo|botao abaixo|acesse|acessar|acesse aqui|acesse agora|baixar|visualizar|ver mais|saiba mais|confira|quero
klik hier|klik op|via onderstaande|onderstaande link|onderstaande knop|inloggen|doorgaan|kliknij|kliknij tutaj|こちら|クリック|下記のリンク|点击|点击这里|нажмите|перейдите`

const greetingPhrases = `
dear customer|dear client|dear user|dear member|dear valued customer|dear valued|dear account holder|dear account owner|dear account user|dear email user|dear mail user|dear webmail user|dear subscriber|dear sir|dear sir madam|dear sir or madam|dear sirs|dear friend|dear beneficiary|dear beloved|dear winner|dear owner|dear email owner|dear recipient|dear cardholder|dear shopper|dear citizen|dear taxpayer|dear partner|dear one|dear good friend|dear beloved friend|attention beneficiary|attn|hello dear|hi dear|hello friend|hello user|hello customer|valued customer|valued member|our customer|my dear|dearest|good day|good day to you|greetings|greetings to you|compliments of the season|hello there|hello sir
sehr geehrter kunde|sehr geehrte kundin|sehr geehrter nutzer|lieber kunde|liebe kundin|guten tag|sehr geehrte damen und herren|sehr geehrter karteninhaber|werter kunde
cher client|chere cliente|cher utilisateur|cher abonne|cher membre|bonjour cher|madame monsieur|cher e client
estimado cliente|estimada cliente|estimado usuario|estimado|apreciable|apreciado cliente|querido cliente|querido amigo|estimado contribuyente
gentile cliente|gentile utente|caro cliente|spettabile|egregio|cara cliente
prezado cliente|prezada cliente|prezado|prezada|prezados|caro cliente|ola cliente|prezado usuario|estimado cliente|caro contribuinte
geachte klant|beste klant|beste gebruiker|geachte gebruiker|beste lezer|szanowny kliencie|drogi kliencie|お客様各位|お客様|尊敬的用户|亲爱的用户|уважаемый клиент`

const documentPhrases = `
shared a document|shared a file|shared with you|has shared|shared document|shared file|document shared|new document|secure document|secure message|encrypted message|protected message|confidential document|review and sign|sign the document|please sign|signature required|document for signature|completed document|completed docusign|docusign|dropbox|wetransfer|onedrive|sharepoint|google docs|you have a new|you have received|you received|you have 1|you have one|new message|1 new message|unread message|unread messages|received a new|file has been|files were sent|pdf document|agreement|contract|proposal|salary|payroll|bonus|employee|handbook|hr department|human resources|performance review|policy update|updated policy
dokument|freigegeben|hat ein dokument|vertrag|document partage|a partage|documento compartido|ha compartido|documento condiviso|ha condiviso|documento|documento compartilhado|compartilhou|gedeeld document|heeft gedeeld`
