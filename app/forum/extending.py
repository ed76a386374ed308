"""Where features on higher floors take part in threads and messages; they register themselves in their `init_app()`."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from markupsafe import Markup
from sqlalchemy import Select

from app.files.models import StoredFile
from app.forum.models import Kind, Message, Thread
from app.networks.models import Network


class Mark(NamedTuple):
    """How far a thread is: a word, and the kind of its badge (info, success, warning, danger)."""

    word: str
    badge: str


@dataclass(frozen=True)
class Feature:
    """What a feature does with threads of its kind.

    `begin(message, typed)` runs when one begins, before its mails are written; `typed` is what its fields of the form
    hold. `typed(thread)` returns that again for the draft of a thread that is taken back, or refuses with a sentence.
    `marks(thread_ids)` says how far those threads are.
    """

    begin: Callable[[Message, Mapping[str, Any]], None]
    typed: Callable[[Thread], dict[str, Any]]
    marks: Callable[[Collection[int]], Mapping[int, Mark]]


#: who answers for threads of which kind
features: dict[Kind, Feature] = {}

#: told of each answer in a thread, before its mails are written
answered: list[Callable[[Message], None]] = []

#: told of each message that brings files, and of those files, before its mails are written
brought: list[Callable[[Message, Sequence[StoredFile]], None]] = []

#: told of each message that is taken back or taken down, while its text is still there
going: list[Callable[[Message], None]] = []

#: feature -> what stands below messages of a thread (`listing.ThreadHead`) that have files (`listing.MessageRow`), by
#: their ids, for the person signed in
noted: dict[str, Callable[[Any, Sequence[Any], Network], Mapping[int, Markup]]] = {}

#: ?nur= in the list of threads -> the ids of those to show
filters: dict[str, Select[int]] = {}


#: kind of a thing ("request") -> keys of such things -> what a digest says of each now: the message its thread began
#: with, and a sentence, or None where it is not settled yet what to say; nothing where there is no more to say
digest_notes: dict[str, Callable[[Collection[str]], Mapping[str, tuple[Message, str | None]]]] = {}


def notes_on(keys: Collection[str]) -> dict[str, tuple[Message, str | None]]:
    """Return what digests say of these things, by their keys."""
    found: dict[str, tuple[Message, str | None]] = {}
    for kind, feature in digest_notes.items():
        if mine := [key for key in keys if key.partition(":")[0] == kind]:
            found |= feature(mine)
    return found


def begin(message: Message, typed: Mapping[str, Any] | None) -> None:
    """Let the feature of its kind know that a thread begins; without `typed` somebody answers."""
    if typed is None:
        for told in answered:
            told(message)
    feature = features.get(message.thread.kind)
    if feature and typed is not None:
        feature.begin(message, typed)


def end(message: Message) -> None:
    """Let whoever made something of a message know that it goes."""
    for told in going:
        told(message)


def typed(thread: Thread) -> dict[str, Any]:
    """Return what was typed for the feature of the thread's kind."""
    feature = features.get(thread.kind)
    return feature.typed(thread) if feature else {}


def marks(kinds: Mapping[int, Kind]) -> dict[int, Mark]:
    """Return how far these threads are, by their ids; those of most kinds say nothing."""
    found: dict[int, Mark] = {}
    for kind, feature in features.items():
        if ids := [id for id, each in kinds.items() if each is kind]:
            found |= feature.marks(ids)
    return found


def bring(message: Message, files: Sequence[StoredFile]) -> None:
    """Let features see what came with a message."""
    for told in brought if files else ():
        told(message, files)


def notes(thread: Any, messages: Sequence[Any], network: Network) -> dict[int, Markup]:
    """Return what stands below these messages of a thread, by their ids; where none has files nothing is asked."""
    with_files = [message for message in messages if message.files]
    found: dict[int, Markup] = {}
    for note in noted.values() if with_files else ():
        for id, box in note(thread, with_files, network).items():
            found[id] = found.get(id, Markup()) + box
    return found
