"""The frozen `Paper`, and the grammar of arXiv ids (https://info.arxiv.org/help/arxiv_identifier.html)."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_ARCHIVES = (
    "acc-phys adap-org alg-geom ao-sci astro-ph atom-ph bayes-an chao-dyn chem-ph cmp-lg comp-gas cond-mat cs dg-ga "
    "funct-an gr-qc hep-ex hep-lat hep-ph hep-th math math-ph mtrl-th nlin nucl-ex nucl-th patt-sol physics plasm-ph "
    "q-alg q-bio quant-ph solv-int supr-con"
).split()
_MONTH = r"(?:0[1-9]|1[0-2])"
# Five digits from 1501 on, four before. A five-digit id that lost its trailing zeros as a float matches neither.
_NEW_ID = rf"(?:(?:1[5-9]|[2-9]\d){_MONTH}\.\d{{5}}|(?:07(?:0[4-9]|1[0-2])|(?:0[89]|1[0-4]){_MONTH})\.\d{{4}})"
_OLD_ID = rf"(?:{'|'.join(map(re.escape, _ARCHIVES))})(?:\.[A-Z]{{2}})?/(?:9[1-9]|0[0-7]){_MONTH}\d{{3}}"
ARXIV_ID = re.compile(rf"(?<!\w)(?<!\d\.)(?P<id>{_NEW_ID}|{_OLD_ID})(?:v\d+)?(?![\w]|\.\d)")
_AND = re.compile(r"\s*(?:,\s*(?:and\s+)?|\s+and\s+|、|，)\s*")
_INITIALS = re.compile(r"(?:[A-Z]\.[ -]?)+")


@dataclass(frozen=True, slots=True)
class Paper:
    """One arXiv record, after the field names of `arxiv.Result`.

    Attributes:
        id: arXiv id without version: `2201.01234` or `cmp-lg/9404002`.
        title: as on arXiv, white space folded.
        authors: in order, `First Last`; empty if the source names none.
        abstract: white space folded; empty if the source has none.
        categories: arXiv categories, primary first.
        published: date of the first version: `YYYY-MM-DD`, `YYYY-MM` or `YYYY`.
        withdrawn: the record says that it was withdrawn.
    """

    id: str
    title: str
    authors: tuple[str, ...] = ()
    abstract: str = ""
    categories: tuple[str, ...] = ()
    published: str = ""
    withdrawn: bool = False

    @property
    def year(self) -> int:
        """Year of the first version."""
        return int(self.published[:4])

    @property
    def url(self) -> str:
        """Abstract page on arXiv."""
        return f"https://arxiv.org/abs/{self.id}"


def parse_arxiv_id(text: str) -> str | None:
    """The first arXiv id in `text` (an id, a URL, `arXiv:…`), without version and subject class, or None."""
    match = ARXIV_ID.search(text)
    if match is None:
        return None
    archive, slash, number = match["id"].partition("/")
    return f"{archive.partition('.')[0]}/{number}" if slash else archive


def arxiv_id_month(arxiv_id: str) -> str:
    """`YYYY-MM` that an arXiv id encodes.

    >>> arxiv_id_month("2201.01234"), arxiv_id_month("cmp-lg/9404002")
    ('2022-01', '1994-04')
    """
    digits = arxiv_id.partition("/")[2] or arxiv_id
    century = "19" if digits[:2] > "90" else "20"
    return f"{century}{digits[:2]}-{digits[2:4]}"


def fold_space(value: Any) -> str:
    """`value` as text with its white space folded; the empty string for None."""
    text = "" if value is None else " ".join(str(value).split())
    # JSON can spell half a surrogate pair, which no file can hold.
    return text if text.isascii() else text.encode("utf-8", "ignore").decode()


def parse_authors(value: Any) -> tuple[str, ...]:
    """Authors as `First Last` from "A, B and C", "Last, First; Last, First", a list, or nested `authors_parsed`.

    A list may also come as a string, in JSON or as Python writes it.
    """
    if isinstance(value, str):
        if value.lstrip().startswith("["):
            for read in (json.loads, ast.literal_eval):
                try:
                    return parse_authors(read(value.strip()))
                except (ValueError, SyntaxError, RecursionError, MemoryError):
                    pass
        if ";" in value:
            return parse_authors([part for part in value.split(";") if part.strip()])
        names = [name for name in map(fold_space, _AND.split(value)) if name]
        if len(names) > 1 and all(_INITIALS.fullmatch(name) for name in names[1::2]) and len(names) % 2 == 0:
            return tuple(f"{initials} {last}" for last, initials in zip(names[::2], names[1::2], strict=True))
        return tuple(names)
    if isinstance(value, Mapping):
        value = [value]
    if not isinstance(value, Iterable):
        return ()
    names = []
    for author in value:
        if isinstance(author, Mapping):
            author = author.get("name") or f"{author.get('forenames', '')} {author.get('keyname', '')}"
        if isinstance(author, str):
            last, comma, first = author.partition(",")
            names.append(fold_space(f"{first} {last}" if comma else author))
        elif isinstance(author, Sequence):
            last, first, suffix = (*(fold_space(part) for part in author), "", "", "")[:3]
            names.append(fold_space(f"{first} {last} {suffix}"))
    return tuple(name for name in names if name)
