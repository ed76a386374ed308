"""How often the portal guesses rightly what a file is: on sixty files its rules were made with, and on forty others."""

from __future__ import annotations

import sys
import time
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from app.forum.models import Kind
from app.meetings.guessing import Guess, Letter, guess
from app.meetings.guessing_sittings import Sitting
from app.meetings.models import Paper

FOLDER = Path(__file__).parent / "filing"


@dataclass(frozen=True)
class Case:
    """A labelled file and what the portal makes of it."""

    sent: date
    name: str
    expected: tuple[str, str, date | None]
    guessed: tuple[str, str, date | None]

    @property
    def is_right(self) -> bool:
        return self.expected == self.guessed

    @property
    def is_filed_wrongly(self) -> bool:
        return self.guessed[0] == "filed" and not self.is_right

    def __str__(self) -> str:
        return f"{self.sent} {self.name}: {_said(self.guessed)} instead of {_said(self.expected)}"


def cases(name: str) -> list[Case]:
    labelled = tomllib.loads((FOLDER / name).read_text())
    return [case for letter in labelled["letters"] for case in _of_letter(letter, labelled["calendars"])]


def _of_letter(letter: dict[str, Any], calendars: dict[str, Any]) -> Iterator[Case]:
    calendar = calendars[letter["calendar"]]
    sittings = [Sitting(id, each["day"], each["title"]) for id, each in enumerate(calendar["sittings"], start=1)]
    answers = next((each.id for each in sittings if each.day == letter.get("answers")), None)
    old = [(each["name"], Paper(each["kind"])) for each in calendar["old"]]
    told = Letter(
        letter["sent"], Kind(letter["kind"]), letter["subject"], letter["body"], sittings, answers=answers, old=old
    )
    guesses = guess([file["name"] for file in letter["files"]], told)
    for file, made in zip(letter["files"], guesses, strict=True):
        yield Case(letter["sent"], file["name"], _label(file), _made(made))


def _label(file: dict[str, Any]) -> tuple[str, str, date | None]:
    if "ask" in file:
        return "asked", file["ask"], file.get("of")
    return ("nothing", "", None) if file["is"] == "nothing" else ("filed", file["is"], file.get("of"))


def _made(guess: Guess) -> tuple[str, str, date | None]:
    if guess.kind is None:
        return "nothing", "", None
    return "filed" if guess.sure else "asked", guess.kind.value, guess.sitting.day if guess.sitting else None


def _said(outcome: tuple[str, str, date | None]) -> str:
    return " ".join(str(part) for part in outcome if part)


@pytest.mark.parametrize(
    ("name", "number", "floor", "most_wrong"), [("labelled.toml", 60, 0.9, 0), ("held_out.toml", 40, 0.75, 1)]
)
def test_what_a_file_is_is_guessed(
    name: str, number: int, floor: float, most_wrong: int, capsys: pytest.CaptureFixture[str]
) -> None:
    made = cases(name)
    right = sum(case.is_right for case in made)
    wrongly_filed = [case for case in made if case.is_filed_wrongly]
    score = f"{name}: {right} of {len(made)} right ({right / len(made):.0%}), {len(wrongly_filed)} filed wrongly"
    with capsys.disabled():
        sys.stdout.write("\n".join(["", score, *(f"  {case}" for case in made if not case.is_right), ""]))

    assert len(made) == number
    assert right / len(made) >= floor
    assert len(wrongly_filed) <= most_wrong


@pytest.mark.parametrize(
    "piece", ["Ä", "a", ".", "?!", "1", "3. Mai ", "mai1", "letzte Treffen ", "die vorlage ", "laden "]
)
def test_no_text_takes_more_than_moments_to_guess_from(piece: str) -> None:
    sent, text = date(2027, 3, 1), (piece * 50_000)[:50_000]
    sittings = [Sitting(id, sent + timedelta(weeks=id), f"{id}. Netzwerktreffen") for id in range(40)]
    began = time.process_time()
    guess(["scan0007.pdf"], Letter(sent, Kind.MESSAGE, "Anbei", text, sittings))
    # Seconds of the processor; looked at from each letter on, it is up to half a minute.
    assert time.process_time() - began < 5
