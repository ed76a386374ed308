"""What the links in mails do with a request: the three answers, giving back, closing. No sign-in needed.

A link says who it was made for. What that person may do is asked anew each time: who takes part no longer, or whose
request is over, gets a sentence.
"""

from __future__ import annotations

from collections.abc import Callable

from flask import abort, render_template
from flask import request as http
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app import queue
from app.accounts.mail_links import person_of
from app.accounts.models import User
from app.database import db
from app.errors import DomainError
from app.mail import envelope
from app.registry import MailLink, mail_actions
from app.requests import answering, handing_over, taking
from app.requests.beginning import mark_of
from app.requests.composing import title_of
from app.requests.contacts import own_of, owner_of, requester_of
from app.requests.forms import CloseForm, LinkHintForm
from app.requests.models import Request
from app.requests.rights import part_of, participation_of

_WITHOUT_CSRF = {"csrf": False}  # the token in the address is the proof


def init_app() -> None:
    """Say what our links do."""
    mail_actions["request-take"] = _take
    mail_actions["request-knows"] = _knows
    mail_actions["request-cannot"] = _cannot
    mail_actions["request-return"] = _return
    mail_actions["request-close"] = _close
    mail_actions["request-share"] = _share


def _take(link: MailLink) -> ResponseReturnValue:
    return _pressed(link, "take", taking.take)


def _cannot(link: MailLink) -> ResponseReturnValue:
    return _pressed(link, "cannot", taking.decline)


def _return(link: MailLink) -> ResponseReturnValue:
    return _pressed(link, "return", taking.give_back)


def _knows(link: MailLink) -> ResponseReturnValue:
    user, request = _who_and_which(link)
    if not request.is_running or not part_of(user, request).may_help:
        return _page("requests/mail_answer.html", link, user, request, action="knows", done=False)
    form = LinkHintForm(meta=_WITHOUT_CSRF)
    if answering.suggested_in_words(form, user, request):
        _commit()
        return _page("requests/mail_answer.html", link, user, request, action="knows", done=True)
    return _page("requests/hint.html", link, user, request, form=form)


def _close(link: MailLink) -> ResponseReturnValue:
    user, request = _who_and_which(link)
    if not part_of(user, request).may_close:
        raise DomainError(_("Abschließen kann diese Anfrage nur, wer sie gestellt oder übernommen hat."))
    form = CloseForm(success=request.success or "unsaid", outcome=request.outcome, meta=_WITHOUT_CSRF)
    if request.is_running and not answering.closed(form, user, request):
        return _page("requests/close.html", link, user, request, form=form)
    _commit()
    return _page("requests/mail_answer.html", link, user, request, action="close", done=True)


def _share(link: MailLink) -> ResponseReturnValue:
    user = person_of(link)
    handover = handing_over.handover_for(user, link.argument) or abort(404)
    if http.method == "POST":
        handing_over.give(user, handover)
        _commit()
    return render_template("requests/mail_share.html", link=link, handover=handover, title=title_of(handover.request))


def _pressed(link: MailLink, action: str, verb: Callable[[User, Request], object]) -> ResponseReturnValue:
    user, request = _who_and_which(link)
    done = http.method == "POST"
    if done:
        verb(user, request)
        _commit()
    return _page("requests/mail_answer.html", link, user, request, action=action, done=done)


def _page(template: str, link: MailLink, user: User, request: Request, **context: object) -> ResponseReturnValue:
    participation = participation_of(user, request)
    key, thread_id = envelope.signing_key(), request.thread_id
    return render_template(
        template,
        link=link,
        request_=request,
        part=part_of(user, request),
        still_helps=any(helper.user_id == user.id for helper in request.helpers),
        mark=mark_of(request.state),
        title=title_of(request),
        requester=requester_of(request, user),
        owner=owner_of(request, user),
        shows_own=not own_of(request, user).is_hidden,
        seen_in=participation.network if participation else request.thread.home,
        return_token=envelope.seal(key, "request-return", link.delivery_id, thread_id, link.deputy),
        **context,
    )


def _commit() -> None:
    if http.method == "POST":
        db.session.commit()
        queue.wake("outbox")


def _who_and_which(link: MailLink) -> tuple[User, Request]:
    user, request = person_of(link), db.session.scalar(Request.of_thread(link.argument)) or abort(404)
    if participation_of(user, request) is None and not user.is_admin:
        raise DomainError(_("Sie nehmen an diesem Netz nicht mehr teil, oder es ist geschlossen."))
    return user, request
