"""How often one may try to sign in, counted per address and per client.

No limit locks anybody out for long. Of mailed links, as many as are allowed within half an hour are valid for half an
hour: whoever is refused another one has one in their mailbox. Whose password is being guessed by others still signs in
by mailed link.
"""

from __future__ import annotations

from flask_limiter.util import get_remote_address
from limits import RateLimitItem, RateLimitItemPerHour, RateLimitItemPerMinute

from app.accounts.models import User, email_key
from app.extensions import limiter

_LINKS_PER_ADDRESS = RateLimitItemPerMinute(5, 30, namespace="sign-in-link-address")
# A whole town hall may stand behind one address of the network.
_LINKS_PER_CLIENT = RateLimitItemPerMinute(60, 30, namespace="sign-in-link-client")
_PASSWORDS_PER_ADDRESS = RateLimitItemPerMinute(10, 15, namespace="password-address")
_PASSWORDS_PER_CLIENT = RateLimitItemPerMinute(30, 15, namespace="password-client")
# Counted apart from the links that sign in, of which nobody may use up another person's.
_NEW_ADDRESSES_PER_PERSON = RateLimitItemPerHour(10, namespace="new-address-person")
_CORRECTIONS_PER_PERSON = RateLimitItemPerHour(20, namespace="correction")
_LINKS_PER_NEW_ADDRESS = RateLimitItemPerHour(3, namespace="new-address")


def may_have_link(email: str) -> bool:
    """Count a wish for a link to `email`; False when there were too many."""
    return _hit(_LINKS_PER_CLIENT, get_remote_address()) and _hit(_LINKS_PER_ADDRESS, email_key(email))


def may_try_password(email: str) -> bool:
    """Count a try with a password; False when there were too many."""
    return _hit(_PASSWORDS_PER_CLIENT, get_remote_address()) and _hit(_PASSWORDS_PER_ADDRESS, email_key(email))


def may_ask_for_address(user: User, email: str) -> bool:
    """Count a wish of `user` to add `email`, to which a link will be mailed; False when there were too many."""
    return _hit(_NEW_ADDRESSES_PER_PERSON, user.key) and _hit(_LINKS_PER_NEW_ADDRESS, email_key(email))


def may_correct(user: User) -> bool:
    """Count a change `user` makes from a mail, or a wish to Verwaltung, each of which sends one; False: too many."""
    return _hit(_CORRECTIONS_PER_PERSON, user.key)


def forget(email: str) -> None:
    """Start counting anew for an address whose owner has just signed in."""
    limiter.limiter.clear(_LINKS_PER_ADDRESS, email_key(email))
    limiter.limiter.clear(_PASSWORDS_PER_ADDRESS, email_key(email))


def _hit(limit: RateLimitItem, key: str) -> bool:
    return not limiter.enabled or limiter.limiter.hit(limit, key)
