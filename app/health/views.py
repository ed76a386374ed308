"""`/gesund`: 200 when everything lives, 503 otherwise, with what was found as JSON."""

from __future__ import annotations

from flask import Blueprint, jsonify
from flask.typing import ResponseReturnValue

from app.access import public
from app.extensions import limiter
from app.health import checks

bp = Blueprint("health", __name__)


@bp.get("/gesund")
@public
@limiter.exempt
def health() -> ResponseReturnValue:
    """Say for each part whether it works; no names, addresses or figures of anybody."""
    parts = {finding.part: finding.works for finding in checks.of_this_machine()}
    is_healthy = all(parts.values())
    return jsonify({"healthy": is_healthy, "web": True, **parts}), 200 if is_healthy else 503
