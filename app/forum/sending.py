"""A form becomes one thing, however often it is sent; or it says which rule forbids that, and nothing is made."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from flask import abort
from flask_login import current_user
from sqlalchemy.exc import IntegrityError

from app import queue
from app.database import db, utc_now
from app.errors import DomainError
from app.forms import PortalForm, SubmissionForm
from app.forum.models import Message
from app.forum.posting import made_from

Made = TypeVar("Made")


def sent_once(form: SubmissionForm, submission: str | None, send: Callable[[], Message]) -> Message | None:
    """Commit the message of `submission`, which `send` flushes, and have it mailed; None: the form says why not."""
    message = made_once(form, send, lambda: made_from(submission, current_user))
    if message:
        mail_in_time(message)
    return message


def made_once(form: PortalForm, make: Callable[[], Made], made_before: Callable[[], Made | None]) -> Made | None:
    """Commit what `make` flushes; None where it raises `DomainError`, whose sentence then stands in the form.

    What was flushed before, such as files that came with the form, is left to the caller when a rule is broken.
    """
    try:
        with db.session.begin_nested():
            made = make()
        db.session.commit()
    except DomainError as refusal:
        form.form_errors.append(str(refusal))
        return None
    except IntegrityError:
        # The same form arrived twice at the same moment and the other one won.
        db.session.rollback()
        return made_before() or abort(409)
    return made


def mail_in_time(message: Message) -> None:
    """Wake the worker when the author can no longer take the message back. Call it after the commit."""
    queue.wake("outbox", delay=max((message.mails_at - utc_now()).total_seconds(), 0))
