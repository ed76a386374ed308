"""What the writer of a mail wrote: the text without what it answers and without its signature.

A lost word weighs more than a quote left over. So a quote goes only where nothing of the writer's own follows it;
between own words it stays, because they speak of it. A forwarded mail is not touched: what is forwarded is what the
writer wants to show. Closings ("Mit freundlichen Grüßen") and disclaimers are the writer's.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from app.mail import quoting_marks as marks

_LONGEST_SIGNATURE = 30  # lines
_WRAPPED = 4  # lines over which an attribution may be wrapped
_FORWARDING = re.compile(
    r"\s*(?:fwd?|wg|weitergeleitet|tr|rv|enc|vs|vb|vl|doorst|i|pd|továbbítás|转发)\s*:", re.IGNORECASE
)
_ANSWERING = re.compile(
    r"\s*(?:re|aw|antw(?:ort)?|sv|odp|res|ref|rif|回复|答复|vá|vs|ynt|ha)(?:\[\d+\]|\(\d+\))?\s*[:：]", re.IGNORECASE
)


class Mark(NamedTuple):
    """Where something of another mail begins (index of a line) and where its own words are (first line after)."""

    start: int
    end: int
    kind: str  # "forward", "original" (all below is quoted), "attribution" (quoted lines follow)


def is_forwarding(subject: str) -> bool:
    """Whether the subject begins like a forwarded mail's."""
    return bool(_FORWARDING.match(subject))


def is_answering(subject: str) -> bool:
    """Whether the subject begins like an answer's."""
    return bool(_ANSWERING.match(subject))


def trim(text: str, subject: str = "") -> str:
    """Return what the writer wrote in `text` (lines end in a line feed). Takes time linear in its length."""
    if is_forwarding(subject):
        return text.strip()
    lines = [line.rstrip() for line in text.split("\n")]
    looked_at = [marks.plain(line) for line in lines]
    end, below = _own_end(looked_at)
    if below == "forward":
        return text.strip()
    kept = _without_tail(looked_at, end)
    if not any(looked_at[:kept]):
        kept = len(lines)
    return "\n".join(_without_first_attribution(lines[:kept], looked_at)).strip()


def _own_end(lines: list[str]) -> tuple[int, str]:
    """Return before which line all of the writer's words stand, and what follows there."""
    seen_own = False
    index = 0
    while index < len(lines):
        line = lines[index]
        if not line:
            index += 1
            continue
        mark = _mark_at(lines, index)
        if mark and mark.kind == "forward":
            return index, "forward"
        if mark and mark.kind == "original" and seen_own:
            return index, "original"
        if not marks.is_quoted(line) and not mark and not marks.rule(line):
            seen_own = True
        index = mark.end if mark else index + 1
    return len(lines), ""


def _mark_at(lines: list[str], index: int) -> Mark | None:
    line = lines[index]
    if len(line) > marks.LONGEST_MARK:
        return None
    if marks.forward(line):
        return Mark(index, index + 1, "forward")
    if marks.separator(line):
        return Mark(index, index + 1, "original")
    if marks.is_quoted(line):
        return None
    return _header_block(lines, index) or _attribution(lines, index)


def _header_block(lines: list[str], index: int) -> Mark | None:
    start = index
    while index < len(lines) and (not lines[index] or marks.rule(lines[index]) or marks.bare_separator(lines[index])):
        index += 1
        if index - start > 3:
            return None
    kinds: set[str] = set()
    last, position = index, index
    while position < len(lines) and position - last <= 3:
        kind = marks.header(lines[position])
        if kind:
            kinds.add(kind)
            last = position
        elif position == index:
            return None
        position += 1
    if len(kinds) >= 3 and "from" in kinds and kinds & {"date", "subject"}:
        return Mark(start, last + 1, "original")
    return None


def _attribution(lines: list[str], index: int) -> Mark | None:
    joined = ""
    for end in range(index, min(index + _WRAPPED, len(lines))):
        if not lines[end]:
            break
        joined = f"{joined} {lines[end]}".strip()
        if len(joined) > marks.LONGEST_MARK:
            break
        quoted_below = _is_quote_below(lines, end + 1)
        if marks.attribution(joined) or (quoted_below and end == index and marks.loose_attribution(joined)):
            later = _attribution(lines, index + 1) if end > index else None
            if later and later.end == end + 1:
                return None
            return Mark(index, end + 1, "attribution" if quoted_below else "original")
    return None


def _is_quote_below(lines: list[str], index: int) -> bool:
    while index < len(lines) and not lines[index]:
        index += 1
    return index < len(lines) and marks.is_quoted(lines[index])


def _without_tail(lines: list[str], end: int) -> int:
    """Return before which line what a program added at the end begins: quotes, signature, footers."""
    while True:
        shorter = _before_blank(lines, end)
        for step in (_before_quote, _before_footer, _before_list_footer, _before_signature):
            shorter = step(lines, shorter)
        if shorter == end:
            return end
        end = shorter


def _before_blank(lines: list[str], end: int) -> int:
    while end and (not lines[end - 1] or marks.rule(lines[end - 1])):
        end -= 1
    return end


def _before_quote(lines: list[str], end: int) -> int:
    start = end
    while start and (not lines[start - 1] or marks.is_quoted(lines[start - 1])):
        start -= 1
    if start == end:
        return end
    for index in range(max(0, start - _WRAPPED), start):
        mark = _attribution(lines[:end], index) if lines[index] else None
        if mark and mark.end >= start:
            return index
    return start


def _before_footer(lines: list[str], end: int) -> int:
    return end - 1 if end and marks.footer(lines[end - 1]) else end


def _before_list_footer(lines: list[str], end: int) -> int:
    for index in range(end - 1, max(-1, end - 8), -1):
        if marks.rule(lines[index]) and len(lines[index]) >= 20:
            return index if any(map(marks.list_footer, lines[index:end])) else end
    return end


def _before_signature(lines: list[str], end: int) -> int:
    found = end
    for index in range(end - 1, max(-1, end - 1 - _LONGEST_SIGNATURE), -1):
        if lines[index] in ("--", "—") and any(lines[:index]):
            found = index
    return found


def _without_first_attribution(lines: list[str], looked_at: list[str]) -> list[str]:
    return lines
