"""Walks over every page: what is linked exists, what exists is linked, and looking changes nothing."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from app.database import db
from tests.browser import Browser
from tests.cast import Cast
from tests.conftest import ClientOf, Deliver
from tests.walking import walk
from tests.world import furnish

pytestmark = pytest.mark.once

#: Pages that no link of a page leads to, each with the reason.
NOT_LINKED = {
    "static": "loaded by every page, not linked",
    "accounts.enter": "stands in the sign-in mail",
    "accounts.confirm_address": "stands in a mail to the new address",
    "accounts.link_sent": "shown after asking for a link",
    "accounts.sign_in_with_password": "the form of the sign-in page sends to it",
    "deliveries.set_aside_mails": "linked on the desk when there are any (tests/deliveries)",
    "health.health": "for machines",
    "mail.link": "stands in mails",
    "meetings.find": "stands in mails and calendars",
    "meetings.network_feed": "copied into a calendar program",
    "meetings.own_feed": "copied into a calendar program",
    "networks.show": "short address that leads to the messages",
    "networks.show_import": "shown after a file was uploaded",
    "pages.city_logo": "a picture, there when Verwaltung has given one",
    "preview.mail": "shown in a frame of the preview",
    "preview.recipients": "fetched by the script of the form when other networks are ticked",
    "preview.show": "shown after asking for a preview",
    "pages.city_style": "loaded by every page, not linked",
}

ROLES = ("anke", "lena", "bob", "wim")


def test_every_link_leads_to_a_page_every_page_is_linked_and_looking_changes_nothing(
    app: Flask, cast: Cast, client_of: ClientOf, deliver: Deliver
) -> None:
    """In one go, because looking at everything takes its time. What Lena or Anke finds of ost is nothing for Wim."""
    furnish(cast, client_of)
    deliver()
    browsers = {role: client_of(getattr(cast, role)) for role in ROLES} | {"stranger": Browser(app, app.response_class)}
    before = rows(app)
    walks = {role: walk(app, browser) for role, browser in browsers.items()}
    assert rows(app) == before
    assert {role: found.dead for role, found in walks.items() if found.dead} == {}
    assert min(len(walks[role].pages) for role in ROLES) > 10
    assert {"accounts.sign_in", "pages.show"} <= walks["stranger"].endpoints
    assert _existing(app) - set(NOT_LINKED) - set().union(*(found.endpoints for found in walks.values())) == set()
    inside = {url for role in ("lena", "anke") for url in walks[role].pages if url.startswith(f"{cast.ost.path()}/")}
    assert len(inside) > 5
    assert {url: status for url in inside if (status := browsers["wim"].get(url).status_code) != 404} == {}


def _existing(app: Flask) -> set[str]:
    return {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}


def rows(app: Flask) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of the database, by table."""
    with app.app_context():
        return {
            table.name: sorted((tuple(row) for row in db.session.execute(table.select())), key=repr)
            for table in db.metadata.sorted_tables
        }
