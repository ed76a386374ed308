"""The network in a URL: a view receives a `Network` its visitor may see, or is never run.

Rules write `/netze/<network:network>/...`; before the view runs, the slug is exchanged for the network, or the
request ends with 404 for whoever does not belong to it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache, wraps
from typing import Any

from flask import Flask, abort, g, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import Select, bindparam, select
from werkzeug.routing import BaseConverter

from app import registry
from app.access import is_public_endpoint
from app.database import db, read, utc_now
from app.errors import DomainError
from app.mail import health
from app.networks.models import Network, Participant, Posting
from app.templating import berlin
from app.unchanged import until_commit

View = Callable[..., ResponseReturnValue]


# Built once, because every page of a network asks some of them.
_by_slug = select(Network).where(Network.slug == bindparam("slug"))
_by_slug_of_participant = _by_slug.where(Network.id.in_(Participant.network_ids_of(bindparam("user_id"))))
_led = Participant.network_ids_of(bindparam("user_id"), lead=True)


class NetworkConverter(BaseConverter):
    """The slug of a network in a URL; `url_for` takes the network itself."""

    regex = "[a-z0-9][a-z0-9-]{0,59}"

    def to_url(self, value: Any) -> str:
        return super().to_url(value.slug if isinstance(value, Network) else value)


def init_app(app: Flask) -> None:
    """Teach the URL map about networks and guard every rule that names one."""
    app.url_map.converters["network"] = NetworkConverter
    app.before_request(_exchange_slug)


def leads_only(view: View) -> View:
    """Keep this page for the network's leads and Verwaltung; other participants get a 403."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> ResponseReturnValue:
        if not leads(kwargs["network"]):
            abort(403)
        return view(*args, **kwargs)

    guarded.is_guarded = True  # type: ignore[attr-defined]  # read by tests/test_house.py
    return guarded


def leads(network: Network) -> bool:
    """Whether the person signed in leads this network or is Verwaltung."""
    return current_user.is_admin or network.id in _led_by(current_user.id)


def may_post(network: Network) -> bool:
    """Whether the person signed in may write to all of this network."""
    if network.closed_at or current_user.receives_only:
        return False
    return network.posting is Posting.EVERYONE or leads(network)


def other_networks(network: Network) -> list[Network]:
    """The other networks the person signed in belongs to and may write to, by name."""
    mine = db.session.scalars(Network.visible_to(current_user)).all()
    return [other for other in mine if other is not network and may_post(other)]


def chosen(networks: Sequence[Network], slugs: Sequence[str]) -> list[Network]:
    """Return those of the networks that were ticked."""
    return [network for network in networks if network.slug in slugs]


def figure(network: Network, name: str) -> Any:
    """Return what a feature tells of this network under `name` (`registry.figures`), for the person signed in.

    All of them are asked together when the first is wanted, because a page shows several, and each query has its price.
    """
    asked: dict[int, Mapping[str, Any]] = g.setdefault("figures", {})
    if network.id not in asked:
        asked[network.id] = _figures(network.id, current_user.id)
    return asked[network.id][name]


@until_commit
def _figures(network_id: int, user_id: int) -> Mapping[str, Any]:
    now = utc_now()
    values = {
        "network_id": network_id,
        "user_id": user_id,
        "now": now,
        "today": berlin(now).date(),
        "forgotten": now - health.RECOVERY,
    }
    return dict(read(_all_figures(), values).mappings().one())


@cache
def _all_figures() -> Select[*tuple[Any, ...]]:
    return select(*(query.label(name) for name, query in registry.figures.items()))


@until_commit
def _led_by(user_id: int) -> frozenset[int]:
    return frozenset(read(_led, {"user_id": user_id}).scalars())


def _exchange_slug() -> None:
    arguments = request.view_args or {}
    if "network" not in arguments or is_public_endpoint(request.endpoint):
        return
    visible = _by_slug if current_user.is_admin else _by_slug_of_participant
    network = db.session.scalar(visible, {"slug": arguments["network"], "user_id": current_user.id})
    if network is None:
        abort(404)
    if network.closed_at and request.method == "POST" and not current_user.is_admin:
        raise DomainError(_("Dieses Netz ist geschlossen. Sie können alles lesen, aber nichts mehr ändern."))
    arguments["network"] = network
