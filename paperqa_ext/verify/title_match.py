"""Tells a variant of a real title from an altered one.

The words of both titles are aligned. Words that are one word spelt in two ways, misspelt, joined or split have a
counterpart; function words need none. If no content word is left over on either side, the cited title is a way of
writing the real one. Words left over at one end only are no alteration where the end is known to go missing or to come
along: a main title without its subtitle or the other way round, a title cut with "…", and a venue, year or author
after the title. One content word left over anywhere else makes another title of it, however similar the two are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Set
from dataclasses import dataclass
from typing import Literal

from rapidfuzz import fuzz
from rapidfuzz.distance import Levenshtein

from ..titles import STOPWORDS, content_words, words
from .word_match import Frequencies, is_slip, is_slip_of_run, resembles_one, same_word

Names = Callable[[], Set[str]]
Likeness = Literal["same", "part", "other"]

_SUBTITLE = re.compile(r"[:?!.;—–]\s+|\s*—\s*|\s[-–]+\s|\s\(")
_CUT = re.compile(r"(?:\.\.\.|…|\\l?dots)\W*$")
_LONGEST_END = 16  # characters in which a title is seen to be cut
_MOST_APART = 3  # words by which joining and splitting change the length of a title
_MOST_UNSHARED = 16  # content words of both titles that are not in the other as well
_MOST_LEAKED = 12  # words of a venue and its year after a title
_LONG_WORD = 7  # letters from which a word may be two joined ones
_MISSPELT = 85  # likeness, 0 to 100, of a misspelt word to itself
_WEIGHTY = frozenset({"without"})  # function words that change what is said
_VENUES = frozenset(
    "arxiv preprint proceedings proc conference workshop symposium transactions trans journal annals bulletin ieee acm "
    "springer elsevier xplore siam aps iop neurips nips icml iclr cvpr iccv eccv acl emnlp naacl eacl coling aaai "
    "ijcai kdd www sigir wsdm cikm icra iros rss interspeech icassp miccai stoc focs soda colt aistats uai jmlr tmlr "
    "tacl corl chi vldb sigmod osdi sosp usenix ndss ccs jhep prl prd pra prb apj mnras nature science pnas cell "
    "lancet astrophysical phys physical pdf".split()
)
# What venues, pages and ids are written with, beside their names.
_VENUE_WORDS = frozenset(
    "review reviews letters lett rev physics theory information mathematical mathematics society royal notices "
    "monthly research international annual computer vision pattern recognition machine learning association "
    "computational linguistics communications advances systems neural processing artificial intelligence astronomy "
    "astrophysics high energy open access reports applied pure lecture notes findings main track volume vol pp pages "
    "no et al by in of on the and a b c d e math hep th ph cs lg gr qc astro cond mat quant bio dg ga q alg geom url "
    "https doi org abs".split()
)
_YEAR = re.compile(r"(?:19|20)\d\d")


@dataclass(frozen=True, slots=True)
class Title:
    """A title as written, and its `titles.words`."""

    text: str
    words: list[str]


def likeness(cited: Title, real: Title, frequencies: Frequencies, names: Names) -> Likeness:
    """What the cited title is of the real one.

    Args:
        cited: the title to judge.
        real: a record's.
        frequencies: number of titles with each word, as `ReferenceIndex.document_frequencies`.
        names: gives the words of the record's authors' names; called only where the cited title goes on after its end.

    Returns:
        `same`: a way of writing it; `part`: of its main title, its subtitle or its beginning; else `other`.
    """
    ours = cited.words
    is_cut = _CUT.search(cited.text[-_LONGEST_END:]) is not None
    orphans = _orphans(ours[:-1] if is_cut else ours, real.words)
    if not orphans and _agree(ours, real.words, frequencies):
        return "same"
    if not orphans and is_cut and _begins(ours, real.words, frequencies):
        return "part"
    if _is_extended(ours, real.words, orphans, real, frequencies, names):
        return "same"
    for part in _parts(real):
        if not orphans and _agree(ours, part, frequencies):
            return "part"
        if _is_extended(ours, part, orphans, real, frequencies, names):
            return "part"
    return "other"


def _orphans(ours: list[str], theirs: list[str]) -> set[str]:
    """Content words that can be written for none of the other title's: most titles are told apart by them alone."""
    left = set(ours).difference(theirs, STOPWORDS)
    if not left:
        return left
    joined = "".join(theirs)
    return {
        word
        for word in left
        if word not in joined
        and not resembles_one(word, theirs)
        and (len(word) < _LONG_WORD or fuzz.partial_ratio(word, joined) < _MISSPELT)
    }


