"""Links by organisation, in the order of a German telephone book."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from app.accounts.models import Organisation
from app.database import unaccented
from app.links.addresses import host_of
from app.links.models import Link


@dataclass(frozen=True)
class Group:
    """An organisation with its links. `is_present`: it has a seat in the network, so its website belongs here."""

    organisation: Organisation
    links: list[Link]
    is_present: bool

    @property
    def website(self) -> str:
        """The organisation's website, empty when it has none or takes no part any more."""
        return self.organisation.website if self.is_present else ""

    @property
    def host(self) -> str:
        """The host of the website."""
        return host_of(self.website)


def by_organisation(organisations: Iterable[Organisation], links: Iterable[Link]) -> tuple[list[Group], list[Link]]:
    """Return the groups by name, those of former participants among them, and the links of no organisation."""
    linked: dict[int | None, list[Link]] = defaultdict(list)
    for link in sorted(links, key=lambda link: unaccented(link.title)):
        linked[link.organisation_id].append(link)
    present = {organisation.id: organisation for organisation in organisations}
    former = {link.organisation_id: link.organisation for group in linked.values() for link in group}
    known = {id: organisation for id, organisation in (former | present).items() if id and organisation}
    groups = [Group(organisation, linked[id], id in present) for id, organisation in known.items()]
    return sorted(groups, key=lambda group: unaccented(group.organisation.name)), linked[None]
