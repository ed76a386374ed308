"""What becomes of a received mail: used, held until its author presses a button, kept for Verwaltung, or ignored."""

from __future__ import annotations

from flask import current_app
from flask_babel import gettext as _

from app.accounts.models import User, email_key
from app.database import db, utc_now
from app.errors import DomainError
from app.files import keeping
from app.inbound import limits, mails, probing, room
from app.inbound.carrying_out import carry_out, meeting_of, networks_of, thread_of
from app.inbound.doors import Door, Kind, door_of
from app.inbound.luggage import Luggage
from app.inbound.vouching import is_vouched_for
from app.mail import bounces, envelope
from app.mail.incoming import Fate, IncomingMail
from app.mail.reading import ReceivedMail
from app.meetings.replying import answers_by_calendar
from app.templating import day, filesize

#: The kind of a mail that our code cannot handle, and of one too large to be fetched, of which there is only the head.
CUT, TOO_LARGE = "cut", "too large"


def route(incoming: IncomingMail, mail: ReceivedMail, luggage: Luggage | None, door: Door) -> None:
    """Decide what becomes of a mail that nobody has seen yet, and do it. No commit.

    Raises `FilesAreNeeded` when it is to be used, but its luggage is not ready.
    """
    incoming.standing, incoming.likeness = limits.standing_of(mail, door), limits.likeness(mail, door)
    if mail.kind in (CUT, TOO_LARGE):
        _keep_head(incoming, mail)
    elif probe := probing.name_of(mail):
        incoming.about = probe
        _settle(incoming, Fate.IGNORED, _("Eine Probe von „netz check“."))
    elif mail.report is not None and door.kind is Kind.RETURN_PATH:
        bounces.record(mail.report, door.delivery_id)
        _settle(incoming, Fate.USED, mail.reason)
    elif mail.kind == "complaint" and door.kind is Kind.OFFICE:
        _keep_unused(incoming, door)
    elif mail.kind in ("automatic", "bounce", "complaint") and not _is_calendars_answer(mail, door):
        _settle(incoming, Fate.IGNORED, mail.reason)
    elif _is_ours(mail.sender):
        _settle(incoming, Fate.IGNORED, _("Die Mail kam von einer Adresse des Portals selbst."))
    elif limits.wrote_too_much(incoming):
        room.keep_start(incoming)
        _settle(incoming, Fate.HELD, _("Von diesem Absender kamen in einer Stunde sehr viele Mails."))
    elif limits.repeats_itself(incoming, mail, door) and not _is_calendars_answer(mail, door):
        room.keep_start(incoming)
        sentence = _("Ein Programm, etwa ein Ticketsystem, scheint auf jede Mail dasselbe zu antworten.")
        _settle(incoming, Fate.HELD, sentence)
    elif door.kind in _KEPT_UNUSED:
        _keep_unused(incoming, door)
    else:
        _use(incoming, mail, luggage, door)


def refuse(incoming: IncomingMail, mail: ReceivedMail, to: User | None, sentence: str) -> None:
    """Tell the sender why this was not used, if they may be told; else keep it for Verwaltung."""
    if limits.may_be_answered(incoming, mail, to):
        mails.refusal(incoming, to, mail, sentence)
        incoming.answered_at = utc_now()
        _settle(incoming, Fate.ANSWERED if to else Fate.HELD, sentence)
    else:
        _settle(incoming, Fate.HELD, sentence)


def _keep_head(incoming: IncomingMail, mail: ReceivedMail) -> None:
    """Keep what there is of the mail; whose is too large is told, because no mail server has told them."""
    _settle(incoming, Fate.HELD, mail.reason)
    sender = db.session.scalar(User.by_email(mail.sender)) if mail.sender and mail.kind == TOO_LARGE else None
    if sender and not _is_ours(mail.sender) and limits.may_be_answered(incoming, mail, sender):
        limit = filesize(current_app.config["UPLOAD_LIMIT"])
        sentence = _("Sie ist zu groß. Alle Dateien einer Mail dürfen zusammen höchstens %(limit)s haben.", limit=limit)
        mails.refusal(incoming, sender, mail, sentence)
        incoming.answered_at = utc_now()


def _is_calendars_answer(mail: ReceivedMail, door: Door) -> bool:
    """Programs word all answers alike, and Google marks as automatic what a person's click in their calendar sends."""
    return mail.kind in ("mail", "automatic") and door.kind is Kind.APPOINTMENT and answers_by_calendar(mail)


_KEPT_UNUSED = (Kind.RETURN_PATH, Kind.OFFICE)


