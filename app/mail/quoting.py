"""What the writer of a mail wrote: the text without what it answers and without its signature.

A lost word weighs more than a quote left over. So a quote goes only where nothing of the writer's own follows it;
between own words it stays, because they speak of it. A forwarded mail is not touched: what is forwarded is what the
writer wants to show. Closings ("Mit freundlichen Grüßen") and disclaimers are the writer's.
"""

from __future__ import annotations

from typing import NamedTuple

from app.mail import quoting_footers as footers
from app.mail import quoting_heads as heads
from app.mail import quoting_marks as marks

_MOST_LINES = 10_000  # that are looked at; nobody writes more above a quote
_SIGNATURE = "-- "
_LONGEST_SIGNATURE = 30  # lines
_LONGEST_BARE_SIGNATURE = 15
_LONGEST_HEAD = 30  # lines of a quoted mail's head
_WRAPPED = 4  # lines over which an attribution may be wrapped


class Mark(NamedTuple):
    """Where something of another mail begins (index of a line) and where its own words are (first line after)."""

    start: int
    end: int
    kind: str  # "forward", "original" (all below is quoted), "attribution" (quoted lines follow)


def trim(text: str, subject: str = "") -> str:
    """Return what the writer wrote in `text` (lines end in a line feed). Takes time linear in its length."""
    if heads.is_forwarding(subject):
        return text.strip()
    text = text.strip()
    lines = _unglued(text.split("\n", _MOST_LINES)[:_MOST_LINES])
    looked_at = [_SIGNATURE if line == _SIGNATURE else marks.plain(line) for line in lines]
    for index in range(1, len(looked_at)):
        if marks.continues_link(looked_at[index - 1], looked_at[index]):
            looked_at[index] = f"> {looked_at[index]}"
    end, below = _own_end(looked_at)
    if below == "forward" or (not below and text.count("\n") >= _MOST_LINES):
        return text
    kept = _without_tail(looked_at, end)
    if not any(looked_at[:kept]):
        kept = len(lines)
    return "\n".join(line.rstrip() for line in _without_attributions(lines[:kept], looked_at)).strip()


def _unglued(lines: list[str]) -> list[str]:
    """Give an attribution its own line where it stands behind own words."""
    separate: list[str] = []
    for index, line in enumerate(lines):
        found = marks.unglued(line)
        separate.extend(found if found and _is_quote_below(lines, index + 1) else [line])
    return separate


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
    if len(line) > marks.LONGEST_MARK or not marks.may_begin(line):
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
    while position < min(len(lines), index + _LONGEST_HEAD) and position - last <= 3:
        kind = heads.header(lines[position])
        if kind:
            kinds.add(kind)
            last = position
        elif position == index:
            return None
        position += 1
    if not (len(kinds) >= 3 and "from" in kinds and kinds & {"date", "subject"}):
        return _short_head(lines, start, index)
    is_head = start != index or any(map(heads.says_who_or_when, lines[index : last + 1]))
    return Mark(start, last + 1, "original") if is_head else None


def _short_head(lines: list[str], start: int, index: int) -> Mark | None:
    """A head of two fields is believed only where it gives an address and a day with its time of day."""
    if index + 1 >= len(lines) or (index and not start < index and lines[index - 1]):
        return None
    kinds = heads.header(lines[index]), heads.header(lines[index + 1])
    if kinds not in (("from", "date"), ("date", "to"), ("date", "from")):
        return None
    date, person = (lines[index + 1], lines[index]) if kinds[1] == "date" else (lines[index], lines[index + 1])
    return Mark(start, index + 2, "original") if heads.full_date(date) and "@" in person else None


def _attribution(lines: list[str], index: int) -> Mark | None:
    """An attribution that begins in this line; wrapped by the mail program, it may fill several."""
    if mark := _groupwise(lines, index):
        return mark
    joined = ""
    for end in range(index, min(index + _WRAPPED, len(lines))):
        if not lines[end] and not _goes_on(lines, end):
            break
        joined = f"{joined} {lines[end]}".strip()
        if len(joined) > marks.LONGEST_MARK or (end > index and not marks.may_wrap(lines[index])):
            break
        if not marks.may_end(lines[end]) and not _is_quote_below(lines, end + 1):
            continue
        quoted_below = _is_quote_below(lines, end + 1)
        alone = end == index and quoted_below and marks.loose_attribution(joined)
        if alone or marks.attribution(joined, quoted_below):
            if end > index and _begins_later(lines, index, end, quoted_below):
                return None
            return Mark(index, end + 1, "attribution" if quoted_below else "original")
    return None


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
        mark = _attribution(lines, index) if lines[index] else None
        if mark and mark.end >= start:
            return index
    return start


def _before_footer(lines: list[str], end: int) -> int:
    return end - 1 if end and footers.footer(lines[end - 1]) else end


def _before_list_footer(lines: list[str], end: int) -> int:
    for index in range(end - 1, max(-1, end - 8), -1):
        if marks.rule(lines[index]) and len(lines[index]) >= 20:
            return index if any(map(footers.list_footer, lines[index:end])) else end
    return end


def _before_signature(lines: list[str], end: int) -> int:
    """A line of two dashes without the space that belongs there may also part the writer's own paragraphs."""
    found = range(max(1, end - 1 - _LONGEST_SIGNATURE), end)
    bare = [index for index in found if lines[index] == _SIGNATURE.strip()]
    proper = [index for index in found if lines[index] == _SIGNATURE]
    if proper:
        return proper[0]
    return bare[0] if len(bare) == 1 and end - bare[0] <= _LONGEST_BARE_SIGNATURE else end


def _without_attributions(lines: list[str], looked_at: list[str]) -> list[str]:
    """Take the lines of programs out that stand above quotes which stay because own words follow them."""
    kept: list[str] = []
    index = 0
    while index < len(lines):
        mark = _attribution(looked_at, index) if looked_at[index] else None
        is_drawn_in = marks.is_quoted(looked_at[index]) and not marks.groupwise(looked_at[index])
        if mark and mark.kind == "attribution" and not is_drawn_in:
            index = mark.end
            while index < len(lines) and not looked_at[index]:
                index += 1
        else:
            kept.append(lines[index])
            index += 1
    return kept
