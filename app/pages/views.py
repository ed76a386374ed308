"""Public pages for everyone; their editing and the city's looks for Verwaltung."""

from __future__ import annotations

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from app.access import admin_only, public, safe_target
from app.database import db
from app.errors import DomainError
from app.pages import logo
from app.pages.city import kept_city, present_city
from app.pages.colours import style_sheet
from app.pages.forms import CityForm, PageForm
from app.pages.models import SLUGS, City
from app.pages.rendering import language_of, page_of, title_of
from app.templating import LANGUAGES

bp = Blueprint("pages", __name__)

PAGE = f"/<any({', '.join(repr(slug) for slug in SLUGS)}):slug>"


@bp.get(PAGE)
@public
def show(slug: str) -> ResponseReturnValue:
    """A public page."""
    page = page_of(slug)
    return render_template("pages/show.html", page=page, text_language=language_of(page), city=present_city())


@bp.post("/sprache")
@public
def language() -> ResponseReturnValue:
    """Keep the language chosen on this device and go back to where the person was."""
    chosen = request.form.get("language", "")
    if chosen in LANGUAGES:
        session["language"] = chosen
    return redirect(safe_target(request.form.get("weiter"), url_for("networks.index")))


@bp.get("/stadt.css")
@public
def city_style() -> ResponseReturnValue:
    """The city's colour and logo as a style sheet of its own: pages carry no inline style, and ask no row for it."""
    accent = present_city().accent
    sheet = (style_sheet(accent) if accent else "") + logo.style_sheet()
    response = Response(sheet, mimetype="text/css", headers={"Cache-Control": "public, max-age=300"})
    response.add_etag()
    return response.make_conditional(request)


@bp.get("/stadt-logo")
@public
def city_logo() -> ResponseReturnValue:
    """The city's logo."""
    return logo.response() or abort(404)


@bp.get("/verwaltung/seiten")
@admin_only
def overview() -> ResponseReturnValue:
    """The list of the public pages, for who keeps them up."""
    return render_template("pages/overview.html", pages=[page_of(slug) for slug in SLUGS])


@bp.route(f"/verwaltung/seiten{PAGE}", methods=["GET", "POST"])
@admin_only
def edit(slug: str) -> ResponseReturnValue:
    """Rewrite a public page, or take its default text back. The text is German, whatever language is chosen here."""
    page = page_of(slug, "de")
    form = PageForm(obj=page)
    if request.method == "POST" and "restore" in request.form:
        if page.id is not None:
            db.session.delete(page)
            db.session.commit()
        flash(_("Die Seite zeigt wieder den Mustertext."), "success")
        return redirect(url_for("pages.show", slug=slug))
    if form.validate_on_submit():
        page.title, page.body = form.title.data, form.body.data
        db.session.add(page)
        db.session.commit()
        flash(_("Die Seite ist gespeichert und sofort öffentlich."), "success")
        return redirect(url_for("pages.show", slug=slug))
    return render_template("pages/edit.html", page=page, name=title_of(slug), form=form)


@bp.route("/verwaltung/stadt", methods=["GET", "POST"])
@admin_only
def city() -> ResponseReturnValue:
    """Contact, colour and logo of the city."""
    form = CityForm(obj=present_city())
    if form.validate_on_submit():
        try:
            _save_city(kept_city(), form)
        except DomainError as error:
            db.session.rollback()
            form.logo.errors = [str(error)]
        else:
            flash(_("Gespeichert. Farbe und Logo sind spätestens in fünf Minuten überall zu sehen."), "success")
            return redirect(url_for("pages.city"))
    return render_template("pages/city.html", form=form, has_logo=logo.stored() is not None)


def _save_city(present: City, form: CityForm) -> None:
    for field in (form.responsible, form.address, form.phone, form.email, form.privacy_contact):
        setattr(present, field.name, field.data or "")
    present.accent = (form.accent.data or "").lower()
    if form.remove_logo.data:
        logo.drop()
    if form.logo.data:
        logo.keep(form.logo.data)
    db.session.commit()
