"""Fills an empty database with the demo's town.

Everything goes through the portal's own verbs; only the dates are set back afterwards, so that a year seems to have
passed. What was mailed meanwhile counts as handed over, but for the newest messages: their mails go to the postbox.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import select, update

from app.accounts.models import Organisation, User
from app.accounts.people import find_or_create_user
from app.database import db, utc_now
from app.demo import archive, asking, dates, sittings, world
from app.demo.papers import pdf
from app.files import keeping
from app.files.models import StoredFile
from app.forum import posting
from app.forum.models import Kind, Message
from app.links.models import Link
from app.mail.models import Delivery, DeliveryState, Mail
from app.meetings.draft_models import key_of
from app.meetings.filing_models import Filing
from app.meetings.models import Document
from app.networks.joining import Entry, add_participant
from app.networks.models import Network, Participant
from app.offers.models import Kind as OfferKind
from app.offers.models import Offer
from app.pages.models import City
from app.templating import BERLIN, berlin

#: So many messages are really mailed when the town is built, with what came of them.
_MAILED = 3

_HANDED_OVER = {"state": DeliveryState.SENT, "reply": "250 2.0.0 Ok: queued", "attempts_made": 1}


def is_seeded() -> bool:
    """Whether the town is there already."""
    return db.session.scalar(select(Network.id).limit(1)) is not None


def seed() -> None:
    """Build the town. The caller commits."""
    db.session.add(City(id=1, accent="", **world.CITY))
    networks = _networks()
    people = _people(networks)
    asking.show_less(networks, people)
    archive.fill(networks)
    invitation = archive.invite(people["aylin.kaya"], networks["ausbildung"])
    _set_back(invitation, utc_now() - timedelta(days=2))
    for note in world.MESSAGES:
        _message(note, networks, people)
    for message, moment in sittings.fill(networks, people):
        _set_back(message, moment)
    dates.fill(networks, people)
    for number, offer in enumerate(world.OFFERS):
        _offer(number, offer, networks, people)
    for link in world.LINKS:
        page = {key: value for key, value in link.items() if key != "network"}
        db.session.add(Link(network_id=networks[link["network"]].id, **page))
    waiting = update(Delivery).where(Delivery.state == DeliveryState.WAITING)
    db.session.execute(waiting.values(finished_at=utc_now(), **_HANDED_OVER))
    _let_the_newest_go_out()


def _let_the_newest_go_out() -> None:
    """Hand the mails of the newest messages over to the demo's server, so that they lie in its postbox."""
    newest = db.session.scalars(select(Message).order_by(Message.created_at.desc(), Message.id.desc()).limit(_MAILED))
    keys = [key for message in newest for key in (message.key, key_of(message.id))]
    mails = select(Mail.id).where(Mail.about.in_(keys))
    sent = update(Delivery).where(Delivery.mail_id.in_(mails), Delivery.state == DeliveryState.SENT)
    state = DeliveryState.WAITING
    db.session.execute(sent.values(state=state, due_at=utc_now(), finished_at=None, reply="", attempts_made=0))


def _networks() -> dict[str, Network]:
    networks = {each["slug"]: Network(**each) for each in world.NETWORKS}
    db.session.add_all(networks.values())
    db.session.add_all(Organisation(name=name, website=website) for name, website in world.ORGANISATIONS.items())
    db.session.flush()
    return networks


def _people(networks: dict[str, Network]) -> dict[str, User]:
    people: dict[str, User] = {}
    # Verwaltung comes first: it is she who takes the others in.
    admin = find_or_create_user(world.address(world.ADMIN), "Jana Hoffmann")
    admin.is_admin = True
    for person in world.PEOPLE:
        email = world.address(person["local"])
        entry = Entry(email, person["name"], person["organisation"], person["task"], person["phone"])
        for slug in person["networks"]:
            participant = add_participant(networks[slug], entry, added_by=admin)
            participant.is_lead = slug in person["leads"]
            participant.since = utc_now() - timedelta(days=350)
        people[person["local"]] = db.session.scalars(User.by_email(email)).one()
    return people


def _message(note: dict[str, Any], networks: dict[str, Network], people: dict[str, User]) -> None:
    written_at = _written_at(note["days_ago"], len(note["subject"]))
    kind = Kind(note["kind"])
    message = posting.post_message(
        people[note["author"]],
        networks[note["network"]],
        subject=note["subject"],
        body=note["body"],
        kind=kind,
        files=[_file(note)] if note["file"] else [],
        deadline=berlin(written_at).date() + timedelta(days=7) if kind is Kind.REQUEST else None,
        send_now=True,
    )
    _set_back(message, written_at)
    for number, answer in enumerate(note.get("answers", []), start=1):
        reply = posting.reply(people[answer["author"]], message.thread, body=answer["body"], send_now=True)
        _set_back(reply, written_at + timedelta(minutes=50 * number))
    asking.settle(note, message, people, written_at)


def _written_at(days_ago: int, scatter: int) -> datetime:
    """Return a moment in the office hours of that day; today's is an hour past."""
    if not days_ago:
        return utc_now() - timedelta(hours=1)
    day = berlin(utc_now()).date() - timedelta(days=days_ago)
    return datetime.combine(day, time(8 + scatter % 7, 7 * scatter % 60), BERLIN)


def _file(note: dict[str, Any]) -> StoredFile:
    title = note["file"].removesuffix(".pdf").replace("_", " ")
    paragraphs = note["body"].replace("*", "").replace("> ", "").split("\n\n")
    return keeping.keep_bytes(pdf(title, paragraphs), note["file"], "draft:demo")


def _set_back(message: Message, moment: datetime) -> None:
    """Let a message be of an earlier moment, and its mails handed over a few seconds after it."""
    db.session.flush()
    message.created_at = message.mails_at = message.thread.last_message_at = moment
    if message.thread.messages[0] is message:
        message.thread.created_at = moment
    papers = select(Filing.document_id).where(Filing.message_id == message.id, Filing.document_id.is_not(None))
    when_filed = {"created_at": moment, "dated": berlin(moment).date()}
    db.session.execute(update(Document).where(Document.id.in_(papers)).values(when_filed))
    mails = select(Mail.id).where(Mail.about == message.key)
    db.session.execute(update(Mail).where(Mail.about == message.key).values(date=moment, created_at=moment))
    db.session.execute(
        update(Delivery)
        .where(Delivery.mail_id.in_(mails))
        .values(due_at=moment, finished_at=moment + timedelta(seconds=9), **_HANDED_OVER)
    )


def _offer(number: int, offer: dict[str, Any], networks: dict[str, Network], people: dict[str, User]) -> None:
    entered_at = utc_now() - timedelta(days=5 + 9 * number)
    author = people[offer["author"]]
    network = networks[offer["network"]]
    here = Participant.of_user(author.id).where(Participant.network_id == network.id)
    db.session.add(
        Offer(
            submission=f"demo-{number}",
            network_id=network.id,
            seat_id=db.session.scalars(here).one().seat_id,
            author_id=author.id,
            kind=OfferKind(offer["kind"]),
            title=offer["title"],
            organisation_name=offer["organisation"],
            description=offer["description"],
            target_group=offer["target_group"],
            place=offer["place"],
            cost="kostenlos",
            changed_at=entered_at,
            created_at=entered_at,
        )
    )
