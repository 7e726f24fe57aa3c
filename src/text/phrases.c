/* text/phrases.c — what lines that are not new text begin with, in a dozen languages, and words that give them away.
 *
 * Rows are sorted by their bytes, so that the first two bytes of a line find the few rows to compare by binary search.
 * All are lower case; ASCII letters compare without case, others exactly: rows that begin with another letter
 * stand twice.
 */
#include "text/clean_int.h"

typedef struct phrase {
    ut_str text;
    ut_phrase kind;
} phrase;

#define R(kind_, text_) {{text_, sizeof(text_) - 1}, UT_PHRASE_##kind_}
#define W(text_) {text_, sizeof(text_) - 1}

/* clang-format off */
static const phrase PHRASES[] = {
    R(LEGAL, "a informação contida"), R(FOOTER, "a non-text attachment was scrubbed"), R(TO, "a:"), R(TO, "aan:"),
    R(FOOTER, "abmelden"), R(CLOSING, "abraço"), R(CLOSING, "abraços"), R(FOOTER, "aby zrezygnować"),
    R(TRAILER, "acked-by:"), R(LEGAL, "afin de préserver"), R(FOOTER, "afmeld"), R(FOOTER, "afmelden"),
    R(SUBJECT, "aihe:"), R(ORIGINAL, "alkuperäinen viesti"), R(LEGAL, "als u dit bericht"), R(LEGAL, "als u niet"),
    R(CLOSING, "amicalement"), R(FOOTER, "an html attachment was scrubbed"), R(TO, "an:"),
    R(FORWARD, "anfang der weitergeleiteten e-mail"), R(FORWARD, "anfang der weitergeleiteten nachricht"),
    R(HEADER, "anlagen:"), R(FOOTER, "annulla iscrizione"), R(LEGAL, "antes de imprimir"), R(HEADER, "antwort an:"),
    R(HEADER, "antworten an:"), R(LEGAL, "any disclosure"), R(LEGAL, "any review"), R(LEGAL, "any unauthori"),
    R(LEGAL, "any views or opinions"), R(FOOTER, "archive:"), R(FOOTER, "archives:"),
    R(LEGAL, "as informações contidas"), R(SUBJECT, "assunto:"), R(SUBJECT, "asunto:"),
    R(CLOSING, "atenciosamente"), R(CLOSING, "atentamente"), R(CLOSING, "att"), R(HEADER, "attachments:"),
    R(CLOSING, "atte"), R(LEGAL, "avis de confidentialité"), R(LEGAL, "aviso de confidencialidad"),
    R(LEGAL, "aviso de confidencialidade"), R(LEGAL, "aviso legal"), R(FOOTER, "avprenumerera"),
    R(FOOTER, "avregistrera"), R(LEGAL, "avviso di riservatezza"), R(HEADER, "bcc:"), R(CLOSING, "bedste hilsner"),
    R(LEGAL, "before printing"), R(FORWARD, "begin doorgestuurd bericht"), R(FORWARD, "begin forwarded message"),
    R(FORWARD, "begin forwarded text"), R(FORWARD, "begin included message"), R(CLOSING, "best"),
    R(CLOSING, "best regards"), R(CLOSING, "best wishes"), R(CLOSING, "beste grüsse"), R(CLOSING, "beste grüße"),
    R(CLOSING, "besten gruß"), R(SUBJECT, "betreff:"), R(CLOSING, "bien cordialement"), R(CLOSING, "bien à toi"),
    R(CLOSING, "bien à vous"), R(LEGAL, "bitte denken sie an"), R(LEGAL, "bitte prüfen sie"),
    R(CLOSING, "bonne journée"), R(CLOSING, "br"), R(CLOSING, "bästa hälsningar"),
    R(FOOTER, "cancelar a inscrição"), R(FOOTER, "cancelar suscripción"), R(CLOSING, "cari saluti"),
    R(HEADER, "cc:"), R(TRAILER, "cc: stable"), R(LEGAL, "ce courriel"), R(LEGAL, "ce courrier"),
    R(LEGAL, "ce mail"), R(LEGAL, "ce message"), R(LEGAL, "cet e-mail"), R(LEGAL, "cet email"),
    R(LEGAL, "cette communication"), R(TRAILER, "change-id:"), R(FOOTER, "click here to unsubscribe"),
    R(TRAILER, "closes: http"), R(TRAILER, "co-authored-by:"), R(CLOSING, "com os melhores cumprimentos"),
    R(LEGAL, "confidential:"), R(LEGAL, "confidentiality and"), R(LEGAL, "confidentiality notice"),
    R(LEGAL, "confidentiality:"), R(HEADER, "content-type:"), R(HEADER, "copia:"), R(HEADER, "copie :"),
    R(HEADER, "copie:"), R(CLOSING, "cordialement"), R(CLOSING, "cordiali saluti"), R(CLOSING, "cordialmente"),
    R(CLOSING, "cumprimentos"), R(FROM, "da:"), R(FOOTER, "darse de baja"), R(LEGAL, "das unerlaubte"),
    R(DATE, "data:"), R(DATE, "date :"), R(DATE, "date:"), R(DATE, "date\xC2\xA0:"), R(DATE, "dato:"),
    R(DATE, "datum:"), R(FROM, "de :"), R(LEGAL, "de informatie"), R(LEGAL, "de inhoud van dit"), R(FROM, "de:"),
    R(HEADER, "delivered-to:"), R(LEGAL, "denk aan het milieu"), R(LEGAL, "denken sie an"),
    R(LEGAL, "denna e-post"), R(LEGAL, "denne besked"), R(LEGAL, "denne e-mail"), R(LEGAL, "denne e-post"),
    R(LEGAL, "denne mail"), R(LEGAL, "denne meddelelse"), R(LEGAL, "der inhalt dieser"), R(FROM, "desde:"),
    R(TO, "destinataire :"), R(TO, "destinataire:"), R(LEGAL, "det här meddelandet"), R(LEGAL, "detta e-post"),
    R(LEGAL, "detta meddelande"), R(LEGAL, "deze e-mail"), R(LEGAL, "deze mail"), R(FROM, "de\xC2\xA0:"),
    R(LEGAL, "die in dieser"), R(LEGAL, "die information"), R(LEGAL, "diese e-mail"), R(LEGAL, "diese email"),
    R(LEGAL, "diese mail"), R(LEGAL, "diese nachricht"), R(DEVICE, "diese nachricht wurde von meinem"),
    R(LEGAL, "dieses e-mail"), R(LEGAL, "disclaimer"), R(CLOSING, "distinti saluti"), R(LEGAL, "dit bericht"),
    R(LEGAL, "dit e-mailbericht"), R(FOOTER, "do you yahoo!?"), R(TO, "do:"), R(FORWARD, "doorgestuurd bericht"),
    R(DEVICE, "download outlook voor"), R(FOOTER, "du erhältst diese"), R(FOOTER, "du får det här"),
    R(FOOTER, "du får detta"), R(FOOTER, "du modtager denne"), R(FORWARD, "début du message réexpédié"),
    R(FORWARD, "début du message transféré"), R(LEGAL, "e-mail transmission"), R(LEGAL, "e-mails are not"),
    R(FORWARD, "edelleenlähetetty viesti"), R(LEGAL, "email transmission"), R(LEGAL, "emails are not"),
    R(SUBJECT, "emne:"), R(DATE, "enviada em:"), R(DATE, "enviada:"), R(DEVICE, "enviado a partir do"),
    R(DEVICE, "enviado desde"), R(DEVICE, "enviado desde mi"), R(DEVICE, "enviado do meu"), R(DATE, "enviado el:"),
    R(DATE, "enviado em:"), R(DEVICE, "enviado via"), R(DATE, "enviado:"), R(DATE, "envoyé :"),
    R(DEVICE, "envoyé de mon"), R(DEVICE, "envoyé depuis"), R(DEVICE, "envoyé depuis mon"),
    R(DEVICE, "envoyé à partir de"), R(DATE, "envoyé:"), R(DATE, "envoyé\xC2\xA0:"), R(ORIGINAL, "eredeti üzenet"),
    R(LEGAL, "esta mensagem"), R(LEGAL, "esta mensaje"), R(LEGAL, "este correo"), R(LEGAL, "este e-mail"),
    R(LEGAL, "este email"), R(LEGAL, "este mensaje"), R(FROM, "expéditeur :"), R(FROM, "expéditeur:"),
    R(LEGAL, "falls sie nicht"), R(DATE, "fecha:"), R(TRAILER, "fixes: "),
    R(FOOTER, "for additional commands, e-mail"), R(FOOTER, "for more options, visit this group"),
    R(FORWARD, "forwarded by"), R(FORWARD, "forwarded message"), R(FROM, "fra:"), R(CLOSING, "freundliche grüsse"),
    R(CLOSING, "freundliche grüße"), R(CLOSING, "freundlichen gruß"), R(FROM, "from:"), R(FROM, "från:"),
    R(FORWARD, "fwd message"), R(DATE, "gesendet am:"), R(DEVICE, "gesendet mit"), R(DEVICE, "gesendet von mail"),
    R(DEVICE, "gesendet von meinem"), R(DEVICE, "gesendet von outlook"), R(DATE, "gesendet:"),
    R(DEVICE, "get outlook for"), R(FOOTER, "get your free"), R(CLOSING, "groet"), R(CLOSING, "groeten"),
    R(CLOSING, "groetjes"), R(CLOSING, "gruß"), R(CLOSING, "grüße"), R(FOOTER, "ha recibido este"),
    R(LEGAL, "haftungsausschluss"), R(FOOTER, "hai ricevuto questo"), R(CLOSING, "hartelijke groet"),
    R(FOOTER, "has recibido este"), R(DEVICE, "hent outlook"), R(CLOSING, "herzliche grüsse"),
    R(CLOSING, "herzliche grüße"), R(CLOSING, "hilsen"), R(LEGAL, "hinweis:"), R(LEGAL, "hvis du har modtaget"),
    R(LEGAL, "hvis du ikke er"), R(CLOSING, "hälsning"), R(CLOSING, "hälsningar"), R(DEVICE, "hämta outlook"),
    R(LEGAL, "if this email"), R(LEGAL, "if you are not the"), R(FOOTER, "if you don't want to receive"),
    R(LEGAL, "if you have received"), R(FOOTER, "if you no longer wish to receive"),
    R(LEGAL, "if you received this"), R(FOOTER, "if you want to unsubscribe"),
    R(FOOTER, "if you wish to unsubscribe"), R(LEGAL, "il contenuto di"), R(LEGAL, "il presente messaggio"),
    R(HEADER, "importance:"), R(LEGAL, "important notice"), R(LEGAL, "important:"), R(HEADER, "importanza:"),
    R(HEADER, "in-reply-to:"), R(LEGAL, "indholdet af denne"), R(LEGAL, "indien u niet"),
    R(LEGAL, "informacje zawarte"), R(LEGAL, "information in this"), R(LEGAL, "informationen i"),
    R(FORWARD, "inicio del mensaje reenviado"), R(FORWARD, "inizio messaggio inoltrato"),
    R(LEGAL, "internet communications"), R(DEVICE, "inviato da"), R(DEVICE, "inviato dal mio"), R(DATE, "inviato:"),
    R(FORWARD, "início da mensagem encaminhada"), R(FORWARD, "início da mensagem reencaminhada"),
    R(FOOTER, "je ontvangt deze"), R(LEGAL, "jeśli nie są"), R(LEGAL, "jeżeli nie są"),
    R(FOOTER, "join the world's largest"), R(CLOSING, "kind regards"), R(CLOSING, "kindest regards"),
    R(HEADER, "kopi:"), R(HEADER, "kopia do:"), R(HEADER, "kopia:"), R(HEADER, "kopie:"), R(CLOSING, "kr"),
    R(LEGAL, "la informacion contenida"), R(LEGAL, "la información contenida"),
    R(LEGAL, "le informazioni contenute"), R(LEGAL, "legal disclaimer"), R(LEGAL, "legal notice"),
    R(LEGAL, "les informations contenues"), R(CLOSING, "lg"), R(CLOSING, "liebe grüsse"), R(CLOSING, "liebe grüße"),
    R(TRAILER, "link: http"), R(FOOTER, "list archives:"), R(FOOTER, "list maintainer"),
    R(FOOTER, "list-unsubscribe"), R(DEVICE, "lähetetty"), R(DATE, "lähetetty:"), R(FROM, "lähettäjä:"),
    R(FOOTER, "mailing list"), R(FOOTER, "mailing list archive"), R(FOOTER, "mailing list info"),
    R(HEADER, "mailing-list:"), R(FOOTER, "manage notifications"), R(FOOTER, "manage your email"),
    R(FOOTER, "manage your notification"), R(FOOTER, "manage your subscription"), R(CLOSING, "mange hilsner"),
    R(CLOSING, "many regards"), R(CLOSING, "med venlig hilsen"), R(CLOSING, "med vennlig hilsen"),
    R(CLOSING, "med vänlig hälsning"), R(CLOSING, "med vänliga hälsningar"), R(CLOSING, "meilleures salutations"),
    R(CLOSING, "melhores cumprimentos"), R(FORWARD, "mensagem encaminhada"), R(ORIGINAL, "mensagem original"),
    R(ORIGINAL, "mensaje original"), R(FORWARD, "mensaje reenviado"), R(LEGAL, "merci de penser"),
    R(ORIGINAL, "message d'origine"), R(ORIGINAL, "message d’origine"), R(FOOTER, "message id: <"),
    R(ORIGINAL, "message original"), R(FORWARD, "message réexpédié"), R(FORWARD, "message transféré"),
    R(HEADER, "message-id:"), R(FORWARD, "messaggio inoltrato"), R(ORIGINAL, "messaggio originale"),
    R(CLOSING, "met vriendelijke groet"), R(CLOSING, "met vriendelijke groeten"), R(CLOSING, "mfg"),
    R(HEADER, "mime-version:"), R(CLOSING, "mit besten grüssen"), R(CLOSING, "mit besten grüßen"),
    R(CLOSING, "mit freundlichem gruß"), R(CLOSING, "mit freundlichen gruessen"),
    R(CLOSING, "mit freundlichen grüssen"), R(CLOSING, "mit freundlichen grüßen"), R(CLOSING, "mit lieben grüßen"),
    R(FROM, "mittente:"), R(CLOSING, "mvg"), R(CLOSING, "mvh"), R(FROM, "nadawca:"),
    R(FOOTER, "newsletter abbestellen"), R(FOOTER, "next part"), R(LEGAL, "niniejsza wiadomość"),
    R(LEGAL, "notice:"), R(SUBJECT, "objet :"), R(SUBJECT, "objet:"), R(SUBJECT, "objet\xC2\xA0:"),
    R(DEVICE, "obtener outlook para"), R(DEVICE, "obtenez outlook"), R(DEVICE, "obtenha o outlook para"),
    R(DEVICE, "obter o outlook para"), R(FROM, "od:"), R(DEVICE, "odesláno z"), R(SUBJECT, "oggetto:"),
    R(LEGAL, "om du har fått"), R(LEGAL, "om du inte är"), R(SUBJECT, "onderwerp:"),
    R(ORIGINAL, "oorspronkelijk bericht"), R(ORIGINAL, "opprinnelig melding"), R(ORIGINAL, "oprindelig meddelelse"),
    R(HEADER, "organization:"), R(ORIGINAL, "original appointment"), R(ORIGINAL, "original message"),
    R(ORIGINAL, "original-nachricht"), R(ORIGINAL, "originalmeddelande"), R(ORIGINAL, "originalnachricht"),
    R(ORIGINAL, "origineel bericht"), R(ORIGINAL, "orijinal mesaj"), R(ORIGINAL, "oryginalna wiadomość"),
    R(FOOTER, "otrzymujesz tę"), R(DEVICE, "ottieni outlook per"), R(DEVICE, "outlook for"),
    R(DEVICE, "outlook voor"), R(FOOTER, "para cancelar"), R(FOOTER, "para darse de baja"), R(TO, "para:"),
    R(LEGAL, "pensez à"), R(FOOTER, "per annullare"), R(FOOTER, "per cancellarti"), R(LEGAL, "piense antes"),
    R(LEGAL, "please consider the environment"), R(LEGAL, "please consider the impact"),
    R(FOOTER, "please do not reply to this"), R(LEGAL, "please notify the sender"), R(LEGAL, "please think"),
    R(DEVICE, "pobierz outlook"), R(FOOTER, "post to:"), R(FOOTER, "post:"), R(FOOTER, "pour se désabonner"),
    R(FOOTER, "pour vous désabonner"), R(FOOTER, "pour vous désinscrire"), R(CLOSING, "pozdrawiam"),
    R(CLOSING, "pozdrawiam serdecznie"), R(LEGAL, "prima di stampare"), R(HEADER, "priority:"),
    R(HEADER, "priorität:"), R(LEGAL, "private & confidential"), R(LEGAL, "private and confidential"),
    R(LEGAL, "privileged and confidential"), R(FORWARD, "przekazana wiadomość"), R(SUBJECT, "předmět:"),
    R(FORWARD, "přeposlaná zpráva"), R(ORIGINAL, "původní zpráva"), R(LEGAL, "questa e-mail"),
    R(LEGAL, "questa email"), R(LEGAL, "questa mail"), R(LEGAL, "questo messaggio"),
    R(FOOTER, "recebeu esta mensagem"), R(DATE, "received:"), R(FOOTER, "recibes este"), R(HEADER, "references:"),
    R(CLOSING, "regards"), R(FROM, "remitente:"), R(FOOTER, "reply to this email directly"),
    R(FOOTER, "reply to this message directly"), R(HEADER, "reply-to:"), R(TRAILER, "reported-by:"),
    R(CLOSING, "respectfully"), R(TRAILER, "reviewed-by:"), R(TRAILER, "reviewed-on:"), R(CLOSING, "rgds"),
    R(FOOTER, "ricevi questa"), R(CLOSING, "s pozdravem"), R(CLOSING, "saludos"), R(CLOSING, "saludos cordiales"),
    R(CLOSING, "salutations"), R(CLOSING, "salutations distinguées"), R(CLOSING, "saluti"), R(CLOSING, "saudações"),
    R(DEVICE, "scarica outlook per"), R(CLOSING, "schöne grüße"), R(LEGAL, "se avete ricevuto"),
    R(FOOTER, "se désabonner"), R(FOOTER, "se désinscrire"), R(LEGAL, "se ha ricevuto"), R(LEGAL, "se non siete"),
    R(LEGAL, "se não for o"), R(LEGAL, "se recebeu"), R(LEGAL, "se você não"), R(DEVICE, "sendt fra"),
    R(DEVICE, "sendt fra min"), R(DATE, "sendt:"), R(HEADER, "sensitivity:"), R(DEVICE, "sent from a"),
    R(DEVICE, "sent from galaxy"), R(DEVICE, "sent from gmail"), R(DEVICE, "sent from mail for"),
    R(DEVICE, "sent from my"), R(DEVICE, "sent from outlook"), R(DEVICE, "sent from proton"),
    R(DEVICE, "sent from samsung"), R(DEVICE, "sent from yahoo"), R(DATE, "sent on:"), R(DEVICE, "sent using"),
    R(DEVICE, "sent via"), R(DEVICE, "sent with"), R(DATE, "sent:"), R(CLOSING, "serdecznie pozdrawiam"),
    R(LEGAL, "si ha recibido"), R(LEGAL, "si no es usted"), R(LEGAL, "si usted no es"),
    R(LEGAL, "si vous avez reçu"), R(LEGAL, "si vous n'êtes pas"), R(FOOTER, "si vous ne souhaitez plus"),
    R(LEGAL, "si vous n’êtes pas"), R(FOOTER, "sie erhalten diese"), R(TRAILER, "signed-off-by:"),
    R(CLOSING, "sincerely"), R(CLOSING, "sincerely yours"), R(CLOSING, "sincères salutations"),
    R(DEVICE, "skickat från"), R(DEVICE, "skickat från min"), R(DATE, "skickat:"), R(LEGAL, "sollten sie diese"),
    R(LEGAL, "sollten sie nicht"), R(FORWARD, "start of forwarded message"),
    R(FORWARD, "start på videresendt besked"), R(SUBJECT, "subject:"), R(FOOTER, "subscribe or unsubscribe"),
    R(FOOTER, "subscription options"), R(TRAILER, "suggested-by:"), R(SUBJECT, "sujet :"), R(LEGAL, "ta wiadomość"),
    R(SUBJECT, "temat:"), R(CLOSING, "terveisin"), R(TRAILER, "tested-by:"), R(LEGAL, "the content of this"),
    R(LEGAL, "the content of this email"), R(LEGAL, "the contents of this"), R(LEGAL, "the information contained"),
    R(LEGAL, "the information in this"), R(LEGAL, "the information transmitted"),
    R(LEGAL, "think before you print"), R(LEGAL, "this communication"), R(LEGAL, "this document"),
    R(LEGAL, "this e-mail"), R(FOOTER, "this e-mail was sent to"), R(LEGAL, "this electronic"),
    R(LEGAL, "this email"), R(FOOTER, "this email is sponsored"), R(FOOTER, "this email was sent to"),
    R(FOOTER, "this is an automated"), R(FOOTER, "this is an automatically generated"), R(LEGAL, "this mail"),
    R(LEGAL, "this message"), R(FOOTER, "this message is automatically generated"),
    R(FOOTER, "this message was sent to"), R(FOOTER, "this sf.net email is sponsored"),
    R(LEGAL, "this transmission"), R(TO, "til:"), R(TO, "till:"), R(FOOTER, "to manage your subscription"),
    R(FOOTER, "to post to this group"), R(FOOTER, "to post to this list"), R(FOOTER, "to stop receiving"),
    R(FOOTER, "to subscribe"), R(FOOTER, "to subscribe or unsubscribe"), R(FOOTER, "to unsubscribe"),
    R(FOOTER, "to view this discussion"), R(TO, "to:"), R(FORWARD, "treść przekazanej wiadomości"),
    R(LEGAL, "treść tej wiadomości"), R(CLOSING, "très cordialement"), R(DEVICE, "télécharger outlook"),
    R(FOOTER, "u ontvangt deze"), R(FOOTER, "uitschrijven"), R(FOOTER, "um den newsletter"),
    R(FOOTER, "um sich abzumelden"), R(CLOSING, "un abrazo"), R(CLOSING, "un cordial saludo"),
    R(CLOSING, "un saludo"), R(CLOSING, "un saluto"), R(LEGAL, "unauthori"), R(FOOTER, "unsubscribe"),
    R(FOOTER, "update your email preferences"), R(FOOTER, "update your preferences"),
    R(ORIGINAL, "ursprungliche nachricht"), R(ORIGINAL, "ursprungligt meddelande"),
    R(ORIGINAL, "ursprüngliche nachricht"), R(FROM, "van:"), R(TO, "vastaanottaja:"), R(CLOSING, "venlig hilsen"),
    R(CLOSING, "vennlig hilsen"), R(DEVICE, "verstuurd vanaf mijn"), R(LEGAL, "vertraulichkeitshinweis"),
    R(DEVICE, "verzonden met"), R(DEVICE, "verzonden vanaf mijn"), R(DATE, "verzonden:"), R(CLOSING, "vg"),
    R(FORWARD, "vidarebefordrat brev"), R(FORWARD, "vidarebefordrat meddelande"),
    R(FORWARD, "videresendt meddelelse"), R(FORWARD, "videresendt melding"), R(CLOSING, "viele gruesse"),
    R(CLOSING, "viele grüsse"), R(CLOSING, "viele grüße"), R(FOOTER, "view in browser"),
    R(FOOTER, "view it on github"), R(FOOTER, "view this discussion"), R(FOOTER, "view this email in your browser"),
    R(FOOTER, "visit this group at"), R(FOOTER, "você recebeu"), R(FOOTER, "vom newsletter abmelden"),
    R(DEVICE, "von meinem"), R(DEVICE, "von unterwegs gesendet"), R(FROM, "von:"), R(FOOTER, "vous recevez ce"),
    R(CLOSING, "vriendelijke groet"), R(CLOSING, "vriendelijke groeten"), R(CLOSING, "vänlig hälsning"),
    R(CLOSING, "vänliga hälsningar"), R(CLOSING, "warm regards"), R(CLOSING, "warmest regards"),
    R(LEGAL, "we have taken"), R(FORWARD, "weitergeleitet von"), R(FORWARD, "weitergeleitete nachricht"),
    R(FOOTER, "wenn sie keine weiteren"), R(LEGAL, "wenn sie nicht der"), R(ORIGINAL, "wiadomość oryginalna"),
    R(ORIGINAL, "wiadomość pierwotna"), R(FORWARD, "wiadomość przekazana"), R(LEGAL, "wiadomość ta"),
    R(LEGAL, "wichtiger hinweis"), R(HEADER, "wichtigkeit:"), R(CLOSING, "with best regards"),
    R(CLOSING, "with kind regards"), R(FOOTER, "wypisz się"), R(DEVICE, "wysłane z"), R(DEVICE, "wysłano z"),
    R(DATE, "wysłano:"), R(HEADER, "x-mailer:"), R(FOOTER, "yahoo! groups sponsor"),
    R(FOOTER, "you are receiving this"), R(FOOTER, "you are subscribed"), R(FOOTER, "you received this because"),
    R(FOOTER, "you received this email because"), R(FOOTER, "you received this mail because"),
    R(FOOTER, "you received this message because"), R(FOOTER, "you're receiving this"),
    R(CLOSING, "yours faithfully"), R(CLOSING, "yours sincerely"), R(CLOSING, "yours truly"),
    R(CLOSING, "ystävällisin terveisin"), R(CLOSING, "z poważaniem"), R(CLOSING, "z wyrazami szacunku"),
    R(TO, "À :"), R(TO, "À:"), R(TO, "À\xC2\xA0:"), R(SUBJECT, "Ämne:"), R(TO, "à :"), R(TO, "à:"),
    R(TO, "à\xC2\xA0:"), R(SUBJECT, "ämne:"), R(LEGAL, "Данное сообщение"), R(DATE, "Дата:"),
    R(ORIGINAL, "Исходное сообщение"), R(TO, "Кому:"), R(HEADER, "Копия:"), R(LEGAL, "Настоящее сообщение"),
    R(ORIGINAL, "Оригинальное сообщение"), R(FROM, "От кого:"), R(FROM, "От:"), R(DEVICE, "Отправлено из"),
    R(DEVICE, "Отправлено с"), R(DATE, "Отправлено:"), R(FORWARD, "Пересланное сообщение"),
    R(FORWARD, "Пересылаемое сообщение"), R(CLOSING, "С наилучшими пожеланиями"), R(CLOSING, "С уважением"),
    R(SUBJECT, "Тема:"), R(LEGAL, "данное сообщение"), R(DATE, "дата:"), R(ORIGINAL, "исходное сообщение"),
    R(TO, "кому:"), R(HEADER, "копия:"), R(LEGAL, "настоящее сообщение"), R(ORIGINAL, "оригинальное сообщение"),
    R(FROM, "от кого:"), R(FROM, "от:"), R(DEVICE, "отправлено из"), R(DEVICE, "отправлено с"),
    R(DATE, "отправлено:"), R(FORWARD, "пересланное сообщение"), R(FORWARD, "пересылаемое сообщение"),
    R(CLOSING, "с наилучшими пожеланиями"), R(CLOSING, "с уважением"), R(SUBJECT, "тема:"),
};

