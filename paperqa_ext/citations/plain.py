"""Titles without marks: a line that is one, alone or beside authors and year."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from .abstention import denied
from .fields import Title, facts
from .no_papers import VENUE
from .parts import stands_signed, title_part
from .patterns import FIELD, HAN_CHAR, WORDS, YEAR
from .people import reads_as_names
from .text import LONG_LINE, Text
from .title_patterns import (
    CLAUSE_MARK,
    DASH,
    DELIMITED,
    GLOSSED,
    HAPPENED,
    IMPERATIVE,
    IS_CLAUSE,
    IS_SENTENCE,
    LOOSE_END,
    QUESTION,
    QUOTE,
    SAID_OF,
    STOP_WORD,
    STUDY,
    TRANSLATED,
)
from .units import Unit
from .words import is_capitalised, is_long, is_no_title, is_title_like, looks_cut, starts_low, trimmed

# "**Clear claim.** The abstract says", "**时间范围**：例如"
_BOLD_LEAD = re.compile(r"[.。:!?！？]\*\*|\*\*[ ]?:")
# After an id: "对应的论文是 Title"
_NAMES_IT = re.compile(r"[\u3400-\u9fff]{0,8}(?:论文|文章)[是为][ ]?[A-Z\"“]")
# "入门顺序建议 1 → 2 → 4", "三位及以上作者只写第一作者"
_NOTE = re.compile(r"[→⇒]|作者|\[\^?\d{1,2}\^?\]")
_EXAMPLE = re.compile(r"\b(?:e\.g|i\.e|blog posts?|the (?:film|movie|novel|documentary))\b")


def plain_title_line(text: Text, unit: Unit) -> Iterator[Title]:
    """The title that the first line of `unit` is, or holds beside authors and year, and that no marks set off."""
    if not unit.item and text.flat[unit.line_end - 1] == ":":  # it leads to what follows
        return
    if text.flat[unit.start] == "|" or DELIMITED.match(text.flat, unit.body, unit.line_end):  # a row of a table
        return
    part = title_part(text, unit.body, unit.end, unit.names_first, unit.sure, named=not unit.has("authors"))
    end = part.end
    inner = trimmed(text, part.start, end)
    words = text.flat[slice(*inner)] if inner else ""
    if inner is None or is_no_title(words):
        return
    if "《" in words or "**" in words or text.flat[end - 1] == ":":
        return
    if not unit.item and words[-1] == "]" and text.flat.startswith("(", inner[1]):
        return  # "See also the [Awesome Diffusion Models](https://…)"
    if IS_SENTENCE.match(words) and not (unit.item and part.told and part.dated and part.before is None):
        return
    if not unit.item and (QUOTE.search(words) or words.count("*") % 2 or (end < text.stop and LOOSE_END.search(words))):
        return
    if SAID_OF.match(words) or _EXAMPLE.search(words) or _NAMES_IT.match(words):
        return
    if starts_low(words) and part.start == unit.body and "\0" in text.plain[unit.start : unit.body]:
        return  # "1202.1853: threshold epidemics"
    if not unit.item and (denied(text.flat, *inner) or IS_CLAUSE.search(words)):
        return
    if not (unit.listed or unit.sure) and reads_as_names(text, part.start, unit.line_end):
        return  # "2018: Yoshua Bengio, Geoffrey Hinton and Yann LeCun"
    title = Title(unit.body, *inner, before=part.before)
    strict = is_title_like(words, strict=True)
    spoken = STOP_WORD.match(words) is not None and not is_capitalised(words)
    if spoken and not (part.told and words.isascii() and is_long(words)):
        return
    told = part.told or unit.signed or "\0" in text.plain[unit.start : unit.body]
    led = YEAR.search(text.plain, unit.start, inner[0]) is not None
    # Before what happened stands a year as well: "2012: AlexNet wins".
    dated = (part.dated and not (led and part.start > unit.body)) or (unit.listed and led)
    if (
        " et al" in words
        or (words.isascii() and " " not in words and text.flat.startswith(".", end))
        or VENUE.match(words)
    ):
        return
    if HAPPENED.search(words) or (
        not (told or dated or unit.fields) and (GLOSSED.match(words) or (not unit.listed and QUESTION.match(words)))
    ):
        return
    if HAN_CHAR.search(words) and (not (unit.item or told or STUDY.search(words)) or _NOTE.search(words)):
        return
    if not told and HAN_CHAR.search(words) and IMPERATIVE.match(words) and not STUDY.search(words):
        return  # "用 bf16 代替 fp32（2020 年以后的卡才支持）"
    ended = text.flat[end - 1] in ".。!?"
    whole = end == unit.line_end or text.flat.startswith((":", " :"), end) or DASH.match(text.flat, end) is not None
    whole |= TRANSLATED.fullmatch(text.flat, end, unit.line_end) is not None
    alone = strict and whole and not VENUE.match(words) and not IMPERATIVE.match(words)
    if 0 < len(HAN_CHAR.findall(words)) < 6 or (HAN_CHAR.search(words) and not unit.item and not STUDY.search(words)):
        alone = False
    ended_line = text.flat[unit.line_end - 1] in ".。"
    untold = unit.heading and not unit.fields
    lone = (
        unit.item
        or stands_signed(text, end, unit.line_end - (unit.read and ended_line), led)
        or end == unit.line_end < unit.end
        or (unit.signed and dated)
        or (unit.read and part.told and not starts_low(words))
        or (part.told and text.plain.startswith((" /", " |", " ·"), end))
        or (whole and part.start > unit.start and "\0" in text.plain[unit.start : part.start])  # its id leads it
    )  # its link stands on the next line
    if (told or (dated and lone and not unit.item)) and (
        strict or (lone and is_title_like(words, lower=True)) or unit.sure
    ):
        yield title
    elif alone and unit.listed and (unit.item or not ended) and not unit.heading:
        yield replace(title, open=unit.item and end == text.stop and not ended and looks_cut(words))
    elif (alone and unit.item and not ended and not untold and is_long(words)) or (
        unit.listed and unit.item and (whole or dated) and not ended and not unit.heading and _is_phrase(words)
    ):
        yield replace(title, open=end == text.stop and looks_cut(words))
    elif end == unit.end and not unit.listed:
        return
    elif (strict or (unit.item and is_title_like(words, lower=unit.listed))) and (
        (found := facts(text, title, unit.start, unit.end)).near or dated
    ):
        if found.authors or found.id or found.link or not untold or (dated and unit.listed and is_long(words)):
            yield title
    elif (
        unit.item
        and unit.listed
        and end == unit.line_end == text.stop
        and not ended
        and WORDS.match(words)
        and not IMPERATIVE.match(words)
    ):
        yield replace(title, open=True)


def _is_phrase(words: str) -> bool:
    """Whether `words`, in a list of papers, could be a title in the case of a sentence."""
    return (
        len(words.split()) > 3 and not IMPERATIVE.match(words) and not VENUE.match(words) and not STOP_WORD.match(words)
    )


def bare_title(text: Text, unit: Unit, announced: bool = False, asks: bool = False) -> Title | None:
    """The title that `unit` is and nothing else: a line of capitalised words or, in Chinese, that names a study.

    If papers are `announced` it may end with a full stop. If the others of its list are titles, one that `asks` is too.
    """
    body = max(unit.start, unit.body)
    if unit.end > unit.line_end or unit.line_end - body > LONG_LINE:
        return None
    if not (inner := trimmed(text, body, unit.line_end)):
        return None
    dash = DASH.search(text.flat, *inner) if unit.item or text.flat[body] == "*" else None
    signed = dash is not None and reads_as_names(text, dash.end(), inner[1])  # "Nudge — Richard Thaler"
    if dash and (
        signed
        or text.flat[dash.end()].islower()
        or (HAN_CHAR.match(text.flat, dash.end()) and not HAN_CHAR.match(text.flat, inner[0]))
    ):
        inner = (inner[0], dash.start())  # what is said of it follows
    words = text.flat[inner[0] : inner[1]]
    rest = text.flat[inner[1] : unit.line_end].strip(' *_"”」》.')
    label = FIELD.match(text.flat, unit.start, unit.line_end)
    if (
        (label and label.lastgroup != "title")
        or "\0" in text.plain[inner[0] : inner[1]]
        or (not dash and rest and not TRANSLATED.fullmatch(rest))
        or is_no_title(words)
        or (STOP_WORD.match(words) and not is_capitalised(words))
        or (IMPERATIVE.match(words) and not (asks and words.isascii() and is_title_like(words, strict=True)))
        or (not asks and QUESTION.match(text.flat[inner[0] : unit.line_end].strip()))
        or GLOSSED.match(words)
        or IS_SENTENCE.match(words)
        or IS_CLAUSE.search(words)
        or ("**" in words and _BOLD_LEAD.search(words))
        or words.count("*") > 2
    ):
        return None
    phrase = not HAN_CHAR.search(words) and not CLAUSE_MARK.search(words) and _is_phrase(words)
    ended = text.flat[inner[1] : inner[1] + 1] in tuple(".!?")
    if VENUE.match(words) or not (
        is_title_like(words, strict=True)
        or (signed and announced)
        or (unit.item and HAN_CHAR.match(words) and is_title_like(words.replace("、", ""), strict=True))
        or (phrase and (announced or not ended) and len(words) < 160)
    ):
        return None
    return Title(body, *inner)
