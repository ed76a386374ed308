"""Real PDFs for the demo: flyers, invitations, minutes."""

from __future__ import annotations

_INK = (19, 21, 37)
_BLUE = (32, 68, 170)


def pdf(title: str, paragraphs: list[str]) -> bytes:
    """Return a PDF of one page or more, A4, with a title and paragraphs (characters of Latin-1 only)."""
    from fpdf import FPDF  # it takes long to load

    paper = FPDF(format="A4")
    paper.set_title(title)
    paper.set_lang("de")
    paper.set_margin(25)
    paper.add_page()
    paper.set_text_color(*_BLUE)
    paper.set_font("Helvetica", "B", 20)
    paper.multi_cell(0, 10, _latin(title), new_x="LMARGIN", new_y="NEXT")
    paper.ln(6)
    paper.set_text_color(*_INK)
    paper.set_font("Helvetica", "", 12)
    for paragraph in paragraphs:
        paper.multi_cell(0, 7, _latin(paragraph), new_x="LMARGIN", new_y="NEXT")
        paper.ln(3)
    return bytes(paper.output())


def _latin(text: str) -> str:
    replaced = text.replace("„", '"').replace("“", '"').replace("–", "-")
    return replaced.encode("latin-1", errors="replace").decode("latin-1")