/* Verbs that introduce what another wrote. */
static const ut_str VERBS[] = {
    W("escreve"), W("escreveu"), W("escribe"), W("escribio"), W("escribió"), W("geschreven"), W("geschrieben"),
    W("kirjoitti"), W("napisal"), W("napisał"), W("napisała"), W("napsal"), W("napsala"), W("napísal"), W("pisze"),
    W("quoting"), W("said"), W("schreef"), W("schreibt"), W("schrieb"), W("schrijft"), W("scris"), W("scritto"),
    W("scrive"), W("skrev"), W("skriver"), W("writes"), W("wrote"), W("yazdı"), W("écrit"), W("écrivait"),
    W("írta"), W("написал"), W("написала"), W("писал"), W("пише"), W("пишет"), W("写道"), W("書きました"),
};

/* First words of attribution lines, weekdays aside: they come with digits. */
static const ut_str OPENERS[] = {
    W("am"), W("at"), W("den"), W("dne"), W("dnia"), W("du"), W("dňa"), W("el"), W("em"), W("il"), W("in"), W("kl"),
    W("la"), W("le"), W("lo"), W("on"), W("op"), W("pe"), W("på"), W("quoting"), W("w"),
};

/* A disclaimer has at least two of these. */
static const ut_str LEGAL[] = {
    W("addressee"), W("addressees"), W("adresat"), W("adresata"), W("adresatem"), W("adressat"), W("adressaten"),
    W("afdrukken"), W("afsenderen"), W("afzender"), W("ausdrucken"), W("avsedd"), W("avsändaren"), W("bestemd"),
    W("confidenciais"), W("confidencial"), W("confidenciales"), W("confidential"), W("confidentiality"),
    W("confidentiel"), W("confidentielle"), W("confidentielles"), W("confidentiels"), W("confidenziale"),
    W("confidenziali"), W("destinataire"), W("destinataires"), W("destinatari"), W("destinatario"),
    W("destinatarios"), W("destinatária"), W("destinatário"), W("disclosure"), W("drucken"), W("empfänger"),
    W("environment"), W("environnement"), W("expéditeur"), W("fortrolig"), W("fortrolige"), W("fortroligt"),
    W("geadresseerde"), W("imprimer"), W("imprimir"), W("intended"), W("irrtümlich"), W("konfidentiell"),
    W("konfidentiella"), W("milieu"), W("mittente"), W("modtager"), W("modtageren"), W("mottagare"),
    W("mottagaren"), W("mottaker"), W("nadawcę"), W("paper"), W("poufna"), W("poufne"), W("poufny"), W("print"),
    W("printing"), W("privileged"), W("proprietary"), W("recipient"), W("recipients"), W("remitente"),
    W("riservata"), W("riservate"), W("riservato"), W("sender"), W("stampare"), W("umwelt"), W("unauthorised"),
    W("unauthorized"), W("vertraulich"), W("vertrauliche"), W("vertraulichen"), W("vertrouwelijk"),
    W("vertrouwelijke"), W("virus"), W("viruses"), W("weitergabe"), W("конфиденциальна"), W("конфиденциальную"),
    W("отправителя"), W("получателем"),
};
/* clang-format on */

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* Orders by the first two bytes only, lower-cased. */
static unsigned key_of(ut_str s)
{
    return s.len < 2 ? 0 : (unsigned)(unsigned char)ut_lower(s.ptr[0]) << 8 | (unsigned char)ut_lower(s.ptr[1]);
}

