"""Links of a network. The websites of its organisations stand with the organisations and are not repeated here."""

from __future__ import annotations

from sqlalchemy import ForeignKey, Select, String, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import Organisation
from app.database import Model, created, intpk, name200, text
from app.links.addresses import host_of
from app.networks.models import Network, Participant, Seat


class Link(Model):
    """A web page worth knowing in a network, of an organisation or of none in particular."""

    __tablename__ = "link"

    id: Mapped[intpk]
    network_id: Mapped[int] = mapped_column(ForeignKey("network.id", ondelete="CASCADE"), index=True)
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id", ondelete="SET NULL"), index=True)
    title: Mapped[name200]
    url: Mapped[str] = mapped_column(String(1000))  # http or https, see `addresses.is_web_address`
    description: Mapped[text] = mapped_column(default="")
    created_at: Mapped[created]

    organisation: Mapped[Organisation | None] = relationship(lazy="joined")

    @property
    def host(self) -> str:
        """Where the link leads, for people: "arbeitsagentur.de"."""
        return host_of(self.url)

    @classmethod
    def of_network(cls, network: Network) -> Select[Link]:
        """The links of a network."""
        return select(cls).where(cls.network_id == network.id)


def organisations_in(network: Network) -> Select[Organisation]:
    """The organisations with a seat in this network now, each once."""
    present = (
        select(Seat.organisation_id)
        .join(Participant, Participant.seat_id == Seat.id)
        .where(Participant.network_id == network.id, Participant.until.is_(None))
    )
    return select(Organisation).where(Organisation.id.in_(present))
