"""How questions, answers and prompts are worded (`data/phrasings.toml`), and the one canonical citation line."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from pathlib import Path
from string import Formatter
from typing import Any, Literal
from unicodedata import east_asian_width

from .errors import SourceError
from .papers import Paper

Lang = Literal["en", "zh"]
LANGS: tuple[Lang, ...] = ("en", "zh")
PHRASINGS = Path(__file__).parent / "data" / "phrasings.toml"
SECTIONS = ("questions", "answers", "prompts")
NEW_WORDINGS = 2  # the last phrasings of a question, which training never shows
MAX_ABSTRACT = 300  # characters of an abstract in a grounded prompt

# (section, entry, language) → templates
Phrasings = Mapping[tuple[str, str, Lang], tuple[str, ...]]

_MARKS = str.maketrans("*[]", "∗()")  # in a name, they would end the title or begin a link
_MONTHS = "January February March April May June July August September October November December".split()
_COUNTS: Mapping[Lang, Sequence[str]] = {
    "en": "no one two three four five six seven eight nine ten".split(),
    "zh": "零一两三四五六七八九十",
}
_SPAN: Mapping[Lang, str] = {"en": "from {first} to {final}", "zh": "{first} 至 {final} 年"}
_SPAN_ONE: Mapping[Lang, str] = {"en": "from {first} only", "zh": "{first} 年"}


def phrasings(name: str, lang: Lang, *, new: bool = False) -> tuple[str, ...]:
    """The templates of a question; with `new` the two of them that are kept from training, else all others.

    Raises:
        SourceError: there is no such question.
    """
    templates = _entry("questions", name, lang)
    return templates[-NEW_WORDINGS:] if new else templates[:-NEW_WORDINGS]


def answers(name: str, lang: Lang) -> tuple[str, ...]:
    """The templates that open an answer; of `reason`, the one that sets a reason under a citation line.

    Raises:
        SourceError: there is no such answer.
    """
    return _entry("answers", name, lang)


def load_phrasings(path: Path = PHRASINGS) -> Phrasings:
    """All templates of a file, checked.

    Args:
        path: TOML of tables `[section.entry]`, each with `slots` and a list of templates per language.

    Raises:
        SourceError: the file cannot be read, an entry lacks a language or its list is empty, a template is malformed or
            given twice, uses a slot that the entry does not have, or, as a question, leaves one out.
    """
    try:
        sections = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SourceError(
            f"cannot be read as TOML: {error}", path=path, remedy="Check that the file exists and is UTF-8 TOML."
        ) from error
    loaded: dict[tuple[str, str, Lang], tuple[str, ...]] = {}
    for section, entries in sections.items():
        if section not in SECTIONS or not isinstance(entries, dict):
            raise SourceError(
                "no such section", path=path, field=section, remedy=f"The sections are {', '.join(SECTIONS)}."
            )
        for name, entry in entries.items():
            for lang in LANGS:
                try:
                    loaded[section, name, lang] = _checked(section, entry, lang)
                except ValueError as error:
                    raise SourceError(
                        str(error),
                        path=path,
                        field=f"{section}.{name}",
                        remedy=f"Give the entry `slots` and templates in {' and '.join(LANGS)} that use only those.",
                    ) from None
    return loaded


def citation_line(paper: Paper, number: int | None = None) -> str:
    """The canonical citation of `paper`, one line of Markdown, led by `number` and a full stop if one is given.

    An asterisk becomes U+2217, the operator it stands for, so that `**` only ever ends the title; brackets in a name
    become round. A paper without arXiv id has no link.

    >>> citation_line(Paper("2201.01234", "On C*-algebras", ("A. Author",), published="2022-01"), 1)
    '1. **On C∗-algebras** — A. Author (2022). [arXiv:2201.01234](https://arxiv.org/abs/2201.01234)'
    """
    lead = "" if number is None else f"{number}. "
    authors = ", ".join(" ".join(name.translate(_MARKS).split()) for name in paper.authors[:2])
    if len(paper.authors) > 2:
        authors += " et al."
    by = f" — {authors}" if authors else ""
    link = f" [arXiv:{paper.id}]({paper.url})" if paper.id else ""
    return f"{lead}**{line_title(paper.title)}**{by} ({paper.year}).{link}"


def line_title(title: str) -> str:
    """`title` as it stands in the canonical citation line: on one line and without asterisks."""
    return " ".join(title.replace("*", "∗").split())


def fill(template: str, lang: Lang, *, count: int = 0, **fields: object) -> str:
    """`template` with its slots filled: `{count}` (up to ten) in words, `{papers}` agreeing with it.

    A slot with a capital, `{Topic}`, has its first letter raised. In Chinese a space is set where Latin and Chinese
    meet at the edge of a slot, none beside punctuation.

    >>> fill("请推荐{count}篇{year}年关于{topic}的论文。", "zh", count=2, year=2022, topic="GPU 计算")
    '请推荐两篇 2022 年关于 GPU 计算的论文。'
    """
    values = {**fields, "count": _COUNTS[lang][count], "papers": "paper" if count == 1 else "papers"}
    join = _join_en if lang == "en" else _join_zh
    text = ""
    for literal, slot in _parts(template):
        text = join(text, literal)
        if slot:
            value = str(values[slot.lower()])
            text = join(text, value[:1].upper() + value[1:] if slot[0].isupper() else value)
    return text


def date_words(published: str, lang: Lang) -> str:
    """`YYYY-MM-DD`, `YYYY-MM` or `YYYY` as year and month in words.

    >>> date_words("2022-01-05", "en"), date_words("2022-01", "zh"), date_words("2022", "en")
    ('January 2022', '2022 年 1 月', '2022')
    """
    year, month = published[:4], int(published[5:7] or 0)
    if not 1 <= month <= 12:
        return year if lang == "en" else f"{year} 年"
    return f"{_MONTHS[month - 1]} {year}" if lang == "en" else f"{year} 年 {month} 月"


def author_words(authors: Sequence[str], lang: Lang) -> str:
    """All of up to four authors; of more, the first three and how many others there are. Empty if there are none.

    >>> author_words(["A", "B", "C", "D", "E"], "en"), author_words(["A", "B", "C", "D", "E"], "zh")
    ('A, B, C and 2 others', 'A、B、C 等 5 人')
    """
    if len(authors) > 4:
        if lang == "en":
            return f"{', '.join(authors[:3])} and {len(authors) - 3} others"
        return f"{'、'.join(authors[:3])} 等 {len(authors)} 人"
    if lang == "zh":
        return "、".join(authors)
    return " and ".join(filter(None, (", ".join(authors[:-1]), *authors[-1:])))


def year_words(first: int, final: int, lang: Lang) -> str:
    """The years `first` to `final` as the `{span}` of an answer that cites nothing."""
    return (_SPAN_ONE if first == final else _SPAN)[lang].format(first=first, final=final)


def system_prompt(last: str, lang: Lang) -> str:
    """The system prompt; `last` is the index's last date, as `Paper.published`."""
    return fill(_entry("prompts", "system", lang)[0], lang, last=date_words(last, lang))


