"""What tests of networks share."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from app.accounts.models import User
from app.database import db, utc_now
from app.networks import absences
from app.networks.models import Network
from app.templating import berlin
from tests.cast import Cast, Net, Person
from tests.conftest import Given

#: leave(person, deputy, days) lets somebody be away from ost.
Leave = Callable[..., None]


@pytest.fixture
def leave(given: Given, cast: Cast) -> Leave:
    def away(person: Person, deputy: Person | None, days: int = 5, net: Net | None = None) -> None:
        with given():
            user = db.session.get_one(User, person.id)
            network = db.session.get_one(Network, (net or cast.ost).id)
            stand_in = db.session.get_one(User, deputy.id) if deputy else None
            absences.leave(user, network, berlin(utc_now()).date() + timedelta(days=days), stand_in)

    return away
