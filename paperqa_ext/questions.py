"""Questions and answers of one split of a `Corpus`. Pure and seeded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from . import prompts
from .corpus import Cell, Corpus, description, rank, share
from .dataset import Constraints, Example
from .papers import Paper
from .prompts import Lang, citation_line, fill
from .tokens import answer_tokens, prompt_tokens
from .topics import Topic

# Shares of the rows of a split. What one kind cannot fill, the next in `_FILL` does.
SHARES: Mapping[str, float] = {"recommend": 0.5, "unanswerable": 0.1, "describe": 0.15, "lookup": 0.25}
_FILL = ("lookup", "describe", "recommend")
# How many papers are asked for (None: the question leaves it open and two answer it), with the share of each.
COUNTS: tuple[tuple[int | None, float], ...] = ((None, 0.6), (1, 0.1), (2, 0.18), (3, 0.12))
OPEN_COUNT = 2
MAX_ANSWER = 220  # tokens
CUTOFF_LEN = 1024  # tokens of prompt and answer, as `cutoff_len` in examples/*.yaml: LLaMA-Factory cuts without a word
FIELDS = ("authors", "date", "id", "title")
YEARS_AHEAD = 5
YEARS_BEFORE = 8
FIRST_YEAR = 1991  # arXiv began


@dataclass(frozen=True, slots=True)
class Draft:
    """An example on its way, with what another question is derived from."""

    example: Example
    topic: Topic | None = None
    template: str = ""


class Questions:
    """Makes the examples of one split.

    Args:
        corpus: what may be asked and cited.
        split: `train`, `val` or `test`.
        langs: languages, each given an equal share of the rows.
        seen: questions asked so far in any split; extended.
        dropped: receives the reasons of drafts that were not used.
    """

    def __init__(
        self, corpus: Corpus, split: str, langs: Sequence[Lang], seen: set[str], dropped: Counter[str]
    ) -> None:
        self.corpus = corpus
        self.split = split
        self.langs = langs
        self.seen = seen
        self.dropped = dropped
        self.systems = {lang: prompts.system_prompt(corpus.last, lang) for lang in langs}

    def make(self, rows: int) -> list[Example]:
        """`rows` examples, or fewer if the split has no more to ask; in an order that the seed decides."""
        made: list[Example] = []
        for lang, wanted in zip(self.langs, apportion(rows, [1.0] * len(self.langs)), strict=True):
            made += self._make(lang, wanted)
        return sorted(made, key=lambda example: rank(self.corpus.seed, "order", example.id))

    def _make(self, lang: Lang, wanted: int) -> list[Example]:
        quotas = dict(zip(SHARES, apportion(wanted, list(SHARES.values())), strict=True))
        streams = {
            "recommend": self._accepted(self._recommend(lang)),
            "describe": self._accepted(self._describe(lang)),
            "lookup": self._accepted(self._lookup(lang)),
        }
        recommended = list(islice(streams["recommend"], quotas["recommend"]))
        made = [*recommended, *islice(self._accepted(self._unanswerable(lang, recommended)), quotas["unanswerable"])]
        made += islice(streams["describe"], quotas["describe"])
        for kind in _FILL:
            made += islice(streams[kind], wanted - len(made))
        return [draft.example for draft in made]

    def capacity(self) -> int:
        """How many rows `make` can fill; nothing may have been made before."""
        streams = (self._recommend, self._describe, self._lookup)
        return len(self.langs) * min(
            sum(1 for make in streams for _ in self._accepted(make(lang))) for lang in self.langs
        )

    def _accepted(self, drafts: Iterator[Draft]) -> Iterator[Draft]:
        for draft in drafts:
            example = draft.example
            answer = answer_tokens(example.output)
            if example.instruction in self.seen:
                self.dropped["question asked before"] += 1
            elif answer > MAX_ANSWER:
                self.dropped[f"answer over {MAX_ANSWER} tokens"] += 1
            elif answer + prompt_tokens(example.system, example.instruction) > CUTOFF_LEN:
                self.dropped[f"row over {CUTOFF_LEN} tokens"] += 1
            else:
                self.seen.add(example.instruction)
                yield draft

    def _draft(
        self,
        kind: str,
        lang: Lang,
        question: str,
        answer: str,
        papers: Sequence[Paper],
        constraints: Constraints,
        topic: Topic | None = None,
        template: str = "",
        twin: str = "",
    ) -> Draft:
        numbered = kind == "recommend"
        lines = [citation_line(paper, number if numbered else None) for number, paper in enumerate(papers, 1)]
        if kind == "unanswerable":
            cell = "unanswerable"
        else:
            cell = self.corpus.novelty(self.split, topic.en if topic else None, papers[0])
        example = Example(
            id=f"{kind}-{lang}-{rank(question):016x}",
            kind=kind,
            lang=lang,
            instruction=question,
            output="\n".join([answer, *lines]),
            system=self.systems[lang],
            paper_ids=tuple(paper.id for paper in papers),
            constraints=constraints,
            cell=cell,
            twin=twin,
        )
        return Draft(example, topic, template)

    def _pick(self, templates: Sequence[str], *key: object) -> str:
        return templates[rank(self.corpus.seed, "template", *key) % len(templates)]

    def _turn(self, number: int, *key: object) -> Lang:
        """Language of the `number`-th asking of one thing: the first is drawn, the next is its translation."""
        return self.langs[(rank(self.corpus.seed, "language", *key) + number) % len(self.langs)]

    def _recommend(self, lang: Lang) -> Iterator[Draft]:
        """Five questions that two papers or more answer to each that one paper does, as long as there are such."""
        cells = self.corpus.cells(self.split)
        several = self._askings([cell for cell in cells if len(cell.papers) > 1], lang)
        single = self._askings([cell for cell in cells if len(cell.papers) == 1], lang)
        while drafts := [*islice(several, 5), *islice(single, 1)]:
            yield from drafts

    def _askings(self, cells: Sequence[Cell], lang: Lang) -> Iterator[Draft]:
        counts = {cell: self._counts(cell) for cell in cells}
        for asking in range(len(COUNTS) * len(self.langs)):
            number = asking // len(self.langs)
            for cell in cells:
                if number < len(counts[cell]) and self._turn(asking, cell.topic.en, cell.year) == lang:
                    yield self._recommendation(cell, counts[cell][number], lang)

    def _counts(self, cell: Cell) -> list[int | None]:
        """Numbers of papers that may be asked for: the first drawn by the shares of `COUNTS`, then the common ones."""
        held = len(cell.papers)
        possible = [(n, part) for n, part in COUNTS if held >= (n or OPEN_COUNT) or cell.complete]
        drawn = share(self.corpus.seed, "count", cell.topic.en, cell.year) * sum(part for _, part in possible)
        start = 0
        while drawn >= possible[start][1] and start < len(possible) - 1:
            drawn -= possible[start][1]
            start += 1
        first = possible.pop(start)[0]
        return [first, *(n for n, _ in sorted(possible, key=lambda item: -item[1]))]

    def _recommendation(self, cell: Cell, n: int | None, lang: Lang) -> Draft:
        key = (cell.topic.en, cell.year, n, lang)
        template = self._pick((prompts.RECOMMEND if n is None else prompts.RECOMMEND_COUNT)[lang], *key)
        topic = getattr(cell.topic, lang)
        papers = cell.papers[: n or OPEN_COUNT]
        openings = prompts.FEWER_ANSWER if len(papers) < (n or OPEN_COUNT) else prompts.RECOMMEND_ANSWER
        return self._draft(
            "recommend",
            lang,
            fill(template, lang, count=n or 0, topic=topic, year=cell.year),
            fill(self._pick(openings[lang], "answer", *key), lang, count=len(papers), topic=topic, year=cell.year),
            papers,
            Constraints(topic=cell.topic.en, year=cell.year, n=n),
            cell.topic,
            template,
        )

    def _unanswerable(self, lang: Lang, recommended: Sequence[Draft]) -> Iterator[Draft]:
        """Questions of which the records hold no paper, each a recommendation's with another year."""
        for twin in sorted(recommended, key=lambda draft: rank(self.corpus.seed, "twin", draft.example.id)):
            if twin.topic is None:
                continue
            known = self.corpus.years(twin.topic.en)
            last = int(self.corpus.last[:4])
            future = self._open_years(twin.topic, range(last + 1, last + 1 + YEARS_AHEAD))
            before = self._open_years(twin.topic, range(max(FIRST_YEAR, known[0] - YEARS_BEFORE), known[0]))
            drawn = rank(self.corpus.seed, "year", twin.example.id)
            years = (future or before) if drawn % 2 else (before or future)
            if not years:
                continue
            year = years[drawn // 2 % len(years)]
            topic = getattr(twin.topic, lang)
            openings = prompts.FUTURE_ANSWER if year > last else prompts.EMPTY_ANSWER
            answer = fill(
                self._pick(openings[lang], "answer", twin.example.id),
                lang,
                topic=topic,
                year=year,
                last=prompts.date_words(self.corpus.last, lang),
                span=prompts.year_words(known[0], known[-1], lang),
            )
            question = fill(twin.template, lang, count=twin.example.constraints.n or 0, topic=topic, year=year)
            constraints = replace(twin.example.constraints, year=year)
            yield self._draft("unanswerable", lang, question, answer, (), constraints, twin.topic, twin=twin.example.id)

    def _open_years(self, topic: Topic, years: Sequence[int]) -> list[int]:
        """Years that are this split's to ask about, so that no question of another split differs only in wording."""
        return [year for year in years if self.corpus.split_of(topic.en, year) == self.split]

    def _describe(self, lang: Lang) -> Iterator[Draft]:
        papers = self.corpus.shuffled(self.split, "describe")
        texts = {paper.id: description(paper) for paper in papers}
        for asking in range(len(self.langs)):
            for paper in papers:
                text = texts[paper.id]
                if text is not None and self._turn(asking, "describe", paper.id) == lang:
                    question = self._pick(prompts.DESCRIBE[lang], "describe", paper.id)
                    answer = self._pick(prompts.DESCRIBE_ANSWER[lang], "answer", paper.id)
                    quoted = text if lang == "en" else text.rstrip(".")
                    yield self._draft("describe", lang, question.format(text=quoted), answer, (paper,), Constraints())

    def _lookup(self, lang: Lang) -> Iterator[Draft]:
        papers = self.corpus.shuffled(self.split, "lookup")
        for asking in range(len(FIELDS) * len(self.langs)):
            for place, paper in enumerate(papers):
                field = FIELDS[(place + asking) % len(FIELDS)]
                turn = self._turn(asking // len(FIELDS), field, paper.id)
                if turn == lang and self._can_look_up(paper, field):
                    yield self._lookup_of(paper, field, lang)

    def _can_look_up(self, paper: Paper, field: str) -> bool:
        if field == "authors" and not paper.authors:
            return False
        # A title shared by several papers has no one answer; one with quotation marks cannot be quoted.
        return field == "title" or (self.corpus.unique_title(paper) and not set(paper.title) & set('"“”《》'))

    def _lookup_of(self, paper: Paper, field: str, lang: Lang) -> Draft:
        question = self._pick(prompts.LOOKUP[field][lang], field, paper.id)
        answer = self._pick(prompts.LOOKUP_ANSWER[field][lang], "answer", field, paper.id)
        authors = prompts.author_words(paper.authors, lang) if paper.authors else ""
        by_id = field == "title"
        return self._draft(
            "lookup",
            lang,
            question.format(title=paper.title, id=paper.id),
            answer.format(authors=authors, date=prompts.date_words(paper.published, lang)),
            (paper,),
            Constraints(title=None if by_id else paper.title, arxiv_id=paper.id if by_id else None, field=field),
        )


def apportion(rows: int, shares: Sequence[float]) -> list[int]:
    """`rows` split by `shares`, largest remainder first.

    >>> apportion(5, [0.5, 0.25, 0.25])
    [3, 1, 1]
    """
    exact = [rows * part / sum(shares) for part in shares]
    parts = [int(value) for value in exact]
    by_remainder = sorted(range(len(parts)), key=lambda place: parts[place] - exact[place])
    for place in by_remainder[: rows - sum(parts)]:
        parts[place] += 1
    return parts
