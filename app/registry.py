"""What lower floors ask and features answer; filled once, when `create_app()` calls each feature's `init_app()`.

Mail and files stand below the features and know neither people nor messages. Where they need an answer only a
feature can give (is this recipient still wanted? may this person read this file?) they look it up here under the
word that stands in their own rows: the audience of a mail, the owner of a file, the action of a mail link.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue
    from sqlalchemy import ScalarSelect


@dataclass(frozen=True)
class Recipient:
    """Where a delivery goes: the address as it is now, and the name for the To header.

    `number` is the id in their key ("user:12"); the address their answers go to is signed for it. `stands_in_for` names
    those whose mail they get as their deputy. Where this delivery is one of those, `instead_of` are the keys of all of
    them, because of one mail a deputy gets one copy, and `otherwise` is the person, whom it reaches without a deputy.
    """

    address: str
    name: str
    number: int = 0
    stands_in_for: str = ""
    instead_of: tuple[str, ...] = ()
    otherwise: Recipient | None = None

    @property
    def key(self) -> str:
        """What stands for them in the outbox."""
        return f"user:{self.number}"


@dataclass(frozen=True)
class Refusal:
    """Why a delivery is not sent after all, as a short German phrase for the Zustellbericht ("pausiert").

    `still_belongs`: only no mail is wanted at present; what was sent earlier stays open to this recipient.
    """

    reason: str
    still_belongs: bool = False


@dataclass(frozen=True)
class MailLink:
    """A link of ours that a recipient opened: what it may do, for which delivery, with which argument (a row id)."""

    action: str
    token: str
    delivery_id: int
    recipient_key: str
    audience: str
    about: str
    argument: int
    mailed_at: datetime  # the mail's own date; what a link offers may end some days after it
    deputy: int = 0  # the number of the deputy whose link it is; 0: it is that of the person the mail was laid down for
    instead_of: str = ""  # the key of that person, if it is their deputy's


#: audience kind ("networks", "person", "sign-in") -> (audience, recipient keys) -> answer for every key
recipients_now: dict[str, Callable[[str, Sequence[str]], dict[str, Recipient | Refusal]]] = {}


#: name -> what a network's pages tell of it by one value, a query with the parameters "network_id", "user_id" (who
#: reads), "now" and "today"; `scope.figure()` asks all of them at once
figures: dict[str, ScalarSelect[Any]] = {}


@dataclass(frozen=True)
class Origin:
    """Where a message was written, if not in the forum: the place its draft belongs to, and the page of that form.

    `fields` are kept with what was typed, for that form to fill itself again.
    """

    place: str
    url: str
    fields: Mapping[str, Any] = field(default_factory=dict)


#: kind of a place ("meeting") -> message -> whether it was written at such a place, and may be written there again
origins: dict[str, Callable[[Any], Origin | None]] = {}

#: owner kind ("message", "document") -> (owner id, user) -> may this user read files of this owner?
readable_by: dict[str, Callable[[str, Any], bool]] = {}

#: part of the portal -> what `netz check` tries there: a sentence, or an error that says what is wrong
checks: dict[str, Callable[[], str]] = {}

#: action of a mail link -> view of it: GET shows a page, POST acts
mail_actions: dict[str, Callable[[MailLink], ResponseReturnValue]] = {}


#: what follows when one seat takes another's place, by their ids: (the one before, the one now)
seat_replaced: list[Callable[[int, int], None]] = []

#: feature -> what people of these networks do and offer, as (id of the user, text)
words_of: dict[str, Callable[[Sequence[int]], list[tuple[int, str]]]] = {}

#: how the office is reached ("email") -> what Verwaltung entered for it, or ""
contacts: dict[str, Callable[[], str]] = {}


def ids_in(audience: str) -> list[int]:
    """Return the ids an audience names: 3 and 5 in "networks:3,5"."""
    return [int(number) for number in audience.partition(":")[2].split(",")]


def origin_of(message: Any) -> Origin | None:
    """Return where a message was written, if not in the forum."""
    return next((origin for find in origins.values() if (origin := find(message))), None)


@dataclass(frozen=True)
class Panels:
    """Boxes that features show on a page of another feature, in the order of their weight."""

    _boxes: dict[str, list[tuple[int, Callable[..., Markup | str]]]] = field(default_factory=dict)

    def add(self, place: str, weight: int, box: Callable[..., Markup | str]) -> None:
        """Show the HTML that `box(**context)` returns at `place`, a rendered template as a rule; "" shows nothing."""
        boxes = self._boxes.setdefault(place, [])
        if (weight, box) not in boxes:
            boxes.append((weight, box))
            boxes.sort(key=lambda entry: entry[0])

    def at(self, place: str, **context: Any) -> list[Markup]:
        """Return the boxes to show at `place`, as the features' templates have rendered and escaped them."""
        shown = [box(**context) for _, box in self._boxes.get(place, [])]
        return [Markup(box) for box in shown if box]  # noqa: S704  # the features' templates have escaped it


panels = Panels()
