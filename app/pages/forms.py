"""Forms of the public pages and of what is said about the city."""

from __future__ import annotations

from typing import Any

from flask_babel import format_decimal
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import BooleanField, Field, StringField, TextAreaField, ValidationError
from wtforms.validators import DataRequired, Length, Optional, Regexp

from app.forms import IsEmail, IsPhone, PortalForm, one_line
from app.pages.colours import contrast_on_page, is_colour


class PageForm(PortalForm):
    """A public page's title and Markdown."""

    title = StringField(
        _l("Titel"),
        [DataRequired(_l("Bitte geben Sie der Seite einen Titel.")), Length(max=200)],
        filters=[one_line],
    )
    body = TextAreaField(_l("Text"), [DataRequired(_l("Bitte schreiben Sie einen Text.")), Length(max=100_000)])


class CityForm(PortalForm):
    """Contact, colour and logo of the city."""

    responsible = StringField(_l("Verantwortlich für den Inhalt"), [Length(max=200)], filters=[one_line])
    address = TextAreaField(_l("Anschrift"), [Length(max=1000)])
    phone = StringField(_l("Telefon"), [Length(max=100), IsPhone()], filters=[one_line])
    email = StringField(_l("E-Mail"), [Optional(), IsEmail(), Length(max=254)], filters=[one_line])
    privacy_contact = TextAreaField(_l("Datenschutzbeauftragte"), [Length(max=1000)])
    accent = StringField(
        _l("Farbe"),
        [Optional(), Regexp("^#[0-9a-fA-F]{6}$", message=_l("Bitte geben Sie eine Farbe wie #2044aa ein."))],
        filters=[one_line],
    )
    logo = FileField(_l("Logo"))
    remove_logo = BooleanField(_l("Logo entfernen"))

    def validate_accent(self, field: Field) -> None:
        """The colour carries white text and stands as text on the page: WCAG 2.2, 1.4.3 asks for 4.5:1."""
        colour: Any = field.data
        if is_colour(colour) and (contrast := contrast_on_page(colour)) < 4.5:
            raise ValidationError(
                _(
                    "Diese Farbe ist zu hell: Der Kontrast zur Seite ist %(contrast)s:1, lesbar ist Schrift ab 4,5:1.",
                    contrast=format_decimal(contrast, "0.0"),
                )
            )
