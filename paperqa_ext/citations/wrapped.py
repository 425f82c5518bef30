"""Lines that a title is broken over, joined: hard wraps, hanging indents, items of a bibliography."""

from __future__ import annotations

import re
from itertools import pairwise

from .patterns import FIELD, NAME
from .title_patterns import FACTS_LINE

# A title in marks that is broken over two lines, and a line that ends where no title ends.
_WRAPPED = re.compile(
    r"[*\"“《](?<![^\s(].)(?:(?<=\*)\*(?=[\w\"“《$])[^*\n]{3,200}\n[ >]{0,8}(?![-*#|])[^*\n]{1,200}(?<=\S)\*\*"
    r"|(?<=\")(?=\w)[^\"\n]{3,200}\n[ >]{0,8}(?![-*#|]|\d+\.)[^\"\n]{1,200}(?<=\S)\"(?!\w)"
    r"|(?<=[“《])(?=\w)[^“”《》\n]{3,200}\n[ >]{0,8}(?![-*#|]|\d+\.)[^“”《》\n]{1,200}[”》])"
)
# "… that admit a\nuniform embedding"
_BROKEN = re.compile(r"( (?:an?|the|of|for|with|and|in|on|to|from))\n(?=[a-z])")
_HANGING = re.compile(r"\n {2,8}[^\W\d_]")
_CONTINUES = re.compile(r" {1,8}(?!(?:[a-h]|[ivx]{1,4})[.)] )(?P<first>[^\W\d_]\S*)")
_OPEN_END = re.compile(r"(?<= )(?:with|for|of|and|in|on|the|an?|to|from|via|using|by)\Z")
# An item that is broken within a title, the capitals that end it, the names under it.
_ITEM = re.compile(
    r"[ ]{0,4}(?:\(?\d{1,3}[.)、]|\[(?:\d{1,3}|[A-H])\]|[-*•]) ?[^\W\d_a-z][^\n]{20,}(?<=[a-z:\u3400-\u9fff])\Z"
)
_CAPITAL = r"(?:[A-Z][\w-]*|of|for|and|in|on|the|an?|to|with|from|via)"
_WORDS_LINE = re.compile(
    rf"[ ]{{2,8}}(?:{_CAPITAL}(?: {_CAPITAL}){{0,12}}|[\u3400-\u9fff][\u3400-\u9fffA-Za-z\d]{{3,30}})\.?\Z"
)
_BYLINE = re.compile(
    rf"[ ]{{2,8}}(?:{NAME.pattern})(?:(?:, and |, ?| and | & |、)(?:{NAME.pattern})){{1,20}}"
    r"(?:,| 等|,? et al\.?|[.])?\Z"
)
_NAMED = re.compile(r"(?:[^\W\da-z][\w.'’-]*[ ]?){1,5}(?:[\W\d].{0,80})?$")


def unbroken(flat: str) -> str:
    """`flat` with each title that is broken over lines on one line, in as many characters."""
    flat = _WRAPPED.sub(lambda title: title[0].replace("\n", " "), _BROKEN.sub(r"\1 ", flat))
    return _unwrapped(flat)


def _unwrapped(flat: str) -> str:
    """`flat` with a line joined to the indented one that goes on with it.

    It goes on in lower case, or after a word that ends no title, or where its first word had no room left.
    """
    if not _HANGING.search(flat):
        return flat
    lines = flat.split("\n")
    lengths = [len(one) for one, two in pairwise(lines) if _CONTINUES.match(two)]
    width = max(lengths, default=0)
    wrapped = width < 120 and sum(length > width - 12 for length in lengths) > 1
    parts, joined = lines[:1], False
    for before, line, after in zip(lines, lines[1:], [*lines[2:], ""], strict=False):
        words = _CONTINUES.match(line)
        full = wrapped and words is not None and len(before) + len(words["first"]) >= width
        goes_on = words is not None and (words["first"][0].islower() or (full and not _tells(line.lstrip(" "))))
        goes_on &= (
            not line.lstrip().startswith("by ")
            and len(before) > 30
            and before[-1] not in ".:。!?)"
            and not FIELD.match(line.lstrip())
        )
        begun = joined or _ITEM.match(before) is not None
        joined = goes_on or (words is not None and (_is_open(before) or (begun and _is_wrapped(line, after))))
        parts += [" " if joined else "\n", line]
    return "".join(parts)


def _is_open(line: str) -> bool:
    """Whether `line` ends with a word that ends no title, or within brackets."""
    return _OPEN_END.search(line) is not None or line.count("(") > line.count(")")


def _is_wrapped(line: str, after: str) -> bool:
    """Whether `line` ends the title of an item: capitals or Chinese and nothing else, over names or a label."""
    if not _WORDS_LINE.match(line) or not _CONTINUES.match(after) or FIELD.match(line.lstrip()):
        return False
    names = _BYLINE.match(after) or (FIELD.match(after.lstrip()) and len(line.split()) != 2)
    return bool(names) and not _BYLINE.match(line)


def _tells(line: str) -> bool:
    """Whether `line` begins with names or another fact of a paper."""
    return FACTS_LINE.match(line) is not None or _NAMED.match(line) is not None
