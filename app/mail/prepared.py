"""The mails a run of the outbox has prepared, shared by its connections."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock

from flask import Flask
from sqlalchemy import select

from app.database import db
from app.files import keeping
from app.files.models import StoredFile
from app.mail import ledger
from app.mail.models import Mail, MailFile
from app.mail.rendering import PreparedMail, prepare

#: Octets kept at most, beside the mail asked for last: two or three with the largest attachments.
_LIMIT = 64 * 1024 * 1024


class PreparedMails:
    """Prepares each mail once, as long as it is asked for again before many others."""

    def __init__(self, app: Flask, worker: str = "") -> None:
        self._app = app
        self._worker = worker
        self._kept: OrderedDict[int, PreparedMail] = OrderedDict()
        self._octets = 0
        # Held while a mail is prepared: the others most probably wait for the same one, and memory holds one at a time.
        self._lock = Lock()

    def get(self, mail_id: int) -> PreparedMail:
        """Return the mail as octets.

        Raises `OSError` when one of its files cannot be read, `CrashingMail` when workers died of it.
        """
        with self._lock:
            if mail_id in self._kept:
                self._kept.move_to_end(mail_id)
            else:
                self._make_room()
                self._keep(mail_id, self._prepare_noted(mail_id))
            return self._kept[mail_id]

    def _prepare_noted(self, mail_id: int) -> PreparedMail:
        with ledger.opened(self._app, self._worker) as own:
            own.begin_preparing(mail_id)
            try:
                return self._prepare(mail_id)
            finally:
                own.end_preparing(mail_id)

    def _prepare(self, mail_id: int) -> PreparedMail:
        with self._app.app_context():
            mail = db.session.get_one(Mail, mail_id)
            attached = select(StoredFile).join(MailFile, MailFile.stored_file_id == StoredFile.id)
            files = db.session.scalars(attached.where(MailFile.mail_id == mail_id).order_by(MailFile.position)).all()
            return prepare(mail, files, keeping.open_file)

    def _keep(self, mail_id: int, mail: PreparedMail) -> None:
        self._kept[mail_id] = mail
        self._octets += mail.size

    def _make_room(self) -> None:
        while self._octets > _LIMIT // 2 and self._kept:
            _mail_id, mail = self._kept.popitem(last=False)
            self._octets -= mail.size
