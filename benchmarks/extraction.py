"""How well and how fast citations are found in answers, on gold sets read by people.

A set has an answer a line: `name`, `shape`, `lang`, `answer`, `citations` (`span`, `title`, `authors`, `year`,
`arxiv_id`, `doi`, `truncated`) and `abstains`; tests/fixtures/README.md says what they mean. A citation is found if it
has the title and stands over a place of it, in order.

Examples:
  python benchmarks/extraction.py                          the sets of the tests
  python benchmarks/extraction.py GOLD.jsonl --errors      another set, with what was missed and what is spurious
"""

from __future__ import annotations

import argparse
import html
import re
import time
import unicodedata
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import Any

import orjson
from scipy import stats

from paperqa_ext.citations import Citation, abstains, extract
from paperqa_ext.markdown import table
from paperqa_ext.titles import fold

RECALL_BAR, SPURIOUS_BAR = 0.98, 0.02
FIXTURES = Path(__file__).parents[1] / "tests" / "fixtures"
DEFAULT = (FIXTURES / "answers.jsonl", FIXTURES / "answers_unseen.jsonl")
Gold = Mapping[str, Any]
Span = tuple[int, int]

_REPEATS = 3  # the best counts
_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,200}>")
_MARKUP = re.compile(r"[\\*_`~$\"'“”‘’«»「」『』《》〈〉]")
_COMMAND = r"\\(?:emph|text(?:bf|it|sc|rm|tt)|math(?:bf|bb|cal|rm|it|sf|frak)|[`'^\"~=.])"
_ENCODED = re.compile(
    rf"\\u(?P<code>[0-9a-fA-F]{{4}})|(?P<entity>&#?\w{{1,8}};)|{_TAG.pattern}|{_COMMAND}|(?P<char>.)", re.DOTALL
)
_FIELDS: Mapping[str, Callable[[Gold, Citation], bool]] = {
    "authors": lambda gold, found: [*map(key, gold["authors"])] == [*map(key, found.authors)],
    "year": lambda gold, found: gold["year"] == found.year,
    "arxiv_id": lambda gold, found: gold["arxiv_id"] == found.arxiv_id,
    "truncated": lambda gold, found: gold.get("truncated", False) == found.truncated,
}


@dataclass(frozen=True, slots=True)
class Scored:
    """What was found in one answer.

    Attributes:
        answer: the gold line.
        found: gold citations with those extracted for them.
        missed: gold citations that nothing extracted matches.
        spurious: extracted citations that match no gold one.
        right_abstention: whether the answer was told to decline, or not to, as it does.
    """

    answer: Gold
    found: tuple[tuple[Gold, Citation], ...]
    missed: tuple[Gold, ...]
    spurious: tuple[Citation, ...]
    right_abstention: bool


