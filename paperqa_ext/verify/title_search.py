"""Finds the records that cited titles mean: by exact key, else the likest of the candidates, many titles at once.

Candidates are ranked by the similarity of their letters, of the whole and of beginning and end as long as the other;
only the best few are taken apart into words and judged by `title_match`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass

import numpy as np
from rapidfuzz import fuzz, process

from ..index import ReferenceIndex
from ..sources.readable import readable
from ..titles import content_words, words
from .title_match import Likeness, Title, likeness

_CANDIDATES = 8
_FEW_WORDS = 4  # content words that many titles may share
_CANDIDATES_OF_FEW = 48
_OTHERS = 3  # candidates that are other titles before the rest is taken to be
_FAINT = 70  # score, 0 to 100, below which a title is not judged
_CLOSE = 15  # score that a judged candidate may be behind the likest
_MARKED = re.compile(r"[\\$&{^<\u3400-\u9fff]")
_TAG = re.compile(r"</?\w[^<>]{0,40}>")
# Graph Attention Networks（图注意力网络）, 图注意力网络: Graph Attention Networks
_OTHERS_THAN_HAN, _SIGN = r"[^\u3400-\u9fff]", r"\s*[（(【\[：:|/—-]\s*"
_BESIDE = re.compile(
    rf"(?P<before>{_OTHERS_THAN_HAN}+){_SIGN}[\u3400-\u9fff].*|.*[\u3400-\u9fff]{_SIGN}(?P<after>{_OTHERS_THAN_HAN}+)",
    re.DOTALL,
)
_LEAST_ENGLISH = 2  # content words of a title beside its translation
_ORDER: dict[Likeness, int] = {"other": 0, "part": 1, "same": 2}
_PART = 0.95  # what the likeness of a part counts beside that of the whole


@dataclass(frozen=True, slots=True)
class Found:
    """What a cited title means.

    Attributes:
        rows: of the records with this title (`same`, `part`), most similar first, or of the nearest one (`other`); may
            be empty.
        likeness: of the cited title to theirs; see `title_match.likeness`.
        similarity: of both titles, 0 to 1.
        words: of the cited title.
    """

    rows: list[int]
    likeness: Likeness
    similarity: float
    words: list[str]


def find_titles(titles: Sequence[str], own: Sequence[int | None], index: ReferenceIndex) -> list[Found]:
    """What each title means.

    Args:
        titles: as cited.
        own: for each the row of the record whose id is cited with it, or None; it is a candidate, too.
    """
    cited = [Title(title, words(title)) for title in titles]
    exact = _exact(cited, index)
    found = [Found(rows, "same", 1.0, title.words) for rows, title in zip(exact, cited, strict=True)]
    open_ = [number for number, rows in enumerate(exact) if not rows]
    near = _nearest([cited[number] for number in open_], [own[number] for number in open_], index)
    for number, one in zip(open_, near, strict=True):
        found[number] = one
    return found


def _exact(cited: list[Title], index: ReferenceIndex) -> list[list[int]]:
    """The rows of each title, read as it is, then without mark-up and without its Chinese translation."""
    rows = index.rows_of_titles([title.words for title in cited])
    marked = [n for n, title in enumerate(cited) if not rows[n] and _MARKED.search(title.text)]
    for number in marked:
        cited[number] = _plain(cited[number].text)
    for number, again in zip(marked, index.rows_of_titles([cited[n].words for n in marked]), strict=True):
        rows[number] = again
    return rows


def _plain(text: str) -> Title:
    """A title as the records have it: without LaTeX, HTML and the translation that stands beside an English title."""
    text = _TAG.sub("", readable(text))
    beside = _BESIDE.fullmatch(text)
    if beside is not None:
        english = words(beside["before"] or beside["after"])
        if len(content_words(english)) >= _LEAST_ENGLISH:
            return Title(text, english)
    return Title(text, words(text))


def _nearest(cited: list[Title], own: list[int | None], index: ReferenceIndex) -> list[Found]:
    rows = [
        candidates if row is None or row in candidates else [row, *candidates]
        for row, candidates in zip(own, _candidates(cited, index), strict=True)
    ]
    counts = [len(candidates) for candidates in rows]
    texts = index.titles([row for candidates in rows for row in candidates])
    scores = _scores([" ".join(title.words) for title in cited], counts, texts)
    found, start = [], 0
    for title, candidates, row, count in zip(cited, rows, own, counts, strict=True):
        ranked = sorted(zip(scores[start : start + count], candidates, texts[start : start + count], strict=True))
        found.append(_likest(title, ranked[::-1], row, index))
        start += count
    return found


def _candidates(cited: list[Title], index: ReferenceIndex) -> list[list[int]]:
    """Candidates of each title, the more the less its words say."""
    found: list[list[int]] = [[] for _ in cited]
    few = [n for n, title in enumerate(cited) if len(content_words(title.words)) <= _FEW_WORDS]
    many = [n for n, title in enumerate(cited) if len(content_words(title.words)) > _FEW_WORDS]
    for numbers, limit in ((few, _CANDIDATES_OF_FEW), (many, _CANDIDATES)):
        for number, rows in zip(numbers, index.candidates([cited[n].words for n in numbers], limit), strict=True):
            found[number] = rows
    return found


def _scores(cited: list[str], counts: list[int], texts: list[str]) -> list[float]:
    """How alike, 0 to 100, each title and each of its `counts` candidates look."""
    if not texts:
        return []
    ours = [text for text, n in zip(cited, counts, strict=True) for _ in range(n)]
    theirs = [*map(str.lower, texts)]
    scores = _ratios(ours, theirs)
    lengths = np.array([[*map(len, ours)], [*map(len, theirs)]])
    ratio = (lengths[0] + 1) / (lengths[1] + 1)
    uneven = np.flatnonzero((ratio <= 0.8) | (ratio >= 1.25))
    ends = [(ours[n], theirs[n], min(len(ours[n]), len(theirs[n]))) for n in uneven.tolist()]
    heads = _ratios([one[:n] for one, _, n in ends], [other[:n] for _, other, n in ends])
    tails = _ratios([one[-n:] for one, _, n in ends], [other[-n:] for _, other, n in ends])
    scores[uneven] = np.maximum(scores[uneven], _PART * np.maximum(heads, tails))
    return scores.tolist()


def _ratios(ours: list[str], theirs: list[str]) -> np.ndarray:
    """(pairs,) float32 similarities of letters, 0 to 100."""
    return process.cpdist(ours, theirs, scorer=fuzz.ratio)


def _likest(title: Title, ranked: list[tuple[float, int, str]], own: int | None, index: ReferenceIndex) -> Found:
    """Those of `ranked` that the title is most like, the whole of them before a part; else the first."""
    likest: Likeness = "other"
    rows: list[int] = []
    similarity = 0.0
    others = 0
    for score, row, text in ranked:
        if rows and row != own and (others == _OTHERS or score < max(_FAINT, ranked[0][0] - _CLOSE)):
            if own is None:
                break
            continue
        real = Title(text, words(text))
        like: Likeness = "other"
        if row == own or score >= _FAINT:
            like = likeness(title, real, index.document_frequencies, _names(row, index))
        others += like == "other"
        if not rows or _ORDER[like] > _ORDER[likest]:
            likest, rows, similarity = like, [row], similarity_of(title.words, real.words)
        elif like == likest != "other":
            rows.append(row)
    return Found(rows, likest, similarity, title.words)


def similarity_of(cited: list[str], real: list[str]) -> float:
    """Similarity of the letters of two titles, from their words, 0 to 1."""
    return fuzz.ratio(" ".join(cited), " ".join(real)) / 100


def _names(row: int, index: ReferenceIndex) -> Callable[[], Set[str]]:
    return lambda: {word for author in index.paper(row).authors for word in words(author)}
