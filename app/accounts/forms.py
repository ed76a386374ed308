"""The shape of what people type here. Every field has the width of its column."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, EmailField, HiddenField, PasswordField, StringField
from wtforms.validators import DataRequired, Length, Optional

from app.accounts.passwords import LONGEST, SHORTEST
from app.forms import IsEmail, PortalForm, one_line

_NO_ADDRESS = _l("Bitte geben Sie Ihre E-Mail-Adresse ein.")


class LinkForm(PortalForm):
    """Asks for a mailed link; `weiter` is the page a person wanted to see."""

    email = EmailField(_l("E-Mail-Adresse"), [DataRequired(_NO_ADDRESS), Length(max=254), IsEmail()])
    weiter = HiddenField(id="link-weiter")


class PasswordSignInForm(PortalForm):
    """Signs in with a password; stands on the same page as `LinkForm`, so its fields have ids of their own."""

    email = EmailField(
        _l("E-Mail-Adresse"), [DataRequired(_NO_ADDRESS), Length(max=254), IsEmail()], id="password-email"
    )
    password = PasswordField(
        _l("Passwort"), [DataRequired(_l("Bitte geben Sie Ihr Passwort ein.")), Length(max=LONGEST)]
    )
    remember = BooleanField(_l("Auf diesem Gerät angemeldet bleiben"))
    weiter = HiddenField(id="password-weiter")


class EnterForm(PortalForm):
    """The button behind a mailed link. The link is the proof, so no further token is asked for."""

    class Meta(PortalForm.Meta):
        csrf = False

    remember = BooleanField(_l("Auf diesem Gerät angemeldet bleiben"))


class NameForm(PortalForm):
    name = StringField(
        _l("Name"), [DataRequired(_l("Bitte geben Sie einen Namen ein.")), Length(max=200)], filters=[one_line]
    )


class AddressForm(PortalForm):
    """A further address of a person."""

    email = EmailField(_l("Weitere E-Mail-Adresse"), [DataRequired(_NO_ADDRESS), Length(max=254), IsEmail()])


class PasswordForm(PortalForm):
    """Sets a password; `current_password` may stay empty shortly after signing in."""

    current_password = PasswordField(_l("Bisheriges Passwort"), [Optional(), Length(max=LONGEST)])
    new_password = PasswordField(
        _l("Neues Passwort"),
        [
            DataRequired(_l("Bitte geben Sie ein neues Passwort ein.")),
            Length(
                SHORTEST,
                LONGEST,
                _l("Bitte nehmen Sie mindestens %(min)d und höchstens %(max)d Zeichen."),
            ),
        ],
    )
    sign_out_elsewhere = BooleanField(_l("Alle anderen Geräte abmelden"))


class RemovePasswordForm(PortalForm):
    current_password = PasswordField(_l("Bisheriges Passwort"), [Optional(), Length(max=LONGEST)], id="remove-current")


class PersonForm(NameForm):
    """What Verwaltung decides about a person."""

    is_admin = BooleanField(_l("Verwaltung: sieht alle Netze und pflegt sie"))
    receives_only = BooleanField(_l("Empfängt nur: kann sich nicht anmelden und nicht schreiben"))
