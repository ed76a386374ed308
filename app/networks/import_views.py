"""The participant list out as CSV or vCard, and in from a CSV file: upload, preview, done, taken back."""

from __future__ import annotations

from flask import Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app import queue
from app.access import admin_only
from app.accounts.models import User
from app.database import by_name, db
from app.errors import DomainError
from app.forms import clean, one_line
from app.networks import auditing, importing
from app.networks.csv_exchange import COLUMNS, SIZE_LIMIT, read_csv, write_csv
from app.networks.import_forms import ImportForm
from app.networks.import_models import ListImport
from app.networks.import_plan import plan_import
from app.networks.models import Network, Participant
from app.networks.participant_views import asked_order, listed_in
from app.networks.vcard import vcard
from app.networks.views import bp


@bp.get("/netze/<network:network>/teilnehmende/csv")
def participants_csv(network: Network) -> ResponseReturnValue:
    """Hand out what the list shows, in the order it shows it."""
    rows = listed_in(network.id, asked_order(), hidden_too=current_user.is_admin)
    data = write_csv((row.email, row.name, row.organisation, row.task, row.phone) for row in rows)
    return _download(data, "text/csv; charset=utf-8", f"teilnehmende-{network.slug}.csv")


@bp.get("/netze/<network:network>/teilnehmende/<int:id>/vcard")
def participant_vcard(network: Network, id: int) -> ResponseReturnValue:
    """Hand out a participant for somebody's address book."""
    listed = Participant.listed_in(network.id, hidden_too=current_user.is_admin).where(Participant.id == id)
    rows = db.session.execute(listed.order_by(by_name(User.name), User.id)).all()
    if not rows:
        abort(404)
    data = b"".join(vcard(row, _("Netz „%(network)s“", network=network.name)) for row in rows)
    return _download(data, "text/vcard; charset=utf-8", f"teilnehmende-{network.slug}-{id}.vcf")


@bp.route("/netze/<network:network>/teilnehmende/import", methods=["GET", "POST"])
@admin_only
def import_participants(network: Network) -> ResponseReturnValue:
    """Take a file and lead to its preview. Nothing changes yet."""
    form = ImportForm()
    if form.validate_on_submit():
        try:
            sheet = read_csv(form.file.data.stream.read(SIZE_LIMIT + 1))
        except DomainError as error:
            form.file.errors = [str(error)]
        else:
            name = one_line(clean(form.file.data.filename or ""))[:300]
            columns = {"network": network, "user": current_user, "file_name": name, "removes": form.removes.data}
            uploaded = ListImport.of_sheet(sheet, **columns)
            db.session.add(uploaded)
            db.session.commit()
            return redirect(url_for("networks.show_import", network=network, id=uploaded.id))
    recent = db.session.scalars(ListImport.undoable_in(network)).all()
    return render_template("networks/import.html", network=network, form=form, columns=COLUMNS, recent=recent)


@bp.get("/netze/<network:network>/teilnehmende/import/<int:id>")
@admin_only
def show_import(network: Network, id: int) -> ResponseReturnValue:
    """Show what a file would change; once that is done, what it has changed."""
    return _import_page(_import(network, id))


@bp.post("/netze/<network:network>/teilnehmende/import/<int:id>")
@admin_only
def confirm_import(network: Network, id: int) -> ResponseReturnValue:
    """Do what the preview showed, all of it or nothing."""
    uploaded = _import(network, id)
    if not uploaded.applied_at:
        try:
            plan = importing.confirm_import(uploaded, request.form.get("digest", ""), added_by=current_user)
            auditing.list_read(network, plan.counts, current_user)
            db.session.commit()
        except (importing.PlanHasChanged, IntegrityError):
            # An IntegrityError says the same: somebody else brought one of these persons in a moment ago.
            db.session.rollback()
            return _import_page(_import(network, id), has_changed=True), 409
        queue.wake("outbox")
    return redirect(url_for("networks.show_import", network=network, id=id))


@bp.post("/netze/<network:network>/teilnehmende/import/<int:id>/zuruecknehmen")
@admin_only
def undo_import(network: Network, id: int) -> ResponseReturnValue:
    """Take an import back."""
    importing.undo_import(_import(network, id))
    db.session.commit()
    flash(_("Der Import ist zurückgenommen. Die Liste ist wieder wie zuvor."), "success")
    return redirect(url_for("networks.participants", network=network))


def _import(network: Network, id: int) -> ListImport:
    uploaded = db.session.scalar(select(ListImport).filter_by(id=id, network_id=network.id))
    if uploaded is None:
        abort(404)
    return uploaded


def _import_page(uploaded: ListImport, *, has_changed: bool = False) -> str:
    page = {"network": uploaded.network, "uploaded": uploaded}
    if uploaded.applied_at:
        return render_template("networks/import_done.html", **page)
    plan = plan_import(uploaded.network, uploaded.sheet, removes=uploaded.removes)
    return render_template("networks/import_preview.html", plan=plan, has_changed=has_changed, **page)


def _download(data: bytes, media_type: str, name: str) -> Response:
    response = Response(data, content_type=media_type)
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response
