"""What a door answers its mail server about one mail."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Verdict:
    """Kept: committed. Refused: for good, with the reason as a sentence. Neither: the server asks again later."""

    is_kept: bool = False
    refusal: str = ""

    @property
    def is_later(self) -> bool:
        """Whether the mail server shall try again."""
        return not self.is_kept and not self.refusal


KEPT = Verdict(is_kept=True)
LATER = Verdict()
UNKNOWN = Verdict(refusal="Diese Adresse gibt es hier nicht.")