def grounded_prompt(question: str, papers: Sequence[Paper], lang: Lang) -> str:
    """`question` put after the records of `papers`, numbered from 1, from which alone it is to be answered."""
    template = _entry("prompts", "grounded_record", lang)[0].strip().splitlines()
    records = "\n\n".join(_record(paper, number, template, lang) for number, paper in enumerate(papers, 1))
    # Not `fill`: question and records end with their own punctuation.
    return _entry("prompts", "grounded", lang)[0].strip().format(records=records, question=question)


def shows_records(question: str) -> bool:
    """Whether `question` is a `grounded_prompt`."""
    return question.startswith(tuple(grounded_prompt("", (), lang).partition("\n")[0] for lang in LANGS))


def _record(paper: Paper, number: int, template: Sequence[str], lang: Lang) -> str:
    abstract = paper.abstract
    if len(abstract) > MAX_ABSTRACT:
        abstract = abstract[:MAX_ABSTRACT].rpartition(" ")[0] or abstract[:MAX_ABSTRACT]
        abstract = abstract.rstrip(" ,;:.") + "…"
    values = {
        "number": number,
        "title": paper.title,
        "authors": author_words(paper.authors, lang),
        "year": paper.year,
        "id": paper.id,
        "abstract": abstract,
    }
    return "\n".join(line.format(**values) for line in template if all(values[slot] for slot in _slots(line)))


