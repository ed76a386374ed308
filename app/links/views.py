"""The links of a network: everybody reads them, leads and Verwaltung keep them up."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.accounts.models import Organisation
from app.database import db
from app.links.forms import LinkForm, WebsiteForm
from app.links.grouping import by_organisation
from app.links.models import Link, organisations_in
from app.networks.models import Network
from app.networks.scope import leads, leads_only

bp = Blueprint("links", __name__)


@bp.get("/netze/<network:network>/links")
def index(network: Network) -> ResponseReturnValue:
    """Show the websites and links by organisation; whoever may edit also sees which websites are missing."""
    may_edit = leads(network)
    groups, others = by_organisation(_organisations(network), db.session.scalars(Link.of_network(network)))
    shown = [group for group in groups if may_edit or group.website or group.links]
    return render_template("links/index.html", network=network, groups=shown, others=others, may_edit=may_edit)


@bp.route("/netze/<network:network>/links/neu", methods=["GET", "POST"])
@leads_only
def new(network: Network) -> ResponseReturnValue:
    """Add a link."""
    form = LinkForm()
    form.offer_organisations(_choices(network))
    if form.validate_on_submit():
        link = Link(network_id=network.id)
        _fill(link, form)
        db.session.add(link)
        db.session.commit()
        flash(_("Der Link „%(title)s“ ist eingetragen.", title=link.title), "success")
        return redirect(url_for("links.index", network=network))
    return render_template("links/edit.html", network=network, form=form, link=None)


@bp.route("/netze/<network:network>/links/<int:id>", methods=["GET", "POST"])
@leads_only
def edit(network: Network, id: int) -> ResponseReturnValue:
    """Change a link."""
    link = _link(network, id)
    form = LinkForm(obj=link)
    form.offer_organisations(_choices(network, link.organisation))
    if form.validate_on_submit():
        _fill(link, form)
        db.session.commit()
        flash(_("Der Link „%(title)s“ ist geändert.", title=link.title), "success")
        return redirect(url_for("links.index", network=network))
    return render_template("links/edit.html", network=network, form=form, link=link)


@bp.post("/netze/<network:network>/links/<int:id>/entfernen")
@leads_only
def remove(network: Network, id: int) -> ResponseReturnValue:
    """Take a link off the page."""
    link = _link(network, id)
    db.session.delete(link)
    db.session.commit()
    flash(_("Der Link „%(title)s“ ist entfernt.", title=link.title), "success")
    return redirect(url_for("links.index", network=network))


@bp.route("/netze/<network:network>/links/organisationen/<int:id>", methods=["GET", "POST"])
@leads_only
def website(network: Network, id: int) -> ResponseReturnValue:
    """Set the website of an organisation that takes part; it is the same in all networks."""
    organisation = db.first_or_404(organisations_in(network).where(Organisation.id == id))
    form = WebsiteForm(obj=organisation)
    if form.validate_on_submit():
        organisation.website = form.website.data or ""
        db.session.commit()
        flash(_("Die Website von %(name)s ist gespeichert.", name=organisation.name), "success")
        return redirect(url_for("links.index", network=network))
    return render_template("links/website.html", network=network, form=form, organisation=organisation)


def _fill(link: Link, form: LinkForm) -> None:
    link.title = form.title.data or ""
    link.url = form.url.data or ""
    link.description = form.description.data or ""
    link.organisation_id = form.organisation_id.data or None


def _link(network: Network, id: int) -> Link:
    link = db.session.scalar(Link.of_network(network).where(Link.id == id))
    if link is None:
        abort(404)
    return link


def _choices(network: Network, former: Organisation | None = None) -> list[Organisation]:
    """The organisations a link can belong to; one that has left stays possible for the link that names it."""
    present = _organisations(network)
    chosen = [*present, former] if former and former not in present else present
    return [group.organisation for group in by_organisation(chosen, [])[0]]


def _organisations(network: Network) -> Sequence[Organisation]:
    return db.session.scalars(organisations_in(network)).all()
