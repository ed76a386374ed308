"""The reminder of a poll. Its first mail and its end are messages of its thread, the invitation is the meeting's."""

from __future__ import annotations

from collections.abc import Collection

from flask_babel import force_locale
from sqlalchemy import select

from app.forum.subjects import mail_subject
from app.mail import outbox
from app.mail.models import Mail
from app.networks.models import Network
from app.networks.recipients import BY_MAIL, ONESELF, keys_through
from app.networks.visibility import answers_to
from app.polls.forms import said
from app.polls.models import Poll


def reminder(poll: Poll, to: Collection[int]) -> None:
    """Ask these people once more; whoever pauses or reads on the website only is left alone, as by the first mail."""
    networks = poll.open_networks
    keys = [f"user:{id}" for id in sorted(to)]
    for index, network in enumerate(networks):
        others = [network, *networks[:index], *networks[index + 1 :]]
        reached = keys_through(network, networks, BY_MAIL).subquery().columns[0]
        with force_locale("de"):
            mail = _composed(poll, network, others)
        outbox.enqueue(mail, to=select(reached).where(reached.in_(keys)))


def _composed(poll: Poll, network: Network, audience: list[Network]) -> Mail:
    first = f"<{poll.message.message_id}>"
    answers = answers_to(audience, poll.message.author) if poll.message.author else ""
    return outbox.compose(
        "poll-reminder",
        audience=f"{ONESELF}:" + ",".join(str(each.id) for each in audience),
        about=poll.key,
        from_name=network.name,
        reply_to=answers,
        can_answer=bool(answers),
        headers={"In-Reply-To": first, "References": first},
        mail_subject=mail_subject(poll.message, network.name, is_reply=True),
        poll=poll,
        dates=[said(each.starts_at, each.ends_at) for each in poll.dates],
        thread=poll.thread,
        network=network,
    )
