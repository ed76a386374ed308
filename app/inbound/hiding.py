"""A person's own address, which their mail program writes into what they quote ("An: Anna Bau <anna@example.org>").

What they type themselves stays: they want it read.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from flask_babel import gettext as _

from app.accounts.models import User
from app.mail.quoting_heads import header
from app.mail.quoting_marks import is_quoted
from app.networks import visibility
from app.networks.models import Network


def without_address(text: str, own: str, author: User) -> str:
    """Return a mail's text without the addresses of its author, but for the lines they wrote themselves (`own`)."""
    addresses = "|".join(re.escape(address.email) for address in author.addresses)
    if not addresses:
        return text
    pattern = re.compile(rf"<?(?<![\w.+-])(?:mailto:)?(?:{addresses})(?![\w-])>?", re.IGNORECASE)
    written = {line.strip() for line in own.splitlines() if not (is_quoted(line) or header(line))}
    hidden = _("(Adresse verborgen)")
    lines = (line if line.strip() in written else pattern.sub(hidden, line) for line in text.split("\n"))
    return "\n".join(lines)


def for_networks(text: str, own: str, author: User, networks: Sequence[Network]) -> str:
    """The same for what all in these networks read, if they may not see the author's address."""
    is_seen = visibility.all_see(networks, author, author.email_seen_by)
    return text if is_seen else without_address(text, own, author)
