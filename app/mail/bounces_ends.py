"""Where a server's words end in a report, and the mail it gives back begins."""

from __future__ import annotations

import re

# Where the mail given back begins; what stands there is not the server's.
_GIVEN_BACK = re.compile(
    # Anybody writes lines of dashes: what leads a line is read once, and nothing of it given up again.
    r"^(?:(?=[ \t>*]*+(?:-[ \t>*]++)*+--)[ \t>*-]*+(?!(?:server|error) message)"
    r"[^\n]{0,60}(?:copy|original|header|message|nachricht|unsent|returned|mail)[^\n]{0,80}+$"
    r"|[ \t>*-]*+(?:below this line is a copy|(?:this|here|the following|enclosed|included) is a copy|a copy of (?:the"
    r"|your) (?:original )?(?:message|mail)"
    r"|(?:original|returned|unsent|your|the) (?:message|mail|e-mail)[^\n]{0,30}(?:follows|headers?:|is as follows"
    r"|below|is attached)"
    r"|(?:the )?headers? of the original|message headers? follow|text of (?:your )?message|(?:kopie"
    r"|kopfzeilen) (?:der|ihrer)[^\n]{0,60}"
    r"|urspr(?:ü|ue)ngliche nachricht|return-path:|received: (?:from|by|\()|message-id:|content-type: message/rfc822"
    r"|from [^\s@]+@\S+ (?:mon|tue|wed|thu|fri|sat|sun)|original message))",
    re.IGNORECASE | re.MULTILINE,
)


def end_of_words(text: str) -> int:
    """Return where the mail given back begins in the text of a report; its length if it gives none back there."""
    mark = _GIVEN_BACK.search(text, 1)
    while mark and not text[: mark.start()].strip():
        mark = _GIVEN_BACK.search(text, mark.end())
    return mark.start() if mark else len(text)
