"""Reports of mail that did not arrive, and of mail somebody complains about: whom they mean, and whether for good.

Whose report it is says the return path it came back to (app/mail/envelope.py); what is read here says what happened.
An innocent address is never named: not ours, not the reporter's, none that only stands in the mail given back.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from email.message import Message

from flask import current_app, has_app_context
from flask_babel import gettext as _
from sqlalchemy import func, select

from app.database import db, utc_now
from app.mail import bounces_prose, carrying, copies, envelope, health
from app.mail.bounces_causes import Finding, finding, flat
from app.mail.bounces_parts import Fields, Parts, addresses_in, take_apart
from app.mail.models import Delivery, DeliveryState, Mail

_NOT_FAILED = frozenset({"delivered", "relayed", "expanded", "deliverable", "success"})
_DELAYED = frozenset({"delayed", "delay", "transient"})
_WEIGHED_LIMIT = 20  # a copy of ours goes to one person; a mail may be made of as many words as it has lines
_NOBODY = re.compile(
    r"(?:mailer[-_]?daemon|post[-_]?master|mail-?daemon|abuse|no-?reply|noreply|hostmaster|double-?bounce)[^@]*@",
    re.IGNORECASE,
)
_MAILER = re.compile(r"^[ \t]*rfc ?822[ \t]*;|^[ \t]*(?:utf-8|unknown|x?-?\w+)[ \t]*;", re.IGNORECASE)

# What some providers send instead of RFC 5965.
_COMPLAINT = re.compile(r"complaint about message from [\d.]+", re.IGNORECASE)
_KIND_OF_CODE = re.compile(r"^\s*(?:smtp|x-[\w-]+|x\.\d+|local|unix|dns|expired)\s*;\s*", re.IGNORECASE)


@dataclass(frozen=True)
class Report:
    """What a mail server says of mail of ours.

    `kind` is "bounce" or "complaint"; `bounced` are the addresses it names, lower case, perhaps none; `permanent`: this
    mail will not arrive however often it is sent; `reason` is a German sentence; `status` is of RFC 3463 or "";
    `words` are the server's own. `blames_address`: it tells of the address, not of us, of the mail or of the way.
    `message_id` is the Message-ID of the mail given back, without angle brackets, or "". `is_over`: this copy has not
    arrived, and nobody tries it any more.
    """

    kind: str
    bounced: tuple[str, ...]
    permanent: bool
    reason: str
    status: str = ""
    words: str = ""
    blames_address: bool = False
    message_id: str = ""
    is_over: bool = False


def read_report(message: Message) -> Report | None:
    """Return what a report says; None for any other mail, also for good news and for answers of people or robots."""
    parts = take_apart(message)
    if parts.feedback or parts.report_type == "feedback-report" or _COMPLAINT.match(parts.headers.get("subject", "")):
        return _complaint(parts)
    if parts.report_type == "disposition-notification" and "reject" not in parts.headers.get("auto-submitted", ""):
        return None  # it was read, or deleted unread
    if parts.blocks and (named := _named_failures(parts)) is not None:
        return _bounce(parts, named) if named else None
    prose = bounces_prose.read(parts)
    if prose is None:
        return None
    returned = parts.returned or bounces_prose.head_given_back(parts)
    return _bounce(replace(parts, returned=returned), [(prose.addresses, prose.finding)])


def record(report: Report, delivery_id: int | None) -> None:
    """Write what a report says at its delivery, and count it against the address it went to. No commit.

    `delivery_id` is what the signed return path said; only servers on the way of this one copy saw it. Without one the
    report changes nothing, except behind a strict relay (MAIL_SENDER), where return paths are not ours: there its words
    are noted at the delivery it names, but neither its state nor its address change, because whoever got the mail knows
    its Message-ID and could silence everybody else.
    """
    if delivery_id is None:
        _note_words(report)
    else:
        concerned = [delivery_id, *carrying.carried_by(delivery_id)]
        copies.hold(db.session, concerned)
        if delivery := db.session.get(Delivery, delivery_id, populate_existing=True):
            _count(report, delivery)
            if delivery.state is DeliveryState.FAILED:
                copies.give_to_persons(db.session, concerned)


def _note_words(report: Report) -> None:
    delivery = _delivery_meant(report) if envelope.sender() else None
    if delivery:
        delivery.reply = _told(report)
        carrying.share_report(delivery)


def _count(report: Report, delivery: Delivery) -> None:
    if weight := _weight(report, delivery):
        health.count(db.session, delivery.address, weight, report.words or report.reason)
    delivery.reply = _told(report)
    delivery.reported_at = delivery.reported_at or utc_now()
    # A copy that waits is sent anew: what became of the last one, and may pass, does not end this one.
    ended = (DeliveryState.SENT, DeliveryState.WAITING) if report.permanent else (DeliveryState.SENT,)
    if (report.permanent or report.is_over) and delivery.state in ended:
        delivery.state = DeliveryState.FAILED
        delivery.finished_at = delivery.finished_at or utc_now()
    carrying.share_report(delivery)


def _told(report: Report) -> str:
    return _("Rückläufer: %(sentence)s", sentence=f"{report.reason} {report.words}".strip())


def _delivery_meant(report: Report) -> Delivery | None:
    """The delivery a report names by the Message-ID it gives back and the address it failed for; it must have left."""
    if not report.message_id or not report.bounced:
        return None
    query = select(Delivery).join(Mail).where(Mail.message_id == report.message_id)
    query = query.where(Delivery.state == DeliveryState.SENT)
    return db.session.scalar(query.where(func.lower(Delivery.address).in_(report.bounced)).limit(1))


def _weight(report: Report, delivery: Delivery) -> int:
    """What this report counts: each delivery counts once for good, and once for what may pass."""
    if report.kind != "bounce" or not report.blames_address or not delivery.address:
        return 0
    if report.permanent:
        return 0 if delivery.state is DeliveryState.FAILED else health.HARD
    return 0 if delivery.reported_at else health.SOFT


def _complaint(parts: Parts) -> Report:
    told = " ".join(parts.feedback.get(name, "") for name in ("original-rcpt-to", "removal-recipient"))
    told += parts.returned.get("x-hmxmroriginalrecipient", "")
    addresses = addresses_in(told)[:1] or _sole(addresses_in(parts.returned.get("to", "")))
    kind = parts.feedback.get("feedback-type", "").lower()
    reason = _("Die Person hat die Mail als unerwünscht gemeldet.")
    if kind in ("auth-failure", "dmarc", "not-spam"):
        reason = _("Ein Mailserver meldet, was er von der Herkunft der Mail hält.")
    return Report(
        kind="complaint",
        bounced=tuple(_blamable(addresses, parts)),
        permanent=False,
        reason=reason,
        words=flat(parts.text)[:1000],
        message_id=_message_id(parts),
    )


def _named_failures(parts: Parts) -> list[tuple[list[str], Finding]] | None:
    """What the fields for programs say of each recipient that failed; None when they say nothing."""
    found: list[tuple[list[str], Finding]] = []
    weighed: dict[tuple[str, str, str], Finding] = {}  # most servers say the same of each
    said_something = False
    for block in parts.blocks:
        action = block.get("action", "").split(";")[0].split("(")[0].strip().lower()
        addresses = _recipients_in(block)
        if not action and not addresses:
            continue
        status = _status_in(block)
        said_something = said_something or bool(action or status)
        if action in _NOT_FAILED or status.startswith("2."):
            continue
        words = _diagnosis(block, parts)
        said = (words, status, action)
        if said not in weighed:
            if len(weighed) == _WEIGHED_LIMIT:
                break
            failure = finding(words, status, is_delay=action in _DELAYED)
            weighed[said] = failure._replace(is_given_back=action == "failed")
        found.append((addresses, weighed[said]))
    if not found and not said_something:
        return None
    return found


def _recipients_in(block: Fields) -> list[str]:
    # Where it was passed on is no address we know; what we sent to comes first.
    for name in ("original-recipient", "final-recipient", "x-actual-recipient", "to"):
        if addresses := addresses_in(_MAILER.sub("", block.get(name, ""))):
            return addresses[:1]
    return []


def _status_in(block: Fields) -> str:
    found = re.search(r"([245])\.(\d{1,3})\.(\d{1,3})", block.get("status", ""))
    return found[0] if found else ""


def _diagnosis(block: Fields, parts: Parts) -> str:
    """The server's words on this recipient; those for people where the fields have none."""
    words = _KIND_OF_CODE.sub("", block.get("diagnostic-code", "")).strip()
    return words or f"{block.get('status', '')} {parts.told}"


