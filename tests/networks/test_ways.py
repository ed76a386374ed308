"""Who gets a message in which way: counted, listed and laid down alike, each person once, by their fastest rhythm."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import product

import pytest
import time_machine
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from app.accounts.models import User
from app.database import db, utc_now
from app.forum.posting import post_message
from app.mail.models import Delivery, DeliveryState, Mail
from app.networks.models import Network, Preference, Rhythm
from app.networks.recipients import answer, audience_of, keys_through, skipped_keys, ways_to
from app.networks.wishes import pause
from app.registry import Recipient, Refusal
from app.templating import berlin
from tests.cast import Cast
from tests.conftest import Given
from tests.factories import make_network, make_participant, make_user

WISHES = [None, *Rhythm, "paused"]


@contextmanager
def rolled_back(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield
        db.session.rollback()


def populate(wishes: list[tuple[object, object]]) -> tuple[list[Network], list[User]]:
    """Two networks and a person for each pair of wishes; "out" takes no part."""
    networks, users = [make_network(), make_network()], []
    for pair in wishes:
        users.append(user := make_user())
        for network, wish in zip(networks, pair, strict=True):
            if wish == "out":
                continue
            make_participant(network, user)
            if wish == "paused":
                pause(user.id, network.id)
            elif isinstance(wish, Rhythm):
                db.session.add(Preference(user_id=user.id, network_id=network.id, rhythm=wish))
    db.session.flush()
    return networks, users


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    wishes=st.lists(st.tuples(*[st.sampled_from([*WISHES, "out"])] * 2), max_size=8),
    at_once=st.booleans(),
)
def test_counts_lists_and_deliveries_agree(app: Flask, wishes: list[tuple[object, object]], at_once: bool) -> None:
    with rolled_back(app):
        networks, _users = populate(wishes)
        ways, audience = ways_to(networks, at_once=at_once), audience_of(networks, at_once=at_once)
        by_way = dict.fromkeys(Rhythm, 0)
        for way in ways.values():
            by_way[way.rhythm] += not way.paused
        assert by_way == {
            Rhythm.AT_ONCE: audience.at_once,
            Rhythm.DAILY: audience.daily,
            Rhythm.WEEKLY: audience.weekly,
            Rhythm.WEB: audience.web,
        }
        assert audience.paused == sum(way.paused for way in ways.values())
        assert audience.people == audience.at_once + audience.daily + audience.weekly
        assert audience.everybody == len(ways)
        if at_once:
            return
        laid = [
            (key, rhythm, network.id)
            for network, rhythm in product(networks, [Rhythm.AT_ONCE, Rhythm.DAILY, Rhythm.WEEKLY])
            for key in db.session.scalars(keys_through(network, networks, (rhythm,)))
        ]
        expected = {
            (f"user:{id}", way.rhythm, way.network_id)
            for id, way in ways.items()
            if not way.paused and way.rhythm is not Rhythm.WEB
        }
        assert sorted(laid) == sorted(expected)
        assert set(skipped_keys(networks)) == {f"user:{id}" for id in ways} - {key for key, _, _ in laid}


def test_a_message_to_three_networks_reaches_each_person_once_by_the_fastest_way(cast: Cast, given: Given) -> None:
    with given():
        third = make_network("dritt")
        for person in (cast.carla, cast.wim):
            make_participant(third, db.session.get_one(User, person.id))
        for person, net, rhythm in [
            (cast.carla, cast.ost.id, Rhythm.WEEKLY),
            (cast.carla, third.id, Rhythm.DAILY),
            (cast.bob, cast.ost.id, Rhythm.DAILY),
            (cast.wim, cast.west.id, Rhythm.WEB),
            (cast.wim, third.id, Rhythm.WEEKLY),
            (cast.gast, cast.ost.id, Rhythm.WEB),
        ]:
            db.session.add(Preference(user_id=person.id, network_id=net, rhythm=rhythm))
        db.session.flush()
        post_message(
            db.session.get_one(User, cast.anke.id),
            db.session.get_one(Network, cast.ost.id),
            subject="Offene Tür",
            body="Am Freitag.",
            also_to=[db.session.get_one(Network, cast.west.id), third],
        )
        rows = db.session.execute(
            select(Delivery.recipient_key, Delivery.state, Delivery.reply, Mail.from_address).join(Mail)
        )
        laid = sorted(tuple(row) for row in rows)
    assert laid == sorted(
        [
            (cast.lena.key, DeliveryState.WAITING, "", "ost@netz.example.org"),
            (cast.bob.key, DeliveryState.DIGEST, "tägliche Zusammenfassung", "ost@netz.example.org"),
            (cast.carla.key, DeliveryState.WAITING, "", "west@netz.example.org"),
            (cast.wim.key, DeliveryState.DIGEST, "wöchentliche Zusammenfassung", "dritt@netz.example.org"),
            (cast.gast.key, DeliveryState.CANCELLED, "nur auf der Website", "ost@netz.example.org"),
        ]
    )


@pytest.mark.parametrize("days", [0, 3])
def test_a_pause_ends_by_itself_after_its_last_day(days: int, cast: Cast, given: Given) -> None:
    now = utc_now()
    with given():
        pause(cast.bob.id, cast.ost.id, berlin(now).date() + timedelta(days=days))
        assert audience_of([db.session.get_one(Network, cast.ost.id)]).paused == 1
    with time_machine.travel(now + timedelta(days=days + 2)), given():
        network = db.session.get_one(Network, cast.ost.id)
        assert audience_of([network]).paused == 0
        assert list(db.session.scalars(keys_through(network, [network]))).count(cast.bob.key) == 1
        assert isinstance(answer(f"networks:{network.id}", [cast.bob.key])[cast.bob.key], Recipient)


def test_who_reads_on_the_website_only_gets_nothing_that_was_queued_before(cast: Cast, given: Given) -> None:
    with given():
        db.session.add(Preference(user_id=cast.bob.id, network_id=cast.ost.id, rhythm=Rhythm.WEB))
        db.session.flush()
        refusal = answer(f"networks:{cast.ost.id}", [cast.bob.key])[cast.bob.key]
    assert refusal == Refusal("nur auf der Website", still_belongs=True)
