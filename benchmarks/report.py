"""The table that a run ends with."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One promise: what was measured, what it comes to, and the goal it is held against."""

    name: str
    measured: str
    result: str
    goal: str
    met: bool


def table(figures: list[Figure]) -> str:
    """Return the figures as aligned lines."""
    rows = [("Was", "gemessen", "Ergebnis", "Ziel", "")]
    rows += [(one.name, one.measured, one.result, one.goal, "erreicht" if one.met else "VERFEHLT") for one in figures]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join([lines[0], "-" * len(lines[0]), *lines[1:]])
