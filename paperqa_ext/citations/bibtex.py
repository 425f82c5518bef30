r"""BibTeX entries in an answer: `@article{key, title={…}, author={…}}`, whole, unclosed or cut off.

Braces are counted and fields picked out; no more of BibTeX is needed. An entry is read up to where the next one
begins at most, so that every character is read once or twice.
"""

from __future__ import annotations

import re
import unicodedata

from .record import Record, kind_of

_ENTRY = re.compile(
    r"@(?!comment|string|preamble)[A-Za-z]{3,20}\s{0,4}[{(]\s{0,8}[^\s{},=\"]{0,120}(?:\s{0,4},"
    r"|(?=[ ]{0,4}\n\s{0,8}[a-z]+ ?=))",
    re.IGNORECASE,
)
_FIELD = re.compile(r"[\s,]*(?P<key>[A-Za-z][\w-]{0,30})\s{0,24}=\s{0,8}")
# A value without braces that may hold others: {Title}, "Title", 2017, jan
_VALUE = re.compile(r"\{(?P<braced>[^{}\\]*+)\}|\"(?P<quoted>[^\"{}\\]*+)\"|(?P<bare>[\w.:/-]{1,200})")
_BRACE = re.compile(r"\\.|[{}\"]", re.DOTALL)
_ACCENT = re.compile(r"\\(?P<mark>[`'^\"~=.]|[uvHckr](?=[\s{]))\s*\{?\s*(?P<letter>\\?[A-Za-z])\s*\}?")
_MARKS = dict(
    zip("`'^\"~=.uvHckr", "\u0300\u0301\u0302\u0308\u0303\u0304\u0307\u0306\u030c\u030b\u0327\u0328\u030a", strict=True)
)
_COMMAND = re.compile(r"\\(?:text(?:bf|it|rm|sc|tt|sf)|emph|mathrm|mathbf|mathcal)\s*(?=\{)")
_LETTERS = {
    "\\o": "ø",
    "\\O": "Ø",
    "\\l": "ł",
    "\\L": "Ł",
    "\\ss": "ß",
    "\\ae": "æ",
    "\\aa": "å",
    "\\AA": "Å",
    "\\i": "i",
}
_LETTER = re.compile(r"\\(?:ss|ae|aa|AA|[oOlLi])(?![A-Za-z])\s?")
_ESCAPED = re.compile(r"\\([&%$#_{}\- ])")


def read_bibtex(text: str, stop: int) -> list[Record]:
    """The entries in `text[:stop]` that name a title, in order."""
    if "@" not in text:
        return []
    entries = [*_ENTRY.finditer(text, 0, stop)]
    ends = [*(entry.start() for entry in entries[1:]), stop][: len(entries)]
    records = (_read(text, entry, end, stop) for entry, end in zip(entries, ends, strict=True))
    return [record for record in records if record.fields.get("title")]


def _read(text: str, entry: re.Match[str], end: int, stop: int) -> Record:
    record = Record(entry.start(), entry.end())
    at = entry.end()
    while field := _FIELD.match(text, at, end):
        value, at, whole = _value(text, field.end(), end)
        _set(record, field["key"], decoded(value))
        record.end = at
        if not whole:
            break
    close = _BRACKET.match(text, at, end)
    record.end = close.end() if close else record.end
    if not close and end == stop and not text[record.end : stop].strip(" \n\t,`"):
        record.open, record.end = True, max(record.end, entry.end())
    return record


_BRACKET = re.compile(r"[\s,]*[})]")


def _value(text: str, start: int, end: int) -> tuple[str, int, bool]:
    """The value at `start`, where it ends, and whether it is whole."""
    if (match := _VALUE.match(text, start, end)) and match.lastgroup:
        return match[match.lastgroup], match.end(), True
    if text[start : start + 1] not in ("{", '"'):
        return "", start, False
    quoted, depth = text[start] == '"', 0
    for brace in _BRACE.finditer(text, start + quoted, end):
        depth += {"{": 1, "}": -1}.get(brace[0], 0)
        if (depth == 0 and brace[0] == "}" and not quoted) or (quoted and brace[0] == '"' and depth <= 0):
            return text[start + 1 : brace.start()], brace.end(), True
    # Never closed: the value is its first line.
    line = text.find("\n", start, end)
    line = end if line < 0 else line
    return text[start + 1 : line].rstrip(" ,}"), line, False


def _set(record: Record, key: str, value: str) -> None:
    kind = kind_of(key)
    if key.lower() == "eprint" and value[:1].isdigit():
        value = f"arXiv:{value}"
    if kind == "link":
        record.fields.setdefault("link", []).append(value)
    elif kind == "authors" and value.count(",") == 1 and " and " not in value and " " not in value.partition(",")[0]:
        record.fields.setdefault(kind, [value])  # "Kim, Yoon" is one
    elif kind and key.lower() != "name":
        record.fields.setdefault(kind, value)


def decoded(value: str) -> str:
    r"""`value` without braces and type changes, its accents and escapes resolved; mathematics stays.

    >>> decoded(r"{G}raph {N}ets for Schr{\"o}dinger \& {\L}ukasz")
    'Graph Nets for Schrödinger & Łukasz'
    """
    if "\\" in value:
        value = _COMMAND.sub("", value)
        value = _ACCENT.sub(lambda accent: accent["letter"].lstrip("\\") + _MARKS[accent["mark"]], value)
        value = _LETTER.sub(lambda letter: _LETTERS[letter[0].strip()], value)
        value = _ESCAPED.sub(r"\1", value)
        value = unicodedata.normalize("NFC", value)
    return " ".join(value.replace("{", "").replace("}", "").split())
