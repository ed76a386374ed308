"""Signing in and out. The token of a mailed link is the proof; scanners that follow it change nothing."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, abort, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app import queue
from app.access import public, safe_target
from app.accounts import devices, limits
from app.accounts import sign_in as signing
from app.accounts.forms import EnterForm, LinkForm, PasswordSignInForm
from app.database import db
from app.extensions import csrf

bp = Blueprint("accounts", __name__)

FIRST_PAGE = "/"


@bp.route("/anmelden", methods=["GET", "POST"])
@public
def sign_in() -> ResponseReturnValue:
    """Ask for a mailed link."""
    form = LinkForm()
    if not form.validate_on_submit():
        return _sign_in_page(form, PasswordSignInForm(formdata=None))
    if not limits.may_have_link(form.email.data):
        return _sign_in_page(form, PasswordSignInForm(formdata=None), busy=True), 429
    signing.request_link(form.email.data, _wanted_page(), devices.device_name(request.user_agent.string))
    db.session.commit()
    queue.wake("outbox")
    return redirect(url_for(".link_sent"))


@bp.get("/anmelden/gesendet")
@public
def link_sent() -> ResponseReturnValue:
    """Say that the link is on its way, to everyone alike."""
    return render_template("accounts/link_sent.html")


@bp.route("/anmelden/passwort", methods=["GET", "POST"])
@public
def sign_in_with_password() -> ResponseReturnValue:
    """Sign in with address and password."""
    form = PasswordSignInForm()
    if not form.validate_on_submit():
        return _sign_in_page(LinkForm(formdata=None), form, folded=False)
    if not limits.may_try_password(form.email.data):
        form.form_errors.append(
            _(
                "Das waren viele Versuche. Lassen Sie sich einen Link per E-Mail schicken, damit kommen Sie gleich "
                "hinein. Mit Passwort geht es in einer Viertelstunde wieder."
            )
        )
        return _sign_in_page(LinkForm(formdata=None), form, folded=False), 429
    if not signing.sign_in_with_password(form.email.data, form.password.data, remember=form.remember.data):
        form.form_errors.append(
            _("Adresse oder Passwort stimmen nicht. Mit dem Link per E-Mail kommen Sie auch ohne Passwort hinein.")
        )
        return _sign_in_page(LinkForm(formdata=None), form, folded=False)
    db.session.commit()
    limits.forget(form.email.data)
    return redirect(_wanted_page() or FIRST_PAGE)


@bp.route("/anmelden/<token>", methods=["GET", "POST"])
@csrf.exempt  # type: ignore[untyped-decorator]  # flask-wtf has no type hints
@public
def enter(token: str) -> ResponseReturnValue:
    """Show the button behind a mailed link; pressing it uses the link up."""
    found = signing.find_link(token)
    if found is None:
        return render_template("accounts/link_void.html", form=LinkForm(formdata=None)), 410
    link, user = found
    form = EnterForm()
    if request.method != "POST":  # scanners also send HEAD
        return _private(render_template("accounts/enter.html", form=form, token=token, person=user, link=link))
    _refuse_other_sites()
    next_page = signing.sign_in_with(token, remember=form.remember.data)
    if next_page is None:
        return render_template("accounts/link_void.html", form=LinkForm(formdata=None)), 410
    db.session.commit()
    limits.forget(link.email_key)
    return redirect(safe_target(next_page, FIRST_PAGE))


@bp.post("/abmelden")
def sign_out() -> ResponseReturnValue:
    """Sign this browser out."""
    devices.leave()
    db.session.commit()
    return redirect(url_for(".sign_in"))


def _sign_in_page(form: LinkForm, password_form: PasswordSignInForm, *, folded: bool = True, busy: bool = False) -> str:
    for each in (form, password_form):
        each.weiter.data = _wanted_page()
    return render_template("accounts/sign_in.html", form=form, password_form=password_form, folded=folded, busy=busy)


def _wanted_page() -> str:
    return safe_target(request.values.get("weiter"), "")


def _refuse_other_sites() -> None:
    """Let no other website sign a person in with a link of somebody else's. Programs that are no browsers may pass."""
    site = request.headers.get("Sec-Fetch-Site")
    origin = request.headers.get("Origin", "null")
    if site and site not in ("same-origin", "none"):
        abort(403)
    if not site and origin != "null" and urlsplit(origin).netloc != request.host:
        abort(403)


def _private(page: str) -> ResponseReturnValue:
    response = current_app.make_response(page)
    response.headers["Cache-Control"] = "no-store"
    # The address of this page is a key: no link on it may carry it elsewhere.
    response.headers["Referrer-Policy"] = "same-origin"
    return response
