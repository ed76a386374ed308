"""The outbox: writing a mail once and laying it down for its recipients, in the caller's transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    bindparam,
    case,
    cast,
    func,
    insert,
    literal,
    or_,
    select,
    union_all,
    update,
)

from app.database import db, read, utc_now
from app.files.models import StoredFile
from app.mail import carrying, envelope
from app.mail.headers import one_line
from app.mail.models import NOT_SENT, Delivery, DeliveryState, Mail, MailFile, Priority
from app.mail.writing import written

_NAME_LIMIT = 200  # a person's and a network's name together may be longer than the column

# Mail with a List-Id is a list's (Precedence keeps old programs from answering it), written by a person and so not
# "auto-generated" (RFC 3834 5). All other mail is the portal's own.
# The suppressing value "All" would keep bounces from us too.
_NO_ANSWERS = {"X-Auto-Response-Suppress": "DR, RN, NRN, OOF, AutoReply"}
_OF_A_LIST = _NO_ANSWERS | {"Precedence": "list"}
_OF_THE_PORTAL = _NO_ANSWERS | {"Auto-Submitted": "auto-generated"}

# Built once. Whether a delivery was sent is told by what is left: nearly all are, and reading them takes the longest.
_about = Mail.about.in_(bindparam("about", expanding=True))
_counted = union_all(
    select(Mail.about, literal(DeliveryState.SENT.value), func.sum(Mail.laid_down)).where(_about).group_by(Mail.about),
    select(Mail.about, cast(Delivery.state, String), func.count())
    .join(Delivery, Delivery.mail_id == Mail.id)
    .where(_about, NOT_SENT)
    .group_by(Mail.about, Delivery.state),
)
_STATES = {state.value: state for state in DeliveryState}


def compose(
    event: str,
    *,
    audience: str,
    about: str = "",
    priority: Priority = Priority.BULK,
    from_name: str,
    from_address: str | None = None,
    reply_to: str = "",
    message_id: str | None = None,
    headers: dict[str, str] | None = None,
    files: Sequence[StoredFile] = (),
    calendar: str = "",
    **context: Any,
) -> Mail:
    """Write a mail from `templates/mail/<event>/{subject.txt,body.txt,body.html}` and add it to the session.

    `audience` is "kind:ids" (`registry.recipients_now`), `about` names what it tells of ("message:34"), `reply_to` is a
    whole mailbox. `headers` win over the usual ones; an empty value leaves a usual one out. Not yet flushed.
    """
    usual = _OF_A_LIST if "List-Id" in (headers or {}) else _OF_THE_PORTAL
    feedback = {"Feedback-ID": envelope.feedback_id(event, audience.partition(":")[0])}
    subject, text, html = written(event, context)
    mail = Mail(
        event=event,
        audience=audience,
        about=about,
        priority=priority,
        message_id=message_id or envelope.new_message_id(),
        from_name=one_line(from_name)[:_NAME_LIMIT],
        from_address=from_address or envelope.address_of("noreply"),
        reply_to=one_line(reply_to),
        subject=subject,
        headers={name: one_line(value) for name, value in (usual | feedback | (headers or {})).items() if value},
        text=text,
        html=html,
        calendar=calendar,
    )
    db.session.add(mail)
    if files:
        db.session.flush()  # files kept in this request have no id before
        mail.files = [MailFile(stored_file_id=file.id, position=number) for number, file in enumerate(files)]
    return mail


def enqueue(
    mail: Mail,
    to: Iterable[str] | Select[str],
    *,
    due_at: datetime | None = None,
    skipped: dict[str, str] | Select[str, str] | None = None,
) -> int:
    """Add a delivery for each recipient key and return how many wait. Nobody gets the same mail twice.

    `to` is keys or a query of keys; `skipped` is who gets it not, with the reason the Zustellbericht shows (or a query
    of both). Wake the outbox after the commit: `queue.wake("outbox")`.
    """
    db.session.flush()
    due_at = due_at or utc_now()
    spared = 0 if skipped is None else _lay_down(mail, skipped, DeliveryState.CANCELLED, due_at)
    waiting = _lay_down(mail, to, DeliveryState.WAITING, due_at)
    mail.laid_down += spared + waiting
    return waiting


def hold(mail: Mail, to: Select[str], *, due_at: datetime, reason: str) -> int:
    """Add a delivery that waits for a digest for each recipient key, and return how many do.

    The outbox leaves them alone; what makes the digests takes them up at `due_at` (app/mail/carrying.py). `reason`
    says in the Zustellbericht what they wait for.
    """
    db.session.flush()
    held = _lay_down(mail, to.add_columns(literal(reason)), DeliveryState.DIGEST, due_at)
    mail.laid_down += held
    return held


def withdraw(about: str) -> int:
    """Cancel what still waits of the mails about this thing; return how many recipients that spares.

    What is being handed over at this moment may still arrive, but is not tried again.
    """
    now = utc_now()
    mails = select(Mail.id).where(Mail.about == about)
    # In the order in which others lock copies for several networks (app/mail/copies.py).
    db.session.execute(mails.order_by(Mail.id).with_for_update(key_share=True)).all()
    db.session.execute(update(Mail).where(Mail.about == about).values(withdrawn_at=now))
    carrying.stop_those_with(mails)
    cancelled = db.session.execute(
        update(Delivery)
        .where(Delivery.mail_id.in_(mails), _is_still_here())
        .values(state=DeliveryState.CANCELLED, reply="zurückgezogen", finished_at=now)
        .execution_options(synchronize_session=False)
    )
    return int(cancelled.rowcount)  # type: ignore[attr-defined]  # an UPDATE's result counts rows


def still_waiting(about: str) -> Sequence[str]:
    """Return the keys of those who would not get the mails about this thing any more if they were withdrawn."""
    waiting = select(Delivery.recipient_key).join(Mail).where(Mail.about == about, _is_still_here())
    # Held until the caller's unit of work ends: no worker claims one of them before it is withdrawn.
    return db.session.scalars(waiting.with_for_update(of=Delivery)).all()


def deliveries_about(*about: str) -> Select[Delivery]:
    """The deliveries of every mail about these things, for the Zustellbericht."""
    return select(Delivery).join(Mail).where(Mail.about.in_(about)).order_by(Delivery.recipient_key, Delivery.id)


def deliveries_to(*recipient_keys: str) -> Select[Delivery]:
    """What these recipients got or did not get, the newest first."""
    return select(Delivery).where(Delivery.recipient_key.in_(recipient_keys)).order_by(Delivery.id.desc())


def states(*about: str) -> dict[str, dict[DeliveryState, int]]:
    """Return how many deliveries are in which state, for each of these things ("message:34"); all states are there."""
    none = dict.fromkeys(DeliveryState, 0)
    counted = {thing: none.copy() for thing in about}
    for thing, word, number in read(_counted, {"about": about}):
        of_thing, state = counted[thing], _STATES[word]
        of_thing[state] += number
        if state is not DeliveryState.SENT:
            of_thing[DeliveryState.SENT] -= number
    return counted


def figures() -> dict[str, int]:
    """Return how many deliveries are "waiting" (also later ones), "due" now, "in_flight" and "failed"."""
    is_due = case((Delivery.due_at <= utc_now(), 1), else_=0)
    query = select(Delivery.state, func.count(), func.sum(is_due)).group_by(Delivery.state)
    counted = {state: (number, due) for state, number, due in db.session.execute(query)}
    return {
        "waiting": counted.get(DeliveryState.WAITING, (0, 0))[0],
        "due": counted.get(DeliveryState.WAITING, (0, 0))[1],
        "in_flight": counted.get(DeliveryState.SENDING, (0, 0))[0],
        "failed": counted.get(DeliveryState.FAILED, (0, 0))[0],
    }


def _is_still_here() -> ColumnElement[bool]:
    return or_(Delivery.state == DeliveryState.WAITING, carrying.is_not_on_its_way())


def _lay_down(
    mail: Mail,
    to: Iterable[str] | dict[str, str] | Select[*tuple[Any, ...]],
    state: DeliveryState,
    due_at: datetime,
) -> int:
    finished_at = utc_now() if state is DeliveryState.CANCELLED else None
    if isinstance(to, Select):
        return _lay_down_found(mail, to, state, due_at, finished_at)
    known = set(db.session.scalars(select(Delivery.recipient_key).where(Delivery.mail_id == mail.id)))
    reasons = to if isinstance(to, dict) else dict.fromkeys(to, "")
    common = {
        "mail_id": mail.id,
        "state": state,
        "priority": mail.priority,
        "due_at": due_at,
        "finished_at": finished_at,
    }
    rows = [common | {"recipient_key": key, "reply": reason} for key, reason in reasons.items() if key not in known]
    if rows:
        db.session.execute(insert(Delivery), rows)
    return len(rows)


def _lay_down_found(
    mail: Mail, to: Select[*tuple[Any, ...]], state: DeliveryState, due_at: datetime, finished_at: datetime | None
) -> int:
    found = to.subquery()
    key, *reason = found.columns
    known = select(Delivery.recipient_key).where(Delivery.mail_id == mail.id)
    table = Delivery.__table__.c
    values = {
        "mail_id": literal(mail.id),
        "recipient_key": key,
        "state": literal(state, table.state.type),
        "priority": literal(int(mail.priority)),
        "due_at": literal(due_at, table.due_at.type),
        "claimed_by": literal(""),
        "attempts_made": literal(0),
        "address": literal(""),
        "reply": func.max(reason[0]) if reason else literal(""),
        "finished_at": literal(finished_at, table.finished_at.type),
    }
    chosen = select(*values.values()).where(key.not_in(known)).group_by(key)
    lay_down = insert(Delivery).from_select(list(values), chosen, include_defaults=False)
    laid_down = db.session.execute(lay_down.execution_options(preserve_rowcount=True))
    return int(laid_down.rowcount)  # type: ignore[attr-defined]  # an INSERT's result counts rows
