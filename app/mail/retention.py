"""How long mails are kept: the Zustellbericht of a message for 90 days, what went to one person for a week.

Messages themselves stay in the forum; what is deleted here is their copy as mail, and what became of each delivery.
"""

from __future__ import annotations

from datetime import timedelta

from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy import and_, delete, exists, or_

from app.database import db, utc_now
from app.files import personal
from app.mail import recalling
from app.mail.envelope import personal_link
from app.mail.models import Address, Delivery, DeliveryState, Mail
from app.queue import job

KEPT = timedelta(days=90)
PERSONAL_KEPT = timedelta(days=7)

_UNFINISHED = (DeliveryState.WAITING, DeliveryState.SENDING, DeliveryState.DIGEST)

_links_to_a_file = Mail.text.contains(personal_link("file").removesuffix("0\ue001"))


@job("retention", every_night=True)
def forget_old_mails() -> None:
    """Delete mails past their time, with their deliveries and attempts; nothing that still waits.

    What links to a file stays as long as the link is good for: it is bound to the delivery.
    """
    with force_locale("de"):
        recalling.redact_digests(_("Diese Nachricht wurde entfernt."))
    is_of_a_network = or_(*(Mail.audience.startswith(kind) for kind in ("networks:", "networks-oneself:", "digest:")))
    is_old = or_(
        Mail.created_at < utc_now() - KEPT,
        and_(
            ~is_of_a_network,
            Mail.created_at < utc_now() - PERSONAL_KEPT,
            or_(~_links_to_a_file, Mail.created_at < utc_now() - personal.VALID_FOR - timedelta(days=1)),
        ),
    )
    waits = exists().where(Delivery.mail_id == Mail.id, Delivery.state.in_(_UNFINISHED))
    db.session.execute(delete(Mail).where(is_old, ~waits).execution_options(synchronize_session=False))
    db.session.execute(delete(Address).where(Address.failed_at < utc_now() - KEPT))
    db.session.commit()
