"""What all mails of requests have in common; they are German, whatever language the portal is read in."""

from __future__ import annotations

from typing import Any

from flask_babel import force_locale
from flask_babel import gettext as _

from app.forum.subjects import mail_subject
from app.mail import outbox
from app.mail.envelope import address_of, list_headers
from app.mail.models import Mail, Priority
from app.networks.models import Network
from app.requests.models import Request

_AUTOMATIC = {"Auto-Submitted": "auto-generated"}


def compose(
    request: Request,
    event: str,
    about: str,
    *,
    audience: str,
    network: Network | None = None,
    reply_to: str = "",
    **context: Any,
) -> Mail:
    """Write a mail of `request`; with a `network` it goes to all of it."""
    network, to_all = network or request.thread.home, network is not None
    thread = request.thread
    first = f"<{request.message.message_id}>"
    headers = {"In-Reply-To": first, "References": first}
    with force_locale("de"):
        return outbox.compose(
            event,
            audience=audience,
            about=about,
            priority=Priority.BULK if to_all else Priority.PERSONAL,
            from_name=network.name,
            # An answer that goes past Reply-To must not reach everybody.
            from_address=address_of(network.slug) if to_all else None,
            reply_to=reply_to,
            can_answer=bool(reply_to),
            # The portal's own words although they go to all (RFC 3834 5).
            headers=headers | _AUTOMATIC | (list_headers(network.slug, network.name) if to_all else {}),
            mail_subject=mail_subject(request.message, network.name, is_reply=True),
            title=title_of(request),
            request_=request,
            thread=thread,
            network=network,
            **context,
        )


def title_of(request: Request) -> str:
    """Return the subject, where it may be said outside the website."""
    return _("Vertrauliche Nachricht") if request.thread.confidential else request.thread.subject
