"""What the links in our mails do to the flow of mail: its rhythm, a pause, having it again. No sign-in needed."""

from __future__ import annotations

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue

from app import queue
from app.accounts.mail_links import person_of
from app.accounts.models import User
from app.database import db, utc_now
from app.mail import envelope
from app.networks import absences, mails, mails_of_absence, wish_forms, wishes
from app.networks.absence_models import Absence
from app.networks.models import Network
from app.registry import MailLink


def settings(link: MailLink) -> ResponseReturnValue:
    """Show how the mail of each network comes, and change it. What stops mail is confirmed by a last one."""
    user, key = person_of(link), envelope.signing_key()
    form, change = None, None
    if request.method == "POST":
        form, change = wish_forms.submitted(user, csrf=False)
        if change and (change.stops_mail or change.last_day):
            mails.paused(change.network, user, change.last_day)
        if change and change.absence:
            mails_of_absence.away(change.absence)
        db.session.commit()
        queue.wake("outbox")
    return render_template(
        "networks/mail_settings.html",
        link=link,
        wishes=wish_forms.wishes_of(user, csrf=False, submitted=None if change else form),
        change=change,
        form=form,
        stood_in_for=absences.stood_in_for(user),
        deputy_token=lambda absence: envelope.seal(key, "deputy-decline", link.delivery_id, absence.id, link.deputy),
        own_data_token=envelope.seal(key, "own-data", link.delivery_id, deputy=link.deputy),
    )


def pause(link: MailLink) -> ResponseReturnValue:
    """RFC 8058: a POST pauses the network at once and sends one confirmation; a GET only shows the button.

    Whoever got this mail only as a deputy leaves that instead: neither their own mail nor that of the person ends.
    """
    user, network = person_of(link), _which(link)
    if link.instead_of:
        return _stop_standing_in(link, user, network)
    if request.method == "POST" and wishes.pause(user.id, network.id):
        mails.paused(network, user)
        db.session.commit()
        queue.wake("outbox")
    is_paused = wishes.is_paused(user.id, network.id)
    return render_template("networks/mail_pause.html", link=link, about=network, is_paused=is_paused)


def resume(link: MailLink) -> ResponseReturnValue:
    """Have the mail again, from the confirmation that it stopped."""
    user, network = person_of(link), _which(link)
    if request.method == "POST":
        wishes.have_mail_again(user.id, network.id)
        db.session.commit()
    is_stopped = not wishes.has_mail(user.id, network.id)
    return render_template("networks/mail_resume.html", link=link, about=network, is_paused=is_stopped)


def back(link: MailLink) -> ResponseReturnValue:
    """The mail action "back": somebody is there again before the day they said."""
    user, network = person_of(link), _which(link)
    if request.method == "POST":
        absences.come_back(user.id, network.id)
        _commit()
    is_away = absences.absence_of(user.id, network.id) is not None
    return render_template("networks/mail_back.html", link=link, about=network, is_away=is_away)


def decline(link: MailLink) -> ResponseReturnValue:
    """The mail action "deputy-decline": a deputy does not stand in."""
    user, absence = person_of(link), db.session.get(Absence, link.argument) or abort(404)
    return _decline(link, user, absence)


def _stop_standing_in(link: MailLink, user: User, network: Network) -> ResponseReturnValue:
    away = int(link.instead_of.partition(":")[2])
    absence = absences.absence_of(away, network.id)
    if absence is None:
        return render_template("networks/mail_deputy.html", link=link, absence=None, about=network, stands_in=False)
    return _decline(link, user, absence)


def _decline(link: MailLink, user: User, absence: Absence) -> ResponseReturnValue:
    if request.method == "POST":
        absences.decline(absence, user)
        _commit()
    stands_in = absence.deputy_id == user.id and absence.until > utc_now()
    return render_template(
        "networks/mail_deputy.html", link=link, absence=absence, about=absence.network, stands_in=stands_in
    )


def _commit() -> None:
    if request.method == "POST":
        db.session.commit()
        queue.wake("outbox")


def _which(link: MailLink) -> Network:
    return db.session.get(Network, link.argument) or abort(404)
