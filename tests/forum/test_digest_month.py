"""A month in which people write, change their minds and the worker comes and goes: each message reaches each once."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from itertools import count
from typing import Any

from flask import Flask
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from app.database import db
from app.forum.models import Digest
from app.mail.models import Delivery, DeliveryState, Mail
from app.networks.models import Rhythm
from tests.cast import Cast
from tests.conftest import Configured, Deliver, Given
from tests.forum.digesting import Town, at
from tests.mailserver import MailServer

PEOPLE = ["lena", "bob", "carla", "wim"]
NETS = st.sampled_from([("ost",), ("west",), ("ost", "west"), ("west", "ost")])

#: One thing that happens; before it so many minutes pass.
STEP = st.tuples(
    st.integers(0, 40 * 60),
    st.one_of(
        st.tuples(st.just("write"), NETS),
        st.tuples(st.just("wish"), st.sampled_from(PEOPLE), st.sampled_from(["ost", "west"]), st.sampled_from(Rhythm)),
        st.tuples(st.just("work")),
        st.tuples(st.just("make")),
        st.tuples(st.just("hand over")),
    ),
)
_numbers = count(1)


@settings(
    max_examples=12,
    deadline=None,
    phases=(Phase.explicit, Phase.reuse, Phase.generate),  # shrinking moves a clock through a month again and again
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=st.lists(STEP, min_size=5, max_size=25))
@example(
    steps=[
        (0, ("wish", "carla", "ost", Rhythm.WEEKLY)),
        (1, ("write", ("ost", "west"))),
        (1, ("wish", "carla", "west", Rhythm.DAILY)),
        (1, ("write", ("west", "ost"))),
        (1500, ("make",)),
        (1, ("wish", "carla", "ost", Rhythm.AT_ONCE)),
        (1, ("work",)),
    ]
)
def test_each_message_reaches_each_person_once_whatever_happens(
    steps: list[tuple[int, Any]],
    app: Flask,
    cast: Cast,
    given: Given,
    smtp: MailServer,
    deliver: Deliver,
    configured: Configured,
) -> None:
    town, now, texts = Town(app, given), at(2), {}
    smtp.forget()
    with given():  # each example lives through the same month
        db.session.execute(delete(Digest))
        db.session.execute(delete(Mail))
    with configured(MAIL_UNDO_SECONDS=300):
        with town.when(now):
            for person in PEOPLE:
                for net in ("ost", "west"):
                    town.wish(getattr(cast, person), getattr(cast, net), Rhythm.AT_ONCE)
        for minutes, (what, *how) in steps:
            now += timedelta(minutes=minutes)
            with town.when(now):
                if what == "write":
                    text = f"Text-{next(_numbers)}-Ende"
                    texts[text] = town.write(cast.anke, *(getattr(cast, net) for net in how[0]), body=text)
                elif what == "wish":
                    town.wish(getattr(cast, how[0]), getattr(cast, how[1]), how[2])
                if what in ("work", "make"):
                    town.run()
                if what in ("work", "hand over"):
                    deliver()
        for days in (1, 8, 9):
            with town.when(now + timedelta(days=days)):
                town.run()
                deliver()
                town.run()
    arrived = Counter((mail.to, text) for mail in smtp.messages for text in texts if text in mail.text)
    assert arrived == expected(texts, cast, given)


def expected(texts: dict[str, int], cast: Cast, given: Given) -> Counter[tuple[str, str]]:
    """What the Zustellbericht says of these messages: one mail where it says "übergeben", none where "nur Web"."""
    emails = {person.key: person.email for person in (cast.lena, cast.bob, cast.carla, cast.wim, cast.gast)}
    wanted: Counter[tuple[str, str]] = Counter()
    with given():
        for text in texts:
            about = select(Mail.about).where(Mail.text.contains(text), Mail.event == "message").limit(1)
            key = db.session.scalar(about)
            rows = db.session.execute(select(Delivery).join(Mail).where(Mail.about == key)).scalars().all()
            assert len({row.recipient_key for row in rows}) == len(rows), "somebody has two deliveries"
            for row in rows:
                assert row.state in (DeliveryState.SENT, DeliveryState.CANCELLED), (row.state, row.reply)
                if row.state is DeliveryState.SENT:
                    wanted[emails[row.recipient_key], text] = 1
                else:
                    assert row.reply == "nur auf der Website"
    return wanted
