"""`Citation` × `ReferenceIndex` → `Verdict`, with a reason a person can check, in English and Chinese.

A title is settled first (`title_search`: exact, variant, near, unlike anything); only then are authors, year and arXiv
id compared with the record that the title names. Authors, year and id never make a title of another one: they decide
between papers of one title, tell a short part of a title from a common phrase, and mark what may be an earlier title.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Literal

from ..citations import Citation
from ..citations.patterns import HAN_CHAR
from ..index import ReferenceIndex
from ..papers import Paper, parse_arxiv_id
from ..titles import content_words, words
from . import reasons
from .id_faults import id_fault, is_after
from .names import first_agrees, strangers
from .other_works import other_work
from .reasons import Reason
from .title_search import Found, find_titles, similarity_of

Label = Literal["verified", "metadata_error", "altered_title", "fabricated", "unverifiable"]
LABELS: tuple[Label, ...] = ("verified", "metadata_error", "altered_title", "fabricated", "unverifiable")

NEAR = 0.66  # similarity from which a real title is called the nearest one
RETITLED = 0.55  # similarity from which the title of a paper with these authors may be its earlier one
MIN_CONTENT_WORDS = 3  # shorter titles are too common to be called invented; one less with authors and year
LONG_PART = 5  # content words with which a part of a title means its paper, whoever is said to have written it
YEAR_TOLERANCE = 1  # journal versions appear later than arXiv's first version
_BATCH = 1024  # citations looked up together
_LETTERS = re.compile(r"[a-z]{2,}")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a citation.

    Attributes:
        label: one of `LABELS`.
        reason: one sentence, with the nearest record where there is one.
        matched_id: arXiv id of the record meant (`verified`, `metadata_error`) or nearest (`altered_title`).
        similarity: of the two titles, 0 to 1; None where no title was compared.
        wrong_fields: any of `year`, `authors`, `arxiv_id`, for `metadata_error`.
        reason_zh: the reason in Chinese; empty in what was written before there was one.
    """

    label: Label
    reason: str
    matched_id: str | None = None
    similarity: float | None = None
    wrong_fields: tuple[str, ...] = ()
    reason_zh: str = ""


@dataclass(slots=True)
class _Case:
    """A citation with what the index has of it.

    Attributes:
        citation: to judge.
        arxiv_id: as stated, without version; None if none is stated or arXiv cannot have issued it.
        stated: the record with this id, if the index has it.
        found: what its title means; None without a title.
        papers: the records of `found`.
        last: month or year of the index's latest record.
        first: of its earliest.
    """

    citation: Citation
    arxiv_id: str | None
    stated: Paper | None
    found: Found | None
    papers: list[Paper]
    first: str
    last: str


def verify(citation: Citation, index: ReferenceIndex) -> Verdict:
    """Check one citation against the index; see the verdicts' table in the README."""
    return verify_all([citation], index)[0]


def verify_all(citations: Sequence[Citation], index: ReferenceIndex) -> list[Verdict]:
    """Check citations against the index, in order; many at once take a fraction of the time of each alone."""
    rest = iter(citations)
    verdicts: list[Verdict] = []
    while batch := list(islice(rest, _BATCH)):
        verdicts += map(_verdict, _cases(batch, index))
    return verdicts


def _cases(citations: list[Citation], index: ReferenceIndex) -> list[_Case]:
    ids = [None if c.arxiv_id is None or id_fault(c.arxiv_id) else parse_arxiv_id(c.arxiv_id) for c in citations]
    stated = index.rows_of_ids([arxiv_id or "" for arxiv_id in ids])
    titled = [n for n, c in enumerate(citations) if c.title is not None and not c.truncated]
    titles = [citations[n].title or "" for n in titled]
    found = dict(zip(titled, find_titles(titles, [stated[n] for n in titled], index), strict=True))
    rows = {row for one in found.values() for row in one.rows} | {row for row in stated if row is not None}
    papers = dict(zip(rows, index.papers(list(rows)), strict=True))
    first, last = index.coverage.first, index.coverage.last
    return [
        _Case(
            citation,
            ids[n],
            None if (row := stated[n]) is None else papers[row],
            found.get(n),
            [papers[row] for row in found[n].rows] if n in found else [],
            first,
            last,
        )
        for n, citation in enumerate(citations)
    ]


def _verdict(case: _Case) -> Verdict:
    if case.citation.truncated:
        return _judged("unverifiable", reasons.CUT_OFF)
    if case.found is None:
        return _by_id(case)
    if case.papers and case.found.likeness == "same":
        return _fields(case, case.papers, case.found.similarity)
    if case.papers and case.found.likeness == "part":
        return _part(case, case.found)
    return _altered(case, case.found) or _unknown(case, case.found)


def _judged(
    label: Label,
    reason: Reason,
    matched_id: str | None = None,
    similarity: float | None = None,
    wrong_fields: tuple[str, ...] = (),
) -> Verdict:
    return Verdict(label, reason[0], matched_id, similarity, wrong_fields, reason[1])


def _part(case: _Case, found: Found) -> Verdict:
    """A main title, a subtitle or a beginning: short ones mean a paper only if its authors or its id say so too."""
    authors, length = case.citation.authors, len(content_words(found.words))
    meant = [paper for paper in case.papers if case.arxiv_id == paper.id or _has_author(paper, authors)]
    is_telling = length >= MIN_CONTENT_WORDS if not authors else length >= LONG_PART and len(case.papers) == 1
    if meant or is_telling:
        return _fields(case, meant or case.papers, found.similarity)
    return _judged("unverifiable", reasons.part_of_title(case.papers[0]), None, found.similarity)


