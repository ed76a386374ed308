"""The plain text of a mail says the words of its HTML as a person would write them, line by line as they were typed."""

from __future__ import annotations

import pytest

from app.mail.plain import plain
from app.marks import markdown
from tests.mail.test_every_mail import visible_text, words


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("zum **1. Januar** oder *bald*, __heute__", "zum 1. Januar oder bald, heute"),
        ("beim [Amt](https://example.org/amt).", "beim Amt <https://example.org/amt>."),
        ("[schreiben](mailto:a@example.org)", "schreiben <mailto:a@example.org>"),
        ("https://example.org/a?b=1&c=2 und www.example.org", "https://example.org/a?b=1&c=2 und www.example.org"),
        ("<https://example.org/x>", "https://example.org/x"),
        ("[https://example.org](https://example.org)", "https://example.org"),
        ("[Klick](javascript:alert)", "[Klick](javascript:alert)"),
        ("https://example.org/Plan%20Mai%2F2.pdf", "https://example.org/Plan%20Mai%2F2.pdf"),
        ("<https://example.org/%C3%9Cbersicht%20A>", "https://example.org/%C3%9Cbersicht%20A"),
        ("*bald* auf [der Seite](www.example.org/a)", "bald auf [der Seite](www.example.org/a)"),
        ("Rufen Sie [uns](tel:099912345) an", "Rufen Sie [uns](tel:099912345) an"),
        ("**Helfer**[innen](m/w/d) gesucht", "Helfer[innen](m/w/d) gesucht"),
        ("[TOP 1]: Begrüßung\n[1]: https://example.org", "[TOP 1]: Begrüßung\n[1]: https://example.org"),
        ("[Plan](https://example.org/p 'nur bis Mai')", "[Plan](https://example.org/p 'nur bis Mai')"),
        ("[Plan](HTTPS://example.org/p)", "Plan <HTTPS://example.org/p>"),
        ("- drei\n- **vier**\n  und mehr\n\n1. eins\n   - a", "- drei\n- vier\n  und mehr\n\n1. eins\n   - a"),
        ("> **Zitat**\n> zweite `Zeile`\nträge", "> Zitat\n> zweite Zeile\nträge"),
        ("~~Montag~~ Dienstag", "~~Montag~~ Dienstag"),
        ("Schüler*innen, 3 * 4 * 5, a_b_c, 2**3", "Schüler*innen, 3 * 4 * 5, a_b_c, 2**3"),
        ("**Schüler*innen** und *Kolleg*innen*, ein*e Lehrer*in", "Schüler*innen und Kolleg*innen, ein*e Lehrer*in"),
        ("\\*wörtlich\\* &amp; 5 €", "*wörtlich* & 5 €"),
        ("oben  \nunten\\\nganz unten", "oben\nunten\nganz unten"),
        ("Name      Ort\n   eingerückt\n\n\nzwei Leerzeilen", "Name      Ort\n   eingerückt\n\n\nzwei Leerzeilen"),
        ("***\n\nnach dem Strich", "***\n\nnach dem Strich"),
        ("    int **x**", "    int **x**"),
        ("[zwei\nZeilen](https://example.org/z)", "zwei\nZeilen <https://example.org/z>"),
        ("[x](https://example.org 'ein\nTitel')", "[x](https://example.org 'ein\nTitel')"),
        ("**fett\nüber zwei**\r\nZeilen", "fett\nüber zwei\nZeilen"),
        ("\ue000 &#xE000;**x**", " x"),
        ("<b>&lt;b&gt;</b>", "<b><b></b>"),
        ("# Titel\n\n![Bild](https://example.org/b.png)", "# Titel\n\n!Bild <https://example.org/b.png>"),
        ("", ""),
    ],
)
def test_a_mark_is_gone_and_every_word_there(source: str, said: str) -> None:
    assert plain(source) == said


@pytest.mark.parametrize(
    "source",
    [
        "Liebe **alle**,\n\n- [Plan](https://example.org/p), *neu*\n- `Code` und ~~alt~~\n\n> zitiert\n\n1. eins",
        "a\\*b &uuml; **c *d* e**\n***\n- - x\n  > y **z**",
        "[[a]](https://example.org) [b][c] [c]\n\n[c]: https://example.org/c",
    ],
)
def test_it_has_the_words_of_the_html(source: str) -> None:
    assert words(visible_text(markdown(source))) <= words(plain(source))


@pytest.mark.parametrize(
    "typed",
    ["Schüler*innen und Kolleg*innen", "Helfer[innen](m/w/d) gesucht", "[TOP 1]: Begrüßung", "[uns](tel:099912345)"],
)
def test_the_html_keeps_what_only_looks_like_a_mark(typed: str) -> None:
    assert markdown(typed).strip() == f"<p>{typed}</p>"


def test_a_text_without_end_takes_no_time_without_end() -> None:
    source = "**[" * 3000 + "x" * 5000
    assert plain(source).endswith("x" * 5000)
