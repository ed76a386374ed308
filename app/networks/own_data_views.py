""" "Ihre Angaben": what somebody corrects about themselves, signed in on the profile or behind the link of a mail.

Such a link proves who somebody is only as well as a mail does that may have been forwarded. So it does what can be
taken back: name, task, phone, and showing less. Each change is told to the person by a mail with a button that takes it
back, a hidden number does not stand on the page, and nobody changes an address there. What would let more people
see a number or an address waits for a fresh link to sign in, which the page sends.
"""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select

from app import queue
from app.accounts import devices, limits
from app.accounts.mail_links import person_of
from app.accounts.models import User
from app.accounts.profile_views import profile_page
from app.accounts.sign_in import request_link
from app.database import db, utc_now
from app.errors import DomainError
from app.networks import correcting, mails
from app.networks.correction_models import Correction
from app.networks.own_data_forms import OrganisationForm, Part, parts_of, sent_part
from app.networks.views import bp
from app.registry import MailLink


@bp.post("/profil")
def save_own_data() -> ResponseReturnValue:
    """Correct one's own name, who sees the address, and the first seat's task and phone ([seat]: that seat's)."""
    part = _sent(current_user)
    if not part.form.validate():
        return profile_page(own_data=part)
    correcting.correct(current_user, part.seat, _wanted(part))
    db.session.commit()
    flash(_("Ihre Angaben sind gespeichert."), "success")
    return redirect(url_for("accounts.profile"))


@bp.post("/profil/organisation")
def wish_organisation() -> ResponseReturnValue:
    """Tell Verwaltung how one's organisation should be written."""
    form = OrganisationForm()
    if not form.validate():
        return profile_page(organisation_form=form)
    try:
        _count_change(current_user)
    except DomainError as refusal:
        form.wish.errors = [str(refusal)]
        return profile_page(organisation_form=form)
    _send_wish(current_user, form)
    flash(_("Die Verwaltung hat Ihre Nachricht und ändert den Namen, wenn er so stimmt."), "success")
    return redirect(url_for("accounts.profile"))


def own_data(link: MailLink) -> ResponseReturnValue:
    """The mail action "own-data": the same without signing in."""
    user = person_of(link)
    part, wish, done = None, None, ""
    if request.method == "POST":
        _count_change(user)
        if "wish" in request.form:
            wish = OrganisationForm(meta={"csrf": False})
            done = _wished_from_mail(user, wish)
        else:
            part = _sent(user, from_mail=True)
            done = _corrected_from_mail(user, part)
    return render_template(
        "networks/mail_own_data.html",
        link=link,
        person=user,
        own_parts=parts_of(user, from_mail=True, submitted=None if done else part),
        organisation_form=wish if wish and not done else OrganisationForm(formdata=None, meta={"csrf": False}),
        done=done,
    )


def undo(link: MailLink) -> ResponseReturnValue:
    """The mail action "undo-correction": let the fields say what they said before."""
    user = person_of(link)
    found = select(Correction).where(Correction.id == link.argument, Correction.user_id == user.id)
    correction = db.session.scalar(found) or abort(404)
    is_late = correction.created_at < utc_now() - correcting.UNDONE_WITHIN
    waits = ""
    if request.method == "POST" and not is_late and correction.undone_at is None:
        waits = _took_back(link, correction)
    return render_template(
        "networks/mail_undo_correction.html",
        link=link,
        correction=correction,
        # By name only: whom the mail was forwarded to learns no number here.
        fields=[correcting.FIELD_NAMES[field] for field in correction.changes],
        is_late=is_late,
        waits=waits,
    )


def _took_back(link: MailLink, correction: Correction) -> str:
    """Take a change back; "" when it is, else what has to be done first because more people would see something."""
    reveals = correcting.reveals(correction.user, correction.seat, correcting.would_be_back(correction))
    if reveals and current_user != correction.user:
        return _ask_to_sign_in(correction.user, url_for("mail.link", token=link.token))
    correcting.take_back(correction)
    db.session.commit()
    return ""


def _count_change(user: User) -> None:
    if not limits.may_correct(user):
        raise DomainError(_("Das waren viele Änderungen. Bitte versuchen Sie es in einer Stunde noch einmal."))


def _sent(user: User, *, from_mail: bool = False) -> Part:
    seat_id = request.form.get("seat", 0, type=int) if "name" not in request.form else 0
    return sent_part(user, seat_id, from_mail=from_mail) or abort(404)


def _wanted(part: Part) -> dict[str, str]:
    return {name: value or "" for name, value in part.form.data.items() if name in correcting.FIELD_NAMES}


def _corrected_from_mail(user: User, part: Part) -> str:
    """Save what may be saved and return what to say; "" where the form says what is wrong."""
    if not part.form.validate():
        return ""
    wanted = _wanted(part)
    if part.is_hidden and not wanted.get("phone"):
        wanted.pop("phone", None)  # it did not stand in the form
    if correcting.reveals(user, part.seat, wanted):
        return _ask_to_sign_in(user, url_for("accounts.profile"))
    correction = correcting.correct(user, part.seat, wanted)
    if correction:
        mails.corrected(correction)
        db.session.commit()
        queue.wake("outbox")
    return str(_("Ihre Angaben sind gespeichert."))


def _ask_to_sign_in(user: User, page: str) -> str:
    if user.receives_only or not limits.may_have_link(user.email):
        return str(_("Mehr Menschen zeigen können Sie Ihre Angaben nur angemeldet. Es ist nichts geändert."))
    request_link(user.email, page, devices.device_name(request.user_agent.string))
    db.session.commit()
    queue.wake("outbox")
    return str(
        _(
            "Mehr Menschen zeigen wir Ihre Angaben nur, wenn Sie angemeldet sind. Wir haben Ihnen einen Link "
            "geschickt; er gilt 30 Minuten. Bis dahin ist nichts geändert."
        )
    )


def _wished_from_mail(user: User, form: OrganisationForm) -> str:
    if not form.validate():
        return ""
    _send_wish(user, form)
    return str(_("Die Verwaltung hat Ihre Nachricht und ändert den Namen, wenn er so stimmt."))


def _send_wish(user: User, form: OrganisationForm) -> None:
    mails.organisation_wish(user, form.wish.data or "")
    db.session.commit()
    queue.wake("outbox")