def _keep_unused(incoming: IncomingMail, door: Door) -> None:
    if door.kind is Kind.OFFICE:
        _settle(incoming, Fate.HELD, _("Sie ging an die Adresse, unter der andere Mailserver Sie erreichen."))
    else:
        _settle(incoming, Fate.HELD, _("Sie ging an die Adresse für Rückläufer, ist aber keiner, den wir verstehen."))


def _use(incoming: IncomingMail, mail: ReceivedMail, luggage: Luggage | None, door: Door) -> None:
    sender = db.session.scalar(User.by_email(mail.sender)) if mail.sender else None
    if mail.kind == "refused":
        refuse(incoming, mail, sender, mail.reason)
    elif door.reply and door.reply.has_ended:
        sentence = _(
            "Diese Antwort-Adresse galt bis %(day)s. Bitte antworten Sie auf eine neuere Mail oder auf der Website.",
            day=day(door.reply.last_day),
        )
        refuse(incoming, mail, sender, sentence)
    elif door.reply:
        _answer(incoming, mail, luggage, door, sender)
    elif sender is None:
        _turn_away(incoming, mail)
    elif is_vouched_for(mail):
        _carry_out_or_answer(incoming, mail, luggage, door, sender)
    else:
        _ask(incoming, mail, door, sender)


def _answer(
    incoming: IncomingMail, mail: ReceivedMail, luggage: Luggage | None, door: Door, sender: User | None
) -> None:
    """The token says for whom the address was made; only together with one of their own addresses it is them.

    Mail passed on shows the token to others, who can write any sender; so they are asked where our server says no.
    """
    owner = db.session.get(User, door.reply.owner_id) if door.reply else None
    if owner is None:
        _turn_away(incoming, mail)
    elif sender is owner and is_vouched_for(mail) is not False:
        _carry_out_or_answer(incoming, mail, luggage, door, owner)
    else:
        _ask(incoming, mail, door, owner)


def _carry_out_or_answer(
    incoming: IncomingMail, mail: ReceivedMail, luggage: Luggage | None, door: Door, author: User
) -> None:
    try:
        carry_out(incoming, luggage, door, author)
    except keeping.NoRoom as full:
        raise OSError(str(full)) from full  # `take()` lets the mail come again
    except DomainError as refusal:
        refuse(incoming, mail, author, str(refusal))


def _ask(incoming: IncomingMail, mail: ReceivedMail, door: Door, owner: User) -> None:
    try:
        goes_to = goal_of(door)
    except DomainError as refusal:
        refuse(incoming, mail, owner if owner.email and _is_theirs(mail, owner) else None, str(refusal))
        return
    if not owner.email or limits.was_asked_enough(incoming, owner):
        _settle(incoming, Fate.HELD, _("Ob die Person sie geschrieben hat, ließ sich nicht fragen."))
        return
    mails.question(incoming, owner, mail, goes_to=goes_to)
    incoming.owner_key, incoming.answered_at = owner.key, utc_now()
    _settle(incoming, Fate.WAITING, _("Sie wartet darauf, dass %(name)s sie bestätigt.", name=owner.name))


def goal_of(door: Door) -> str:
    """Say whom the mail would go to. Raises `DomainError` when that is nobody any more."""
    if door.kind is Kind.NETWORK:
        return ", ".join(f"„{network.name}“" for network in networks_of(door))
    if door.kind is Kind.TO_ALL:
        return _("alle zum Thema „%(subject)s“", subject=thread_of(door).subject)
    if door.kind is Kind.APPOINTMENT:
        return _("die Leitung der Sitzung „%(title)s“", title=meeting_of(door).title)
    target = db.session.get(User, door.reply.target_id) if door.reply else None
    if target is None:
        raise DomainError(_("Die Person, der Sie antworten, ist nicht mehr im Portal."))
    return target.name


def _turn_away(incoming: IncomingMail, mail: ReceivedMail) -> None:
    sentence = _(
        "An diese Adresse schreiben die Teilnehmenden des Netzes, und Ihre Adresse kennen wir nicht. Nehmen Sie "
        "teil, dann schreiben Sie bitte von der Adresse, an die unsere Mails gehen, oder bitten Sie die Verwaltung, "
        "diese hier einzutragen."
    )
    refuse(incoming, mail, None, sentence)
    _settle(incoming, Fate.HELD, _("Der Absender ist unbekannt."))


def _settle(incoming: IncomingMail, fate: Fate, reason: str) -> None:
    incoming.fate, incoming.reason = fate, reason


def _is_theirs(mail: ReceivedMail, user: User) -> bool:
    return email_key(mail.sender) in {address.email_key for address in user.addresses}


def _is_ours(address: str) -> bool:
    """Whether the portal itself sends from this address; people may have others of the same domain."""
    return envelope.local_part_of(address) == "noreply" or door_of(address) is not None
