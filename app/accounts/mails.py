"""The mails of this feature, one function each; their words stand in templates/mail/<event>/."""

from __future__ import annotations

from typing import Any

from flask import current_app

from app.accounts.models import SignInLink, User
from app.database import utc_now
from app.mail import outbox
from app.mail.models import Mail, Priority


def sign_in(link: SignInLink, url: str, browser: str) -> None:
    """The link that signs in; goes to its address only if somebody here has it (app/accounts/recipients.py)."""
    mail = _compose("sign-in", f"sign-in:{link.id}", Priority.SIGN_IN, url=url, browser=browser)
    # The key is only a label here, so an unusually long address may be cut.
    outbox.enqueue(mail, [f"email:{link.email_key}"[:100]])


def confirm_address(user: User, email: str, url: str) -> None:
    """Asks the owner of a new address whether it is theirs."""
    mail = _compose("confirm-address", f"new-address:{user.id}", Priority.SIGN_IN, url=url, person=user.name)
    outbox.enqueue(mail, [f"email:{email}"])


def account_changed(user: User, what: str) -> None:
    """Tells a person what has changed about their way in, in case it was not them. `what` is a whole sentence."""
    profile_url = f"{current_app.config['BASE_URL']}/profil"
    mail = _compose("account-changed", "person", Priority.PERSONAL, what=what, profile_url=profile_url)
    outbox.enqueue(mail, [user.key])


def _compose(event: str, audience: str, priority: Priority, **context: Any) -> Mail:
    sender = current_app.config["OFFICE_NAME"]
    return outbox.compose(event, audience=audience, priority=priority, from_name=sender, at=utc_now(), **context)
