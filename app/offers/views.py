"""The offers of a network: everyone who takes part reads and adds them."""

from __future__ import annotations

import uuid

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from app.access import signed_in_key
from app.database import db
from app.extensions import limiter
from app.files.models import StoredFile
from app.forms import made_id
from app.forum import drafting
from app.forum.models import Draft
from app.forum.sending import made_once
from app.networks.models import Network
from app.offers import entering, listing
from app.offers.forms import KIND_NAMES, OfferForm, kind_named, values
from app.offers.listing import Choice
from app.offers.models import Kind, Offer
from app.offers.rights import may_add, may_change

bp = Blueprint("offers", __name__)

#: Far above what a person enters, far below what a broken script would.
OFFERS_PER_HOUR = "60 per hour"
LAST_PAGE = 10_000


@bp.get("/netze/<network:network>/angebote")
def index(network: Network) -> ResponseReturnValue:
    """Show the current offers or those that are over, of all kinds or one, the newest first."""
    choice = _choice()
    offers = listing.page_of_offers(network, choice)
    counts = listing.counts_in(network)
    return render_template(
        "offers/index.html",
        network=network,
        offers=offers,
        flyers=listing.flyers_of(offer.id for offer in offers),
        choice=choice,
        counts=counts,
        has_more=counts.of(choice) > choice.page * listing.PAGE_SIZE,
        kinds=KIND_NAMES,
        may_add=may_add(network),
        drafts=drafting.drafts_at(current_user, _place(network, None)),
    )


@bp.get("/netze/<network:network>/angebote/<int:id>")
def show(network: Network, id: int) -> ResponseReturnValue:
    """Show an offer; printed, it is a sheet for a notice board."""
    offer = _offer(network, id)
    return render_template(
        "offers/show.html",
        network=network,
        offer=offer,
        kind=KIND_NAMES[offer.kind],
        flyers=listing.flyers_of([offer.id])[offer.id],
        contacts=[] if offer.contact else listing.contacts_of(offer, current_user),
        may_change=may_change(offer, network),
    )


@bp.route("/netze/<network:network>/angebote/neu", methods=["GET", "POST"])
@limiter.limit(OFFERS_PER_HOUR, key_func=signed_in_key, methods=["POST"])
def new(network: Network) -> ResponseReturnValue:
    """Enter an offer."""
    if not may_add(network):
        abort(403)
    draft = drafting.open_draft(current_user, _place(network, None), request.args.get("entwurf"))
    empty = {"kind": Kind.OFFER, "organisation_name": entering.own_organisation(current_user, network)}
    form = OfferForm(data=values(draft.fields) if draft else empty)
    return _entered(form, network, None, draft) or _form_page(form, network, None, draft)


@bp.route("/netze/<network:network>/angebote/<int:id>/bearbeiten", methods=["GET", "POST"])
def edit(network: Network, id: int) -> ResponseReturnValue:
    """Change an offer."""
    offer = _changeable(network, id)
    draft = next(iter(drafting.drafts_at(current_user, _place(network, offer))), None)
    form = OfferForm(data=values(draft.fields)) if draft else OfferForm(obj=offer)
    return _entered(form, network, offer, draft) or _form_page(form, network, offer, draft)


@bp.route("/netze/<network:network>/angebote/<int:id>/entfernen", methods=["GET", "POST"])
def remove(network: Network, id: int) -> ResponseReturnValue:
    """Ask, then delete an offer with its flyers."""
    offer = _changeable(network, id)
    if request.method != "POST":
        return render_template("offers/remove.html", network=network, offer=offer)
    entering.remove(offer)
    db.session.commit()
    flash(_("„%(title)s“ ist entfernt.", title=offer.title), "success")
    return redirect(url_for("offers.index", network=network))


@bp.post("/netze/<network:network>/angebote/entwurf/<uuid:id>/verwerfen")
def discard_draft(network: Network, id: uuid.UUID) -> ResponseReturnValue:
    """Throw away one's own draft of a new offer."""
    draft = drafting.open_draft(current_user, _place(network, None), str(id)) or abort(404)
    drafting.discard(draft)
    db.session.commit()
    flash(_("Der Entwurf ist gelöscht."), "success")
    return redirect(url_for("offers.index", network=network))


@bp.post("/netze/<network:network>/angebote/<int:id>/verwerfen")
def discard_changes(network: Network, id: int) -> ResponseReturnValue:
    """Throw away changes that were not saved; the offer stays as it is."""
    offer = _changeable(network, id)
    for draft in drafting.drafts_at(current_user, _place(network, offer)):
        drafting.discard(draft)
    db.session.commit()
    return redirect(url_for("offers.edit", network=network, id=offer.id))


def _entered(form: OfferForm, network: Network, offer: Offer | None, draft: Draft | None) -> ResponseReturnValue | None:
    """Save what was submitted and lead to it; where something is wrong keep all of it as a draft and return None."""
    form.submission.data = _submission(form, _place(network, offer), draft)
    if not form.is_submitted():
        return None
    is_valid = form.validate()
    made_as = made_id(form.submission.data, _place(network, offer), *form.words()) if is_valid else ""
    if offer is None and (made := entering.made_from(made_as, network)):
        return _led_to(made, network)
    files = entering.keep_uploads(form, form.submission.data, offer)
    is_right = is_valid and not form.files.errors
    if is_right and (kept := _changed(form, offer, files) if offer else _added(form, network, files, made_as)):
        return _led_to(kept, network)
    drafting.save(current_user, _place(network, offer), form.submission.data, form.fields())
    db.session.commit()
    return None


def _added(form: OfferForm, network: Network, files: list[StoredFile], made_as: str) -> Offer | None:
    offer = made_once(
        form,
        lambda: entering.enter(form, files, current_user, network, made_as),
        lambda: entering.made_from(made_as, network),
    )
    if offer:
        flash(_("„%(title)s“ ist eingetragen.", title=offer.title), "success")
    return offer


def _changed(form: OfferForm, offer: Offer, files: list[StoredFile]) -> Offer:
    entering.change(offer, form, files, current_user)
    db.session.commit()
    flash(_("„%(title)s“ ist geändert.", title=offer.title), "success")
    return offer


def _led_to(offer: Offer, network: Network) -> ResponseReturnValue:
    return redirect(url_for("offers.show", network=network, id=offer.id))


def _form_page(form: OfferForm, network: Network, offer: Offer | None, draft: Draft | None) -> str:
    form.list_kept(entering.kept_files(form.submission.data, offer))
    return render_template(
        "offers/edit.html",
        network=network,
        form=form,
        offer=offer,
        draft=None if form.is_submitted() else draft,
        target_groups=listing.target_groups_in(network),
    )


def _submission(form: OfferForm, place: str, draft: Draft | None) -> str:
    """The id of this form; one under which something else is kept is not taken."""
    if not form.is_submitted():
        return draft.id if draft else str(uuid.uuid4())
    return drafting.own_submission(current_user, place, form.submission_id())


def _place(network: Network, offer: Offer | None) -> str:
    """Where the form stands, as a draft names it."""
    return offer.key if offer else f"offers:{network.id}"


def _choice() -> Choice:
    page = request.args.get("seite", 1, type=int)
    return Choice(kind_named(request.args.get("art")), "abgelaufen" in request.args, min(max(page, 1), LAST_PAGE))


def _changeable(network: Network, id: int) -> Offer:
    offer = _offer(network, id)
    if not may_change(offer, network):
        abort(403)
    return offer


def _offer(network: Network, id: int) -> Offer:
    return db.session.scalar(Offer.of_network(network).where(Offer.id == id)) or abort(404)
