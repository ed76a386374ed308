"""What the writer of a mail wrote: the text without what it answers and without its signature.

A lost word weighs more than a quote left over. So a quote goes only where nothing of the writer's own follows it;
between own words it stays, because they speak of it. A forwarded mail is not touched: what is forwarded is what the
writer wants to show. Closings ("Mit freundlichen Grüßen") and disclaimers are the writer's.
"""

from __future__ import annotations

from app.mail import quoting_announced as announced
from app.mail import quoting_finding as finding
from app.mail import quoting_footers as footers
from app.mail import quoting_heads as heads
from app.mail import quoting_marks as marks
from app.mail import quoting_separators as separators

_MOST_LINES = 10_000  # that are looked at; nobody writes more above a quote
_SIGNATURE = "-- "
_LONGEST_SIGNATURE = 30  # lines
_LONGEST_BARE_SIGNATURE = 15
_SENTENCE = 8  # words of a line, which a name, an office or an address has not


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
        separate.extend(found if found and finding.is_quote_below(lines, index + 1) else [line])
    return separate


def _own_end(lines: list[str]) -> tuple[int, str]:
    """Return before which line all of the writer's words stand, and what follows there."""
    last_own = _without_tail(lines, len(lines))
    seen_own = False
    index = 0
    while index < len(lines):
        line = lines[index]
        if not line:
            index += 1
            continue
        mark = finding.mark_at(lines, index)
        if mark and mark.kind == "forward":
            return index, "forward"
        if mark and mark.kind == "original" and seen_own and not _is_answered_below(lines, mark, last_own):
            # Answers in red have no quote signs around them; who announces such answers has their mail kept whole.
            return (len(lines), "") if announced.answers_inside(lines[:index]) else (index, "original")
        if not marks.is_quoted(line) and not mark and not separators.rule(line):
            seen_own = True
        index = mark.end if mark else index + 1
    return len(lines), ""


def _is_answered_below(lines: list[str], mark: finding.Mark, last_own: int) -> bool:
    """Whether the writer answers below a separator: what is quoted there has its signs, and lines without follow."""
    return mark.end < last_own and finding.is_quote_below(lines, mark.end)


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
    while end and (not lines[end - 1] or separators.rule(lines[end - 1])):
        end -= 1
    return end


def _before_quote(lines: list[str], end: int) -> int:
    start = end
    while start and (not lines[start - 1] or marks.is_quoted(lines[start - 1])):
        start -= 1
    if start == end:
        return end
    for index in range(max(0, start - finding.WRAPPED), start):
        mark = finding.attribution(lines, index) if lines[index] else None
        if mark and mark.end >= start:
            return index
    return start


def _before_footer(lines: list[str], end: int) -> int:
    return end - 1 if end and footers.footer(lines[end - 1]) else end


def _before_list_footer(lines: list[str], end: int) -> int:
    for index in range(end - 1, max(-1, end - 8), -1):
        if separators.rule(lines[index]) and len(lines[index]) >= 20:
            return index if any(map(footers.list_footer, lines[index:end])) else end
    return end


def _before_signature(lines: list[str], end: int) -> int:
    """A line of two dashes without the space that belongs there may also part the writer's own paragraphs."""
    found = range(max(1, end - 1 - _LONGEST_SIGNATURE), end)
    bare = [index for index in found if lines[index] == _SIGNATURE.strip()]
    proper = [index for index in found if lines[index] == _SIGNATURE]
    if proper:
        return proper[0]
    is_signature = len(bare) == 1 and end - bare[0] <= _LONGEST_BARE_SIGNATURE and not _parts(lines, bare[0], end)
    return bare[0] if is_signature else end


def _parts(lines: list[str], index: int, end: int) -> bool:
    """Whether this line stands between paragraphs: with space around it, and with sentences below."""
    if lines[index - 1] or index + 1 >= end or lines[index + 1]:
        return False
    return any(len(line.split()) >= _SENTENCE for line in lines[index + 1 : end])


def _without_attributions(lines: list[str], looked_at: list[str]) -> list[str]:
    """Take the lines of programs out that stand above quotes which stay because own words follow them."""
    kept: list[str] = []
    index = 0
    while index < len(lines):
        mark = finding.attribution(looked_at, index) if looked_at[index] else None
        is_drawn_in = marks.is_quoted(looked_at[index]) and not marks.groupwise(looked_at[index])
        if mark and mark.kind == "attribution" and not is_drawn_in:
            index = mark.end
            while index < len(lines) and not looked_at[index]:
                index += 1
        else:
            kept.append(lines[index])
            index += 1
    return kept
