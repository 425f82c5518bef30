"""Links of Markdown that stand apart from what they link: `[Title][1]` or `Title [1]`, and a line `[1]: https://…`."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from .record import Id, Link

_DEFINED = re.compile(r"^[ ]{0,3}\[(?P<name>[^\[\]\n]{1,40})\]: <?(?P<url>https?://\S{3,400})[^\n]*", re.MULTILINE)
_REFERRED = re.compile(r"(?P<open>\]|(?<=[\w*\"”》)])[ ]?)\[(?P<name>[^\[\]\s]{1,12})\](?!:)")

Mark = TypeVar("Mark", Id, Link)
Places = Mapping[int, Sequence[tuple[int, int]]]


def resolved(flat: str, ids: Sequence[Id], links: Sequence[Link]) -> tuple[str, list[Id], list[Link]]:
    """`flat` with each reference as a link in place, its definition blank; ids and links stand where they are used."""
    defined = {match["name"]: match.start("url") for match in _DEFINED.finditer(flat)}
    used = defaultdict[int, list[tuple[int, int]]](list)
    for match in _REFERRED.finditer(flat):
        if match["name"] in defined:
            used[defined[match["name"]]].append(match.span("name"))

    def linked(match: re.Match[str]) -> str:
        whole = match["open"] == "]" and match["name"] in defined
        return f"]({match['name']})" if whole else match[0]

    flat = _DEFINED.sub(lambda match: " " * len(match[0]) if match.start("url") in used else match[0], flat)
    return _REFERRED.sub(linked, flat), _moved(ids, used), _moved(links, used)


def _moved(marks: Sequence[Mark], used: Places) -> list[Mark]:
    moved = [
        replace(mark, start=start, end=end)
        for mark in marks
        for start, end in used.get(mark.start, [(mark.start, mark.end)])
    ]
    return sorted(moved, key=lambda mark: mark.start)