ut_phrase ut_phrase_of(ut_str line, size_t *ret_len)
{
    unsigned key = key_of(line);
    size_t low = 0, high = COUNT(PHRASES);
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (key_of(PHRASES[middle].text) < key) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    ut_phrase found = UT_PHRASE_NONE;
    for (; low < COUNT(PHRASES) && key_of(PHRASES[low].text) == key; low++) {
        if (ut_str_starts_nocase(line, PHRASES[low].text)) {
            /* Longer phrases sort behind their prefixes, so the last that fits is the longest. */
            found = PHRASES[low].kind;
            *ret_len = PHRASES[low].text.len;
        }
    }
    return found;
}

/* memcmp order with ASCII letters lower-cased. */
static int word_cmp(ut_str word, ut_str row)
{
    size_t n = word.len < row.len ? word.len : row.len;
    for (size_t i = 0; i < n; i++) {
        int difference = (unsigned char)ut_lower(word.ptr[i]) - (unsigned char)row.ptr[i];
        if (difference) {
            return difference;
        }
    }
    return (word.len > row.len) - (word.len < row.len);
}

static bool has_word(const ut_str *table, size_t count, ut_str word)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = word_cmp(word, table[middle]);
        if (order == 0) {
            return true;
        }
        if (order > 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return false;
}

