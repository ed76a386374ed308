"""The plainest Flask application that does what every page of the portal must: sign-in, a query, a table, a file.

`BENCH_DATABASE` and `BENCH_FILE` name what it reads. It stands on the same libraries and runs under the same server.
Its page is what their documentation shows: Flask-Login loads who is signed in from the database, one query brings fifty
rows by their primary key, a template shows them. Its file is handed out to anybody.
"""

from __future__ import annotations

import os
from pathlib import Path

from flask import Flask, Response, render_template, send_file
from flask_login import LoginManager, UserMixin, login_required, login_user
from flask_sqlalchemy import SQLAlchemy
from jinja2 import DictLoader
from sqlalchemy import text
from sqlalchemy.orm import Mapped, mapped_column

app = Flask(__name__)
app.config["SECRET_KEY"] = "measured, not kept"  # noqa: S105  # guards nothing
app.config["SQLALCHEMY_DATABASE_URI"] = os.environ["BENCH_DATABASE"]
db = SQLAlchemy(app)
login_manager = LoginManager(app)

_FILE = Path(os.environ["BENCH_FILE"])
_PEOPLE = """
SELECT id, name, (SELECT min(email) FROM user_address WHERE user_id = user.id) AS email, created_at
FROM user ORDER BY id LIMIT 50
"""
_PAGE = """<!doctype html>
<html lang="de">
<head><meta charset="utf-8"><title>Personen</title></head>
<body>
<h1>Personen</h1>
<p>Angemeldet als {{ current_user.name }}</p>
<table>
{% for id, name, email, created_at in people %}
<tr><td>{{ id }}</td><td>{{ name }}</td>
<td><a href="mailto:{{ email }}">{{ email }}</a></td><td>{{ created_at }}</td></tr>
{% endfor %}
</table>
</body>
</html>
"""


# Compiled once, as a file would be.
app.jinja_loader = DictLoader({"page.html": _PAGE})


class Person(UserMixin, db.Model):  # type: ignore[misc,name-defined]  # neither library has type hints for it
    """Somebody who is signed in."""

    __tablename__ = "user"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


@login_manager.user_loader  # type: ignore[untyped-decorator]  # no type hints
def load_person(id: str) -> Person | None:
    return db.session.get(Person, int(id))


@app.post("/enter")
def enter() -> str:
    login_user(db.session.get_one(Person, 1))
    return ""


@app.get("/page")
@login_required  # type: ignore[untyped-decorator]  # no type hints
def page() -> str:
    return render_template("page.html", people=db.session.execute(text(_PEOPLE)).all())


@app.get("/file")
def file() -> Response:
    return send_file(_FILE, mimetype="application/pdf", as_attachment=True, download_name="Raumplan.pdf")