def _parts(real: Title) -> Iterator[list[str]]:
    """What stands before and after each sign that may set off a subtitle."""
    for boundary in _SUBTITLE.finditer(real.text):
        head, tail = words(real.text[: boundary.start()]), words(real.text[boundary.end() :])
        if head and tail:
            yield head
            if "(" not in boundary[0]:
                yield tail


def _begins(ours: list[str], theirs: list[str], frequencies: Frequencies) -> bool:
    """Whether a title that is cut off, maybe within a word, is the beginning of another."""
    theirs = theirs[: len(ours)]
    if len(theirs) == len(ours) > 1 and theirs[-1].startswith(ours[-1]):
        ours, theirs = ours[:-1], theirs[:-1]
    return _agree(ours, theirs, frequencies)


def _is_extended(
    ours: list[str], theirs: list[str], orphans: set[str], real: Title, frequencies: Frequencies, names: Names
) -> bool:
    """Whether a title is `theirs`, all or part of the real one, with a venue, year, id or its authors around it."""
    length = len(theirs)
    if length < 2 or not length <= len(ours) <= length + _MOST_LEAKED:
        return False
    return any(
        orphans.isdisjoint(core) and _agree(core, theirs, frequencies) and _is_leak(rest, real, names)
        for end in (length, length - 1, length + 1)
        if 1 < end < len(ours)
        for core, rest in ((ours[:end], ours[end:]), (ours[-end:], ours[:-end]))
    )


def _is_leak(around: list[str], real: Title, names: Names) -> bool:
    """Whether these words are of a venue, a year, numbers and the authors' names, and of one of them for sure."""
    strangers = {word for word in around if word not in _VENUES and word not in _VENUE_WORDS and not word.isdigit()}
    if not strangers:
        return any(word in _VENUES or _YEAR.fullmatch(word) for word in around)
    return strangers.isdisjoint(real.words) and strangers <= names()


def _agree(ours: list[str], theirs: list[str], frequencies: Frequencies) -> bool:
    """Whether no content word of either side lacks a counterpart."""
    if ours == theirs:
        return True
    if abs(len(ours) - len(theirs)) > _MOST_APART + len(ours) // 4:
        return False
    if len(set(ours).symmetric_difference(theirs) - STOPWORDS) > _MOST_UNSHARED:
        return False
    return all(_counterparts(*run, frequencies) for run in _differences(ours, theirs))


def _differences(ours: list[str], theirs: list[str]) -> list[tuple[list[str], list[str]]]:
    """Runs of words in which two titles differ."""
    runs: list[tuple[list[str], list[str]]] = []
    is_open = False
    for op in Levenshtein.opcodes(ours, theirs):
        if op.tag == "equal":
            is_open = False
            continue
        if not is_open:
            runs.append(([], []))
            is_open = True
        runs[-1][0].extend(ours[op.src_start : op.src_end])
        runs[-1][1].extend(theirs[op.dest_start : op.dest_end])
    return runs


def _counterparts(ours: list[str], theirs: list[str], frequencies: Frequencies) -> bool:
    """Whether the words of a run are written for each other, or need no counterpart."""
    if _paired(ours, theirs, frequencies):
        return True
    if not _WEIGHTY.isdisjoint(ours) or not _WEIGHTY.isdisjoint(theirs):
        return False
    left, right = content_words(ours), content_words(theirs)
    return not (left or right) or (bool(left and right) and _paired(left, right, frequencies))


def _paired(ours: list[str], theirs: list[str], frequencies: Frequencies) -> bool:
    if len(ours) == len(theirs) and all(
        same_word(*pair) or is_slip(*pair, frequencies) for pair in zip(ours, theirs, strict=True)
    ):
        return True
    one, other = "".join(ours), "".join(theirs)
    return one == other or (len(ours) != len(theirs) and is_slip_of_run(one, other))