bool ut_phrase_is_verb(ut_str word)
{
    return has_word(VERBS, COUNT(VERBS), word);
}

bool ut_phrase_is_opener(ut_str word)
{
    return has_word(OPENERS, COUNT(OPENERS), word);
}

bool ut_phrase_is_legal(ut_str word)
{
    return has_word(LEGAL, COUNT(LEGAL), word);
}

bool ut_word_next(ut_str *rest, ut_str *ret_word)
{
    size_t at = 0;
    while (at < rest->len && !ut_is_letter(rest->ptr[at]) && !((unsigned char)rest->ptr[at] & 0x80)) {
        at++;
    }
    size_t from = at;
    while (at < rest->len && (ut_is_letter(rest->ptr[at]) || ((unsigned char)rest->ptr[at] & 0x80))) {
        at++;
    }
    *ret_word = ut_str_slice(*rest, from, at);
    *rest = ut_str_slice(*rest, at, rest->len);
    return at > from;
}

static bool words_sorted(const ut_str *table, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        if (word_cmp(table[i - 1], table[i]) >= 0) {
            return false;
        }
    }
    return true;
}

bool ut_phrases_sorted(void)
{
    for (size_t i = 1; i < COUNT(PHRASES); i++) {
        if (word_cmp(PHRASES[i - 1].text, PHRASES[i].text) >= 0) {
            return false;
        }
    }
    return words_sorted(VERBS, COUNT(VERBS)) && words_sorted(OPENERS, COUNT(OPENERS)) &&
           words_sorted(LEGAL, COUNT(LEGAL));
}