def _bounce(parts: Parts, failures: list[tuple[list[str], Finding]]) -> Report:
    """One report of all its failures: it is for good only if each of them is."""
    gravest = min((found for _, found in failures), key=lambda found: found.permanent)
    named = [address for addresses, _ in failures for address in addresses]
    addresses = _blamable(named, parts) or _blamable(_given_back_to(parts), parts)
    return Report(
        kind="bounce",
        bounced=tuple(addresses),
        permanent=gravest.permanent,
        reason=gravest.cause.sentence,
        status=gravest.status,
        words=gravest.words[:1000],
        blames_address=gravest.blames_address,
        message_id=_message_id(parts),
        is_over=all(found.is_over for _, found in failures),
    )


def _given_back_to(parts: Parts) -> list[str]:
    """Whom the mail given back was for, if it names one recipient only; a list's mail to all names the list."""
    returned = parts.returned
    is_own = any(_is_ours(address) for address in addresses_in(returned.get("from", "")))
    is_of_a_list = "list-id" in returned or "precedence" in returned or "cc" in returned
    return _sole(addresses_in(returned.get("to", ""))) if is_own or not is_of_a_list else []


def _blamable(addresses: list[str], parts: Parts) -> list[str]:
    """Leave out ours, the reporter's, those of mail servers, and whom the report was sent to: the mail's sender."""
    fields = ("from", "sender", "to", "delivered-to", "x-original-to")
    reporter = [address for name in fields for address in addresses_in(parts.headers.get(name, ""))]
    return [
        address
        for address in dict.fromkeys(addresses)
        if address not in reporter and not _NOBODY.match(address) and not _is_ours(address)
    ]


def _is_ours(address: str) -> bool:
    if not has_app_context():
        return False
    local, _, rest = str(current_app.config["MAIL_ADDRESS_PATTERN"]).lower().partition("{local}")
    return address.startswith(local) and address.endswith(rest)


def _message_id(parts: Parts) -> str:
    return parts.returned.get("message-id", "").replace("\0", "").strip("<> ")[:254]


def _sole(addresses: list[str]) -> list[str]:
    return addresses if len(addresses) == 1 else []
