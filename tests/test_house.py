"""The rules of the house (docs/architecture.md) that a program can check: routes, code, locks, documents."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from flask import Flask

import config
from app import __version__
from tests.browser import Browser

ROOT = config.ROOT

#: Everything a stranger may open. A new line here is a decision, not a detail.
PUBLIC = {
    "static",
    "accounts.enter",
    "accounts.link_sent",
    "accounts.sign_in",
    "accounts.sign_in_with_password",
    "health.health",
    "mail.link",
    "meetings.network_feed",
    "meetings.own_feed",
    "pages.city_logo",
    "pages.city_style",
    "pages.language",
    "pages.show",
}

#: Where a unit of work may end: what a person, a timer or another program starts.
MAY_COMMIT = re.compile(
    r"(^|/)((\w+_)?views|mail_links|cli|(\w+_)?commands|inbound/taking|schedule|worker|demo|seeding)\.py$"
)

#: Longest function and file of the portal, in lines; docstrings and signatures are not counted against a function.
FUNCTION_LINES = 40
FILE_LINES = 250

ENGLISH = {
    *("new", "edit", "delete", "remove", "add", "create", "update", "save", "send", "show", "list", "view", "search"),
    *(
        "login",
        "logout",
        "signin",
        "signout",
        "register",
        "profile",
        "settings",
        "account",
        "accounts",
        "user",
        "users",
    ),
    *("network", "networks", "message", "messages", "thread", "threads", "meeting", "meetings", "offer", "offers"),
    *("participant", "participants", "file", "files", "document", "documents", "download", "upload", "member", "admin"),
    *("delivery", "deliveries", "report", "print", "export", "reply", "calendar", "token", "health", "page", "pages"),
}


def python_files(*folders: str) -> list[Path]:
    """Every Python file below these folders of the project."""
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(), str(path))


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


APP = python_files("app")
OURS = [*APP, *python_files("tests", "migrations", "benchmarks"), ROOT / "config.py", ROOT / "wsgi.py"]


class TestRoutes:
    def test_only_these_pages_are_open_to_strangers(self, portal: Flask) -> None:
        marked = {name for name, view in portal.view_functions.items() if getattr(view, "is_public", False)}
        assert marked | {"static"} == PUBLIC

    def test_every_other_page_sends_a_stranger_to_sign_in(self, portal: Flask, anonymous: Browser) -> None:
        opened = []
        for rule in portal.url_map.iter_rules():
            if rule.endpoint in PUBLIC:
                continue
            url = _CONVERTER.sub(_sample, rule.rule)
            for method in sorted((rule.methods or set()) - {"OPTIONS", "HEAD"}):
                answer = anonymous.open(url, method=method)
                # Strangers are turned away before anything of a form is read, its csrf token included.
                if answer.status_code != 302 or "/anmelden" not in (answer.location or ""):
                    opened.append(f"{method} {url}: {answer.status}")
        assert opened == []

    def test_only_verwaltung_opens_what_lies_below_verwaltung(self, portal: Flask) -> None:
        unguarded = [
            rule.rule
            for rule in portal.url_map.iter_rules()
            if rule.rule.startswith("/verwaltung") and not _is_guarded(portal, rule.endpoint)
        ]
        assert unguarded == []

    def test_addresses_are_german_and_kebab_case(self, portal: Flask) -> None:
        words = {
            word
            for rule in portal.url_map.iter_rules()
            if rule.endpoint != "static"
            for word in re.sub(r"<[^>]*>", "", rule.rule).split("/")
            if word
        }
        assert {word for word in words if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*(\.[a-z]{2,4})?", word)} == set()
        assert words & ENGLISH == set()

    def test_ids_in_addresses_are_numbers(self, portal: Flask) -> None:
        untyped = [
            rule.rule
            for rule in portal.url_map.iter_rules()
            if re.search(r"<(?:string:)?(?:\w+_)?id>|<(?:string:)?network>", rule.rule)
        ]
        assert untyped == []


_CONVERTER = re.compile(r"<(?:(?P<kind>\w+)(?:\((?P<choices>[^)]*)\))?:)?\w+>")


def _sample(converter: re.Match[str]) -> str:
    """Something that fits into this place of an address."""
    if converter["kind"] == "any":
        return converter["choices"].split(",")[0].strip("'\" ")
    return str(UUID(int=1)) if converter["kind"] == "uuid" else "1"


def _is_guarded(portal: Flask, endpoint: str) -> bool:
    return bool(getattr(portal.view_functions[endpoint], "is_guarded", False))


class TestCode:
    def test_a_unit_of_work_ends_where_it_began(self) -> None:
        """Verbs flush; only who was called from outside commits: a view, a command, a job of the worker."""
        committing = {
            relative(path)
            for path in APP
            for function in _functions(path)
            if not any(_is_job(decorator) for decorator in function.decorator_list)
            for node in ast.walk(function)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "commit"
        }
        # A migration's transaction, and the worker's book in which each outcome stands at once, end by themselves.
        # What views share, and what jobs share, ends for them.
        apart = {"app/migrating.py", "app/mail/ledger.py", "app/forum/sending.py", "app/queue.py"}
        assert {path for path in committing if not MAY_COMMIT.search(path)} - apart == set()

    def test_no_get_view_commits(self) -> None:
        writing = [
            f"{relative(path)}:{function.lineno} {function.name}"
            for path in APP
            for function in _functions(path)
            if any(_route_method(decorator) == "get" for decorator in function.decorator_list)
            for node in ast.walk(function)
            if isinstance(node, ast.Attribute) and node.attr == "commit"
        ]
        assert writing == []

    def test_guards_stand_below_the_route(self) -> None:
        """A guard above the route would guard a function that nobody calls."""
        misplaced = [
            f"{relative(path)}:{function.lineno} {function.name}"
            for path in APP
            for function in _functions(path)
            if (routes := [bool(_route_method(decorator)) for decorator in function.decorator_list])
            and routes != sorted(routes, reverse=True)
        ]
        assert misplaced == []

    def test_functions_fit_on_a_screen(self) -> None:
        long = [
            f"{relative(path)}:{function.lineno} {function.name}: {lines}"
            for path in APP
            for function in _functions(path)
            if (lines := _lines_of(function)) > FUNCTION_LINES
        ]
        assert long == []

    def test_files_stay_short(self) -> None:
        long = {relative(path): n for path in APP if (n := len(path.read_text().splitlines())) > FILE_LINES}
        assert long == {}

    def test_no_file_is_named_for_nothing(self) -> None:
        vague = {"services.py", "utils.py", "util.py", "helpers.py", "manager.py", "common.py", "misc.py", "base.py"}
        assert [relative(path) for path in APP if path.name in vague] == []

    def test_models_know_neither_request_nor_session(self) -> None:
        knowing = {
            f"{relative(path)} imports {module}"
            for path in APP
            if path.name == "models.py"
            for module in _imports(path)
            if module.partition(".")[0] in ("flask", "flask_wtf", "werkzeug") or module == "app.database.db"
        }
        assert knowing == set()

    def test_only_mail_speaks_smtp_and_only_files_touch_the_storage(self) -> None:
        speaking = {relative(path) for path in APP for module in _imports(path) if module.startswith("smtplib")}
        # `netz check` tells an operator what the mail server answered.
        assert {path for path in speaking if not path.startswith(("app/mail/", "app/health/"))} == set()
        storing = {relative(path) for path in APP if "STORAGE_URL" in path.read_text()}
        assert {path for path in storing if not path.startswith(("app/files/", "app/demo/"))} == set()

    def test_only_the_configuration_reads_the_environment(self) -> None:
        reading = {
            relative(path)
            for path in APP
            for node in ast.walk(parsed(path))
            if isinstance(node, ast.Attribute) and node.attr in ("environ", "getenv") and _name(node.value) == "os"
        }
        # These hand the environment on to the processes they start.
        assert reading - {"app/demo/settings.py", "app/processes.py"} == set()

    def test_an_exception_to_the_linters_says_why(self) -> None:
        mark = re.compile(r"# (?:noqa|type: ignore)\b(?P<rest>.*)")
        silent = [
            f"{relative(path)}:{number}"
            for path in OURS
            if path != Path(__file__)
            for number, line in enumerate(path.read_text().splitlines(), 1)
            if (found := mark.search(line)) and not re.match(r"(: ?[A-Z0-9, ]+|\[[\w, -]+\])  # \S", found["rest"])
        ]
        assert silent == []

    def test_nothing_is_left_for_later(self) -> None:
        words = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
        templates = sorted((ROOT / "templates").rglob("*.*"))
        found = [relative(p) for p in [*OURS, *templates] if p != Path(__file__) and words.search(p.read_text())]
        assert found == []

    def test_the_names_of_tests_are_sentences(self) -> None:
        terse = [
            f"{relative(path)}: {function.name}"
            for path in python_files("tests")
            for function in _functions(path)
            if function.name.startswith("test_") and function.name.count("_") < 3
        ]
        assert terse == []


class TestProject:
    def test_the_top_level_is_what_a_person_expects(self) -> None:
        expected = {"app", "migrations", "templates", "uploads", "tests", "docs", "deploy", "benchmarks"}
        made = {"instance", "node_modules", "build", "dist", "test-results", "htmlcov"}
        folders = {path.name for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith(("_", "."))}
        assert {name for name in folders - made if not name.endswith(".egg-info")} == expected

    def test_locks_pin_by_hash_and_name_no_server(self) -> None:
        for name in ("requirements.lock", "requirements.test.lock"):
            lock = (ROOT / name).read_text()
            assert "://" not in lock
            for block in re.split(r"\n(?=\S)", lock.strip()):
                assert re.match(r"[\w.\[\]-]+==\S+", block), f"{name}: {block[:60]}"
                assert "--hash=sha256:" in block, f"{name}: {block[:60]}"

    def test_the_two_locks_agree(self) -> None:
        pins = [dict(re.findall(r"^([\w.-]+)(?:\[\S+\])?==(\S+)", _text(name), re.MULTILINE)) for name in _LOCKS]
        assert {name: pin for name, pin in pins[0].items() if pins[1].get(name) != pin} == {}

    def test_every_target_of_make_says_what_it_does(self) -> None:
        makefile = _text("Makefile")
        for target in re.findall(r"^\.PHONY: (\S+)$", makefile, re.MULTILINE):
            assert re.search(rf"^{target}:.*## \S", makefile, re.MULTILINE), target

    def test_the_changelog_begins_with_this_version(self) -> None:
        headings = re.findall(r"^## \[?(\w+(?:\.\d+)*)\]?", _text("CHANGELOG.md"), re.MULTILINE)
        versions = [heading for heading in headings if heading[0].isdigit()]
        assert versions == sorted(
            versions, key=lambda version: [int(part) for part in version.split(".")], reverse=True
        )
        assert versions[0] == __version__

    @pytest.mark.parametrize("name", ["README.md", "LICENSE", "CHANGELOG.md", "CONTRIBUTING.md", "publiccode.yml"])
    def test_the_project_explains_itself(self, name: str) -> None:
        assert len(_text(name)) > 200

    def test_links_between_documents_lead_somewhere(self) -> None:
        broken = [
            f"{relative(document)}: {target}"
            for document in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
            for target in re.findall(r"\]\(([^)#:]+?)(?:#[^)]*)?\)", document.read_text())
            if not (document.parent / target).exists()
        ]
        assert broken == []


_LOCKS = ("requirements.lock", "requirements.test.lock")

Function = ast.FunctionDef | ast.AsyncFunctionDef


def _text(name: str) -> str:
    return (ROOT / name).read_text()


def _functions(path: Path) -> Iterator[Function]:
    yield from (node for node in ast.walk(parsed(path)) if isinstance(node, Function))


def _lines_of(function: Function) -> int:
    """The lines of the body without its docstring."""
    body = function.body[1:] if ast.get_docstring(function) and len(function.body) > 1 else function.body
    return (body[-1].end_lineno or body[-1].lineno) - body[0].lineno + 1


def _route_method(decorator: ast.expr) -> str:
    """Return "get", "post" or "route" for a decorator of a blueprint, else nothing."""
    if isinstance(decorator, ast.Call) and isinstance(decorator.func, ast.Attribute):
        name = decorator.func.attr
        if name in ("get", "post", "route") and _name(decorator.func.value) in ("bp", "app"):
            return name
    return ""


def _is_job(decorator: ast.expr) -> bool:
    """Whether this decorator makes a function something the worker runs (app/queue.py)."""
    call = decorator.func if isinstance(decorator, ast.Call) else decorator
    return _name(call) == "job" or (isinstance(call, ast.Attribute) and call.attr == "job")


def _imports(path: Path) -> Iterator[str]:
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else ""


def test_the_checks_of_this_file_find_what_they_look_for() -> None:
    """A rule that can find nothing would always hold."""
    bad = ast.parse(
        inspect.cleandoc("""
        @login_required
        @bp.get("/x")
        def view(): ...
    """)
    ).body[0]
    assert isinstance(bad, Function)
    assert [_route_method(decorator) for decorator in bad.decorator_list] == ["", "get"]
    assert MAY_COMMIT.search("app/forum/views.py")
    assert not MAY_COMMIT.search("app/forum/posting.py")
