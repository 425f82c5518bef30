"""Citations in an LLM's answer: `extract` finds them with their offsets, `abstains` tells a refusal.

The answer is put into one plain Markdown (`markup`). What names its fields is read first: lines in the
canonical format, JSON, BibTeX, tables. The rest is split into units (`units`). Each is asked for the titles it
cites (`titles`); authors, year, id and link are then read from around each title (`fields`). Every
look-ahead is bounded, so that the whole is linear in the length of the answer.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice

from ..papers import parse_arxiv_id
from .abstention import declines, denied
from .bibtex import read_bibtex
from .csv import read_csv
from .cut import marked_cut
from .json import read_json
from .lists import listed_citations
from .markup import blank_thoughts, flattened, plain_title, said
from .patterns import CANONICAL, CELL_MARKS
from .reading import title_citation, unit_citations
from .record import Citation, Record, citation_of
from .ris import read_ris
from .tables import table_rows
from .text import Text, blanked, is_scholarly, outside, read
from .title_patterns import CODE
from .titles import whole_title
from .units import Unit
from .words import is_long

__all__ = ["Citation", "abstains", "extract"]

# After an id, before what is said of it: " 对应的论文信息如下：\n\n- **标题**："
_LEADS = re.compile(r"[^\n]{0,60}:\s*\n[\s>*#•-]{0,8}(?:[*_]{0,3}[^\W\d]{2,12}[*_]{0,3}:[*_]{0,3} ?)?[\s*_]*[\"“《]?")
_REASON = re.compile(r"[ \t]{2,}(?![a-z]?\d*[.)] )[A-Za-z\u3400-\u9fff]")


def extract(answer: str) -> list[Citation]:
    """The citations in `answer`, in order of appearance, none overlapping another. Thoughts (`<think>`) are ignored.

    A title or an id is no citation where the answer says of it that there is no such paper.
    """
    found, text, listed = _records(answer)
    regions, rows = table_rows(text, lambda start, end, whole: _cell_citations(text, start, end, whole))
    if rows:
        flat, plain = blanked(text.flat, regions), blanked(text.plain, regions)
        ids, links = outside(text.ids, regions), outside(text.links, regions)
        text = replace(text, flat=flat, plain=plain, ids=ids, links=links)
        found += rows
    more = listed_citations(text, listed, bool(found))
    found += [one for one in more if not (found and _is_reason(answer, one))]
    found.sort(key=lambda citation: citation.span)
    if len(found) == len(text.ids) == 1:
        found = [_asked_for(text, found[0])]
    if len(text.ids) + len(text.links):
        found = sorted([*found, *_bare_marks(text, found)], key=lambda citation: citation.span)
    found = sorted([*found, *_repeated(text, found)], key=lambda citation: citation.span)
    if found := _disjoint(found):
        found[-1] = marked_cut(text, found)
    return found


def _asked_for(text: Text, citation: Citation) -> Citation:
    """`citation` with the only id of the answer if that stands in the line above: "arXiv:2101.00001 是："."""
    (one,) = text.ids
    between = text.flat[one.end : max(one.end, citation.span[0])]
    if citation.arxiv_id or citation.doi or not _LEADS.fullmatch(between):
        return citation
    span = one.start, citation.span[1]
    return replace(citation, text=text.raw[slice(*span)], span=span, arxiv_id=one.value)


def _is_reason(answer: str, citation: Citation) -> bool:
    """Whether a citation without an id stands in an indented sentence: what is said of the paper above it."""
    if citation.arxiv_id or citation.doi or citation.url:
        return False
    line = answer.rfind("\n", 0, citation.span[0]) + 1
    return _REASON.match(answer, line) is not None


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
        text, flat = blanked(text, json.regions), blanked(flat, json.regions, sorted(json.strings + json.items))
    for read_entries in (read_bibtex, read_ris):
        if entries := read_entries(text, stop):
            flat = blanked(flat, [(entry.start, entry.end) for entry in entries])
            found += _cited(entries, answer)
    rows, tables = read_csv(text, stop)
    if tables:
        flat = blanked(flat, tables)
        found += _cited(rows, answer)
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
    if CODE.match(text.flat, start, end) or (text.flat[start] == "(" and text.flat[end - 1] == ")"):
        return []
    unit = Unit(start, end, end, 0, True, True, cell=True)
    cited = unit_citations(text, unit)
    # Commas in a title are no authors where those have a column of their own.
    if cited and not (whole and not CELL_MARKS.search(text.flat, start, end)):
        return cited
    title = whole_title(text, start, end)
    return [title_citation(text, title, start, end)] if title else []


def _repeated(text: Text, found: list[Citation]) -> Iterator[Citation]:
    """Titles that are cited and then written again in a sentence, without marks."""
    flat, ends = text.flat, [citation.span[1] for citation in found]
    titles = dict.fromkeys(one.title for one in found if one.title and len(one.title) > 23 and is_long(one.title))
    for title in islice(titles, 50):
        at = flat.find(title)
        while at >= 0:
            end = at + len(title)
            alone = not (flat[at - 1 : at].isalnum() or flat[end : end + 1].isalnum())
            line = flat[max(flat.rfind("\n", at - 20, at) + 1, at - 20) : end] + flat[end : end + 20].partition("\n")[0]
            said = len(line) > len(title) + 12  # not the title over what is said of it
            following = bisect_right(ends, at)
            free = following == len(found) or end <= found[following].span[0]
            before = flat.rfind("\n", max(0, at - 500), at)
            reason = before >= 0 and _REASON.match(flat, before + 1) is not None  # it tells of the paper above it
            if alone and said and free and not reason and not denied(flat, at, end):
                yield Citation(title, (at, end), title)
            at = flat.find(title, end)


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
