"""An offer is entered or changed: its text, its flyers, and the draft that kept them, in one unit of work."""

from __future__ import annotations

from sqlalchemy import update

from app.accounts.models import User
from app.database import db, utc_now
from app.files import keeping
from app.files.models import StoredFile
from app.forum import drafting
from app.forum.models import Draft
from app.networks.models import Network, Participant, Seat
from app.offers.forms import OfferForm
from app.offers.models import Offer


def made_from(made_as: str, network: Network) -> Offer | None:
    """Return the offer that this form has made already of these words."""
    return db.session.scalar(Offer.of_network(network).where(Offer.submission == made_as))


def kept_files(draft_id: str, offer: Offer | None) -> list[StoredFile]:
    """Return the flyers the offer has, then those that came with tries that were not saved."""
    uploaded = f"draft:{draft_id}"
    files = db.session.scalars(StoredFile.owned_by(offer.key, uploaded) if offer else StoredFile.owned_by(uploaded))
    return sorted(files, key=lambda file: file.owner == uploaded)


def keep_uploads(form: OfferForm, draft_id: str, offer: Offer | None) -> list[StoredFile]:
    """Keep the sound files that came with the form, whatever else is wrong with it; return all there are now."""
    kept = kept_files(draft_id, offer)
    leaving = set(form.drop.data or []) & {file.id for file in kept}
    drafting.keep_uploads(form.files, draft_id, kept, len(leaving))
    return kept_files(draft_id, offer)


def enter(form: OfferForm, files: list[StoredFile], author: User, network: Network, made_as: str) -> Offer:
    """Make an offer from a valid form, with those of its files that are not to go. Flushes."""
    offer = Offer(network_id=network.id, author_id=author.id, submission=made_as)
    form.fill(offer)
    offer.seat_id = _seat_of(author, network, offer.organisation_name)
    db.session.add(offer)
    db.session.flush()
    _hand_over(offer, form, files)
    if draft := db.session.get(Draft, form.submission.data):
        drafting.discard(draft)
    return offer


def change(offer: Offer, form: OfferForm, files: list[StoredFile], author: User) -> None:
    """Write a valid form into an offer; what this person had not saved of it before is done with."""
    form.fill(offer)
    offer.changed_at = utc_now()
    _hand_over(offer, form, files)
    for draft in drafting.drafts_at(author, offer.key):
        drafting.discard(draft)


def _hand_over(offer: Offer, form: OfferForm, files: list[StoredFile]) -> None:
    dropped = set(form.drop.data or [])
    for file in files:
        if file.id in dropped:
            keeping.drop(file)
    keeping.adopt([file for file in files if file.id not in dropped], offer.key)


def remove(offer: Offer) -> None:
    """Delete an offer with its flyers."""
    for file in db.session.scalars(StoredFile.owned_by(offer.key)):
        keeping.drop(file)
    db.session.delete(offer)


def own_organisation(author: User, network: Network) -> str:
    """Return the name of the organisation for which this person takes part; empty for Verwaltung."""
    seats = _seats_of(author, network)
    return seats[0].organisation.name if seats else ""


def _seat_of(author: User, network: Network, organisation_name: str) -> int | None:
    """The seat the offer is entered from: of several, the one in the offer's organisation."""
    seats = _seats_of(author, network)
    wanted = organisation_name.casefold()
    fitting = [seat for seat in seats if seat.organisation.name.casefold() == wanted]
    return next((seat.id for seat in [*fitting, *seats]), None)


def _seats_of(author: User, network: Network) -> list[Seat]:
    present = Participant.of_user(author.id).where(Participant.network_id == network.id)
    return [participant.seat for participant in db.session.scalars(present)]


def follow_seat(before: int, now: int) -> None:
    """Let the offers of one seat be those of another, which took its place."""
    db.session.execute(update(Offer).where(Offer.seat_id == before).values(seat_id=now))
