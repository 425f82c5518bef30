"""The sentences that say why a citation got its verdict."""

from __future__ import annotations

from collections.abc import Mapping

from ..citations import Citation
from ..papers import Paper
from .id_faults import id_fault, is_after

_AUTHORS = 3  # named of a paper


def name(paper: Paper) -> str:
    """A record as a reason names it."""
    return f'"{paper.title}" ({paper.year}, arXiv:{paper.id})' if paper.id else f'"{paper.title}" ({paper.year})'


def wrong_fields(citation: Citation, paper: Paper, wrong: Mapping[str, list[str]]) -> str:
    """What is stated and what the record says, for each field that contradicts it.

    Args:
        wrong: the fields; for `authors` those who are not on the paper.
    """
    notes = []
    if "year" in wrong:
        notes.append(f"year {citation.year} is stated, the record says {paper.year}")
    if "authors" in wrong:
        who = wrong["authors"]
        others = " et al." if len(paper.authors) > _AUTHORS else ""
        real = f"{', '.join(paper.authors[:_AUTHORS])}{others}"
        notes.append(f"{', '.join(who)} {'is' if len(who) == 1 else 'are'} not among its authors ({real})")
    if "arxiv_id" in wrong:
        right = f"the record is arXiv:{paper.id}" if paper.id else "the record has another"
        notes.append(f"arXiv:{citation.arxiv_id} is stated, {right}")
    return f"{name(paper)} exists, but {'; '.join(notes)}."


def unknown_id(stated: str, arxiv_id: str | None, last: str) -> str:
    """Why there is no record with an id.

    Args:
        stated: the id as written.
        arxiv_id: without version; None if it is impossible.
        last: month or year of the index's latest record.
    """
    if arxiv_id is None:
        return f"arXiv cannot have issued {stated}: {id_fault(stated)}."
    if is_after(arxiv_id, last):
        return f"arXiv:{arxiv_id} is newer than the index, which ends in {last}."
    return f"The index has no arXiv:{arxiv_id}."
