"""Verwaltung's pages of organisations: find one, correct it, put two together."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from sqlalchemy import select
from wtforms import SelectField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, Length, Regexp

from app.access import admin_only
from app.accounts.models import Organisation, OrganisationKind
from app.database import by_name, db
from app.errors import DomainError
from app.forms import PortalForm, clean, one_line
from app.networks import organisations as keeping
from app.networks.views import bp

KIND_NAMES = {
    OrganisationKind.UNSAID: _l("nicht angegeben"),
    OrganisationKind.SCHOOL: _l("Schule oder Hochschule"),
    OrganisationKind.AUTHORITY: _l("Behörde"),
    OrganisationKind.PROVIDER: _l("Bildungs- oder Sozialträger"),
    OrganisationKind.ASSOCIATION: _l("Verein oder Initiative"),
    OrganisationKind.COMPANY: _l("Betrieb"),
    OrganisationKind.CHAMBER: _l("Kammer oder Verband"),
    OrganisationKind.OTHER: _l("Sonstiges"),
}


class OrganisationDataForm(PortalForm):
    """What Verwaltung says of an organisation."""

    name = StringField(
        _l("Name"),
        filters=[one_line],
        validators=[DataRequired(_l("Bitte geben Sie den Namen an.")), Length(max=200)],
    )
    website = StringField(
        _l("Website"),
        filters=[one_line],
        validators=[
            Length(max=500),
            Regexp(r"(https?://[^\s/]+\.[^\s]+)?\Z", message=_l("Bitte geben Sie eine Adresse mit https:// an.")),
        ],
    )
    kind = SelectField(_l("Art"), choices=[SelectChoice(kind, name) for kind, name in KIND_NAMES.items()])


class MergeForm(PortalForm):
    """Which organisation stays."""

    into = SelectField(_l("Aufgehen in"), coerce=int)


@bp.get("/verwaltung/organisationen")
@admin_only
def organisations() -> ResponseReturnValue:
    """List all organisations, or those whose name holds ?q=."""
    words = clean(request.args.get("q", ""))[:200]
    rows = db.session.execute(keeping.organisations_with(words)).all()
    return render_template("networks/organisations.html", rows=rows, words=words, kinds=KIND_NAMES)


@bp.route("/verwaltung/organisationen/<int:id>", methods=["GET", "POST"])
@admin_only
def edit_organisation(id: int) -> ResponseReturnValue:
    """Change name, website and kind."""
    organisation = db.session.get(Organisation, id) or abort(404)
    form = OrganisationDataForm(obj=organisation)
    if not form.validate_on_submit():
        return _page(organisation, form)
    try:
        typed = {"name": form.name.data or "", "website": form.website.data or ""}
        keeping.describe(organisation, **typed, kind=OrganisationKind(form.kind.data), by=current_user)
    except DomainError as error:
        form.name.errors = [str(error)]
        return _page(organisation, form)
    db.session.commit()
    flash(_("„%(name)s“ ist gespeichert.", name=organisation.name), "success")
    return redirect(url_for("networks.organisations"))


@bp.post("/verwaltung/organisationen/<int:id>/zusammenfuehren")
@admin_only
def merge_organisation(id: int) -> ResponseReturnValue:
    """Let this organisation go up in another ([into]); it is gone then."""
    organisation = db.session.get(Organisation, id) or abort(404)
    form = _merge_form(organisation)
    if not form.validate_on_submit():
        return _page(organisation, OrganisationDataForm(formdata=None, obj=organisation), form)
    gone, into = organisation.name, db.session.get_one(Organisation, form.into.data)
    keeping.merge(organisation, into, current_user)
    db.session.commit()
    flash(_("„%(gone)s“ ist in „%(name)s“ aufgegangen.", gone=gone, name=into.name), "success")
    return redirect(url_for("networks.organisations"))


def _page(organisation: Organisation, form: OrganisationDataForm, merge_form: MergeForm | None = None) -> str:
    merge_form = merge_form or _merge_form(organisation, formdata=None)
    return render_template("networks/organisation.html", organisation=organisation, form=form, merge_form=merge_form)


def _merge_form(organisation: Organisation, **kwargs: None) -> MergeForm:
    form = MergeForm(**kwargs)
    others = select(Organisation.id, Organisation.name).where(Organisation.id != organisation.id)
    rows = db.session.execute(others.order_by(by_name(Organisation.name))).all()
    form.into.choices = [SelectChoice(0, _("Bitte wählen")), *(SelectChoice(id, name) for id, name in rows)]
    form.into.validators = [DataRequired(_("Bitte wählen Sie eine andere Organisation."))]
    return form
