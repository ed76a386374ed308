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
    outbox.enqueue(mail, [f"email:{link.email_key}"])


def confirm_address(user: User, email: str, url: str) -> None:
    """Asks the owner of a new address whether it is theirs."""
    mail = _compose("confirm-address", f"new-address:{user.id}", Priority.SIGN_IN, url=url, person=user.name)
    outbox.enqueue(mail, [f"email:{email}"])


def account_changed(user: User, what: str, **details: str) -> None:
    """Tells a person what changes about their way in, in case it was not them: at every address they have now.

    Call it before the change, or only whoever took the account over would be told. `what` and `details` are what
    templates/mail/account-changed/_what.txt knows.
    """
    held = [f"email:{address.email}" for address in user.addresses]
    if not held:
        return
    profile_url = f"{current_app.config['BASE_URL']}/profil"
    context = {"what": what, "profile_url": profile_url} | details
    outbox.enqueue(_compose("account-changed", f"held-address:{user.id}", Priority.PERSONAL, **context), held)


def _compose(event: str, audience: str, priority: Priority, **context: Any) -> Mail:
    sender = current_app.config["OFFICE_NAME"]
    return outbox.compose(event, audience=audience, priority=priority, from_name=sender, at=utc_now(), **context)
