"""What all forms share: text is trimmed and freed of characters no person types, e-mail addresses are checked."""

from __future__ import annotations

import json
import re
import uuid
from functools import lru_cache
from typing import Any

from babel.support import NullTranslations, Translations
from email_validator import EmailNotValidError, validate_email
from flask_babel import get_locale
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import Field, HiddenField, IntegerField, StringField, ValidationError
from wtforms.fields.core import UnboundField
from wtforms.i18n import messages_path

# C0 and C1 controls without tab, line feed and carriage return; surrogates; the private use area, where
# app/mail/envelope.py keeps its placeholders.
_UNTYPEABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ue000-\uf8ff]")
_IN_BRACKETS = re.compile(r"<([^<>]+)>\s*$")
_BETWEEN_ADDRESSES = re.compile(r"[\s<>()\[\]\"',;:]+")
_INVISIBLE = re.compile("[\u200b-\u200f\u2060\ufeff]")
_QUOTES = {'"': '"', "'": "'", "„": "“", "“": "”", "»": "«"}


class PortalForm(FlaskForm):
    """The base of every form."""

    class Meta(FlaskForm.Meta):
        def bind_field(self, form: Any, unbound_field: UnboundField, options: dict[str, Any]) -> Field:
            if issubclass(unbound_field.field_class, StringField):
                options["filters"] = [clean, *unbound_field.kwargs.get("filters", ())]
            return unbound_field.bind(form=form, **options)

        def get_translations(self, form: Any) -> NullTranslations:
            return _sentences_of_wtforms(str(get_locale()))

    def process(self, *args: Any, **kwargs: Any) -> None:
        """Fill the fields. What a date, a number or a choice shows again is as clean as the text of the others."""
        super().process(*args, **kwargs)
        for field in self:
            if field.raw_data:
                field.raw_data = [clean(value) for value in field.raw_data]
            if isinstance(field.data, list):
                field.data = [clean(value) for value in field.data]


class NumberField(IntegerField):
    """A whole number from `least` to `most`; `data` is None where nothing was typed, or nothing of that kind."""

    data: int | None

    def __init__(self, label: Any, *, least: int, most: int, **options: Any) -> None:
        super().__init__(label, **options)
        self.least, self.most = least, most

    def process_formdata(self, valuelist: list[str]) -> None:
        if not valuelist:
            return  # a form without this field leaves what is known
        self.data, typed = None, valuelist[0].strip()
        # A number of thousands of digits is none: Python would not read it, and no float holds it.
        if typed and not (len(typed) < 10 and typed.isdecimal() and self.least <= int(typed) <= self.most):
            raise ValueError(
                _("Bitte geben Sie eine Zahl von %(least)s bis %(most)s an.", least=self.least, most=self.most)
            )
        self.data = int(typed) if typed else None


class SubmissionForm(PortalForm):
    """A form that makes one thing however often it is sent: `submission` is the id it came with."""

    submission = HiddenField()

    def submission_id(self) -> str:
        """Return the id this form was given, or a new one where it has none that could be ours."""
        try:
            return str(uuid.UUID(self.submission.data or ""))
        except ValueError:
            return str(uuid.uuid4())


def made_id(submission: str, *words: object) -> str:
    """Return the id of what the form `submission` makes of these words (anything JSON can hold).

    The same words sent twice are one thing. Others are another: a form may stand in two tabs, or be filled in anew
    after "back", and what was typed last must not be taken for what has gone already. Of files, the bytes are words.
    Where only its author finds what was made, who that is belongs to the words: somebody else's is another.
    """
    return str(uuid.uuid5(uuid.UUID(submission), json.dumps(words)))


@lru_cache
def _sentences_of_wtforms(language: str) -> NullTranslations:
    """Return the library's own sentences in a language; Flask-WTF would read their file anew in each request."""
    return Translations.load(messages_path(), [language], domain="wtforms")


def clean(value: Any) -> Any:
    """Return the text trimmed, with LF line ends and without control characters; other values as they are."""
    if not isinstance(value, str):
        return value
    return _UNTYPEABLE.sub("", value.replace("\r\n", "\n").replace("\r", "\n")).strip()


def one_line(value: Any) -> Any:
    """Return the text with every run of white space made one space: for names and subjects."""
    return " ".join(value.split()) if isinstance(value, str) else value


def bare_address(value: Any) -> Any:
    """Take an e-mail address out of what surrounds it when it is copied from a mail program: "Name <address>"."""
    if not isinstance(value, str):
        return value
    text = _INVISIBLE.sub("", one_line(value))
    in_brackets = _IN_BRACKETS.search(text)
    if in_brackets and not _others_than(in_brackets[1], text[: in_brackets.start()]):
        text = in_brackets[1].strip()
    if len(text) > 1 and _QUOTES.get(text[0]) == text[-1]:
        text = text[1:-1].strip()
    return text.removeprefix("mailto:")


def _others_than(address: str, words: str) -> set[str]:
    """Return the addresses among these words that are not this one: whoever typed two is asked which they mean."""
    found = {word for word in _BETWEEN_ADDRESSES.split(words.lower()) if "@" in word[1:-1]}
    return found - {address.strip().lower().removeprefix("mailto:")}


def is_common_address(email: str) -> bool:
    """Whether the part before the @ is as nearly all are: RFC 6531 allows an umlaut there, few mail servers do."""
    return email.rpartition("@")[0].isascii()


class IsEmail:
    """The field holds one e-mail address (RFC 5321, international domains allowed); asks no name server."""

    message = _l("Bitte geben Sie eine E-Mail-Adresse wie name@organisation.de ein.")

    def __call__(self, form: Any, field: Field) -> None:
        if not is_email(field.data or ""):
            raise ValidationError(self.message)


class IsPhone:
    """The field holds a phone number, or nothing; how a number is written is its owner's business."""

    message = _l(
        "In der Telefonnummer steht keine Ziffer. Bitte schreiben Sie sie wie 0999 123 45, oder lassen Sie das Feld "
        "leer."
    )

    def __call__(self, form: Any, field: Field) -> None:
        # What stood there before anybody asked for a digit keeps nobody from changing something else.
        if field.data and field.data != field.object_data and not is_phone(field.data):
            raise ValidationError(self.message)


def is_phone(value: str) -> bool:
    """Whether `value` has a digit, without which nobody can dial it."""
    return any(character.isdecimal() for character in value)


def is_email(value: str) -> bool:
    """Whether `value` is one e-mail address we can send to."""
    try:
        validate_email(value, check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return False
    return len(value) <= 254
