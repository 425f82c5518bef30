"""The titles that a unit of an answer cites, by the most explicit shape it has.

That is a `Title:` field, else a reference (APA, GB/T 7714), else titles in delimiters (bold, quotes, 《》, link), else
a plain title. The less explicit the shape, the more has to speak for its being a title: authors, year or id close by,
a list of papers, capitals.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from .fields import Title
from .marked import holds_names, marked_titles
from .no_papers import VENUE
from .parts import NAMES_GAP, title_part
from .patterns import DASHED_NAMES, FIELD, FOUR_DIGITS, HAN_CHAR, WORK_MARK, YEAR_DIGITS
from .people import is_sure, names_at, reads_as_names
from .plain import plain_title_line
from .prose import sentence_titles
from .references import reference
from .text import CHARACTERS, LONG_LINE, UNIT_COST, Text, end_of
from .title_patterns import (
    CITE_AS,
    DELIMITED,
    GLOSS,
    GLOSS_ALONE,
    HAPPENED,
    IS_SAID,
    KNOWN_AS,
    LEAD,
    NAMES_LEAD,
    NO_VALUE,
    NUMBER,
    QUOTE,
    READ_LABEL,
    READ_VERB,
    SAID_OF,
    STOP_WORD,
    STUDY,
    TOPIC,
    WHOLE_REFERENCE,
)
from .units import Unit
from .words import is_long, is_title_like, trimmed

# "tables, not a paper", 不是论文
_NO_PAPER = re.compile(
    r"\b(?:not|n[’']t) (?:really |strictly )?an? (?:research |academic )?(?:paper|article|publication)\b"
    r"|(?:不是|并非)(?:一篇)?(?:学术)?(?:论文|文献)(?!的)",
    re.IGNORECASE,
)
_NO_SIGNS = ("not ", "Not ", "n't ", "n’t ", "不是", "并非")
_OTHER_LABEL = re.compile(
    r"[*_]{0,3}(?:(?:video|film|movie|documentary|podcast|blog(?: post)?|course|website|code|tool|dataset|data"
    r"|software)s?"
    r"|视频|课程|网站|代码|数据集?|工具|软件|播客|电影)[ ]?[*_]{0,3}:",
    re.IGNORECASE,
)
# The quotes that begin a title: `"Why Should I Trust You?": Explaining …`, “双碳”目标下的…
_QUOTED_START = re.compile(r"[\"“](?:[^\"“”\n]{6,150}[?!][\"”]:? (?=[A-Z])|[^“”\n]{1,8}”(?=[\u3400-\u9fff]))")
_LOW_WORD = re.compile(r"(?<![^\W_])[a-z]")
_COMMA_AFTER = re.compile(r"[*_]{1,3}[ ]?,(?=[^\n]{16})")
# "**Vaswani et al.** – Title (2017)"
_DASH_AFTER = re.compile(rf"[*_]{{1,3}} ?[-–—:] ?(?=[^\W_a-z][^\n]{{12,200}}{YEAR_DIGITS}[)., ]{{0,3}}$)", re.MULTILINE)
# "Solitons: Ann Bell, Title"
_TOPIC_WORD = re.compile(r"[A-Z][a-z]{3,20}: (?=[A-Z])")
_UNDER_TOPIC = re.compile(
    rf"\n[ ]{{0,8}}(?P<title>[A-Z][^\n()]{{16,200}}[^\s()]) ?\([^()\n]{{0,24}}{YEAR_DIGITS}[^()\n]{{0,8}}\)[ ]*(?=\n"
    rf"|\Z)"
)
_DATE_ALONE = re.compile(rf"[*_]{{1,3}} ?\({YEAR_DIGITS}\)[.:]?[ ]*")
_UNDER = re.compile(r"\n[ ]{0,8}(?:[-*•+] )?(?=[*_\"“《][^\n]{8})")
_DATE_AFTER = re.compile(rf"[*_]{{1,3}} ?\({YEAR_DIGITS}\)[.,:]")
_AFTER_MARKED = re.compile(rf"(?: ?\({YEAR_DIGITS}\)(?=[.,:]))?[ ]{{0,2}}(?:[,:;.–—-]{{0,2}}[ ]{{1,3}}|,)")


def titles(text: Text, unit: Unit) -> list[Title]:
    """The titles cited in `unit`, in order."""
    if text.spent or (unit.item and _is_no_paper(text, unit)):
        return []
    text.cost += UNIT_COST + min(unit.line_end - unit.start, LONG_LINE) // CHARACTERS
    _skip_lead(text, unit)
    for shape in (_field_titles, _quoted_start, reference):
        if found := [title for title in shape(text, unit) if not _is_signed(text, title, shape)]:
            goes_on = shape is reference and not unit.item and QUOTE.match(text.flat, found[0].start - 1) is not None
            return _merged(found, [*marked_titles(text, unit)]) if goes_on else found
    found = list(marked_titles(text, unit))
    chinese = HAN_CHAR.search(text.flat, unit.body, unit.line_end) is not None
    said = None if unit.item and (found or not chinese) else list(sentence_titles(text, unit))
    if found or (said and not unit.item and (len(said) > 1 or chinese)):
        signed = DASHED_NAMES.match(text.plain, found[0].end, unit.line_end) if found else None
        if said and signed:  # names are no title
            said = [one for one in said if not signed.start("names") <= one.start < signed.end("names")]
        return _merged(found, said or [])
    found = list(plain_title_line(text, unit))
    if found and not (said and _is_within(text, said[0], found[0])):
        unit.plain = True
        return found
    return list(sentence_titles(text, unit)) if said is None else said


def _is_no_paper(text: Text, unit: Unit) -> bool:
    """Whether an item says of itself that it is none: "tables, not a paper", "Video: …"."""
    if _OTHER_LABEL.match(text.flat, unit.start, unit.line_end):
        return True
    said = text.flat[unit.start : min(unit.end, unit.start + 600)]
    return any(sign in said for sign in _NO_SIGNS) and _NO_PAPER.search(said) is not None


def _skip_lead(text: Text, unit: Unit) -> None:
    """Set `unit.body` after what stands before its title: a label, a year, an id, names in marks of their own."""
    unit.body = end_of(CITE_AS, text.flat, unit.start, unit.line_end)
    unit.body = end_of(READ_LABEL, text.flat, unit.body, unit.line_end)
    labelled = unit.item or unit.body > unit.start
    unit.body = end_of(READ_VERB, text.flat, unit.body, unit.line_end) if labelled else unit.body
    unit.read = unit.body > unit.start
    unit.body = _after_topic(text, unit)
    if unit.item:
        unit.body = end_of(KNOWN_AS, text.raw, end_of(GLOSS, text.flat, unit.body, unit.line_end), unit.line_end)
        topic = _TOPIC_WORD.match(text.flat, unit.body, unit.line_end)
        names = names_at(text, topic.end(), unit.line_end, NAMES_GAP) if topic else None
        if topic and names and is_sure(names, text):
            unit.body = topic.end()
    elif HAN_CHAR.match(text.flat, unit.body):
        unit.body = end_of(GLOSS_ALONE, text.flat, unit.body, unit.line_end)
    unit.signed |= NAMES_LEAD.match(text.plain, unit.body, unit.line_end) is not None
    unit.body = end_of(LEAD, text.plain, unit.body, unit.line_end)
    marked = DELIMITED.match(text.flat, unit.body, unit.line_end)
    if marked is None or marked.lastgroup not in ("bold", "italic"):
        return
    width = len(marked["bold"] or "*")
    start, end = marked.start() + width, marked.end() - width
    if unit.end > unit.line_end and marked.end() >= unit.line_end and not is_long(text.flat[start:end]):
        under = _UNDER_TOPIC.match(text.flat, unit.line_end, unit.end)
        named = under and reads_as_names(text, *under.span("title"))
        if under and not named and is_title_like(under["title"], strict=True) and is_long(under["title"]):
            unit.body, unit.line_end = under.start("title"), under.end()  # "**1. 联合编码**" over "Title (2020)"
            return
    if unit.item and unit.end > unit.line_end and _names_stand(text, start, end, unit.line_end):
        under = _UNDER.match(text.flat, unit.line_end, unit.end)
        if under:  # "**Ann Bell** (2007)" over "- *Title*"
            unit.body, unit.line_end, unit.signed = under.end(), text.flat.find("\n", under.end(), unit.end), True
            unit.line_end = unit.end if unit.line_end < 0 else unit.line_end
        return
    leads = unit.item or _DASH_AFTER.match(text.flat, end) is not None
    if leads and marked.end() + 8 < unit.line_end and _names_lead(text, start, end):
        unit.body = end_of(_AFTER_MARKED, text.flat, marked.end(), unit.line_end)  # "**Kipf (2017)**, Title"
        unit.signed = True
    elif WHOLE_REFERENCE.fullmatch(text.plain, start, end) or WORK_MARK.search(text.flat, start, end):
        unit.body = end_of(NUMBER, text.flat, start, unit.line_end)


def _after_topic(text: Text, unit: Unit) -> int:
    """Where the title of "**Modern**: Title by Ann Bell (2020)" begins."""
    topic = TOPIC.match(text.flat, unit.body, unit.line_end)
    if topic is None or (is_long(topic["topic"]) and is_title_like(topic["topic"], strict=True)):
        return unit.body
    for sign in (" by ", " ("):
        by = text.flat.rfind(sign, topic.end(), unit.line_end)
        names = names_at(text, by + len(sign), unit.line_end) if by > 0 else None
        if names is None or not (is_sure(names, text) and FOUR_DIGITS.search(text.plain, names.end, unit.line_end)):
            continue
        said = text.flat[topic.end() : by]
        strict = is_title_like(said, strict=True) or (sign == " by " and not _LOW_WORD.search(said))
        if is_title_like(said) and (strict or (sign == " by " and is_long(said) and not _is_sentence(said))):
            return topic.end()
    part = title_part(text, topic.end(), unit.line_end)  # "**Waves**: Title, Ann Bell (2020)"
    said = text.flat[part.start : part.end]
    if not part.told or part.before or not (text.flat.startswith(",", part.end) and is_title_like(said)):
        return unit.body
    return unit.body if _is_sentence(said) or not is_long(said) else topic.end()


def _is_sentence(words: str) -> bool:
    """Whether `words` say what a paper does or what happened: "Refined the …", "… introduced"."""
    return SAID_OF.match(words[0].lower() + words[1:]) is not None or HAPPENED.search(words) is not None


def _names_lead(text: Text, start: int, end: int) -> bool:
    """Whether what stands in marks at the start of an item are names: with a year, or several before one."""
    if holds_names(text, start, end):
        return True
    several = any(sign in text.flat[start:end] for sign in (",", "、", " and ", ". "))
    follows = several and any(shape.match(text.flat, end) for shape in (_COMMA_AFTER, _DATE_AFTER, _DASH_AFTER))
    return bool(follows) and reads_as_names(text, start, end)


def _names_stand(text: Text, start: int, end: int, stop: int) -> bool:
    """Whether `start:end`, in marks, are names, and but a year in brackets follows them in the line."""
    return _DATE_ALONE.fullmatch(text.flat, end, stop) is not None and reads_as_names(text, start, end)


def _is_signed(text: Text, title: Title, shape: Callable[..., Iterator[Title]]) -> bool:
    named = text.flat.startswith("The ", title.start)
    return shape is reference and not named and reads_as_names(text, title.start, title.end)


def _is_within(text: Text, said: Title, whole: Title) -> bool:
    """Whether `whole` is the sentence that speaks of `said`."""
    lead = text.flat[whole.start : said.start]
    sentence = lead.endswith((" is ", " are ", " was ")) or STOP_WORD.match(lead) or HAN_CHAR.search(lead)
    return said.end <= whole.end and bool(sentence)


def _merged(found: list[Title], said: list[Title]) -> list[Title]:
    """`found` and those of `said` that are apart from them, or go on after their marks, in order."""
    found = [title for title in found if all(title.outer != one.start or one.end <= title.end for one in said)]
    apart = [one for one in said if all(one.end <= title.outer or title.end <= one.start for title in found)]
    return sorted([*found, *apart], key=lambda title: title.start) if apart else found


def whole_title(text: Text, start: int, end: int) -> Title | None:
    """The title that `start:end` is, whatever it looks like."""
    inner = trimmed(text, start, end)
    return Title(start, *inner) if inner else None


def _field_titles(text: Text, unit: Unit) -> Iterator[Title]:
    fields = unit.fields
    if fields and fields[0][0] == "authors" and fields[0][2] == unit.line_end:  # "作者：张三；题目：…；年份：2024"
        value = text.label("title", fields[0][1], unit.line_end)
        fields = [("title", value, unit.line_end)] if value else fields
    named = not unit.has("authors")
    for kind, value, end in fields:
        title = trimmed(text, value, title_part(text, value, end, named=named).end) if kind == "title" else None
        few = title and (
            0 < len(text.flat[slice(*title)]) < 4
            or NO_VALUE.fullmatch(text.flat, *title)  # 待定
            or FIELD.match(text.flat, title[0], end)  # "[Title]: [Authors]:"
            or (VENUE.match(text.flat, *title) and named)
        )
        # "Title: A short line that says …" tells what to write.
        if title and not few and (len(unit.fields) > 1 or not unit.item or IS_SAID.match(text.flat, *title) is None):
            yield Title(value, *title)


def _quoted_start(text: Text, unit: Unit) -> Iterator[Title]:
    """The title of an item of which but the first words stand in quotes."""
    if not (unit.item and text.flat.startswith(('"', "“"), unit.body)):
        return
    quoted = _QUOTED_START.match(text.flat, unit.body, unit.line_end)
    if quoted is None or names_at(text, quoted.end(), unit.line_end):
        return
    inner = trimmed(text, unit.body, title_part(text, quoted.end(), unit.end).end)
    rest = text.flat[quoted.end() : inner[1]] if inner else ""
    if inner and is_title_like(rest, strict=True) and (not HAN_CHAR.match(rest) or STUDY.search(rest)):
        yield Title(unit.body, *inner)
