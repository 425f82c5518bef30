"""The frozen `Paper`, and the grammar of arXiv ids (https://info.arxiv.org/help/arxiv_identifier.html)."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

# Archives that old ids can name.
_ARCHIVES = (
    "acc-phys adap-org alg-geom ao-sci astro-ph atom-ph bayes-an chao-dyn chem-ph cmp-lg comp-gas cond-mat cs dg-ga "
    "funct-an gr-qc hep-ex hep-lat hep-ph hep-th math math-ph mtrl-th nlin nucl-ex nucl-th patt-sol physics plasm-ph "
    "q-alg q-bio quant-ph solv-int supr-con"
).split()
_LATER_ARCHIVES = "econ eess q-fin stat".split()
_MONTH = r"(?:0[1-9]|1[0-2])"
# Five digits from 1501 on, four before. A five-digit id that lost its trailing zeros as a float matches neither.
_NEW_ID = rf"(?:(?:1[5-9]|[2-9]\d){_MONTH}\.\d{{5}}|(?:07(?:0[4-9]|1[0-2])|(?:0[89]|1[0-4]){_MONTH})\.\d{{4}})"
_OLD_ID = rf"(?:{'|'.join(map(re.escape, _ARCHIVES))})(?:\.[A-Z]{{2}})?/(?:9[1-9]|0[0-7]){_MONTH}\d{{3}}"
ARXIV_ID = re.compile(rf"(?<!\w)(?<!\d\.)(?P<id>{_NEW_ID}|{_OLD_ID})(?:v\d+)?(?![\w]|\.\d)")
_CATEGORY = re.compile(rf"(?:{'|'.join(map(re.escape, _ARCHIVES + _LATER_ARCHIVES))})(?:\.[A-Za-z]+(?:-[a-z]+)*)?")
_NEW_ID_ONLY = re.compile(_NEW_ID)
_NUMBER = re.compile(rf"(?P<month>(?:[7-9]|\d\d){_MONTH})\.(?P<number>\d{{1,5}})")
_AND = re.compile(r"\s*(?:,\s*(?:and\s+)?|\s+(?:and|&)\s+|、|，)\s*")
_PARENTHESES = re.compile(r"\([^()]*\)")
_SUFFIX = re.compile(r"[JS]r\.?|I{2,3}|IV")
_INITIALS = re.compile(r"(?:[A-Z]\.[ -]?)+")


@dataclass(frozen=True, slots=True)
class Paper:
    """One arXiv record, after the field names of `arxiv.Result`.

    Attributes:
        id: arXiv id without version: `2201.01234` or `cmp-lg/9404002`; empty if the source gives none.
        title: readable: white space folded, LaTeX and HTML entities resolved, Unicode NFC.
        authors: in order, `First Last`; empty if the source names none.
        abstract: white space folded; empty if the source has none.
        categories: arXiv categories, primary first.
        published: date of the first version: `YYYY-MM-DD`, `YYYY-MM` or `YYYY`.
        withdrawn: the record says that it was withdrawn.
        original_title: the title as the source writes it, white space folded, where that differs from `title`.
    """

    id: str
    title: str
    authors: tuple[str, ...] = ()
    abstract: str = ""
    categories: tuple[str, ...] = ()
    published: str = ""
    withdrawn: bool = False
    original_title: str = ""

    @property
    def year(self) -> int:
        """Year of the first version."""
        return int(self.published[:4])

    @property
    def key(self) -> str:
        """What tells this paper from others: its id; without one, a hash of title and first author.

        >>> Paper("2201.01234", "T").key, Paper("", "T", ("A",)).key
        ('2201.01234', 'title:17b2fd201d7d062b')
        """
        if self.id:
            return self.id
        named = "\n".join((self.title, *self.authors[:1])).casefold()
        return f"title:{blake2b(named.encode(), digest_size=8).hexdigest()}"

    @property
    def url(self) -> str:
        """Abstract page on arXiv; empty without an id."""
        return f"https://arxiv.org/abs/{self.id}" if self.id else ""


def parse_arxiv_id(text: str) -> str | None:
    """The first arXiv id in `text` (an id, a URL, `arXiv:…`), without version and subject class, or None."""
    if _NEW_ID_ONLY.fullmatch(text):
        return text
    match = ARXIV_ID.search(text)
    if match is None:
        return None
    archive, slash, number = match["id"].partition("/")
    return f"{archive.partition('.')[0]}/{number}" if slash else archive


def repair_arxiv_id(number: str) -> str | None:
    """The arXiv id that was stored as `number`, by which a month loses its first zero and a number its last ones.

    >>> repair_arxiv_id("704.001"), repair_arxiv_id("2201.1"), repair_arxiv_id("0704.001"), repair_arxiv_id("5.25")
    ('0704.0010', '2201.10000', None, None)
    """
    match = _NUMBER.fullmatch(number)
    if match is None or number.startswith("0"):  # a number has no first zero: this text was cut in another way
        return None
    month = match["month"].zfill(4)
    return parse_arxiv_id(f"{month}.{match['number'].ljust(4 if month < '1501' else 5, '0')}")


def is_category(text: str) -> bool:
    """Whether `text` is an archive of arXiv or a category in one: `hep-th`, `cs.LG`."""
    return _CATEGORY.fullmatch(text) is not None


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
    text = "" if value is None else str(value).strip()
    if text.isascii():
        lines = text.replace("\n", " ")
        if lines.isprintable() and "  " not in lines:  # most texts, and told faster than folded
            return lines
    text = " ".join(text.split())
    # JSON can spell half a surrogate pair, which no file can hold.
    return text if text.isascii() else text.encode("utf-8", "ignore").decode()


def parse_authors(value: Any) -> tuple[str, ...]:
    """Authors as `First Last` from "A, B and C", "Last, First; Last, First", a list, or nested `authors_parsed`.

    A list may also come as a string, in JSON or as Python writes it. Affiliations in parentheses are left out.
    """
    if isinstance(value, str):
        return _listed_authors(value)
    if isinstance(value, Mapping):
        value = [value]
    if not isinstance(value, Iterable) or isinstance(value, bytes):
        return ()
    names = []
    for author in value:
        if isinstance(author, str):
            names.append(_natural_order(author))
        elif isinstance(author, list | tuple):
            last, first, suffix = (*author, "", "", "")[:3]
            names.append(fold_space(f"{first or ''} {last or ''} {suffix or ''}").replace(". -", ".-"))  # "C. -P. Yuan"
        elif isinstance(author, Mapping):
            name = author.get("name") or f"{author.get('forenames') or ''} {author.get('keyname') or ''}"
            names.append(_natural_order(str(name)))
    return tuple(filter(None, names))


def _natural_order(name: str) -> str:
    """`First Last` from that or "Last, First"; "First Last, Jr." keeps its order."""
    if "," in name:
        last, _, first = map(fold_space, name.partition(","))
        name = f"{last} {first}" if _SUFFIX.fullmatch(first) else f"{first} {last}"
    return fold_space(name)


def _listed_authors(text: str) -> tuple[str, ...]:
    if text.lstrip().startswith("["):
        for read in (json.loads, ast.literal_eval):
            try:
                return parse_authors(read(text.strip()))
            except (ValueError, SyntaxError, RecursionError, MemoryError, TypeError):
                pass
    for _ in range(3):  # affiliations nest two deep: "((1) Argonne, (2) MSU)"
        text = _PARENTHESES.sub(" ", text) if "(" in text else text
    text = fold_space(text)
    if ";" in text:
        return parse_authors([part for part in text.split(";") if part.strip()])
    names: list[str] = []
    for name in map(fold_space, _AND.split(text)):
        if names and _SUFFIX.fullmatch(name):
            names[-1] += f" {name}"
        elif name:
            names.append(name)
    if len(names) > 1 and len(names) % 2 == 0 and all(_INITIALS.fullmatch(name) for name in names[1::2]):
        return tuple(f"{initials} {last}" for last, initials in zip(names[::2], names[1::2], strict=True))
    return tuple(names)
