"""The mails the portal sends because of one that came in; each has its directory in templates/mail/.

They answer a person, once, and never what a machine wrote: `Auto-Submitted: auto-replied` keeps others from answering.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask_babel import gettext as _

from app.accounts.models import User
from app.files.attaching import split
from app.files.models import StoredFile
from app.forum.subjects import answered_once, bare_subject
from app.inbound.hiding import without_address
from app.mail import answering, outbox
from app.mail.answering import TO_ONE
from app.mail.envelope import personal_link
from app.mail.headers import one_line
from app.mail.incoming import IncomingMail
from app.mail.models import Priority
from app.mail.reading import ReceivedMail, neutralise

#: The audience of an answer to an address that belongs to nobody here: "incoming:<id of the mail>".
STRANGER = "incoming"

#: The link by which somebody says that they wrote a mail.
CONFIRM = "geschrieben"

_SHOWN = 20_000  # characters of a text that is returned
_ASKED, _LINES_ASKED = 500, 12  # characters and lines of a text somebody is asked about


def question(incoming: IncomingMail, owner: User, mail: ReceivedMail, *, goes_to: str) -> None:
    """Ask a person whether they wrote this; the button in the mail sends it to `goes_to`.

    They see how it begins: enough to know their own words, too little to reach people with by writing in their name.
    """
    text, is_whole = _beginning(mail)
    _send(
        "incoming-question",
        incoming,
        mail,
        owner,
        goes_to=goes_to,
        link=personal_link(CONFIRM, incoming.id),
        names=[file.name for file in mail.files],
        text=text,
        is_whole=is_whole,
        is_own=mail.sender in {address.email.lower() for address in owner.addresses},
    )


def refusal(incoming: IncomingMail, to: User | None, mail: ReceivedMail, sentence: str) -> None:
    """Tell the sender why their mail was not used. Who is known gets their text back.

    A stranger gets our sentence and not a word of the mail: its sender may be forged, and then we would carry to
    others what somebody wants them to read.
    """
    _send("incoming-refusal", incoming, mail, to, sentence=sentence, text=_shown(mail) if to else "")


def refused_files(incoming: IncomingMail, to: User, mail: ReceivedMail, sentences: Sequence[str]) -> None:
    """Tell the sender which files of their mail were not taken, and why; the rest was."""
    _send("incoming-files", incoming, mail, to, sentences=sentences)


def private_answer(incoming: IncomingMail, author: User, to: User, mail: ReceivedMail, kept: list[StoredFile]) -> None:
    """Hand an answer to the one person it is for. Neither learns the other's address, and both can go on answering."""
    luggage = split(kept)
    back = answering.address(TO_ONE, to.id, author.id)
    thread = {"In-Reply-To": _bracketed(mail.in_reply_to), "References": " ".join(map(_bracketed, mail.references))}
    letter = outbox.compose(
        "private-answer",
        audience="person",
        about=incoming.key,
        priority=Priority.PERSONAL,
        from_name=_("%(name)s über das Netz", name=author.name),
        from_address=back,
        reply_to=f"{one_line(author.name)} <{back}>",
        # A person wrote this, no machine (RFC 3834 5).
        headers={"Auto-Submitted": ""} | thread,
        files=luggage.attached,
        author=author,
        title=answered_once(one_line(mail.subject)) or _("(ohne Betreff)"),
        text=neutralise(without_address(mail.untrimmed or mail.text, mail.text, author)),
        luggage=luggage,
        linked=[(file, personal_link("file", file.id)) for file in luggage.linked],
    )
    outbox.enqueue(letter, to=[to.key])


def _send(event: str, incoming: IncomingMail, mail: ReceivedMail, to: User | None, **context: Any) -> None:
    letter = outbox.compose(
        event,
        audience="person" if to else f"{STRANGER}:{incoming.id}",
        about=incoming.key,
        priority=Priority.PERSONAL,
        from_name=_("Virtuelles Netz"),
        headers={"Auto-Submitted": "auto-replied", "In-Reply-To": _bracketed(mail.message_id)},
        title=(bare_subject(one_line(neutralise(mail.subject))) or _("(ohne Betreff)")) if to else "",
        mail=mail,
        recipient=to,
        **context,
    )
    outbox.enqueue(letter, to=[to.key if to else f"email:{incoming.sender}"])


def _bracketed(message_id: str) -> str:
    return f"<{message_id}>" if message_id and message_id.isascii() and len(message_id) < 200 else ""


def _beginning(mail: ReceivedMail) -> tuple[str, bool]:
    """How the text begins, cut between two words, and whether that is all of it."""
    whole = neutralise(mail.text or mail.untrimmed).strip()
    lines = "\n".join(whole.splitlines()[:_LINES_ASKED])
    if len(lines) > _ASKED:
        lines = lines[:_ASKED].rpartition(" ")[0] or lines[:_ASKED]
    return (whole, True) if len(lines) == len(whole) else (f"{lines.rstrip()} …", False)


def _shown(mail: ReceivedMail) -> str:
    return neutralise(mail.text or mail.untrimmed)[:_SHOWN]
