"""Citations in JSON, fenced or bare, cut off or not quite valid: a reader of tokens that keeps every whole object.

`json.JSONDecoder.raw_decode` gives no offsets inside what it decodes and nothing of an array that is cut off; so the
tokens are read here, and `json` decodes the strings. Every character is read once.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

from .record import Record, kind_of

# An object or an array of such begins; what holds no key that names a title is no list of papers.
_OBJECT = r"(?:\[\s{0,40})?\{\s{0,40}\"(?=[^\"\n]{1,300}\"\s{0,8}[:：])"
_STRINGS = r"^[ \t]{0,8}\[\s{0,40}(?=\"(?:[^\"\\\n]|\\.){8,400}\"\s{0,40}(?:,\s{0,40}\"|\]))"
_OPENING = re.compile(f"{_OBJECT}|{_STRINGS}", re.MULTILINE)
_OPENING_STRINGS = re.compile(_STRINGS, re.MULTILINE)
_NAMES_TITLE = re.compile(
    r"\"(?:\w{0,20}(?:[tT]itle|TITLE|[pP]aper|name|reference|citation|recommendation|authors?)s?"
    r"|[\u4e00-\u9fff]{0,4}(?:标题|题目|题名|名称|论文|文献))\s?\"\s{0,8}[:：]",
    re.ASCII,
)
_TOKEN = re.compile(
    r"[\s,，:：]*(?:(?P<string>\"(?:[^\"\\]|\\.){0,5000}+\")|(?P<open>[{\[])|(?P<close>[}\]])"
    r"|(?P<number>-?\d[\d.eE+-]{0,30})|(?P<word>true|false|null|None|True|False))",
    re.DOTALL,
)
_PARTIAL = re.compile(r"[\s,，:：]*(?:(?P<string>\"(?:[^\"\\]|\\.)*+\\?)|[\w.+-]{0,20})", re.DOTALL)
# {'title': 'Made by Python'}
_SINGLE_QUOTES = re.compile(r"(?<=[{\[,:])'|(?<=[{\[,:] )'|'(?=\s?[:,\]}])")
_DECODER = json.JSONDecoder(strict=False)
_DEEPEST = 40
# Keys whose array of strings holds titles.
_LISTS = re.compile(
    r"(?:\w* ?)?(?:papers?|titles?|references|citations|publications|recommendations|articles)"
    r"|.*(?:论文|文献|标题|题目).*",
    re.IGNORECASE,
)


@dataclass(slots=True)
class _Frame:
    """An object or array that is open: its place, the key it stands under, the values so far."""

    start: int
    array: bool
    key: str
    fields: dict[str, Any] = field(default_factory=dict)
    values: list[Any] = field(default_factory=list)
    strings: list[tuple[int, int]] = field(default_factory=list)
    last_key: str | None = None
    last_at: int = 0
    key_at: int = 0
    cites: bool = False


@dataclass(slots=True)
class Found:
    """What is JSON in an answer: where it stands, its records, and strings that are each a citation of their own.

    Strings of an array without a key, `items`, are citations if they look like it.
    """

    regions: list[tuple[int, int]] = field(default_factory=list)
    records: list[Record] = field(default_factory=list)
    strings: list[tuple[int, int]] = field(default_factory=list)
    items: list[tuple[int, int]] = field(default_factory=list)


def read_json(text: str, stop: int) -> Found:
    """The JSON in `text[:stop]` that has keys of citations. Broken JSON counts up to where it breaks."""
    found = Found()
    if "{'" in text:
        text = _SINGLE_QUOTES.sub('"', text)
    if '"' not in text or not ("{" in text or "[" in text):
        return found
    opens = _OPENING if _NAMES_TITLE.search(text) else _OPENING_STRINGS
    end = 0
    while opening := opens.search(text, end, stop):
        end = _read(text, opening.start(), stop, found)
        found.regions.append((opening.start(), end))
    return found


def _read(text: str, start: int, stop: int, found: Found) -> int:
    """Read the value at `start` into `found`; where it ends."""
    stack: list[_Frame] = []
    at = start
    while token := _TOKEN.match(text, at, stop):
        at = token.end()
        kind = token.lastgroup
        if kind == "open":
            if len(stack) >= _DEEPEST:
                return at
            key = stack[-1].key if stack and stack[-1].array else (stack[-1].last_key or "") if stack else ""
            key_at = stack[-1].last_at if stack and not stack[-1].array else at - 1
            stack.append(_Frame(at - 1, token["open"] == "[", key, key_at=key_at))
        elif kind == "close":
            frame = stack.pop()
            _finish(frame, at, stack, found)
            if not stack:
                return at
        elif kind == "string":
            _add(stack[-1], _string(token["string"]), token.start("string"), at)
        else:
            _add(stack[-1], token[kind or 0], token.start(), at)
    rest = text[at : min(stop, at + 6000)]
    if at + len(rest) == stop and (partial := _PARTIAL.fullmatch(rest)):  # cut off, perhaps inside a string
        at = stop
        if stack and partial["string"] and not stack[-1].array and stack[-1].last_key is not None:
            _set(stack[-1], _string(partial["string"].rstrip("\\") + '"'))
    for frame in reversed(stack):  # cut off: the innermost object that has a title is the last citation
        _finish(frame, at, [], found, cut=at == stop)
        if frame.cites:
            break
    return at


def _string(token: str) -> str:
    if "\\" not in token:
        return token[1:-1]
    try:
        return str(_DECODER.decode(token))
    except ValueError:  # an escape that JSON does not know, such as LaTeX's
        return token[1:-1].replace('\\"', '"').replace("\\\\", "\\")


def _add(frame: _Frame, value: str, start: int, end: int) -> None:
    if frame.array:
        frame.values.append(value)
        frame.strings.append((start + 1, end - 1))
    elif frame.last_key is None:
        frame.last_key, frame.last_at = value, start
    else:
        _set(frame, value)


def _set(frame: _Frame, value: Any) -> None:
    """The value of the last key."""
    kind = kind_of(frame.last_key or "")
    if kind is None:
        # A nested object may have keys of its own kind ("name": {"given": …}); the rest is of no use.
        frame.fields.setdefault((frame.last_key or "").lower(), value)
    elif kind == "link":
        values = value.values() if isinstance(value, dict) else value if isinstance(value, list) else [value]
        frame.fields.setdefault("link", []).extend(_labelled(frame.last_key, one) for one in values)
    elif kind not in frame.fields:
        frame.fields[kind] = value
    frame.last_key = None


def is_titled(words: str) -> bool:
    """Whether `words` alone are enough for a title."""
    return len(words.split()) > 2 or (len(words) > 5 and not words.isascii())


def _labelled(key: str | None, value: Any) -> str:
    """An id under the key "arxiv" is one though it may not parse."""
    text = value if isinstance(value, str) else str(value)
    return f"arXiv:{text}" if "arxiv" in (key or "").lower() and text[:1].isdigit() else text


def _finish(frame: _Frame, end: int, stack: list[_Frame], found: Found, cut: bool = False) -> None:
    """Close `frame` at `end`: cite it if it is a paper, else hand its value to what holds it."""
    parent = stack[-1] if stack else None
    in_authors = kind_of(frame.key) == "authors"
    if frame.array:
        if not in_authors and not frame.cites and frame.strings and _LISTS.fullmatch(frame.key):
            found.strings += frame.strings
            frame.cites = True
        elif parent is None and not frame.key and len(frame.strings) == len(frame.values):
            found.items += frame.strings
    elif not in_authors:
        fields = frame.fields
        title = fields.get("title")
        if (
            title is None
            and isinstance(name := fields.get("name"), str)
            and fields.keys() & {"authors", "year", "link"}
        ):
            fields["title"] = title = name
        if title is None and "authors" in fields and len(frame.key) > 12 and kind_of(frame.key) is None:
            fields["title"] = title = frame.key  # {"Title": {"authors": […]}}
            frame.start = frame.key_at
        told = fields.keys() & {"authors", "year", "link"} or (isinstance(title, str) and is_titled(title))
        if isinstance(title, str) and title.strip() and told and not frame.cites:
            found.records.append(Record(frame.start, end, fields, cut))
            frame.cites = True
    if parent is None:
        return
    parent.cites |= frame.cites
    value = frame.values if frame.array else frame.fields
    if parent.array:
        parent.values.append(value)
    elif parent.last_key is not None:
        _set(parent, value)
