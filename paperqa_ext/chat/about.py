"""What papers must be about: a question's topics and other words, without the words of asking."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import lru_cache
from itertools import groupby
from pathlib import Path
from typing import Any

from ..errors import SourceError
from ..index.topic_query import ASKING, CJK, EDGES, Concept, TopicQuery, is_cjk, read_query
from ..prompts import LANGS, Lang
from ..titles import STOPWORDS, words

REQUEST_WORDS = Path(__file__).parent.parent / "data" / "request_words.toml"

_EDGES = f"{EDGES}想要读看选好"  # characters that no topic begins or ends with


def read_topics(text: str, others: tuple[Concept, ...] = ()) -> TopicQuery:
    """What papers must be about: `others`, and what `text` says.

    Words of the glossary always count; of other words those count that are no words of asking. Weak ones ("group",
    "review") need a neighbour that counts: not "our reading group", but "Lie group representations".
    """
    query = read_query(text)
    asking, weak = (request_words()["en"][name] for name in ("asking", "weak"))
    named = [concept for concept in query.concepts if concept.topic or (_spaced(concept) and _is_name(concept))]
    known = {word for concept in named for word in words(concept.name)}
    runs = _runs(text, asking - known)
    said = {word for run in runs for word in _strong(run, weak, known)}
    concepts = dict.fromkeys(others)
    for concept in query.concepts:
        if concept in named:
            concepts[concept] = None
        elif not _spaced(concept):
            if name := _chinese_topic(concept.name):
                concepts[Concept(name, (tuple(name),))] = None
        elif said.issuperset(words(concept.name)):
            concepts[concept] = None
    return TopicQuery(tuple(concepts), tuple(tuple(run) for run in runs if len(run) > 1))


def _is_name(concept: Concept) -> bool:
    """Whether it is in the glossary, and not a word by itself."""
    return len(concept.phrases[0]) > 1 or re.search(f"[{CJK}]", concept.name) is not None


def _spaced(concept: Concept) -> bool:
    return not is_cjk(concept.phrases[0])


def _runs(text: str, asking: frozenset[str]) -> list[list[str]]:
    """Words of a text as they stand beside each other, between words of asking."""
    runs: list[list[str]] = [[]]
    for clause in re.split(f"[{CJK},;:?!。]|\\.\\s", text):
        for word in words(clause):
            if word in asking:
                runs.append([])
            else:
                runs[-1].append(word)
        runs.append([])
    return [run for run in runs if run]


def _strong(run: list[str], weak: frozenset[str], known: set[str]) -> Iterator[str]:
    """The words of a run that say something: weak ones only beside others, and not beside a known topic."""
    for passed, group in groupby(run, lambda word: word in STOPWORDS or word in known):
        beside = list(group)
        if not passed and not weak.issuperset(beside):
            yield from beside


def _chinese_topic(text: str) -> str:
    """What is left of a Chinese text without words of asking; "" if that is nothing."""
    asking, edges = (request_words()["zh"][name] for name in ("asking", "edges"))
    return edges.sub("", text) if len(asking.sub("", text)) > 1 else ""  # one character is left of many a phrase


@lru_cache(maxsize=1)
def request_words(path: Path = REQUEST_WORDS) -> Mapping[Lang, Mapping[str, Any]]:
    """What is passed over in a question, and patterns of what it means, by language.

    Raises:
        SourceError: the file cannot be read, or lacks an entry.
    """
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
        read: dict[Lang, dict[str, Any]] = {}
        for lang in LANGS:
            cues = {name: "|".join(value) for name, value in tables[lang].items() if isinstance(value, list)}
            read[lang] = {name: re.compile(pattern, re.IGNORECASE) for name, pattern in cues.items()}
        read["en"] |= {name: frozenset(tables["en"][name].split()) for name in ("asking", "weak")}
        read["en"]["asking"] |= ASKING
        asking = sorted(tables["zh"]["asking"].split(), key=len, reverse=True)
        read["zh"]["asking"] = re.compile("|".join(asking))
        long = "|".join(word for word in asking if len(word) > 1)
        read["zh"]["edges"] = re.compile(f"^(?:{long}|[{_EDGES}])+|(?:{long}|[{_EDGES}])+$")
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, KeyError, AttributeError, re.error) as error:
        raise SourceError(
            f"cannot be read as words of asking: {error}", path=path, remedy="Compare it with the bundled file."
        ) from error
    return read
