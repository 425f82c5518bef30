"""A collection of papers → the rows of every split."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from tqdm import tqdm

from ..dataset import encode_row
from ..engine import Engine
from ..papers import Paper
from ..prompts import LANGS, Lang
from ..seeding import apportion, rank
from .asks import MAX_PAPERS, Ask, Asks
from .collect import Collection
from .corpus import Corpus
from .grounded import REMOVED_SHARE, grounded
from .near_duplicates import NearDuplicates
from .questions import NotWordedError, Wording, word
from .records import LineStore, decode
from .tokens import answer_tokens, prompt_tokens, too_long
from .unanswerable import insisted, unanswerable

# Shares of the rows of a split. What one kind cannot fill, the kinds of `FILL` do, the first that can.
SHARES: Mapping[str, float] = {
    "recommend": 25,
    "category": 8,
    "author": 8,
    "describe": 15,
    "lookup": 15,
    "compare": 5,
    "exist": 10,
    "unanswerable": 10,
    "multi_turn": 4,
}
INSISTED_SHARE = 0.2  # of the dialogues, those that press for an answer where there is none
_TWINS = ("recommend", "category", "author")  # kinds whose questions have unanswerable twins
FILL = ("lookup", "exist", "describe", "recommend", "category", "author")
_CHUNK = range(16, 257)  # asks worded at a time; what is worded ahead and not needed in the end is work lost
MAX_COUNTED = 5_000  # rows whose tokens are counted, of many rows evenly drawn ones


@dataclass(frozen=True, slots=True)
class Options:
    """What is to be built.

    Attributes:
        size: rows of train and val together.
        val_ratio: share of val in them.
        test_size: rows of test.
        seen_size: rows that ask again what train asks, in wordings that train does not use.
        seed: another seed gives other splits and questions.
        langs: languages, each given an equal share of the rows.
        shares: of the kinds of questions, relative to each other.
        max_papers: that an answer cites at most.
        reasons: whether recommendations say why, in one sentence of the abstract.
        grounded: also make the rows that are to be answered from records in the prompt.
        gold_removed: share of those whose records lack the answer.
        format: `alpaca` or `sharegpt`.
    """

    size: int = 2900
    val_ratio: float = 0.2
    test_size: int = 240
    seen_size: int = 120
    seed: int = 0
    langs: tuple[Lang, ...] = LANGS
    shares: Mapping[str, float] = field(default_factory=lambda: SHARES)
    max_papers: int = MAX_PAPERS
    reasons: bool = True
    grounded: bool = False
    gold_removed: float = REMOVED_SHARE
    format: str = "alpaca"

    def rows(self) -> dict[str, int]:
        """Number of rows of each split."""
        val = round(self.size * self.val_ratio)
        return {"train": self.size - val, "val": val, "test": self.test_size, "seen": self.seen_size}


@dataclass(frozen=True, slots=True)
class Row:
    """A row made: what was asked, the row's id and length, and where its line is.

    Attributes:
        ask: what was asked.
        id: as `Example.id`.
        line: its place in `Builder.lines`.
        tokens: of the whole row and of its answer, where they were counted.
    """

    ask: Ask
    id: str
    line: int
    tokens: tuple[int, int] | None


class _Made(NamedTuple):
    line: bytes
    id: str
    asked: int
    text: str
    absent_title: int | None
    absent_author: int | None
    tokens: tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class _Word:
    """Asks and the lines of the papers they need → rows, or why there is none."""

    wording: Wording
    format: str
    counted: int  # of how many rows one is counted in tokens

    def __call__(self, work: tuple[Sequence[Ask], Mapping[int, bytes]]) -> list[_Made | str]:
        asks, lines = work
        papers = {row: decode(line) for row, line in lines.items()}
        return [self._made(ask, papers) for ask in asks]

    def _made(self, ask: Ask, papers: Mapping[int, Paper]) -> _Made | str:
        try:
            worded = word(ask, papers, self.wording)
        except NotWordedError as error:
            return str(error)
        example = worded.example
        turns = [turn for pair in example.history for turn in pair] + [example.instruction]
        if too_long(example.system, turns, example.output):
            return "too long"
        tokens = None
        asked = int(example.id.rpartition("-")[2], 16)  # drawn for the questions asked
        if asked % self.counted == 0:
            answer = answer_tokens(example.output)
            tokens = (prompt_tokens(example.system, turns) + answer, answer)
        return _Made(
            encode_row(example, self.format), example.id, asked, worded.text, worded.absent_title, worded.absent_author,
            tokens,
        )  # fmt: skip


class Builder:
    """Makes the rows of the splits, in the order train, val, test, seen.

    Args:
        collection: the papers.
        corpus: what can be asked of them.
        wording: how it is put into words.
        options: what is to be built.
        engine: does the wording.
        directory: where rows are kept meanwhile, in a file that goes with the process.

    Attributes:
        lines: the encoded rows.
        dropped: asks that did not become rows, by reason.
    """

    def __init__(
        self,
        collection: Collection,
        corpus: Corpus,
        wording: Wording,
        options: Options,
        engine: Engine,
        directory: Path,
    ) -> None:
        self.lines = LineStore(directory)
        self.dropped: Counter[str] = Counter()
        self._records = collection.records
        self._corpus = corpus
        self._wording = wording
        self._options = options
        self._engine = engine
        self._asked: set[int] = set()
        self._texts = NearDuplicates()
        self._described: set[int] = set()
        self._counted = max(1, -(-sum(options.rows().values()) // MAX_COUNTED))
        self._progress = tqdm(
            total=sum(options.rows().values()),
            desc="writing questions",
            unit=" rows",
            unit_scale=True,
            disable=None,
            leave=False,
        )

    def split(self, split: str, wanted: int) -> list[Row]:
        """`wanted` rows, or fewer if the split has no more to ask; in an order that the seed decides."""
        rows: list[Row] = []
        asks = Asks(self._corpus, split, self._options.langs, self._options.max_papers)
        for lang, part in zip(self._options.langs, apportion(wanted, [1.0] * len(self._options.langs)), strict=True):
            rows += self._of_language(asks, lang, part)
        return self._ordered(rows)

    def seen(self, train: Sequence[Row], wanted: int) -> list[Row]:
        """Questions of `train` asked again in wordings that train does not use."""
        quotas = apportion(wanted, [1.0] * len(self._options.langs))
        drawn = sorted((row for row in train if row.ask.cell != "unanswerable"), key=lambda row: rank("seen", row.id))
        rows: list[Row] = []
        for lang, part in zip(self._options.langs, quotas, strict=True):
            asks = (row.ask for row in drawn if row.ask.lang == lang)
            rows += islice(self._accepted(asks, part, replace(self._wording, new=True)), part)
        return self._ordered(rows)

    def grounded(self, split: str, rows: Sequence[Row]) -> list[Row]:
        """Those of `rows` that records can answer, with records to answer them from."""
        asks = grounded(self._corpus, split, (row.ask for row in rows), self._options.gold_removed)
        return self._ordered(list(self._accepted(asks, len(rows))))

    def _ordered(self, rows: Sequence[Row]) -> list[Row]:
        return sorted(rows, key=lambda row: rank(self._options.seed, "order", row.id))

    def _of_language(self, asks: Asks, lang: Lang, wanted: int) -> list[Row]:
        shares = self._options.shares
        quotas = dict(zip(shares, apportion(wanted, list(shares.values())), strict=True))
        quotas["exist_not"] = quotas["exist"] // 2
        quotas["exist"] -= quotas["exist_not"]
        insisting = round(INSISTED_SHARE * quotas["multi_turn"])
        quotas["multi_turn"] -= insisting
        streams = {kind: self._accepted(stream, quotas[kind]) for kind, stream in asks.streams(lang).items()}
        made: list[Row] = []
        for kind, stream in streams.items():
            made += islice(stream, quotas[kind])
        twins = [row.ask for row in made if row.ask.kind in _TWINS]
        none = self._accepted(unanswerable(self._corpus, asks.split, twins), quotas["unanswerable"])
        declined = list(islice(none, quotas["unanswerable"]))
        made += declined
        made += islice(self._accepted(insisted(row.ask for row in declined), insisting), insisting)
        for kind in FILL:
            missing = wanted - len(made)
            more = list(islice(streams[kind], missing)) if shares[kind] else []
            if more:
                self.dropped[f"{asks.split} {lang}: rows short of their share, filled with {kind}"] += len(more)
            made += more
        return made

    def _accepted(self, asks: Iterable[Ask], quota: int, wording: Wording | None = None) -> Iterator[Row]:
        """Rows of the asks that come out well, in order."""
        work = _Word(wording or self._wording, self._options.format, self._counted)
        size = min(max(quota // 48, _CHUNK[0]), _CHUNK[-1])
        pending: deque[list[Ask]] = deque()
        for results in self._engine.map(work, self._chunks(asks, size, pending)):
            for ask, made in zip(pending.popleft(), results, strict=True):
                refusal = made if isinstance(made, str) else self._refusal(ask, made)
                if refusal is not None or isinstance(made, str):
                    self.dropped[str(refusal)] += 1
                    continue
                self.lines.append_line(made.line)
                self._progress.update()
                yield Row(ask, made.id, len(self.lines) - 1, made.tokens)

    def _chunks(
        self, asks: Iterable[Ask], size: int, pending: deque[list[Ask]]
    ) -> Iterator[tuple[list[Ask], dict[int, bytes]]]:
        """Asks with the lines of the papers they need; the asks also go into `pending`, for when their rows come."""
        asks = iter(asks)
        while chunk := list(islice(asks, size)):
            needed = list({row for ask in chunk for row in ask.papers})
            pending.append(chunk)
            yield chunk, dict(zip(needed, self._records.lines(needed), strict=True))

    def _refusal(self, ask: Ask, made: _Made) -> str | None:
        """Why a row that came out well is not used, or None; remembers what it asks."""
        if made.absent_title is not None and self._corpus.has_title(made.absent_title):
            return "an invented title exists"
        if made.absent_author is not None and self._corpus.has_author(made.absent_author):
            return "an invented name exists"
        if made.asked in self._asked:
            return "question asked before"
        if made.text and ask.papers[0] not in self._described:
            if not self._texts.is_new(made.text):
                return "nearly the same description as another paper's"
            self._described.add(ask.papers[0])
        self._asked.add(made.asked)
        return None
