"""Citations in an LLM's answer: `extract` finds them with their offsets, `abstains` tells a refusal.

The answer is put into one plain Markdown (`citation_markup`). What names its fields is read first: lines in the
canonical format, JSON, BibTeX, tables. The rest is split into units (`citation_units`). Each is asked for the titles it
cites (`citation_titles`); authors, year, id and link are then read from around each title (`citation_fields`). Every
look-ahead is bounded, so that the whole is linear in the length of the answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import zip_longest

from .abstention import declines, denied
from .citation_bibtex import read_bibtex
from .citation_fields import Title, facts
from .citation_json import read_json
from .citation_markup import blank_thoughts, flattened, plain_title, said
from .citation_patterns import CANONICAL, CELL_MARKS, FIELD
from .citation_plain import bare_title
from .citation_record import Citation, Record, citation_of
from .citation_tables import table_rows
from .citation_text import Text, blanked, end_of, is_scholarly, read
from .citation_title_patterns import ADVICE, CLOSING, CUT_REST, ENDED, LOWER_WORD, PAPERS, THINGS, TOPIC
from .citation_titles import titles, whole_title
from .citation_units import Unit, units
from .citation_words import is_long, looks_cut
from .papers import parse_arxiv_id

__all__ = ["Citation", "abstains", "extract"]


def extract(answer: str) -> list[Citation]:
    """The citations in `answer`, in order of appearance, none overlapping another. Thoughts (`<think>`) are ignored.

    A title or an id is no citation where the answer says of it that there is no such paper.
    """
    found, text, listed = _records(answer)
    regions, rows = table_rows(text, lambda start, end, whole: _cell_citations(text, start, end, whole))
    if rows:
        flat, plain = blanked(text.flat, regions), blanked(text.plain, regions)
        text = replace(text, flat=flat, plain=plain)
        found += rows
    found += _listed_citations(text, listed, bool(found))
    found.sort(key=lambda citation: citation.span)
    if len(text.ids) + len(text.links):
        found = sorted([*found, *_bare_marks(text, found)], key=lambda citation: citation.span)
    if found := _disjoint(found):
        found[-1] = replace(found[-1], truncated=_is_cut(text, found[-1]))
    return found


def _disjoint(found: list[Citation]) -> list[Citation]:
    """`found` in order, each ended where the next begins: an item may go on after a record that stands in it."""
    kept: list[Citation] = []
    for citation in found:
        if not (citation.title or citation.arxiv_id or citation.doi or citation.url):
            continue  # nothing is left of a title that was all mark-up
        while kept and kept[-1].span[1] > citation.span[0]:
            last = kept.pop()
            text = last.text[: max(0, citation.span[0] - last.span[0])].rstrip()
            if text:
                kept.append(replace(last, text=text, span=(last.span[0], last.span[0] + len(text)), truncated=False))
        if not kept or kept[-1].span[1] <= citation.span[0]:
            kept.append(citation)
    return [replace(citation, truncated=False) if citation.truncated else citation for citation in kept[:-1]] + kept[
        -1:
    ]


def abstains(answer: str, citations: Sequence[Citation] | None = None) -> bool:
    """Whether the answer declines, in English or Chinese: it says that it knows or finds nothing, and cites nothing.

    One that declines and still cites ("I found no such paper. The nearest is …") has answered, and is judged by what
    it cites. A title that is only denied ("there is no paper titled …") is no citation.

    Args:
        answer: the answer.
        citations: what `extract` found in it, if that is known.
    """
    found = extract(answer) if citations is None else citations
    return not found and declines(blank_thoughts(answer))


def _records(answer: str) -> tuple[list[Citation], Text, set[int]]:
    """What is written as records, the text without it, and where strings of JSON begin that are papers each."""
    text = said(answer)
    flat = flattened(text)
    stop = len(flat.rstrip())
    found: list[Citation] = []
    json = read_json(flat if '{\\"' in text else text, stop)
    found += _cited(json.records, answer)
    if json.regions:
        text, flat = blanked(text, json.regions), blanked(flat, json.regions, json.strings)
    if entries := read_bibtex(text, stop):
        flat = blanked(flat, [(entry.start, entry.end) for entry in entries])
        found += _cited(entries, answer)
    if "](https://arxiv.org/abs/" in flat:
        lines = [*CANONICAL.finditer(flat, 0, stop)]
        found += [_canonical(answer, line) for line in lines]
        flat = blanked(flat, [line.span() for line in lines])
    return found, read(answer, flat, stop), {start for start, _ in json.strings}


def _cited(records: list[Record], answer: str) -> Iterator[Citation]:
    return (citation for record in records if (citation := citation_of(record, answer)))


def _canonical(answer: str, line: re.Match[str]) -> Citation:
    names = line["names"]
    span = line.start("cited"), line.end()
    return Citation(
        answer[span[0] : span[1]],
        span,
        plain_title(answer[line.start("title") : line.end("title")]).rstrip(".").strip(),
        tuple(answer[line.start("names") : line.end("names")].split(", ")) if names else (),
        int(line["year"]),
        parse_arxiv_id(line["id"]) or line["id"],
    )


def _cell_citations(text: Text, start: int, end: int, whole: bool) -> list[Citation]:
    """The paper that a cell of a table of papers names."""
    unit = Unit(start, end, end, 0, True, True, cell=True)
    cited = _unit_citations(text, unit)
    # Commas in a title are no authors where those have a column of their own.
    if cited and not (whole and not CELL_MARKS.search(text.flat, start, end)):
        return cited
    title = whole_title(text, start, end)
    return [_citation(text, title, start, end)[0]] if title else []


def _listed_citations(text: Text, listed_starts: set[int], listed: bool) -> list[Citation]:
    found: list[Citation] = []
    bare: list[tuple[Title, Unit]] | None = []
    advice = False
    for unit in units(text.flat, 0, text.stop):
        if text.spent:
            break
        head = text.flat[unit.start : min(unit.line_end, unit.start + 300)]
        unit.listed, unit.advice = listed or unit.start in listed_starts, advice
        cited = _unit_citations(text, unit)
        if not cited and unit.line_end < unit.end:
            # No title stands over these lines: each is on its own, as nested lists under a topic are.
            for part in units(text.flat, unit.line_end, unit.end, nested=True):
                if text.spent:
                    break
                part.listed = listed or bool(PAPERS.search(head))
                cited += _unit_citations(text, part)
        if cited and unit.item:  # whatever the heading says: these are papers
            listed, advice = True, False
        if not cited and (not unit.item or text.flat.startswith("#", unit.start - 1)):
            head = TOPIC.sub(r"\g<papers>", head)
            papers = PAPERS.search(head) is not None
            advice = ADVICE.search(head) is not None or (not papers and THINGS.search(head) is not None)
            listed = papers and not advice
        found += cited
        if bare is not None:
            title = None if found or len(bare) > 100 else bare_title(text, unit)
            bare = [*bare, (title, unit)] if title else None
    # Nothing but lines that look like titles: they are.
    long = [title for title, _ in bare or () if is_long(text.flat[title.start : title.end])]
    for title, unit in (bare or ()) if 2 * len(long) >= len(bare or ()) else ():
        found.append(_citation(text, title, unit.start, unit.end)[0])
    return found


def _unit_citations(text: Text, unit: Unit) -> list[Citation]:
    if unit.end - unit.start < 4:
        return []
    cited: list[Citation] = []
    found = titles(text, unit)
    head = unit.start
    for title, following in zip_longest(found, found[1:]):
        stop = unit.end
        if following:
            stop = max(title.end, following.before.start) if following.before else following.outer
        citation, head = _citation(text, title, head, stop)
        if citation.title:
            cited.append(citation)
    return cited


def _citation(text: Text, title: Title, head: int, stop: int) -> tuple[Citation, int]:
    """The citation of `title`, read within `head:stop`, and where it ends."""
    said = facts(text, title, head, stop)
    start = min(title.outer, said.start)
    end = end_of(CLOSING, text.plain, max(title.end, said.end), stop)
    citation = Citation(
        text=text.raw[start:end],
        span=(start, end),
        title=plain_title(text.raw[title.start : title.end]),
        authors=said.authors,
        year=said.year,
        arxiv_id=said.id.value if said.id else None,
        truncated=title.open,
        doi=said.link.doi if said.link else None,
        url=said.link.url if said.link else None,
    )
    return citation, end


def _bare_marks(text: Text, found: list[Citation]) -> Iterator[Citation]:
    """Ids and links that belong to no citation; one repeated after the citation that states it belongs to that one."""
    index, last, end_of_last = -1, "", 0
    marks: list[tuple[int, int, str | None, str | None, str | None]]
    marks = [(one.start, one.end, one.value, None, None) for one in text.ids]
    marks += [(one.start, one.end, None, one.doi, one.url) for one in text.links if is_scholarly(one)]
    for start, end, arxiv_id, doi, url in sorted(marks, key=lambda mark: mark[0]):
        while index + 1 < len(found) and found[index + 1].span[0] <= start:
            index += 1
            last = found[index].arxiv_id or found[index].doi or found[index].url or ""
        if start < end_of_last or (index >= 0 and start < found[index].span[1]) or last in (arxiv_id, doi, url):
            continue
        last = arxiv_id or doi or url or ""
        if denied(text.flat, start, end):
            continue
        if index + 1 < len(found) and found[index + 1].span[0] < end:
            continue
        end_of_last = end
        yield Citation(text.raw[start:end], (start, end), None, arxiv_id=arxiv_id, doi=doi, url=url)


def _is_cut(text: Text, last: Citation) -> bool:
    """Whether the answer stops at the end of its last citation, or among its authors, with nothing to end it."""
    rest = text.flat[last.span[1] : text.stop]
    line = text.flat.rfind("\n", max(0, text.stop - 300), text.stop) + 1
    if line and not last.truncated and FIELD.match(text.flat, line, text.stop) and last.text[-1:] != ",":
        return bool(last.title) and last.text.endswith(last.title or "") and looks_cut(last.title or "")
    if last.truncated or "\n" in rest or text.flat[last.span[0]].isspace():  # a record knows itself whether it is cut
        return last.truncated
    if rest:
        return CUT_REST.fullmatch(rest) is not None and not LOWER_WORD.search(rest)
    if last.title and last.text.endswith(last.title):
        return looks_cut(last.title)
    if (last.doi or last.url) and text.plain[text.stop - 1] == "\0":
        return False
    if last.arxiv_id and text.flat[text.stop - 1].isdigit():
        return parse_arxiv_id(last.arxiv_id) is None
    return not ENDED.search(text.flat[text.stop - 8 : text.stop])
