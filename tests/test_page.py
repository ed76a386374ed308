"""The checks that every page of a test passes find what they look for (tests/page.py)."""

from __future__ import annotations

import pytest

from tests.page import Page, check

AROUND = """<!doctype html><html lang="de"><head><title>Seite</title></head>
<body><main><h1>Seite</h1>{}</main></body></html>"""
RIGHT = """
<h2>Wer</h2><p id="hint">Bitte <a href="/wer">wählen</a>.</p>
<form method="post" action="/wer"><input type="hidden" name="csrf_token" value="x">
<label for="name">Name</label><input id="name" name="name" value="Bob" aria-describedby="hint">
<label><input type="checkbox" name="yes"> Ja</label><button>Senden</button></form>
"""


def page(inside: str) -> Page:
    return Page(AROUND.format(inside), "/seite")


def test_a_page_as_it_should_be_passes() -> None:
    check(page(RIGHT))


@pytest.mark.parametrize(
    ("wrong", "fault"),
    [
        ("<p>Text</div>", "invalid HTML: </div> closes p"),
        ("<div>Text", "invalid HTML: </main> closes div"),
        ("<p>Text<div>Text</div></p>", "<div> at depth 4 is written where a browser makes <div> at depth 3"),
        ("<table><tr><td>A</td></tr></table>", "<tr> at depth 4 is written where a browser makes <tbody>"),
        ("<div/>", "<div/> closes nothing"),
        ('<p class="a" class="b">A</p>', "invalid HTML: p has class twice"),
        ("<h1>Noch eine</h1>", "2 h1 instead of one"),
        ("<h3>Wer</h3>", "h3 'Wer' follows h1"),
        ("<h2> <b></b></h2>", "h2 without text"),
        ('<p id="a">A</p><b id="a">B</b>', "id 'a' stands 2 times"),
        ('<p aria-describedby="nichts">A</p>', "names no element"),
        ('<a href="#nichts">A</a>', "link '#nichts' leads nowhere"),
        ('<input name="ohne"><label for="anders">Name</label>', "field 'ohne' has no label"),
        ('<a href="/"><img src="/a.png" alt=""></a>', "a without words"),
        ('<img src="/a.png">', "img without alt"),
        ('<form method="post" action="/a"></form>', "form to /a has no csrf_token"),
        ('<form method="get"></form>', "form without an action"),
        ('<p style="color:red">A</p>', "p has an inline style"),
        ('<button onclick="a()">A</button>', "button has an inline onclick"),
        ('<a href=" javascript:a()">A</a>', "a href is"),
        ("<script>a()</script>", "script without src"),
        ('<img src="//anders.example.org/a.png" alt="A">', "img loads from"),
        ("<td>None</td><p>None</p>", "p shows None"),
        ("<p>Von %(name)s</p>", "template's insides"),
    ],
)
def test_what_is_wrong_is_found(wrong: str, fault: str) -> None:
    with pytest.raises(AssertionError) as found:
        check(page(wrong))
    assert fault in str(found.value)


@pytest.mark.parametrize("inside", ["<p>Guten Tag, {}</p>", '<p title="{}">Guten Tag</p>'])
@pytest.mark.parametrize("typed", ["Rob\0", '"></b><p title="'])
def test_words_that_make_a_page_invalid_are_found_where_others_did_not(inside: str, typed: str) -> None:
    check(page(inside.format("Bob")))
    with pytest.raises(AssertionError, match="invalid HTML"):
        check(page(inside.format(typed)))


def test_elements_come_in_the_order_of_the_page_and_each_once() -> None:
    shown = page('<h2>A</h2><p><b class="kern-error">B</b></p><h3>C</h3><h2>D</h2>')
    assert [node.tag for node in shown.all("h3", "h2", "b")] == ["h2", "b", "h3", "h2"]
    assert len(shown.query("b, .kern-error, main b")) == 1


def test_a_form_sends_what_a_browser_would() -> None:
    [form] = page(
        '<form method="post" action="/a"><textarea name="text">\n\n  Zwei  Zeilen\n</textarea>'
        '<select name="one"><option>  Erste  Wahl </option><option value="2">B</option></select>'
        '<select name="other"><option value="1">A</option><option value="2" selected>B</option></select>'
        '<input name="off" disabled value="x"><input type="checkbox" name="yes" checked><input type="radio" name="no">'
        '<input type="file" name="file"><button name="go" value="1">Los</button></form>'
    ).forms
    assert form.values() == {"text": ["\n  Zwei  Zeilen\n"], "one": ["Erste Wahl"], "other": ["2"], "yes": ["on"]}