def _has_author(paper: Paper, authors: Sequence[str]) -> bool:
    return bool(authors) and len(strangers(authors, paper.authors)) < len(authors)


def _by_id(case: _Case) -> Verdict:
    """A citation without a title."""
    if case.stated is not None:
        return _fields(case, [case.stated], None)
    note = _id_note(case)
    if note is None:
        return _judged("unverifiable", reasons.NOTHING_STATED)
    newer = case.arxiv_id is not None and is_after(case.arxiv_id, case.last)
    return _judged("unverifiable" if newer else "fabricated", note)


def _fields(case: _Case, papers: list[Paper], similarity: float | None) -> Verdict:
    """Compare the stated fields with the record meant: of several with one title, the one they contradict least."""
    paper, wrong = papers[0], _wrong_fields(case, papers[0])
    for other in papers[1:] if wrong else ():
        if len(other_wrong := _wrong_fields(case, other)) < len(wrong):
            paper, wrong = other, other_wrong
    if not wrong:
        return _judged("verified", reasons.matches(paper), paper.id or None, similarity)
    reason = reasons.wrong_fields(case.citation, paper, wrong)
    if "arxiv_id" in wrong:
        reason = reasons.then(reason, _id_note(case))
    return _judged("metadata_error", reason, paper.id or None, similarity, tuple(wrong))


def _wrong_fields(case: _Case, paper: Paper) -> dict[str, list[str]]:
    """The fields that contradict the record, with the strangers for `authors`."""
    citation, wrong = case.citation, dict[str, list[str]]()
    if citation.year is not None and abs(citation.year - paper.year) > YEAR_TOLERANCE:
        wrong["year"] = []
    if citation.authors and (unknown := strangers(citation.authors, paper.authors)):
        wrong["authors"] = unknown
    if citation.arxiv_id is not None and case.arxiv_id != paper.id and (paper.id or case.stated is not None):
        wrong["arxiv_id"] = []
    return wrong


def _altered(case: _Case, found: Found) -> Verdict | None:
    """The title of no paper, near a real one: `altered_title`, whatever else is stated.

    Most titles that LLMs alter carry the right authors, and so do the earlier titles of papers that were renamed. They
    cannot be told apart offline: both are flagged, and the reason says so. If authors and arXiv id are a paper's own,
    it is named however little its title resembles.
    """
    nearest = case.papers[0] if case.papers else None
    if case.stated is not None and found.similarity < NEAR and _same_authors(case.citation, case.stated):
        paper, note = case.stated, None
        similarity = similarity_of(found.words, words(paper.title))
        reason = reasons.earlier_title(paper, id_too=True)
    elif nearest is None or found.similarity < RETITLED:
        return None
    else:
        paper, similarity = nearest, found.similarity
        note = None if nearest is case.stated else _id_note(case)
        if _same_authors(case.citation, paper):
            reason = reasons.earlier_title(paper, id_too=False)
        elif similarity >= NEAR:
            reason = reasons.nearest_title(paper)
        else:
            return None
    return _judged("altered_title", reasons.then(reason, note), paper.id or None, similarity)


def _same_authors(citation: Citation, paper: Paper) -> bool:
    """Whether the first author and at least half of all are the paper's."""
    if not citation.authors or not paper.authors or not _may_be_one(citation.authors[0], paper.authors[0]):
        return False
    unknown = strangers(citation.authors, paper.authors)
    return not unknown or (2 * len(unknown) <= len(citation.authors) and first_agrees(citation.authors, paper.authors))


def _may_be_one(name: str, real: str) -> bool:
    """Whether two names may share a word, told without reading them."""
    if not (name.isascii() and real.isascii()):
        return True
    return not set(_LETTERS.findall(name.lower())).isdisjoint(_LETTERS.findall(real.lower()))


def _unknown(case: _Case, found: Found) -> Verdict:
    """Nothing resembles the title: invented, unless the index cannot know."""
    if reason := _beyond(case, found):
        return _judged("unverifiable", reason)
    nearest = case.papers[0] if case.papers else None
    reason = reasons.nothing_like_it(None if nearest is case.stated else nearest)
    return _judged("fabricated", reasons.then(reason, _id_note(case)), None, found.similarity if nearest else None)


def _beyond(case: _Case, found: Found) -> Reason | None:
    """Why the index cannot tell whether there is such a work."""
    citation, year = case.citation, case.citation.year
    if case.arxiv_id is not None:
        is_newer = case.stated is None and is_after(case.arxiv_id, case.last)
    else:
        is_newer = year is not None and year > int(case.last[:4])
    if is_newer:
        return reasons.newer(case.last)
    if citation.arxiv_id is not None:
        return None
    if year is not None and year < int(case.first[:4]):
        return reasons.older(case.first[:4])
    if sign := other_work(citation):
        return reasons.other_work(sign)
    if any(map(HAN_CHAR.search, found.words)):
        return reasons.CHINESE_TITLE
    least = MIN_CONTENT_WORDS - bool(citation.authors and year)
    if len(content_words(found.words)) < least:
        return reasons.SHORT_TITLE
    return None


def _id_note(case: _Case) -> Reason | None:
    """What the stated arXiv id really is; None if none is stated."""
    if case.citation.arxiv_id is None:
        return None
    if case.stated is not None:
        return reasons.known_id(case.stated)
    return reasons.unknown_id(case.citation.arxiv_id, case.arxiv_id, case.last)
