"""The audit log, for Verwaltung."""

from __future__ import annotations

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from app.access import admin_only
from app.audit.models import AuditEntry
from app.database import db

bp = Blueprint("audit", __name__)

PAGE_SIZE = 50
LAST_PAGE = 10_000


@bp.get("/verwaltung/protokoll")
@admin_only
def index() -> ResponseReturnValue:
    """Show what was done, the newest first."""
    page = min(max(request.args.get("seite", 1, type=int) or 1, 1), LAST_PAGE)
    newest = select(AuditEntry).order_by(AuditEntry.id.desc()).offset((page - 1) * PAGE_SIZE).limit(PAGE_SIZE + 1)
    entries = db.session.scalars(newest).all()
    return render_template(
        "audit/index.html", entries=entries[:PAGE_SIZE], page=page, has_more=len(entries) > PAGE_SIZE
    )