def _entry(section: str, name: str, lang: Lang) -> tuple[str, ...]:
    try:
        return _bundled()[section, name, lang]
    except KeyError:
        raise SourceError(
            f"there is no entry {name!r} in {lang!r}", path=PHRASINGS, field=section, remedy="Add it, or mend its name."
        ) from None


@lru_cache(maxsize=1)
def _bundled() -> Phrasings:
    return load_phrasings()


def _checked(section: str, entry: Any, lang: Lang) -> tuple[str, ...]:
    """The templates of one language; ValueError says what is wrong with them."""
    entry = entry if isinstance(entry, dict) else {}
    if unknown := set(entry) - {"slots", *LANGS}:
        raise ValueError(f"{', '.join(sorted(unknown))} is neither `slots` nor a language")
    slots, templates = entry.get("slots"), entry.get(lang)
    if not isinstance(slots, list) or not all(isinstance(slot, str) for slot in slots):
        raise ValueError("`slots` is missing")
    if not isinstance(templates, list) or not all(isinstance(text, str) and text.strip() for text in templates):
        raise ValueError(f"no list of templates in {lang!r}, or one of them is empty")
    if len(templates) <= (NEW_WORDINGS if section == "questions" else 0):
        raise ValueError(f"too few templates in {lang!r}")
    if len(set(templates)) < len(templates):
        raise ValueError(f"a template in {lang!r} is given twice")
    allowed = {*slots, "papers"} if "count" in slots else set(slots)
    for template in templates:
        try:
            used = _slots(template)
        except ValueError as error:
            raise ValueError(f"{error} in {template!r}") from None
        if unknown := used - allowed:
            raise ValueError(f"unknown slot {', '.join(sorted(unknown))} in {template!r}")
        if section == "questions" and not used >= set(slots):
            raise ValueError(f"{template!r} does not use {', '.join(sorted(set(slots) - used))}")
    return tuple(templates)


@lru_cache(maxsize=4096)
def _parts(template: str) -> tuple[tuple[str, str | None], ...]:
    return tuple((literal, slot) for literal, slot, _, _ in Formatter().parse(template))


def _slots(template: str) -> set[str]:
    return {slot.lower() for _, slot in _parts(template) if slot is not None}


def _join_en(left: str, right: str) -> str:
    """A title that ends with a full stop or question mark needs no second one; nor does "Jr."."""
    mark = right.lstrip('"')[:1]
    if left and mark and (mark == left[-1] == "?" or (mark == "." and left[-1] in ".?!")):
        right = right.replace(mark, "", 1)
    return left + right


def _join_zh(left: str, right: str) -> str:
    """With a space where a Chinese character meets a Latin one, a digit or a mark of theirs."""
    if not left or not right:
        return left + right
    if right[0] == "”":
        left = left.removesuffix(".")  # an English sentence quoted within a Chinese one
    gap = " " if {_script(left[-1]), _script(right[0])} == {"Chinese", "Latin"} else ""
    return f"{left}{gap}{right}"


@cache
def _script(char: str) -> str:
    if east_asian_width(char) in "WF":
        return "Chinese" if char.isalpha() else ""  # punctuation of full width brings its own space
    return "" if char.isspace() or char in "“”‘’—…" else "Latin"
