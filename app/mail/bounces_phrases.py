"""The causes a report can have, and the phrases by which servers of many makes and languages tell them."""

from __future__ import annotations

import re
from enum import Enum
from typing import NamedTuple

from flask_babel import lazy_gettext as _l


class Cause(Enum):
    """Why a mail did not arrive. The value is the sentence Verwaltung reads."""

    FULL = _l("Das Postfach ist voll.")
    UNKNOWN = _l("Diese Adresse gibt es beim Mailserver nicht.")
    MOVED = _l("Die Person ist dort nicht mehr erreichbar.")
    DISABLED = _l("Das Postfach ist abgeschaltet.")
    NO_DOMAIN = _l("Die Domain dieser Adresse gibt es nicht oder sie nimmt keine Mail an.")
    DELAYED = _l("Die Zustellung verzögert sich; der Mailserver versucht es weiter.")
    EXPIRED = _l("Der Mailserver hat es länger versucht und aufgegeben.")
    NETWORK = _l("Der Mailserver der Adresse war nicht erreichbar.")
    LATER = _l("Der Mailserver nimmt gerade nichts an und bittet um einen späteren Versuch.")
    TOO_LARGE = _l("Die Mail ist diesem Mailserver zu groß.")
    CONTENT = _l("Der Mailserver hält die Mail für Spam oder schädlich.")
    POLICY = _l("Der Mailserver hat die Mail nach seinen Regeln abgelehnt; an der Adresse liegt es nicht.")
    ROUTING = _l("Die Mail lief im Kreis oder konnte nicht weitergeleitet werden.")
    SYSTEM = _l("Beim Mailserver der Adresse ist ein Fehler aufgetreten.")
    UNSAID = _l("Der Mailserver hat die Mail nicht zugestellt.")

    @property
    def sentence(self) -> str:
        return str(self.value)


#: Whatever class of code stands beside them: what a person or the passing of time puts right.
PASSING = frozenset({Cause.FULL, Cause.DELAYED, Cause.EXPIRED, Cause.LATER, Cause.NETWORK})

#: These tell of the address; all others of us, of the mail or of the way between.
OF_THE_ADDRESS = frozenset(
    {Cause.FULL, Cause.UNKNOWN, Cause.MOVED, Cause.DISABLED, Cause.NO_DOMAIN, Cause.EXPIRED, Cause.UNSAID}
)

#: For good, where no code says so.
FINAL = frozenset({Cause.UNKNOWN, Cause.MOVED, Cause.DISABLED, Cause.NO_DOMAIN, Cause.TOO_LARGE, Cause.CONTENT})


class Phrases(NamedTuple):
    cause: Cause
    pattern: re.Pattern[str]


def _phrases(cause: Cause, *alternatives: str) -> Phrases:
    # Words stand on several lines of a report; `_flat` has made one space of each gap.
    return Phrases(cause, re.compile("|".join(alternatives), re.IGNORECASE))


