"""Sources → records and their facts, each paper once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from tqdm import tqdm

from ..engine import Engine
from ..errors import SourceError
from ..memory import give_back
from ..papers import Paper
from ..sources import parse, wanted_columns
from ..sources.readers import Block, blocks
from ..topics import Topic, TopicMatcher
from .records import Records, encode, merge
from .survey import OTHER, Survey, concatenate, survey

MAX_TITLES = 5  # of one id: a paper is retitled a few times, under more titles the column is no id


@dataclass(frozen=True, slots=True)
class Collection:
    """What the sources hold.

    Attributes:
        records: every paper once, those of `sources` before those of `others` except where two were merged.
        facts: of the same rows.
        counts: of the records of `sources`: `read`, `kept`, `dropped: <reason>`, `merged: <reason>` and so on.
    """

    records: Records
    facts: Survey
    counts: Counter[str]


def collect(
    sources: Sequence[str | Path],
    engine: Engine,
    topics: Sequence[Topic],
    *,
    others: Sequence[str | Path] = (),
    columns: Mapping[str, str] | None = None,
    directory: Path,
) -> Collection:
    """Read all sources, in the order given.

    Args:
        sources: as `readers.blocks` takes them.
        engine: does the work.
        topics: glossary whose topics are looked for.
        others: sources of records that answers do not cite, but that count as existing.
        columns: field → column, where a source names it unlike `sources.ALIASES`.
        directory: where the records are kept meanwhile, in a file that goes with the process.

    Raises:
        SourceError: a source is missing, malformed or empty, or one id stands for many titles.
    """
    records = Records(directory)
    surveys: list[Survey] = []
    counts: Counter[str] = Counter()
    for citable, group in ((True, sources), (False, others)):
        if not group:
            continue
        work = _Read(tuple(topics), tuple((columns or {}).items()), citable)
        with tqdm(desc="reading", unit=" records", unit_scale=True, disable=None, leave=False) as progress:
            for part in engine.map(work, blocks(group, wanted_columns(columns))):
                records.append(part.lines, part.lengths)
                surveys.append(part.facts)
                if citable:
                    counts += part.counts
                progress.update(part.counts["read"])
    if not counts["kept"]:
        dropped = "".join(f"; {number} {why}" for why, number in counts.items() if why.startswith("dropped"))
        raise SourceError(
            f"no usable record among {counts['read']} read{dropped}", path=", ".join(map(str, sources)),
            remedy="Name a source of arXiv records with titles and ids or years; --map FIELD=COLUMN names a column.",
        )  # fmt: skip
    found = _merged(Collection(records, concatenate(surveys), counts), topics)
    give_back()
    return found


def collect_papers(
    papers: Sequence[Paper], topics: Sequence[Topic], *, others: Sequence[Paper] = (), directory: Path
) -> Collection:
    """Like `collect`, of papers in memory."""
    records = Records(directory)
    matcher = _matcher(tuple(topics))
    for group in (papers, others):
        records.add(group)
    facts = concatenate([survey(papers, matcher), survey(others, matcher, citable=False)])
    return _merged(Collection(records, facts, Counter(read=len(papers), kept=len(papers))), topics)


@dataclass(frozen=True, slots=True)
class _Part:
    lines: bytes
    lengths: np.ndarray
    facts: Survey
    counts: Counter[str]


@dataclass(frozen=True, slots=True)
class _Read:
    """A block of raw rows → its papers, encoded, and their facts."""

    topics: tuple[Topic, ...]
    columns: tuple[tuple[str, str], ...]
    citable: bool

    def __call__(self, block: Block) -> _Part:
        parsed = parse(block, dict(self.columns))
        facts = survey(parsed.papers, _matcher(self.topics), citable=self.citable)
        return _Part(*encode(parsed.papers), facts, parsed.counts)


@lru_cache(maxsize=2)
def _matcher(topics: tuple[Topic, ...]) -> TopicMatcher:
    return TopicMatcher(topics)


def _merged(found: Collection, topics: Sequence[Topic]) -> Collection:
    """Records of one id merged; what a merge makes comes last."""
    records, facts, counts = found.records, found.facts, found.counts
    kept = np.ones(len(facts), dtype=bool)
    made: list[Paper] = []
    citable: list[bool] = []
    for rows in _repeated(facts.keys):
        papers = list(records.papers(rows))
        _check_titles(papers)
        paper = merge(papers)
        counts["merged: same id"] += len(rows) - 1
        counts["kept"] -= len(rows) - 1
        counts["retitled"] += len({paper.title.casefold() for paper in papers}) - 1
        if paper == papers[0]:
            kept[rows[1:]] = False
        else:
            kept[rows] = False
            made.append(paper)
            citable.append(bool((facts.status[rows] != OTHER).any()))
    if kept.all():
        return found
    made_facts = survey(made, _matcher(tuple(topics)))
    made_facts.status[~np.array(citable, dtype=bool)] = OTHER
    records.add(made)
    keep = np.concatenate([kept, np.ones(len(made), dtype=bool)])
    records.select(np.flatnonzero(keep))
    facts = concatenate([facts, made_facts])
    facts.select(keep)
    return Collection(records, facts, +counts)


def _repeated(keys: np.ndarray) -> Iterator[np.ndarray]:
    """Rows with one key, ascending, for every key of several rows."""
    order = np.argsort(keys, kind="stable")
    same = np.flatnonzero(keys[order[1:]] == keys[order[:-1]])
    if len(same):
        for run in np.split(same, np.flatnonzero(np.diff(same) > 1) + 1):
            yield order[run[0] : run[-1] + 2]


def _check_titles(papers: Sequence[Paper]) -> None:
    titles = list(dict.fromkeys(paper.title for paper in papers))
    if len({title.casefold() for title in titles}) > MAX_TITLES:
        raise SourceError(
            f"{papers[0].key} stands for {len(titles)} titles, among them {titles[0]!r} and {titles[1]!r}",
            field="id",
            remedy="Another column holds the ids: name it with --map id=COLUMN.",
        )
