"""What a question asks for, read by rules in English and Chinese, with the questions before it in mind."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal

from ..index.topic_query import CJK, Concept, TopicQuery
from ..papers import ARXIV_ID
from ..prompts import Lang
from .about import read_topics, request_words
from .names import take_authors, take_categories
from .spans import take_count, take_ordinal, take_years

Kind = Literal["recommend", "category", "author", "describe", "lookup", "exist", "compare", "other"]

_SURVEY = {
    lang: Concept(name, (("survey",), ("review",), ("overview",), ("tutorial",)))
    for lang, name in (("en", "survey"), ("zh", "综述"))
}
_QUOTED = re.compile(r"《\s*([^《》]+?)\s*》|“\s*([^“”]+?)\s*”|\"\s*([^\"]+?)\s*\"|«\s*([^«»]+?)\s*»")
_TITLE_CUE = re.compile(r"(?:titled|entitled|called|named|题为|标题为|标题是|名为|叫做?)\s*$", re.IGNORECASE)
_TITLE = re.compile(
    r"\b(?:titled|entitled)\s+(.+?)\s*[?.]?\s*$"
    r"|\b(?:who (?:wrote|are the authors of|is the author of)|what year is|when did|when was)\s+(?:the paper\s+)?"
    r"((?-i:[A-Z])[^?]*?\s\S+?)(?:\s+(?:appear|come out|published|posted|from)\b[^?]*)?\s*\?\s*$"
    r"|\b(?:does|is)\s+(?:the paper\s+)?((?-i:[A-Z])[^?]*?\s\S+?)\s+(?:exist|(?:a )?real(?: paper)?)\s*\?\s*$",
    re.IGNORECASE,
)
_TOPIC_CUE = re.compile(r"(?:\b(?:on|about|topic|regarding|for)|关于|研究|主题是?|讲)\s*$", re.IGNORECASE)
_SENTENCE = 50  # characters of a quoted text that cannot be a topic
_SPEAKING = re.compile(
    r"(?:the authors?|we|(?:the|this|our) (?:paper|work|article|study|letter|report|note|survey|thesis|review))\b", re.I
)


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked for. What a question leaves open is empty or None.

    Attributes:
        text: the question as it was put.
        lang: language to answer in.
        kind: what sort of answer is wanted; `recommend` for papers on a topic, `other` where nothing is asked for.
        query: topics and other words that papers must be about.
        years: first and last year of the first version.
        categories: arXiv codes, any of which will do.
        authors: names, all of which must be among the authors.
        first_author: the first of `authors` must be the first author.
        count: number of papers.
        newest: the latest papers are wanted, of whatever year they are.
        titles: titles asked about; of `compare` two or more.
        ids: arXiv ids asked about, without version.
        description: a sentence about the paper that is looked for.
        more: others than those already shown.
        sure: it is asked whether what was said is true: the same again.
        ordinal: the place in the last answer of the paper asked about, from 1; -1 for the last.
        asked: the questions that say it, the last of which is `text`.
        shown: arXiv ids cited in the answers before.
        last_shown: those of the last answer, in order.
    """

    text: str
    lang: Lang
    kind: Kind = "other"
    query: TopicQuery = field(default_factory=TopicQuery)
    years: tuple[int, int] | None = None
    categories: tuple[str, ...] = ()
    authors: tuple[str, ...] = ()
    first_author: bool = False
    count: int | None = None
    newest: bool = False
    titles: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    description: str = ""
    more: bool = False
    sure: bool = False
    ordinal: int | None = None
    asked: tuple[str, ...] = ()
    shown: frozenset[str] = frozenset()
    last_shown: tuple[str, ...] = ()

    @property
    def topics(self) -> tuple[str, ...]:
        """English names of the glossary's topics that are asked for."""
        return tuple(dict.fromkeys(concept.topic for concept in self.query.concepts if concept.topic))

    @property
    def names_papers(self) -> bool:
        """Whether it says which papers it is about."""
        return bool(self.titles or self.ids or self.description)

    @property
    def open(self) -> bool:
        """Whether it says nothing of what the papers are about or whose they are."""
        return not (self.query.concepts or self.categories or self.authors or self.names_papers)


def read_request(
    question: str, history: Sequence[str] = (), answers: Sequence[str] = (), now: int | None = None
) -> Request:
    """Read a question.

    Args:
        question: in English or Chinese.
        history: the user's questions before it, the first one first. A question that says too little by itself takes
            the rest from them.
        answers: what they were answered.
        now: the year that "this year" is, the newest of the index; the calendar's if None.

    >>> request = read_request("请推荐近三年图神经网络的五篇论文", now=2026)
    >>> request.topics, request.years, request.count
    (('graph neural networks',), (2024, 2026), 5)
    """
    now = date.today().year if now is None else now
    request = _read((*history, question)[0], now)
    for text in (*history, question)[1:]:
        request = _follow(request, _read(text, now))
    shown = [tuple(dict.fromkeys(match["id"] for match in ARXIV_ID.finditer(answer))) for answer in answers]
    return replace(request, shown=frozenset(id for ids in shown for id in ids), last_shown=shown[-1] if shown else ())