#: In this order: the first that matches tells the cause.
TABLE = (
    _phrases(
        Cause.DELAYED,
        r"warning: (?:could not send|message (?:still|delayed))|will (?:keep|continue) (?:trying|to (?:try|retry))",
        r"(?:message|mail|delivery) (?:has been |is |was )?(?:temporarily )?(?:delayed|deferred)\b(?! too long)",
        r"delivery (?:status notification )?\(delay|(?:not|n't) (?:yet )?been delivered (?:yet|to)"
        r"|still being retried",
        r"(?<!no further )(?<!no further delivery )(?<!no more )attempts will (?:continue|be made)"
        r"|you do not need to resend|no action is required on your part"
        r"|will be retried",
        r"zustellung verz(?:ö|oe)gert|verz(?:ö|oe)gerte zustellung|noch nicht zugestellt|weiterhin versuch",
    ),
    _phrases(
        Cause.FULL,
        r"(?:mail ?box|mail ?folder|inbox|account|quota|user|recipient|storage|disk|postfach|mailbox storage)"
        r"(?:(?!\b(?:message|mail|nachricht) exceed)[^.!?\n]){0,60}?"
        r"(?:\bfull\b|exceed|\bover (?:\w{1,20} ){0,3}(?:quota|limit|size|allocation|capacity)\b"
        r"|out of (?:\w{1,20} ){0,2}(?:space|storage|room)|limit reached|(?:ü|ue)berschritten|\bvoll\b)",
        r"over ?quota|quota (?:has been )?(?:exceed|violat|full)|exceed\w*[^.!?]{0,60}(?:quota|storage|mailbox|disk)",
        r"full (?:mail ?box|inbox|mail ?folder)|over (?:\w{1,20} ){0,3}quota|(?:reached|exhausted)[^.!?]{0,40}(?:quota"
        r"|storage)|space[^.!?]{0,30}used up|(?:not|n't) have enough (?:\w{1,20} )?(?:space|storage|room)",
        r"(?:box|disk) space not enough|(?:not enough|insufficient|no) (?:disk |storage |box )?(?:space"
        r"|storage)[^.!?]{0,40}(?:mailbox|user|account"
        r"|disk)?",
        r"too (?:many messages (?:on|in)|much mail)|mailbox (?:size )?(?:limit|quota)|bo(?:î|i)te[^.!?]{0,30}pleine",
        r"postfach[^.!?]{0,40}(?:ist voll|(?:ü|ue)berf(?:ü|ue)llt|speicher)|speicherplatz|kontingent|quotum",
        r"speicher(?:volumen|limit|grenze)[^.!?]{0,40}(?:erreicht|(?:ü|ue)berschritten|ersch(?:ö|oe)pft)",
        r"buz(?:ó|o)n[^.!?]{0,30}lleno|casella[^.!?]{0,40}piena|caixa[^.!?]{0,40}cheia|mailbox is vol|容量|いっぱい",
    ),
    _phrases(
        Cause.EXPIRED,
        r"retry (?:time ?out|time) (?:was )?(?:exceeded|expired|not reached)|(?:delivery|time|message"
        r"|timer) (?:time )?"
        r"(?:has |was )?expired|too long in (?:the )?queue|(?:been )?in (?:the )?queue too long|gave up\b",
        r"fail(?:ing|ure)[^.!?]{0,20} long (?:time|period)|allowed queue period|not been collected|message timed out",
        r"unable to (?:be )?deliver\w*[^.!?]{0,40}\b(?:hours|days)\b|could not be delivered (?:for|within|in|after) ",
        r"aborted after \d|failed \d+ attempts|maximum (?:queue|retry|delivery attempts)|queue ?time"
        r"|exceeded (?:the )?(?:time|retry|maximum time)|undeliver\w+ for \d+",
        r"(?:seit|mehr als|(?:ü|ue)ber) \d+ (?:tagen|stunden)|zeit(?:limit|(?:ü|ue)berschreitung)",
    ),
    _phrases(
        Cause.UNKNOWN,
        r"user[ _]unknown|unknown user|no such (?:user|recipient|mailbox|address|person|account)|mailbox not found"
        r"|(?:recipient|user|address)(?:s| name)? (?:is |was )?not (?:found|recogni[sz]ed)|does(?: not|n't) exist"
        r"|address not found|unknown (?:recipient|address|mailbox|local)|recipient address rejected: access denied"
        r"|invalid (?:recipient|mailbox|final delivery)|mailbox unavailable|no mailbox here|wurde nicht gefunden"
        r"|malformed address|incorrectly constructed|unrouteable address|not listed in (?:domino|public)"
        r"|existiert nicht|unbekannter empf|not an? active (?:address|account|user|mailbox|recipient)",
    ),
    _phrases(
        Cause.LATER,
        r"gr[ae]y ?list|try (?:it |your message |sending )?(?:again )?later|temporar(?:y|ily)|tempor(?:ä|ae)r",
        r"too many (?:(?:concurrent |smtp ){0,2}(?:connections|sessions)|errors|messages|e?mails|recipients this hour)"
        r"|throttl|over (?:rate|the) limit|(?:rate|frequency|connection) limit|(?:messages|e?mails) per (?:hour|day)",
        r"again slower|too quickly|at a rate|later time|come back later|\bbusy\b|overload|load (?:is )?too high"
        r"|resources|insufficient system|operation now in progress|mail system (?:storage )?full|not found, try again",
        r"zu ?viele (?:verbindungen|mails|nachrichten)|(?:ü|ue)berlastet|trop de connexions",
        r"sp(?:ä|ae)ter (?:noch einmal|erneut|wieder)|vor(?:ü|ue)bergehend|try again (?:in|after)|deferred",
        r"temporaire|temporalmente|temporaneamente|temporariamente|tijdelijk|一時的",
    ),
    _phrases(
        Cause.CONTENT,
        r"\bspam|\bvirus|malware|phishing|unsolicited|\bjunk|bulk mail|blacklisted url|infected|bad (?:content"
        r"|attach)",
        r"content (?:rejected|denied|filter)|banned (?:file|content|attachment)|attachment[^.!?]{0,40}(?:not|block"
        r"|type)",
        r"(?:message|mail|e-mail) (?:content )?(?:was |has been |been )?(?:rejected|refused|blocked"
        r"|identified)[^.!?]{0,40}"
        r"(?:content|filter|as )|spamverdacht|schad(?:software|code)",
    ),
    _phrases(
        Cause.POLICY,
        r"black ?list|block ?list|blocked|\brbl\b|dnsbl|spamhaus|reputation|\bspf\b|\bdkim\b|\bdmarc\b|\bpolicy"
        r"|policies",
        r"relay(?:ing)? (?:is |was |access )?(?:denied|not|prohibit)|(?:not|n't|unable to) (?:permitted to )?relay"
        r"|no relay",
        r"sender (?:address )?(?:rejected|denied|verif|unknown|domain|blocked|invalid|is not)|reverse (?:dns"
        r"|lookup)|\bptr\b",
        r"authenticat|not (?:authori[sz]ed|allowed|permitted) to (?:send|relay)|access denied|permission|encrypt",
        r"(?:denied|rejected|prohibited) by (?:\w+ ){0,3}(?:rule|administrator|transport|owner|moderator)|restrict",
        r"helo|rejected for|not (?:rfc|compliant)|bad header|only accepts|richtlinie|nicht (?:berechtigt|zugelassen)",
    ),
    _phrases(
        Cause.TOO_LARGE,
        r"(?:message|mail|e-mail|size|file|nachricht)[^.!?]{0,50}(?:too (?:large|big|long)|zu gro(?:ß|ss))",
        r"(?:exceed\w*|larger than)(?![^.!?]{0,60}\b(?:hops?|number|count|rate))[^.!?]{0,50}"
        r"(?:maximum|message|allowed|fixed|size)",
        r"size (?:limit|exceed)|maximal\w* (?:nachrichten)?gr(?:ö|oe)(?:ß|ss)e",
    ),
    _phrases(
        Cause.MOVED,
        r"(?:has |have )?moved to|no longer (?:works?|employed|with|at)|has left|new (?:e-?mail )?address"
        r"|user has moved",
        r"address (?:has )?(?:been )?changed|nicht mehr (?:im hause|im unternehmen|t(?:ä|ae)tig|bei uns|besch(?:ä"
        r"|ae)ftigt)",
        r"has been replaced by|no longer on (?:this |the |our )?(?:server|system)",
        r"n'est plus (?:dans|chez)|no longer in use|no longer (?:valid|available|active|exists?|accept)",
    ),
    _phrases(
        Cause.DISABLED,
        r"(?:account|mailbox|user|recipient|address|e-mail|domain)[^.!?\n]{0,50}?(?:disabled|suspended|inactive"
        r"|expired"
        r"|deactivated|\blocked|\bclosed|discontinued|terminated|cancell?ed|not active)",
        # What was done with a mail to a mailbox was not done with the mailbox.
        r"(?<!to )(?<!to \w{3} )(?<!to \w{4} )(?<!for )(?<!for \w{3} )(?<!for \w{4} )(?:account|mailbox)"
        r"(?:[^.!?,;]{0,30} (?:has been|was) (?:removed|deleted)| (?:is |was |has been )?frozen)",
        r"(?:disabled|inactive|suspended|deactivated|frozen|locked) (?:mailbox|account|user|recipient|address)",
        r"(?:konto|postfach)[^.!?]{0,50}(?:gesperrt|deaktiviert|gel(?:ö|oe)scht|inaktiv|stillgelegt)",
    ),
    _phrases(
        Cause.NO_DOMAIN,
        r"(?:host|domain|mail server|server)(?: name| part)?[^.!?\n]{0,50}?(?:not found|unknown|does(?: not|n't) exist"
        r"|n't found|cannot be found|could ?n[o']t be found|non-?existent|invalid|not exist)",
        r"(?:unknown|unrecogni[sz]ed|bad|no such|invalid|illegal) (?:host|domain)|nxdomain"
        r"|unrouteable (?:mail )?domain",
        r"no (?:mx|mail exchanger|a record|mail server)|name service error|host or domain name not found|null ?mx",
        r"(?:can(?:no|')t|could ?n[o']t|unable to) (?:find|resolve|lookup|look up)[^.!?]{0,30}(?:host|domain|server"
        r"|mx)",
        r"all relevant mx records point to non-?existent|domain[^.!?]{0,40}(?:nicht gefunden|existiert nicht)",
    ),
    _phrases(
        Cause.UNKNOWN,
        r"(?:user|recipient|mailbox|account|addressee?|e-?mail(?: address| account)?|person|destination|alias|name"
        r"|member|inbox|subscriber|login|id|local part|customer)s?\b"
        # What is said of their server is not said of them.
        r"(?!(?:'s)? (?:mail ?)?(?:server|host|system) (?:is |was )?(?:currently )?(?:un|not |down))"
        r"[^!?\n]{0,80}?(?:unknown|not (?:be )?(?:found|known|listed|present"
        r"|exist|valid|here|recogni[sz]ed|registered|a (?:valid|known)|local|our|in (?:the|our|my))|does(?: not"
        r"|n't) exist"
        r"|n't (?:be found|exist|found|have)|do not exist|didn't exist|invalid|unavailable|not available|non[- ]?exist"
        r"|undeliverable|is not accepting|was not accept|rejected|could(?: not|n't) be found|not match|not correct)",
        r"(?:unknown|no such|invalid|bad|non-?existent|unrouteable|illegal|incorrect|undefined|no) (?:local "
        r"|e-?mail |destination "
        r"|recipient |virtual |mail )?(?:user|recipient|mailbox|address|account|local[- ]?part|alias|person|name"
        r"|addressee)",
        r"(?:do(?:es)?(?: not|n't) have an?|no|isn't an?|is not an?)[^.!?]{0,30}(?:account|mailbox"
        r"|user)[^.!?]{0,20}(?:here|by|with|at)",
        r"not (?:a )?(?:known|valid|listed|our) (?:user|customer|address|recipient|mailbox)|not listed in"
        r"|unrouteable address",
        r"(?<!ip )(?<!sender )(?<!your )address (?:is |was )?(?:unknown|invalid|not present)|no valid recipients?\b"
        r"|recip(?:ient)?not ?found|no ?one at this address|bad(?:rcptto|recipientto)|no mail box"
        r"|non[- ]existent user|not a local address",
        r"address (?:rejected|error|not found)|not a valid mailbox|mailbox not found|couldn't be found"
        r"|wasn't found at",
        r"(?:empf(?:ä|ae)nger|adresse|benutzer|postfach|konto|adressat|mailadresse)[^.!?]{0,80}(?:nicht (?:gefunden"
        r"|bekannt"
        r"|vorhanden|existent|g(?:ü|ue)ltig)|existiert nicht|unbekannt|ung(?:ü|ue)ltig|gibt es nicht)"
        r"|wurde nicht gefunden",
        r"keine?n? (?:solche[nrs]? )?(?:postfach|benutzer|empf(?:ä|ae)nger|konto|mailbox)|mailbox nicht (?:gef|vorh)",
        r"(?:unbekannte[rs]?|ung(?:ü|ue)ltige[rs]?|falsche) (?:empf(?:ä|ae)nger|adresse|benutzer|postfach)",
        r"(?:utilisateur|destinataire|adresse|bo(?:î|i)te)[^.!?]{0,50}(?:inconnue?|introuvable|n'existe"
        r"|pas (?:trouv|valide))",
        r"no existe (?:\w{1,20} ){0,2}(?:usuario|persona|cuenta|direcci)|nessun (?:utente|destinatario)",
        r"(?:usuario|destinatario|direcci(?:ó|o)n|cuenta|buz(?:ó|o)n)[^.!?]{0,50}(?:desconocid|no (?:existe|encontr"
        r"|v(?:á|a)lid))",
        r"(?:utente|destinatario|indirizzo|casella)[^.!?]{0,50}(?:sconosciut|inesistente|non (?:esiste|(?:è )?valid"
        r"|trovat))",
        r"(?:usu(?:á|a)rio|destinat(?:á|a)rio|endere(?:ç|c)o|conta)[^.!?]{0,50}(?:desconhecid|n(?:ã|a)o (?:existe"
        r"|encontrad))",
        r"(?:gebruiker|ontvanger|adres|postbus)[^.!?]{0,50}(?:onbekend|niet (?:gevonden|bekend)|bestaat niet)",
        r"宛先[^。]{0,20}見つかりません|リストにありません|宛先不明|アドレスが(?:見つかりません|存在)|存在しません|user_unknown",
    ),
    _phrases(
        Cause.ROUTING,
        r"loop(?:s|ing)?\b|too many hops|hop count|mail forwarding|mailing list|schleife|local configuration error",
    ),
    _phrases(
        Cause.NETWORK,
        r"connection (?:was |is )?(?:timed out|refused|reset|lost|dropped|closed|failed|died|to)|timed? ?out|time-out"
        r"|no route to host|(?:no|closed the|could not establish a) connection|connect(?:\(\))? failed|socket error",
        r"can(?: ?no|')t connect|(?:failed|attempts?) to (?:connect|contact)|(?:not|n't) accept[^.!?]{0,20} to connect"
        r"|disconnect|hung up|(?:tls|ssl) (?:\w{1,20} )?(?:negotiation|handshake)",
        r"network (?:is )?(?:unreachable|error|problem)|could ?n[o']t connect|unable to connect|unreachable"
        r"|not respond",
        r"lost connection|(?:host|server)[^.!?]{0,30}\b(?:down|unavailable)|no (?:answer|response)|nicht erreichbar",
        r"servfail|\bdns (?:server|query|lookup)[^.!?]{0,30}fail|antwortet nicht"
        r"|\bverbindung[^.!?]{0,60}(?:nicht|abgelehnt|unterbrochen|aufgebaut|getrennt|verloren|fehl)",
    ),
    _phrases(
        Cause.SYSTEM,
        r"system (?:error|failure|problem)|internal (?:server )?error|local error|i/o error|service (?:un"
        r"|not )available",
        r"mail system (?:storage )?full|out of memory|command failed|configuration",
    ),
)
