"""One person and one organisation, however they are spelled; and where their mail goes at the moment of sending."""

from __future__ import annotations

from app.accounts.models import User
from app.accounts.people import find_or_create_user, organisation_named
from app.accounts.recipients import persons
from app.database import db
from app.registry import Recipient, Refusal
from tests.cast import Cast
from tests.conftest import Given


def test_a_person_is_found_by_any_spelling_of_any_address(cast: Cast, given: Given) -> None:
    with given():
        assert find_or_create_user(f" {cast.bob.email.upper()} ", "Jemand").id == cast.bob.id
        new = find_or_create_user("Neu@Example.org", "  Nadine   Neu ", receives_only=True)
        assert (new.name, new.email, new.receives_only) == ("Nadine Neu", "Neu@Example.org", True)
        assert find_or_create_user("neu@example.ORG", "").id == new.id


def test_an_organisation_is_found_in_any_case_umlauts_too(given: Given) -> None:
    with given():
        first = organisation_named("Ökologische Bäckerei")
        assert organisation_named("  ökologische   BÄCKEREI ").id == first.id
        assert organisation_named("Ökologische Bäckerei Ost").id != first.id


def test_mail_goes_to_where_it_goes_now(cast: Cast, given: Given) -> None:
    with given():
        db.session.delete(db.session.get_one(User, cast.anke.id))
        db.session.flush()
        answers = persons("person", [cast.bob.key, cast.anke.key, cast.gast.key])
    assert answers[cast.bob.key] == Recipient(cast.bob.email, cast.bob.name, cast.bob.id)
    assert isinstance(answers[cast.anke.key], Refusal)
    assert answers[cast.gast.key] == Recipient(cast.gast.email, cast.gast.name, cast.gast.id)
