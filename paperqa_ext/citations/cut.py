"""Whether the generation limit has cut an answer off in its last citation."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from ..papers import parse_arxiv_id
from .patterns import FIELD, HAN
from .record import Citation
from .text import Text
from .title_patterns import LOOSE_END
from .words import looks_cut

# At the end of the answer: finished.
_ENDED = re.compile(r"(?:[.!?。！？~～)\]\"”」』》*_]|(?:1[5-9]|20)\d\d[a-z]?|[年期卷页版等])\Z")
# What a cut leaves after the last thing read: " — Second Aut", ", (20", " (Kitaev et", "，作者："
_REST = re.compile(r"[ ]?(?:[-–—,、(\[]|by )[^.。!?！？)\]:]{0,40}:?")
# No names: a note.
_NOTE = re.compile(rf"(?<=[ ])(?!(?:and|et|al|van|von)\b)[a-z]{{2,}}|[-–—][ ]?{HAN}{{4}}")
_CUT_LINK = re.compile(r"\]\([^\s()]{0,400}\Z")


def marked_cut(text: Text, found: Sequence[Citation]) -> Citation:
    """The last of `found`, marked as truncated if it is, without a name that may be half of one."""
    last = found[-1]
    *whole, name = last.authors or ("",)
    if whole and " " not in name and all(" " in one for one in whole) and text.raw.endswith(name, 0, text.stop):
        return replace(last, authors=tuple(whole), truncated=True)
    return replace(last, truncated=_is_cut(text, found))


def _is_cut(text: Text, found: Sequence[Citation]) -> bool:
    """Whether the answer stops at the end of its last citation, or among its authors, with nothing to end it.

    An answer that stops in a link after them is not cut there.
    """
    last, tail = found[-1], text.flat[max(0, text.stop - 400) : text.stop]
    rest = text.flat[last.span[1] : text.stop]
    if _CUT_LINK.search(tail):
        return False
    line = text.flat.rfind("\n", max(0, text.stop - 300), text.stop) + 1
    if line and not last.truncated and (field := FIELD.match(text.flat, line, text.stop)) and last.text[-1:] != ",":
        if field.lastgroup == "authors" and last.authors and len(found) > 1 and not _ENDED.search(tail[-8:]):
            return last.year is None and all(one.year for one in found[:-1])  # others go on to a year
        if not (last.title and last.text.endswith(last.title)) or field.lastgroup != "title":
            return False
        # A block of labels that ends with its title, where others go on to authors and year
        return looks_cut(last.title) or any(one.authors or one.year for one in found[:-1])
    if text.flat[last.span[0]].isspace():  # a record knows itself whether it is cut
        return last.truncated
    bare = last.text == last.title
    if last.truncated and not bare:
        return True
    if "\n" in rest:
        return last.truncated
    if rest and last.authors and last.year and rest.lstrip()[0] in "-–—":
        return False  # a note follows
    if rest:
        return _REST.fullmatch(rest) is not None and not (_NOTE.search(rest) or _ENDED.search(tail[-8:]))
    if last.title and last.text.endswith(last.title):
        if bare and len(found) > 2 and all(one.year or one.authors for one in found[:-1]) and not last.year:
            return True  # the others state more
        if last.authors and len(found) > 2 and all(one.year for one in found[:-1]) and not last.year:
            return True
        return LOOSE_END.search(last.title) is not None if _alike(text, found) else looks_cut(last.title)
    if last.arxiv_id and text.flat[text.stop - 1].isdigit():
        return parse_arxiv_id(last.arxiv_id) is None
    if text.plain[text.stop - 1] == "\0":
        return False
    return not _ENDED.search(tail[-8:]) and not _alike(text, found)


def _alike(text: Text, found: Sequence[Citation]) -> bool:
    """Whether the item before the last has nothing to end it either: so do all in such a list."""
    if len(found) < 2:
        return False
    end = found[-2].span[1]
    between = text.flat[end : found[-1].span[0]].lstrip(" ")
    return between.startswith("\n") and text.flat[end - 1].isalpha()
