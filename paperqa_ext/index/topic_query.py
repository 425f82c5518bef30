"""What a search asks for: topics of the glossary in either language, other words, and years."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from rapidfuzz import fuzz, process

from ..glossary import read_glossary
from ..titles import STOPWORDS, words
from ..topics import Topic, load_topics

QUERY_WORDS = Path(__file__).parent.parent / "data" / "query_words.csv"
CJK = "\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"  # kana and Chinese characters, which are written without spaces

Phrase = tuple[str, ...]

_YEAR = r"(?:19[89]|20\d)\d"
_BEFORE, _AFTER = r"(?<![A-Za-z0-9.\-])", r"(?![A-Za-z0-9]|[.\-]\d)\s*年?"  # no part of an id or a name
_YEARS = re.compile(rf"{_BEFORE}({_YEAR})\s*年?\s*(?:-|–|—|~|to|至|到)\s*({_YEAR}){_AFTER}")
_ONE_YEAR = re.compile(rf"{_BEFORE}({_YEAR}){_AFTER}")
_RUNS = re.compile(f"[{CJK}]+|[^{CJK}]+")
# How people ask, not what they ask about.
ASKING = frozenset(
    "about all any appeared article articles arxiv can could cite find give good like list literature looking me most "
    "need notable paper papers please posted published read reading recommend recommended recent references "
    "representative show some suggest tell there want was were which work works worth would written you".split()
)
_ASKING_ZH = re.compile(
    "请推荐|推荐一下|推荐|给我|帮我|帮忙|麻烦|列出|列举|介绍|一些|[一二两三四五六七八九十几多]+篇|论文|文章|文献|方面|方向"
    "|领域|相关|有关|关于|代表性|代表|工作|研究|重要|经典|最新|值得一读|值得|有没有|有哪些|哪些|什么|我想|了解|谢谢|发表|以及|年的"
)
EDGES = "的和与及在中年篇我请求找讲有用了吗呢"
_SUGGESTED, _SIMILAR = 3, 60  # topics at most, and how similar in percent


@dataclass(frozen=True, slots=True)
class Concept:
    """One thing asked for.

    Attributes:
        name: as it was written, for messages.
        phrases: its names as folded words, the most fitting first; any of them will do.
        topic: English name of the glossary's topic that it is; "" for all else, a narrower name of a topic too.
    """

    name: str
    phrases: tuple[Phrase, ...]
    topic: str = ""


@dataclass(frozen=True, slots=True)
class TopicQuery:
    """A search, read.

    Attributes:
        concepts: what is asked for, each once.
        phrases: words that stand next to each other, which papers may repeat.
        years: first and last year that the text names, or None.
        unused: parts of the text that nothing can be found for.
    """

    concepts: tuple[Concept, ...] = ()
    phrases: tuple[Phrase, ...] = ()
    years: tuple[int, int] | None = None
    unused: tuple[str, ...] = ()


def read_query(text: str) -> TopicQuery:
    """Read a search in English, Chinese or both.

    Topics are found under any name of the glossary, the longest first. A number that can only be a year limits the
    years. Words of asking ("recommend papers on", "请推荐…的论文") are passed over, unless there is nothing else.

    >>> query = read_query("图神经网络 protein folding 2022")
    >>> [concept.name for concept in query.concepts], query.years
    (['图神经网络', 'protein folding'], (2022, 2022))
    """
    text = unicodedata.normalize("NFKC", text)
    years, rest = _take_years(text)
    concepts: dict[str, Concept] = {}
    phrases: list[Phrase] = []
    names = _names()
    for part in names.chinese.split(rest):
        if (known := names.of_chinese.get(_unspaced(part))) is not None:
            concepts[known.name] = known
            continue
        for run in _RUNS.findall(part):
            if run[0] >= "\u3000" and re.match(f"[{CJK}]", run):
                for word in _chinese_words(run):
                    concepts[word] = Concept(word, (tuple(word),))
            else:
                written = words(run)
                if len(written) > 1:
                    phrases.append(tuple(written))
                for concept in names.in_english(written):
                    concepts.setdefault(concept.name, concept)
    return TopicQuery(tuple(concepts.values()), tuple(phrases), years)


def nearest_topics(text: str) -> list[str]:
    """Names of the glossary that resemble `text`, in its language."""
    chinese = re.search(f"[{CJK}]", text) is not None
    names = [topic.zh if chinese else topic.en for topic in load_topics()]
    return [
        name
        for name, *_ in process.extract(text, names, scorer=fuzz.partial_ratio, limit=_SUGGESTED, score_cutoff=_SIMILAR)
    ]


def is_cjk(phrase: Phrase) -> bool:
    """Whether a phrase is of characters that are written without spaces."""
    return bool(phrase) and re.match(f"[{CJK}]", phrase[0]) is not None


def content(phrase: Iterable[str]) -> list[str]:
    """The words of a phrase that say something."""
    return [word for word in phrase if word not in STOPWORDS]


def plain(word: str) -> str:
    """A folded word without plural ending, so that two forms of one topic are one.

    >>> [plain(word) for word in ("networks", "analysis", "gas", "theories", "classes")]
    ['network', 'analysis', 'gas', 'theory', 'class']
    """
    if len(word) > 4 and word.endswith("ies"):
        return f"{word[:-3]}y"
    if len(word) > 4 and word.endswith(("sses", "xes", "ches", "shes")):
        return word[:-2]
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")) else word


class _Names:
    """The glossary, by name."""

    def __init__(self, topics: Iterable[Topic], chinese: Iterable[tuple[str, str]]) -> None:
        self._english: dict[Phrase, Concept] = {}
        by_name: dict[str, Concept] = {}
        for topic in topics:
            phrases = tuple(dict.fromkeys(tuple(words(name)) for name in (topic.en, *topic.keywords)))
            by_name[topic.en] = Concept(topic.en, phrases, topic.en)
            by_name[topic.zh] = Concept(topic.zh, _with_chinese(phrases, topic.zh), topic.en)
            for name in (topic.en, *filter(_is_abbreviation, topic.keywords)):
                self._english.setdefault(tuple(map(plain, words(name))), by_name[topic.en])
            for phrase in phrases:  # a narrower name stands for itself alone
                self._english.setdefault(tuple(map(plain, phrase)), Concept(" ".join(phrase), (phrase,)))
        self.of_chinese = {_unspaced(topic.zh): by_name[topic.zh] for topic in topics}
        for zh, en in chinese:
            known = by_name.get(en, Concept(en, (tuple(words(en)),)))
            self.of_chinese.setdefault(_unspaced(zh), Concept(zh, _with_chinese(known.phrases, zh), known.topic))
        names = sorted(self.of_chinese, key=len, reverse=True)
        # Spaces between Latin and Chinese are written or not.
        patterns = (r"\s*".join(map(re.escape, name)) for name in names)
        self.chinese = re.compile(f"({'|'.join(patterns)})", re.IGNORECASE)
        self._longest = max(map(len, self._english))

    def in_english(self, written: list[str]) -> Iterator[Concept]:
        """Topics and other words of a text, in its order."""
        folded = list(map(plain, written))
        others = not set(written) <= STOPWORDS | ASKING
        start = 0
        while start < len(written):
            for end in range(min(len(written), start + self._longest), start, -1):
                if (known := self._english.get(tuple(folded[start:end]))) is not None:
                    yield _as_written(known, tuple(written[start:end]))
                    break
            else:
                end = start + 1
                word = written[start]
                if not others or (word not in STOPWORDS and word not in ASKING):
                    yield Concept(word, ((word,),))
            start = end


@lru_cache(maxsize=1)
def _names() -> _Names:
    chinese = [(zh, en) for _, (zh, en) in read_glossary(QUERY_WORDS, ("zh", "en"), unique=("zh",))]
    return _Names(load_topics(), chinese)


def _with_chinese(phrases: tuple[Phrase, ...], name: str) -> tuple[Phrase, ...]:
    """`phrases` and the Chinese name itself, for the few titles in Chinese."""
    return (*phrases, tuple(name)) if re.fullmatch(f"[{CJK}]+", name) else phrases


def _is_abbreviation(keyword: str) -> bool:
    return keyword.isupper() and " " not in keyword


def _as_written(known: Concept, phrase: Phrase) -> Concept:
    """The concept under the name that was used for it; an abbreviation stands for its name."""
    if len(phrase) == 1:
        return Concept(phrase[0], known.phrases, known.topic)
    others = (other for other in known.phrases if list(map(plain, other)) != list(map(plain, phrase)))
    return Concept(" ".join(phrase), (phrase, *others), known.topic)


def _unspaced(name: str) -> str:
    return "".join(name.split()).casefold()


def _take_years(text: str) -> tuple[tuple[int, int] | None, str]:
    """The years a text names, and the text without them."""
    for pattern in (_YEARS, _ONE_YEAR):
        if match := pattern.search(text):
            found = sorted(map(int, match.groups()))
            return (found[0], found[-1]), f"{text[: match.start()]} {text[match.end() :]}"
    return None, text


def _chinese_words(run: str) -> list[str]:
    """What is left of Chinese that no glossary knows, without the words of asking and single characters."""
    parts = (part.strip(EDGES) for part in _ASKING_ZH.split(run))
    return [part for part in parts if len(part) > 1]
