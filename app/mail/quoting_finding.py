"""Where a line, or a few lines together, begin what somebody else wrote: a separator, a head, an attribution."""

from __future__ import annotations

from typing import NamedTuple

from app.mail import quoting_footers as footers
from app.mail import quoting_heads as heads
from app.mail import quoting_marks as marks
from app.mail import quoting_separators as separators

_LONGEST_HEAD = 30  # lines of a quoted mail's head
WRAPPED = 4  # lines over which an attribution may be wrapped


class Mark(NamedTuple):
    """Where something of another mail begins (index of a line) and where its own words are (first line after)."""

    start: int
    end: int
    kind: str  # "forward", "original" (all below is quoted), "attribution" (quoted lines follow)


def mark_at(lines: list[str], index: int) -> Mark | None:
    """Return what begins in this line, if anything does."""
    line = lines[index]
    # A longer line can only be a head that lost its breaks, and to glance at all of it would take long.
    is_short = len(line) <= marks.LONGEST_MARK
    if is_short and not marks.may_begin(line):
        return None
    if heads.in_one_line(line):
        return Mark(index, index + 1, "original")
    return _short_mark(lines, index) if is_short else None


def _short_mark(lines: list[str], index: int) -> Mark | None:
    line = lines[index]
    if separators.forward(line):
        return Mark(index, index + 1, "forward")
    if separators.separator(line):
        head = _header_block(lines, index + 1)
        return Mark(index, head.end if head else index + 1, "original")
    if marks.is_quoted(line):
        return None
    return _header_block(lines, index) or attribution(lines, index)


def _header_block(lines: list[str], index: int) -> Mark | None:
    start = index
    while index < len(lines) and _leads_to_head(lines[index]):
        index += 1
        if index - start > 3:
            return None
    kinds: set[str] = set()
    # The program's own mark above, or an address or a time in one of the fields; a time beside them says nothing.
    is_head = start != index
    last, position = index, index
    while position < min(len(lines), index + _LONGEST_HEAD) and position - last <= 3:
        kind = heads.header(lines[position])
        if kind:
            is_head = is_head or (kind not in kinds and heads.says_who_or_when(lines[position]))
            kinds.add(kind)
            last = position
        elif position == index:
            return None
        position += 1
    if not (len(kinds) >= 3 and "from" in kinds and kinds & {"date", "subject"}):
        return _short_head(lines, start, index)
    return Mark(start, last + 1, "original") if is_head else None


def _leads_to_head(line: str) -> bool:
    return not line or separators.rule(line) or separators.bare_separator(line)


def _short_head(lines: list[str], start: int, index: int) -> Mark | None:
    """A head of two fields is believed only where it gives an address and a day with its time of day."""
    if index + 1 >= len(lines) or (index and not start < index and lines[index - 1]):
        return None
    kinds = heads.header(lines[index]), heads.header(lines[index + 1])
    if kinds not in (("from", "date"), ("date", "to"), ("date", "from")):
        return None
    date, person = (lines[index + 1], lines[index]) if kinds[1] == "date" else (lines[index], lines[index + 1])
    return Mark(start, index + 2, "original") if heads.full_date(date) and "@" in person else None


def attribution(lines: list[str], index: int) -> Mark | None:
    """Return an attribution that begins in this line; wrapped by the mail program, it may fill several."""
    if mark := _groupwise(lines, index):
        return mark
    joined = ""
    for end in range(index, min(index + WRAPPED, len(lines))):
        if (not lines[end] and not _goes_on(lines, end)) or (end > index and marks.is_quoted(lines[end])):
            break
        joined = f"{joined} {lines[end]}".strip()
        if len(joined) > marks.LONGEST_MARK or (end > index and not marks.may_wrap(lines[index])):
            break
        quoted_below = is_quote_below(lines, end + 1)
        if not _is_attribution(lines, index, end, joined, quoted_below):
            continue
        if end > index and _begins_later(lines, index, end, quoted_below):
            return None
        return Mark(index, end + 1, "attribution" if quoted_below else "original")
    return None


def _is_attribution(lines: list[str], index: int, end: int, joined: str, quoted_below: bool) -> bool:
    if quoted_below and marks.loose_attribution(joined, wrapped=end > index):
        return True
    if (quoted_below or marks.may_end(lines[end])) and marks.attribution(joined, quoted_below):
        return True
    beside = quoted_below or _is_footer_above(lines, index)
    return beside and _stands_alone(lines, index, end) and marks.lone_attribution(joined)


def _is_footer_above(lines: list[str], index: int) -> bool:
    """Whether a phone's advertisement stands above: the writer's words have ended there."""
    above = [line for line in lines[max(0, index - 3) : index] if line]
    return bool(above) and footers.footer(above[-1])


def _stands_alone(lines: list[str], index: int, end: int) -> bool:
    """Whether no line touches these from above or below."""
    return not (index and lines[index - 1]) and not (end + 1 < len(lines) and lines[end + 1])


def _groupwise(lines: list[str], index: int) -> Mark | None:
    """GroupWise begins its line with three signs and ends it with a Message-ID, mostly in the next line."""
    if not marks.groupwise(lines[index]):
        return None
    for end in range(index, min(index + 3, len(lines))):
        if marks.groupwise_end(" ".join(lines[index : end + 1])):
            return Mark(index, end + 1, "attribution")
    return None


def _goes_on(lines: list[str], index: int) -> bool:
    """Whether an empty line stands within an attribution, before the address."""
    return index + 1 < len(lines) and lines[index + 1].startswith("<")


def _begins_later(lines: list[str], index: int, end: int, quoted_below: bool) -> bool:
    """Whether an attribution that ends there begins below this line, which is then the writer's own."""
    rest = (" ".join(lines[start : end + 1]) for start in range(index + 1, end + 1))
    return any(marks.attribution(line, quoted_below) for line in rest)


def is_quote_below(lines: list[str], index: int) -> bool:
    """Whether the next line that is not empty is quoted."""
    while index < len(lines) and not lines[index]:
        index += 1
    return index < len(lines) and marks.is_quoted(lines[index])
