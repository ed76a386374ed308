"""The forms of networks and their participants."""

from __future__ import annotations

import re
from typing import Any

from flask import abort, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    EmailField,
    HiddenField,
    RadioField,
    StringField,
    TelField,
    TextAreaField,
    ValidationError,
)
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, Length, Regexp

from app.accounts.people import nearly_named
from app.forms import IsEmail, IsPhone, PortalForm, bare_address, is_common_address, one_line
from app.networks.joining import Entry
from app.networks.models import Posting

RESERVED_SLUGS = {"antwort", "nur", "termin", "ruecklauf", "noreply", "postmaster", "abuse", "hostmaster", "neu"}


SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,59}\Z")


def is_free_slug(slug: str) -> bool:
    """Whether the slug can be a network's: well-formed, and no address of the portal itself."""
    return SLUG.match(slug) is not None and slug not in RESERVED_SLUGS


class NetworkForm(PortalForm):
    """A network as Verwaltung sets it up."""

    name = StringField(
        _l("Name"),
        filters=[one_line],
        validators=[DataRequired(_l("Bitte geben Sie dem Netz einen Namen.")), Length(max=200)],
    )
    slug = StringField(
        _l("Kurzname"),
        validators=[
            DataRequired(_l("Bitte geben Sie einen Kurznamen an.")),
            Length(max=60),
            Regexp(SLUG, message=_l("Nur kleine Buchstaben, Ziffern und Bindestriche, ohne Umlaute.")),
        ],
    )
    goal = TextAreaField(_l("Ziel"), validators=[Length(max=5000)])
    target_groups = TextAreaField(_l("Zielgruppen"), validators=[Length(max=2000)])
    posting = RadioField(
        _l("Wer darf an alle schreiben?"),
        choices=[
            SelectChoice(Posting.EVERYONE, _l("Alle Teilnehmenden")),
            SelectChoice(Posting.LEADS, _l("Nur die Netzleitung")),
        ],
        default=Posting.EVERYONE,
        coerce=Posting,
    )

    def validate_slug(self, field: Any) -> None:
        if not is_free_slug(field.data):
            raise ValidationError(
                _l("Dieser Kurzname ist für das Portal selbst vergeben. Bitte wählen Sie einen anderen.")
            )


class ParticipantForm(PortalForm):
    """The five things asked of a participant."""

    email = EmailField(
        _l("E-Mail"),
        filters=[bare_address],
        validators=[DataRequired(IsEmail.message), IsEmail()],
    )
    name = StringField(
        _l("Name"), filters=[one_line], validators=[DataRequired(_l("Bitte geben Sie den Namen an.")), Length(max=200)]
    )
    organisation = StringField(
        _l("Organisation"),
        filters=[one_line],
        validators=[DataRequired(_l("Bitte geben Sie die Organisation an.")), Length(max=200)],
    )
    task = TextAreaField(_l("Aufgabe"), validators=[Length(max=1000)])
    phone = TelField(_l("Telefon"), filters=[one_line], validators=[Length(max=100), IsPhone()])
    # What this person has been asked about once: a new organisation that is nearly a known one, an unusual address.
    asked_about = HiddenField()
    asked_about_email = HiddenField()
    receives_only = BooleanField(_l("Empfängt nur Mails (Gast oder Funktionspostfach, meldet sich nicht an)"))

    def is_certain(self) -> bool:
        """Ask once, at its field, about what is most likely a slip; False where there was something to ask."""
        is_sure_of_email = self._is_sure_of_email()  # both are asked about at once
        return self._is_sure_of_organisation() and is_sure_of_email

    def _is_sure_of_organisation(self) -> bool:
        typed = self.organisation.data
        known = "" if self.asked_about.data == typed else nearly_named(typed)
        self.asked_about.data = typed
        if known:
            self.organisation.errors = [
                _(
                    "Meinten Sie „%(known)s“? Dann schreiben Sie es bitte so. Ist es wirklich eine andere "
                    "Organisation, drücken Sie den Knopf noch einmal.",
                    known=known,
                )
            ]
        return not known

    def _is_sure_of_email(self) -> bool:
        typed = self.email.data if self.email else ""
        is_sure = is_common_address(typed) or self.asked_about_email.data == typed
        self.asked_about_email.data = typed
        if not is_sure:
            self.email.errors = [
                _(
                    "Vor dem @ steht ein Umlaut oder ein anderes seltenes Zeichen; meist schreibt man dort „ue“ statt "
                    "„ü“. Stimmt die Adresse, drücken Sie den Knopf noch einmal."
                )
            ]
        return is_sure

    def entry(self) -> Entry:
        """Return what was typed; what this form does not ask for is empty."""
        typed = self.data
        texts = {key: typed.get(key) or "" for key in ("email", "name", "organisation", "task", "phone")}
        return Entry(**texts, receives_only=bool(typed.get("receives_only")))


class EditParticipantForm(ParticipantForm):
    """The same for somebody who takes part already; the address is changed with the person (app/accounts)."""

    email = None  # WTForms drops an inherited field that is set to None
    receives_only = None


class SuccessorForm(ParticipantForm):
    """Who holds a seat from now on; its organisation stays."""

    organisation = None
    asked_about = None
    receives_only = None

    def is_certain(self) -> bool:
        """Ask once about an unusual address; False where there was something to ask."""
        return self._is_sure_of_email()


def wanted_state(name: str) -> bool:
    """Return which of two states a button's form asks for, or end in 400.

    A button that turned over whatever it finds would undo what was done meanwhile in another tab.
    """
    wanted = {"yes": True, "no": False}.get(request.form.get(name, ""))
    return abort(400) if wanted is None else wanted
