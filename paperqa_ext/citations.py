"""Citations in an LLM's answer: `extract` finds them with their offsets, `abstains` tells a refusal.

The answer is split into units (`citation_text`). Each is asked for the titles it cites (`citation_titles`); authors,
year and id are then read from around each title (`citation_fields`). Every look-ahead is bounded, so that the whole is
linear in the length of the answer.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import zip_longest

from .abstention import declines, declines_at_once
from .citation_fields import facts
from .citation_patterns import ADVICE, CLOSING, CUT_REST, ENDED, LOWER_WORD, PAPERS
from .citation_text import Text, Unit, blank_thoughts, end_of, read, units
from .citation_titles import titles
from .papers import parse_arxiv_id


@dataclass(frozen=True, slots=True)
class Citation:
    """One citation in an answer.

    Attributes:
        text: the citation as it stands in the answer.
        span: character offsets: `answer[span[0]:span[1]] == text`.
        title: as written, without quotes, markers or trailing full stop; None if only an id is given.
        authors: as written, without "et al." or 等.
        year: as stated, not as an id implies.
        arxiv_id: canonical where it parses; else as written (2213.99999, 2301.123), so that it can be flagged.
        truncated: cut off at the end of the answer by the generation limit, so not to be judged.
    """

    text: str
    span: tuple[int, int]
    title: str | None
    authors: tuple[str, ...] = ()
    year: int | None = None
    arxiv_id: str | None = None
    truncated: bool = False


def extract(answer: str) -> list[Citation]:
    """The citations in `answer`, in order of appearance, none overlapping another. Thoughts (`<think>`) are ignored."""
    text = read(answer)
    found: list[Citation] = []
    listed = False
    for unit in units(text.flat, 0, text.stop):
        head = text.flat[unit.start : min(unit.line_end, unit.start + 300)]
        unit.listed = listed
        cited = _unit_citations(text, unit)
        if not cited and unit.line_end < unit.end:
            # No title stands over these lines: each is on its own, as nested lists under a topic are.
            for part in units(text.flat, unit.line_end, unit.end, nested=True):
                part.listed = listed or bool(PAPERS.search(head))
                cited += _unit_citations(text, part)
        listed = listed or bool(cited and unit.item)
        if not cited and (not unit.item or text.flat.startswith("#", unit.start - 1)):
            listed = bool(PAPERS.search(head)) and not ADVICE.search(head)
        found += cited
    found = sorted([*found, *_bare_ids(text, found)], key=lambda citation: citation.span)
    if found and _is_cut(text, found[-1]):
        found[-1] = replace(found[-1], truncated=True)
    return found


def abstains(answer: str) -> bool:
    """Whether the answer declines, in English or Chinese.

    It does if its first sentence says so, whatever it offers instead, or if it says so anywhere and cites no title.
    """
    said = blank_thoughts(answer).lstrip()
    return declines_at_once(said) or (declines(said) and not any(citation.title for citation in extract(answer)))


def _unit_citations(text: Text, unit: Unit) -> list[Citation]:
    if unit.end - unit.start < 4:
        return []
    cited: list[Citation] = []
    found = titles(text, unit)
    head = unit.start
    for title, following in zip_longest(found, found[1:]):
        stop = following.outer if following else unit.end
        said = facts(text, title, head, stop)
        start = min(title.outer, said.start)
        head = end_of(CLOSING, text.plain, max(title.end, said.end), stop)
        cited.append(
            Citation(
                text=text.raw[start:head],
                span=(start, head),
                title=text.raw[title.start : title.end],
                authors=said.authors,
                year=said.year,
                arxiv_id=said.id.value if said.id else None,
                truncated=title.open,
            )
        )
    return cited


def _bare_ids(text: Text, found: list[Citation]) -> Iterator[Citation]:
    """Ids that belong to no citation; an id repeated after the citation that states it belongs to that one."""
    index, last = -1, ""
    for one in text.ids:
        while index + 1 < len(found) and found[index + 1].span[0] <= one.start:
            index += 1
            last = found[index].arxiv_id or ""
        if (index >= 0 and one.start < found[index].span[1]) or one.value == last:
            continue
        last = one.value
        yield Citation(text.raw[one.start : one.end], (one.start, one.end), None, arxiv_id=one.value)


def _is_cut(text: Text, last: Citation) -> bool:
    """Whether the answer stops at the end of its last citation, or among its authors, with nothing to end it."""
    rest = text.flat[last.span[1] : text.stop]
    if last.truncated or "\n" in rest:
        return last.truncated
    if rest:
        return CUT_REST.fullmatch(rest) is not None and not LOWER_WORD.search(rest)
    if last.arxiv_id and text.flat[text.stop - 1].isdigit():
        return parse_arxiv_id(last.arxiv_id) is None
    return not ENDED.search(text.flat[text.stop - 8 : text.stop])
