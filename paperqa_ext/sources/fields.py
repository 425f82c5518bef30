"""The fields of one paper from the raw values of a record: text, arXiv id, date, categories, authors, withdrawal."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from ..papers import fold_space, is_category, parse_arxiv_id, parse_authors
from .readable import readable

_DOI = re.compile(r"\b10\.\d{4,9}/")
_DATE = re.compile(r"\s*(?:19|20)\d\d(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?)?(?!\d)")
_MONTHS = {
    name: f"{number:02}" for number, name in enumerate("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(), 1)
}
_MAIL_DATE = re.compile(rf"\b(?P<day>0?[1-9]|[12]\d|3[01]) (?P<month>{'|'.join(_MONTHS)}) (?P<year>(?:19|20)\d\d)\b")
# In names joined by line breaks: what has to be looked at one by one.
_UNUSUAL = re.compile(
    r"[\\${}&~^,\t\r\v\f\x1c-\x1f\x85\xa0\u1680\u2000-\u200a\u2028-\u202f\u205f\u3000\ud800-\udfff]|[ \n][ \n]|\. -"
)
_WITHDRAWN = re.compile(r"\b(?:has been|is being|is|was) withdrawn\b|^\s*withdrawn\b", re.IGNORECASE)


def text(value: Any) -> str:
    """A string or number as text with its white space folded; anything else is no text."""
    if type(value) is str:
        return fold_space(value)
    if isinstance(value, bytes):
        return fold_space(value.decode("utf-8", "replace"))
    if isinstance(value, int | float) and not isinstance(value, bool) and value == value:
        return str(value)
    return ""


def arxiv_id(value: Any) -> str | None:
    """The arXiv id in an id, an address or a DOI."""
    given = value if type(value) is str else str(value)
    # Numbers of journals look like ids; arXiv's own DOIs have its name in them.
    if _DOI.search(given) and "arxiv" not in given.lower():
        return None
    return parse_arxiv_id(given)


def year(value: Any) -> str:
    """The year in `value`, a number or text that starts with it; empty if there is none from 1900 to 2099."""
    match = _DATE.match(str(value)) if value else None
    return match[0].strip()[:4] if match else ""


def date(value: Any) -> str:
    """`YYYY-MM-DD`, `YYYY-MM` or `YYYY` from a date, a time, or a list of versions, of which the first counts."""
    if not value:
        return ""
    if type(value) is not str and isinstance(value, Sequence):
        first = value[0]
        return date(first.get("created") or first.get("date")) if isinstance(first, Mapping) else ""
    given = value if type(value) is str else str(value)
    match = _DATE.match(given)
    if match:
        return match[0].strip()
    match = _MAIL_DATE.search(given)  # "Mon, 2 Apr 2007 19:18:42 GMT"
    return f"{match['year']}-{_MONTHS[match['month']]}-{match['day'].zfill(2)}" if match else ""


def categories(value: Any) -> tuple[str, ...]:
    """arXiv's categories in a string or list, in order; other words are none."""
    if not value:
        return ()
    return _categories(value if type(value) is str else " ".join(map(str, value)) if isinstance(value, list) else "")


@lru_cache(maxsize=1 << 16)  # there are far fewer combinations than papers
def _categories(given: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(filter(is_category, re.split(r"[\s,;()\[\]'\"|]+", given))))


def authors(value: Any) -> tuple[str, ...]:
    """Names as `First Last`, readable; see `papers.parse_authors`."""
    if not value:
        return ()
    if type(value) is list:
        try:
            names = value if type(value[0]) is str else [_nested(*parts) for parts in value]
            joined = "\n".join(("", *names, ""))
        except (TypeError, KeyError):
            joined = ","
        if not _UNUSUAL.search(joined) and (joined.isascii() or unicodedata.is_normalized("NFC", joined)):
            return tuple(names)
    if type(value) is str and not value.lstrip().startswith("["):
        value = readable(fold_space(value))  # before it is split: entities hold semicolons
    return tuple(filter(None, map(readable, parse_authors(value))))


def _nested(last: str, first: str, suffix: str = "", *_: str) -> str:
    """One author of `authors_parsed`; what is unusual in it shows in the text and is left to `parse_authors`."""
    return f"{first} {last} {suffix}" if suffix else f"{first} {last}"


def withdrawn(abstract: str, comments: Any) -> bool:
    """Whether abstract or comments say that the paper was withdrawn."""
    noted = "withdrawn" in abstract[:200].lower() and _WITHDRAWN.search(abstract[:200]) is not None
    return noted or ("withdrawn" in str(comments).lower() and _WITHDRAWN.search(text(comments)) is not None)
