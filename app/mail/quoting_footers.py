"""The lines that programs add at the end of a mail: phones their advertisement, mailing lists their address."""

from __future__ import annotations

import re

_PHONES = (
    "iphone|ipad|ipod|handy|smartphone|tablet|android|samsung|galaxy|huawei|blackberry|nokia|htc|sony|xperia|gerät|"
    "watch|nexus|pixel|lumia|oneplus|xiaomi|fairphone|motorola|lg|palm|kindle|device|treo|moto|macbook|mobiltelefon|"
    "mobile|phone|laptop"
)
_PROGRAMS = (
    "outlook|gmx|web[.]de|t-online|windows|yahoo|mail|proton|apple|nine|k-9|app|thunderbird|telekom|spark|zimbra|hotmail|"
    "airmail|mailbox|newton|boxer|mac|mobil|mobiltelefon"
)
_SENT = "gesendet|geschickt|gesandt|verschickt|versendet"
_BRANDS = (
    "proton ?mail|outlook|gmx|web[.]de|t-online|yahoo|windows|apple|thunderbird|hotmail|samsung|huawei|xiaomi|iphone|"
    "ipad"
)
_ANY = f"(?:{_PHONES}|{_PROGRAMS})"
_THIS_MAIL = "(?:diese (?:nachricht|e-?mail|mail) wurde )?"
_FROM_MY = "(?:von|mit|aus) meine[mr]"
_WITH = "(?:von|vom|mit|aus|über|via)"
# "Geschickt mit der Mail vom Montag" is the writer's.
_NO_DAY = r"(?!.{0,40}\b(?:vom|gestern|heute|morgen|vorhin|am|an)\b)"
_FOOTERS = (
    rf"sent (?:from|via|by|using|with|through|on) .{{0,30}}\b(?:{_PHONES}|{_PROGRAMS})\b.{{0,80}}",
    "sent from my .{1,40}",
    "sent from my [^ ]{1,20}, please .{1,60}",
    "sent wirelessly .{0,40}",
    "sent (?:by|via|from|with|using) (?:a |an |the |my )?[^ ]{1,20}(?: for [^ ]{1,20})?",
    "(?:[^ ]{1,20} )?from (?:my )?(?:mobile|iphone|ipad|android|phone).{0,10}",
    rf"{_THIS_MAIL}{_FROM_MY} (?:[^ ]{{1,20}} ){{0,2}}[\w-]{{0,20}}(?:{_PHONES})\b.{{0,40}} (?:{_SENT})[.]?",
    rf"(?:von|vom|mit|aus) (?:{_BRANDS})\b.{{0,40}} (?:gesendet|versendet)[.]?",
    rf"(?:unterwegs|mobil|kurz)? ?(?:{_SENT}) {_WITH} .{{0,40}}\b[\w-]{{0,15}}{_ANY}\b{_NO_DAY}.{{0,80}}",
    "(?:von unterwegs|mobil) gesendet[.]?",
    "sicher (?:gesendet|versendet) mit tuta(?:nota| mail)?[.]?.{0,80}",
    "gesendet (?:mit|mittels|via|von) (?:der|einer)? ?sicheren e-?mail von proton ?mail[.]?",
    "(?:get|holen sie sich|laden sie|hol dir|télécharge[rz]|obtenez|obtener|obter|scarica|download) outlook .{0,100}",
    "outlook (?:für|pour|para|per|voor|for) (?:ios|android|mac).{0,80}",
    "envoyé (?:de(?:puis)?|à partir de|avec) .{1,60}",
    "enviado (?:desde|do|de|a partir|via) .{1,60}",
    "inviato (?:da|dal|con) .{1,60}",
    "verzonden (?:vanaf|via|vanuit|met) .{1,60}",
    "verstuurd vanaf .{1,60}",
    "skicka[td] från .{1,60}",
    "sen(?:d)?t fra .{1,60}",
    "lähetetty .{1,60}(?:sta|stä|ni)",
    "wysłan[eo] z .{1,60}",
    "odesláno z .{1,60}",
    "отправлено (?:с|из|от) .{1,60}",
    "[从從]我的.{1,20}(?:发送|發送|傳送|传送)",
    ".{0,20}から送信",
    "나의 .{1,20}에서 보냄",
    "trimis de pe .{1,60}",
    ".{1,30} küldve",
    ".{1,30} gönderildi",
    "(?:надіслано з|изпратено от|poslano (?:s|sa|z|iz)|od?oslan[éeo] z|στάλθηκε από) .{1,60}",
    "(?:أُ?رسلت|تم الإرسال) من .{1,60}",
    "(?:virenfrei|virus-free)[.]? ?www[.]av(?:ast|g)[.]com",
    "(?:https?://)?www[.]av(?:ast|g)[.]com.{0,80}",
    "diese e-?mail wurde von (?:avast|avg|der kostenlosen version).{0,40} (?:auf viren )?(?:geprüft|gesendet)",
    "this e-?mail has been (?:checked for viruses|scanned) by .{1,60}",
)
_LINK = r"<?\(?https?://\S{1,150}\)?>?"
_FOOTER = re.compile(
    rf"[-–—*_<>\[(\s]{{0,6}}(?:{'|'.join(_FOOTERS)})[\s*_<>\])]{{0,6}}(?:{_LINK})?[\s.]{{0,3}}$",
    re.IGNORECASE,
)
_FOOTER_LINK = re.compile(
    r"<?\(?https?://(?:aka\.ms|go\.onelink\.me|overview\.mail\.yahoo|mail\.onelink)\S{1,150}\)?>?$"
)
_LIST = re.compile(r"mailing ?list|mailingliste|list-?info|unsubscribe|abbestellen|mailman|lists\.", re.IGNORECASE)


def footer(line: str) -> bool:
    """Whether a mail program on a phone added this line."""
    return len(line) <= 200 and bool(_FOOTER.match(line) or _FOOTER_LINK.match(line))


def list_footer(line: str) -> bool:
    """Whether the line belongs to what a mailing list adds."""
    return len(line) <= 400 and bool(_LIST.search(line))