def main() -> None:
    """Score and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("gold", type=Path, nargs="*", default=DEFAULT, metavar="GOLD.jsonl",
                        help="gold sets (default: answers.jsonl and answers_unseen.jsonl of the tests)")  # fmt: skip
    parser.add_argument("--errors", action="store_true", help="list what was missed and what is spurious")
    args = parser.parse_args()
    sets = {path.stem: [*map(score, read_gold(path))] for path in args.gold}
    if len(sets) > 1:
        sets["all"] = [*chain.from_iterable(sets.values())]
    for name, scored in sets.items():
        print(f"## {name}\n\n{report(scored)}\n")
    print(speed([one.answer["answer"] for scored in [*sets.values()][-1:] for one in scored]))
    if args.errors:
        print(f"\n{table(('answer', 'error', 'citation'), [*errors([*sets.values()][-1])])}")


def read_gold(path: Path) -> list[Gold]:
    """The answers of a gold set."""
    return [orjson.loads(line) for line in path.read_bytes().splitlines() if line.strip()]


def score(answer: Gold) -> Scored:
    """Extract from the answer, and match what is found with the gold citations, each once and in order."""
    text = answer["answer"]
    extracted = extract(text)
    found, missed, matched = list[tuple[Gold, Citation]](), list[Gold](), set[int]()
    at = first = 0
    for gold in answer["citations"]:
        spans = places(gold, text, at)
        at = spans[0][1] if spans else at
        for place, one in enumerate(extracted[first:], first):
            if _agree(gold, one) and any(one.span[0] < end and start < one.span[1] for start, end in spans):
                found.append((gold, one))
                matched.add(place)
                first = place + 1
                break
        else:
            missed.append(gold)
    spurious = tuple(one for place, one in enumerate(extracted) if place not in matched)
    return Scored(answer, tuple(found), tuple(missed), spurious, abstains(text, extracted) == answer["abstains"])


def places(gold: Gold, answer: str, at: int = 0) -> list[Span]:
    """Where the title stands in the answer from `at` on; for a citation without one, where its id or DOI does."""
    if gold["title"]:
        return occurrences(gold["title"], answer, at)
    if gold["arxiv_id"]:
        archive, slash, number = gold["arxiv_id"].partition("/")
        pattern = re.escape(archive) + rf"(?:\.[A-Za-z-]+)?/{re.escape(number)}" * bool(slash)
        return [match.span() for match in re.compile(rf"{pattern}(?!\d)").finditer(_half_width(answer), at)]
    return [match.span() for match in re.compile(re.escape(gold["doi"]), re.IGNORECASE).finditer(answer, at)]


def occurrences(words: str, answer: str, at: int = 0) -> list[Span]:
    """Where `words` stand in the answer from `at` on, whatever stands between their letters and digits."""
    wanted = _letters(words)[0]
    letters, offsets = _letters(answer)
    spans = list[Span]()
    start = letters.find(wanted, bisect_left(offsets, at)) if wanted else -1
    while start >= 0:
        end = start + len(wanted)
        # Han characters are words without a space between them.
        if not any(_joined(answer, offsets, place) for place in (start, end)):
            spans.append((offsets[start], offsets[end - 1] + 1))
        start = letters.find(wanted, start + 1)
    return spans


def _joined(answer: str, offsets: Sequence[int], place: int) -> bool:
    """Whether a Latin word goes on from the letter before `place` to the one at it."""
    if not 0 < place < len(offsets) or offsets[place] - offsets[place - 1] > 1:
        return False
    before = offsets[place - 1]
    pair = answer[before : before + 2]
    return pair.isascii() and pair.isalnum() and not answer.endswith("\\", 0, before)


@lru_cache(maxsize=8)
def _letters(text: str) -> tuple[str, list[int]]:
    """The letters and digits of `text` in lower case, without accents, and where each stands."""
    letters, offsets = list[str](), list[int]()
    for match in _ENCODED.finditer(text):
        read = chr(int(match["code"], 16)) if match["code"] else match["char"] or html.unescape(match["entity"] or "")
        plain = [char for char in unicodedata.normalize("NFKD", read).casefold() if char.isalnum()]
        letters += plain
        offsets += [match.start()] * len(plain)
    return "".join(letters), offsets


def _half_width(text: str) -> str:
    """`text` with compatibility forms of one character as plain ones, at the same offsets."""
    plain = (unicodedata.normalize("NFKC", char) for char in text)
    return "".join(new if len(new) == 1 else old for old, new in zip(text, plain, strict=True))


def key(text: str) -> str:
    """`text` up to case, quotes, mark-up, final punctuation and whitespace.

    >>> key("“**The <i>C*</i>-Algebra** of  Erdős.”"), key('The $C^*$-algebra')
    ('the c-algebra of erdos', 'the c^-algebra')
    """
    return " ".join(_MARKUP.sub("", fold(_TAG.sub("", html.unescape(text)))).split()).strip(" .,;:?!。，；：？！、")


def _agree(gold: Gold, found: Citation) -> bool:
    if gold["title"]:
        return found.title is not None and key(gold["title"]) == key(found.title)
    return found.title is None and (gold["arxiv_id"], gold.get("doi", "").lower()) == (found.arxiv_id, found.doi or "")


def recall(scored: Sequence[Scored]) -> float:
    """The share of the gold citations that were found."""
    found, missed = _sum(scored, "found"), _sum(scored, "missed")
    return found / (found + missed)


def spurious_rate(scored: Sequence[Scored]) -> float:
    """The share of the extracted citations that are none."""
    found, spurious = _sum(scored, "found"), _sum(scored, "spurious")
    return spurious / (found + spurious)


def _sum(scored: Sequence[Scored], name: str) -> int:
    return sum(len(getattr(one, name)) for one in scored)


def report(scored: Sequence[Scored]) -> str:
    """A table: a line for all, one for each language, one for each shape."""
    groups = {"**all**": scored}
    for field in ("lang", "shape"):
        for value in sorted({one.answer[field] for one in scored}):
            groups[value] = [one for one in scored if one.answer[field] == value]
    head = ("", "answers", "citations", "recall", "95% interval", "spurious", "95% interval", *_FIELDS, "abstention")
    return table(head, [(name, *_row(some)) for name, some in groups.items()])


def _row(scored: Sequence[Scored]) -> Iterator[str | int]:
    found, missed, spurious = (_sum(scored, name) for name in ("found", "missed", "spurious"))
    yield from (len(scored), found + missed)
    yield from (*_share(found, found + missed), *_share(spurious, found + spurious))
    pairs = [pair for one in scored for pair in one.found]
    yield from (_share(sum(right(*pair) for pair in pairs), len(pairs))[0] for right in _FIELDS.values())
    yield _share(sum(one.right_abstention for one in scored), len(scored))[0]


def _share(part: int, whole: int) -> tuple[str, str]:
    """The share and its Wilson interval."""
    if not whole:
        return "", ""
    interval = stats.binomtest(part, whole).proportion_ci(method="wilson")
    return f"{part / whole:.1%}", f"{interval.low:.1%}–{interval.high:.1%}"


def speed(texts: Sequence[str]) -> str:
    """Citations extracted in a second on one process."""
    best, citations = float("inf"), 0
    for _ in range(_REPEATS):
        started = time.perf_counter()
        citations = sum(len(extract(text)) for text in texts)
        best = min(best, time.perf_counter() - started)
    return f"{citations / best:,.0f} citations/s ({citations:,} in {len(texts):,} answers in {best:.2f} s)"


def errors(scored: Sequence[Scored]) -> Iterator[tuple[str, str, str]]:
    """The name of the answer, what is wrong, and the citation."""
    for one in scored:
        name = one.answer["name"]
        yield from ((name, "missed", _cell(gold["title"] or gold["arxiv_id"] or gold["doi"])) for gold in one.missed)
        yield from ((name, "spurious", _cell(cited.title or cited.text)) for cited in one.spurious)
        for gold, cited in one.found:
            for field, right in _FIELDS.items():
                if not right(gold, cited):
                    wanted = gold.get(field, False)
                    yield name, field, _cell(f"{getattr(cited, field)} for {wanted}: {gold['title']}")
        if not one.right_abstention:
            yield name, "abstention", f"it does{'' if one.answer['abstains'] else ' not'} decline"


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")[:200]


if __name__ == "__main__":
    main()
