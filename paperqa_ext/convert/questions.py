"""`Ask`s put into words: the question, the answer with its citations, the turns before. Pure and seeded."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from .. import prompts
from ..categories import Category
from ..dataset import Constraints, Example
from ..papers import Paper
from ..prompts import Lang, citation_line, fill
from ..seeding import pick, rank
from ..titles import title_key, words
from ..topics import Topic
from .abstracts import description, reason, statement
from .asks import Ask
from .inventions import altered_title, chimera, chimeric_name
from .survey import askable_authors, author_key

Papers = Mapping[int, Paper]
NUMBERED = ("recommend", "category", "author", "compare", "multi_turn")  # kinds whose answers are lists


class NotWordedError(Exception):
    """An ask that does not come out well; the message is the reason, for counting."""


@dataclass(frozen=True, slots=True)
class Wording:
    """What wording depends on besides the ask and its papers; small, for worker processes.

    Attributes:
        seed: of the choice among phrasings.
        last: date of the latest record, as `Paper.published`.
        topics: by English name.
        invented: topics that do not exist.
        categories: by code.
        reasons: whether recommendations say why, in one sentence of the abstract.
        new: use the phrasings that training never sees.
    """

    seed: int
    last: str
    topics: Mapping[str, Topic]
    invented: Sequence[Topic]
    categories: Mapping[str, Category]
    reasons: bool = True
    new: bool = False


@dataclass(frozen=True, slots=True)
class Worded:
    """An example, and what must be so for it to be true.

    Attributes:
        example: the example.
        text: free text of the question, of which near-duplicates are to be found; "" if it has none.
        absent_title: `title_key` of a title that no record may have.
        absent_author: `author_key` of an author that no record may have.
    """

    example: Example
    text: str = ""
    absent_title: int | None = None
    absent_author: int | None = None


def word(ask: Ask, papers: Papers, wording: Wording) -> Worded:
    """Put an ask into words.

    Raises:
        NotWordedError: it cannot be asked or answered well.
    """
    words_ = _Words(ask, papers, wording)
    history: tuple[tuple[str, str], ...] = ()
    if ask.kind == "multi_turn" and ask.base:
        before = _Words(ask.base, papers, wording)
        history = ((before.question(), before.answer()),)
    question = words_.question()
    twin = ""
    if ask.kind == "unanswerable" and ask.base:
        twin = _id(ask.base, _Words(ask.base, papers, wording).question())
    example = Example(
        id=_id(ask, *(turn for pair in history for turn in pair[:1]), question),
        kind=ask.kind,
        lang=ask.lang,
        instruction=question,
        output=words_.answer(),
        system=_system_prompt(wording.last, ask.lang),
        history=history,
        paper_ids=tuple(papers[row].key for row in ask.rows),
        constraints=words_.constraints(),
        cell=ask.cell,
        twin=twin,
        variant=ask.variant,
    )
    text = words_.slots.get("text", "") if ask.kind == "describe" else ""
    return Worded(example, str(text), words_.absent_title, words_.absent_author)


_system_prompt = lru_cache(maxsize=8)(prompts.system_prompt)


def _id(ask: Ask, *questions: str) -> str:
    return f"{ask.kind}-{ask.lang}-{rank(*questions):016x}"


class _Words:
    """The words of one ask: its slots are filled once, for the question and the answer."""

    def __init__(self, ask: Ask, papers: Papers, wording: Wording) -> None:
        self.ask = ask
        self.wording = wording
        self.papers = papers
        self.cited = [papers[row] for row in ask.rows]
        self.lenders = [papers[row] for row in ask.lenders]
        self.absent_title: int | None = None
        self.absent_author: int | None = None
        # The twin of an unanswerable question is asked in the same words.
        self.asked = ask.base if ask.kind == "unanswerable" and ask.base else ask
        if ask.shown:
            # What the records do not show cannot be a reason.
            self.cited = [replace(paper, abstract=paper.abstract[: prompts.MAX_ABSTRACT]) for paper in self.cited]
        self.slots: dict[str, Any] = {"count": ask.n or 0, "year": ask.year}
        _SLOTS[self.asked.kind](self)

    def question(self) -> str:
        asked = self.asked
        names = {
            "lookup": f"lookup_{asked.field}",
            "multi_turn": _FOLLOW_UPS.get(asked.variant, ""),
        }
        name = names.get(asked.kind, asked.kind)
        if asked.n and asked.kind in ("recommend", "category", "author"):
            name += "_count"
        choices = prompts.phrasings(name, asked.lang, new=self.wording.new)
        question = fill(pick(choices, self.wording.seed, name, *asked.key), asked.lang, **self.slots)
        if not self.ask.shown:
            return question
        return prompts.grounded_prompt(question, [self.papers[row] for row in self.ask.shown], asked.lang)

    def answer(self) -> str:
        ask = self.ask
        name = _answer_name(ask)
        slots = {**self.slots, "count": len(self.cited)}
        opening = fill(
            pick(prompts.answers(name, ask.lang), self.wording.seed, "answer", name, *ask.key), ask.lang, **slots
        )
        return "\n".join([opening, *self.citations()])

    def citations(self) -> list[str]:
        """The canonical lines, each with its reason where the question asks what to read."""
        lines = []
        numbered = self.ask.kind in NUMBERED
        for number, paper in enumerate(self.cited, 1):
            lines.append(citation_line(paper, number if numbered else None))
            why = reason(paper) if self._gives_reasons() else None
            if why:
                lines.append(prompts.answers("reason", self.ask.lang)[0].format(text=why))
        return lines

    def _gives_reasons(self) -> bool:
        """Lists of what to read do if that is wanted; where two papers are compared it is the answer itself."""
        if self.ask.kind == "compare":
            return True
        return self.wording.reasons and self.ask.kind in NUMBERED and self.ask.variant != "sure"

    def constraints(self) -> Constraints:
        ask, slots = self.ask, self.slots
        topic = self.wording.invented[ask.invented].en if ask.invented is not None else ask.label
        author = slots.get("author")
        return Constraints(
            topic=topic if topic and topic not in self.wording.categories else None,
            category=topic if topic in self.wording.categories else None,
            author=str(author) if author else None,
            year=ask.year,
            n=ask.n,
            title=str(slots["title"]) if "title" in slots else None,
            arxiv_id=str(slots["id"]) if "id" in slots else None,
            field=ask.field or None,
        )

    def _label_slots(self) -> None:
        ask = self.ask
        if ask.label in self.wording.categories:
            self.slots["category"] = _category_words(self.wording.categories[ask.label], ask.lang)
        elif ask.invented is not None:
            self.slots["topic"] = getattr(self.wording.invented[ask.invented], ask.lang)
            self.slots["twin"] = getattr(self.wording.topics[ask.label], ask.lang)
        else:
            self.slots["topic"] = getattr(self.wording.topics[ask.label], ask.lang)
        if ask.span:
            self.slots["span"] = prompts.year_words(*ask.span, ask.lang)
        self.slots["last"] = prompts.date_words(self.wording.last, ask.lang)

    def _author_slots(self) -> None:
        asked = self.asked
        paper = self.papers[(asked.rows or asked.lenders)[0]]
        names = [name for name in askable_authors(paper) if author_key(name) == asked.key[0]]
        if self.ask.variant != "unknown_author":
            self.slots["author"] = names[0]
            return
        others = askable_authors(self.lenders[1])
        made = chimeric_name(names[0], others[0]) if others else None
        if made is None:
            raise NotWordedError("no name to invent")
        self.slots |= {"author": made, "twin": names[0]}
        self.absent_author = author_key(made)

    def _describe_slots(self) -> None:
        text = description((self.cited or self.lenders)[0])
        if text is None:
            raise NotWordedError("no sentence describes the paper")
        self.slots["text"] = text

    def _lookup_slots(self) -> None:
        [paper] = self.cited
        if self.ask.field != "authors" and not paper.id:
            raise NotWordedError("the paper has no arXiv id")
        if self.ask.field == "title":
            self.slots["id"] = paper.id
        else:
            self.slots["title"] = _quotable(paper.title)
        if self.ask.field == "authors":
            if not paper.authors:
                raise NotWordedError("the paper has no authors")
            self.slots["authors"] = prompts.author_words(paper.authors, self.ask.lang)
        self.slots["date"] = prompts.date_words(paper.published, self.ask.lang)

    def _compare_slots(self) -> None:
        self.slots |= {
            name: _quotable(paper.title) for name, paper in zip(("first", "second"), self.cited, strict=True)
        }
        self.slots["topic"] = getattr(self.wording.topics[self.ask.label], self.ask.lang)
        if not all(map(statement, self.cited)):
            raise NotWordedError("no sentence says what the paper does")

    def _exist_slots(self) -> None:
        [paper] = self.cited
        title: str | None = _quotable(paper.title)
        if self.ask.variant == "altered":
            title = altered_title(paper.title, self.lenders[0].title, self.wording.seed, *self.ask.key)
        elif self.ask.variant == "chimera":
            title = chimera(paper.title, self.lenders[0].title)
        if title is None:
            raise NotWordedError("no title to invent")
        self.slots["title"] = _quotable(title)
        if self.ask.variant != "real":
            self.absent_title = title_key(words(title))


_SLOTS: Mapping[str, Callable[[_Words], None]] = {
    "recommend": _Words._label_slots,
    "category": _Words._label_slots,
    "author": _Words._author_slots,
    "describe": _Words._describe_slots,
    "lookup": _Words._lookup_slots,
    "compare": _Words._compare_slots,
    "exist": _Words._exist_slots,
    "multi_turn": _Words._label_slots,
}


_FOLLOW_UPS = {
    "refine": "refine_year",
    "fewer": "refine_count",
    "sure": "sure",
    "sure_none": "sure_none",
    "more": "more",
    "more_none": "more",
}


def _answer_name(ask: Ask) -> str:
    if ask.shown and not ask.rows:
        return "grounded_none"
    if ask.kind == "unanswerable":
        of_category = ask.base is not None and ask.base.kind == "category"
        return f"{ask.variant}_category" if of_category else ask.variant
    if ask.kind == "multi_turn":
        name = {"refine": "recommend", "fewer": "recommend", "sure": "sure_yes"}.get(ask.variant, ask.variant)
        return f"{name}_fewer" if ask.fewer else name
    if ask.kind == "lookup":
        return f"lookup_{ask.field}"
    if ask.kind == "exist":
        return "exist_yes" if ask.variant == "real" else "exist_no"
    return f"{ask.kind}_fewer" if ask.fewer else ask.kind


def _category_words(category: Category, lang: Lang) -> str:
    return f"{category.en} ({category.code})" if lang == "en" else f"{category.zh}（{category.code}）"


def _quotable(title: str) -> str:
    if set(title) & set('"“”《》'):
        raise NotWordedError("quotation marks in title")
    return title