def _read(question: str, now: int) -> Request:
    """A question by itself."""
    text = unicodedata.normalize("NFKC", question).replace("„", "“")
    lang = _lang(_QUOTED.sub(" ", text))
    cues = request_words()[lang]
    ids = tuple(dict.fromkeys(match["id"] for match in ARXIV_ID.finditer(text)))
    titles, description, rest = _take_quoted(ARXIV_ID.sub(" ", text), cues)
    if ids or titles or description:
        kind: Kind = "describe" if description else "compare" if len(titles) + len(ids) > 1 else "lookup"
        if kind == "lookup" and titles and cues["exist_cues"].search(rest):
            kind = "exist"
        return Request(question, lang, kind, titles=titles, ids=ids, description=description, asked=(question,))
    sure, more = bool(cues["sure_cues"].search(rest)), bool(cues["more_cues"].search(rest))
    categories, rest = take_categories(rest)
    years, rest = take_years(rest, now)
    first_author, rest = bool(cues["first_author_cues"].search(rest)), cues["first_author_cues"].sub("  作者 ", rest)
    authors, rest = take_authors(rest)
    ordinal, rest = take_ordinal(rest)
    count, rest = take_count(rest)
    rest = cues["survey_writing"].sub(lambda match: next(filter(None, match.groups()), " "), rest)
    survey, rest = bool(cues["survey_cues"].search(rest)), cues["survey_cues"].sub("  ", rest)
    newest, rest = bool(cues["newest_cues"].search(rest)) and years is None, cues["newest_cues"].sub("  ", rest)
    query = read_topics(rest, (_SURVEY[lang],) if survey else ())
    kind = "recommend" if query.concepts else "author" if authors else "category" if categories else "other"
    return Request(
        question, lang, kind, query, years, categories, authors, first_author and bool(authors), count, newest,
        more=more, sure=sure, ordinal=ordinal, asked=(question,),
    )  # fmt: skip


def _follow(before: Request, request: Request) -> Request:
    """`request` with what it leaves to be understood from the one before."""
    if request.names_papers:
        return request
    cues = request_words()[request.lang]
    alone = request.open or (set(request.query.concepts) <= set(_SURVEY.values()) and not request.authors)
    again = replace(before, text=request.text, lang=request.lang, asked=(*before.asked, request.text))
    if request.sure and not (request.topics or request.categories or request.authors or request.years):
        return replace(again, sure=True)
    if request.ordinal is not None and alone:
        return replace(again, kind="lookup", ordinal=request.ordinal)
    refines = request.query.concepts == before.query.concepts or cues["refine_cues"].search(request.text) is not None
    if not (alone or refines or request.more) or (request.open and _says_nothing(request)):
        return request
    query = request.query
    if alone or not query.concepts:
        concepts = dict.fromkeys((*before.query.concepts, *query.concepts))
        query = replace(before.query, concepts=tuple(concepts))
    others = () if request.query.concepts and not alone else before.authors
    merged = replace(
        request,
        kind=before.kind if alone and before.kind != "other" else request.kind,
        query=query,
        years=request.years or (None if request.newest else before.years),
        categories=request.categories or before.categories,
        authors=request.authors or others,
        first_author=request.first_author or (bool(others) and before.first_author),
        count=request.count or (None if request.more else before.count),
        newest=request.newest or (before.newest and request.years is None),
        titles=before.titles if alone else (),
        ids=before.ids if alone else (),
        description=before.description if alone else "",
        asked=again.asked,
    )
    return replace(merged, kind=_kind(merged))


def _says_nothing(request: Request) -> bool:
    """Neither a filter nor a word that asks for anything."""
    asks = request.years, request.count, request.newest, request.more, request.sure, request.ordinal
    return not any(asks)


def _kind(request: Request) -> Kind:
    if request.names_papers or request.open:
        return request.kind
    return "recommend" if request.query.concepts else "author" if request.authors else "category"


def _lang(text: str) -> Lang:
    chinese = len(re.findall(f"[{CJK}]", text))
    return "zh" if chinese and chinese >= len(re.findall(r"[A-Za-z]{2,}", text)) else "en"


def _take_quoted(text: str, cues: Mapping[str, re.Pattern[str]]) -> tuple[tuple[str, ...], str, str]:
    """Titles and a description that are quoted, and the text without them; a topic in quotation marks stays."""
    titles: list[str] = []
    description = ""
    rest, end = "", 0
    for match in _QUOTED.finditer(text):
        said = next(filter(None, match.groups()))
        before = text[: match.start()]
        long = len(said) >= _SENTENCE
        chinese_quote, latin = match[1] is not None, len(re.findall(r"[A-Za-z]{2,}", said))
        around = f"{before} {text[match.end() :]}"
        if chinese_quote or _TITLE_CUE.search(before):
            titles.append(said)
        elif (latin < 3 and not long) or (_TOPIC_CUE.search(before) and not long):
            continue
        elif (_SPEAKING.match(said) and long) or (cues["describe_cues"].search(around) and long):
            description = said
        else:
            titles.append(said)
        rest += f"{text[end : match.start()]}  "
        end = match.end()
    rest += text[end:]
    if not titles and not description and (unquoted := _TITLE.search(rest)):
        title = next(filter(None, unquoted.groups()))
        return (title,), "", rest.replace(title, "  ")
    return tuple(titles), description, rest
