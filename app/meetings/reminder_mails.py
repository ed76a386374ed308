"""The mail that reminds of a meeting, worded for those who come, who do not know yet, and who never said."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

from flask_babel import force_locale, format_date
from flask_babel import gettext as _

from app.database import utc_now
from app.files.attaching import split
from app.mail import answering, outbox
from app.mail.envelope import address_of
from app.meetings.announcing import goes_along
from app.meetings.attendance_models import Coming
from app.meetings.calendar import event_of
from app.meetings.models import Meeting
from app.meetings.replying import organiser_of
from app.networks import visibility
from app.networks.models import Network
from app.networks.recipients import ONESELF
from app.templating import berlin


def about(meeting: Meeting) -> str:
    """Return what names these mails in the outbox."""
    return f"meeting-reminder:{meeting.id}"


def remind(
    meeting: Meeting, network: Network, networks: Sequence[Network], said: Coming | None, keys: Sequence[str]
) -> None:
    """Remind these people, who all said the same, and are reached through `network`."""
    others = [each for each in networks if each is not network]
    invitation = f"<{meeting.notices[-1].message.message_id}>"
    papers = chain.from_iterable(document.files for document in meeting.papers if goes_along(document))
    luggage = split(papers)
    with force_locale("de"):
        mail = outbox.compose(
            "meeting-reminder",
            audience=f"{ONESELF}:" + ",".join(str(each.id) for each in [network, *others]),
            about=about(meeting),
            from_name=network.name,
            from_address=address_of(network.slug),
            reply_to=_reply_to(meeting, networks),
            headers={"In-Reply-To": invitation, "References": invitation},
            files=luggage.attached,
            meeting=meeting,
            network=network,
            said=said.value if said else "",
            how_soon=_how_soon(meeting),
            when=event_of(meeting).when,
            luggage=luggage,
            answerable=answering.is_offered(),
        )
    outbox.enqueue(mail, to=keys)


def _reply_to(meeting: Meeting, networks: Sequence[Network]) -> str:
    """What people write back goes to who looks after the meeting."""
    if answering.is_offered():
        return answering.reply_to(_("Leitung der Sitzung"), answering.TO_MEETING, meeting.id)
    organiser = organiser_of(meeting)
    return visibility.answers_to(networks, organiser) if organiser else ""


def _how_soon(meeting: Meeting) -> str:
    days = (meeting.day - berlin(utc_now()).date()).days
    if days == 7:
        return _("In einer Woche")
    return {0: _("Heute"), 1: _("Morgen")}.get(days) or _("Am %(day)s", day=format_date(meeting.day, "EEEE"))
