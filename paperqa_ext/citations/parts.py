"""The title of a line that no marks set off: the first of its parts that can be neither names, year, venue nor id.

Separators divide a line into parts: "Smith, J. and Li, B. | Title, with a comma | ICML 2019", "2019 – Title – Bo Li".
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from .names import Names, read_names
from .no_papers import VENUE
from .patterns import CJK, HAN, HAN_CHAR, SURNAME, YEAR, YEAR_DIGITS
from .people import NOUN, is_sure, names_at, reads_as_names
from .text import Text, end_of
from .title_patterns import DASH, STOP_WORD, STUDY
from .words import is_long, is_title_like, starts_low

# What divides a line. A full stop after an initial or an abbreviation does not, nor a colon but after names.
_SEPARATOR = re.compile(
    # "综述．张天成" has no room after the stop.
    r"(?=[ ,;:.?!。(\[|—–→\0\n])[ ]{0,2}"
    r"(?:(?P<by>(?:, ?| )by )|(?P<dash> [-–—|/·]{1,3}(?=[ \0])|(?:—|–(?<![A-Za-z]–))[—–]?(?=[^\d\s—–])|[|→])"
    r"|(?P<stop>(?<!\b[A-Z])(?<! vs)(?<!\b[DSM]r)(?<![IVX])\.(?=[ ](?!(?:[IVX]+|Part)\b))|。"
    r"|[?!](?=[ ]?[^\W\d_])(?![ ]by ))|(?P<point>(?<=[\u3400-\u9fff])\.(?=[\u3400-\u9fff])|(?<=[A-Za-z?!] )(?=由|作者"
    r"|发表于|收录于|刊于))|(?P<comma>[,;])"
    r"|(?P<colon>:)"
    r"|(?P<bracket>[(\[](?=\0|[^()\[\]\n]{1,160}(?:[)\]]|\Z)))|(?P<id>\0)|(?P<line>\n))[ ]{0,4}(?:[*_]{1,3}(?=\w))?"
)
# A year, an id, a venue with its year, "published in …", volume and pages.
_YEAR = rf"['’]?(?:{YEAR_DIGITS})(?![ ]?年[的内来前后间])"
_FACT = re.compile(
    rf"(?P<id>\0|\[[^()\[\]\n]{{2,16}}\]\(\0)"
    rf"|(?P<year>[(]?(?:[A-Z][\w&.'’-]*[ ]|arXiv[ ]|(?:of|on|in|the|and|for|published|accepted)[ ]"
    rf"|(?:发表|出版|收录)?于[ ]?|[ /]){{0,9}}{_YEAR})"
    r"|(?:[A-Z][\w&.'’-]*[ ]){1,6}\d{1,4}(?:\(\d{1,3}\))?,"
    r"|(?:The )?(?:[A-Z][\w-]*[ ]){1,6}(?:Collaboration|Consortium)\b|[\u3400-\u9fff·]{2,8}译(?=[,。]|\Z)"
    r"|《[^《》\n]{2,20}》|arXiv\b|(?:published|accepted|preprint|vol|pp|pages?)\b|(?:发表|收录|刊登|载于|来自|第|作者)|Authors?\b"
    r"|DOI\b|https?:"
)
# "Nature，2006"
_VENUE_YEAR = re.compile(
    rf"[\u3400-\u9fff]{{2,16}}(?:\([\u3400-\u9fff]{{2,12}}\))?[,.;] ?{YEAR_DIGITS}"
    rf"|[A-Z](?:[\w&.'’-]*[ ](?:(?:of|in|and|on|the|for)[ ])?[A-Z]){{0,6}}[\w&.'’-]*[,;] ?{YEAR_DIGITS}"
)
_YEAR_ALONE = re.compile(
    rf"[(\[]?{YEAR_DIGITS}[a-z]?(?:[ ]?年)?[)\]]?[ ]?(?=[-–—:.,;|。\n]|\Z)|[(\[]{YEAR_DIGITS}[)\]][ ]?"
)
_STATED = (
    rf"(?:[ ,.]{{0,3}}| in )(?:\({YEAR_DIGITS}[a-z]?(?:[ ]?年)?\)|\[{YEAR_DIGITS}\]|{YEAR_DIGITS}[a-z]?(?:[ ]?年)?)"
)
_YEAR_AFTER = re.compile(rf"{_STATED}|[ ,.]{{0,3}}\({YEAR_DIGITS}")
NAMES_GAP = re.compile(
    rf"(?P<year>{_STATED})?(?:[ ]{{0,2}}(?:[,.:;|。]|\n(?![ ]{{0,8}}[-*•] )|[-–—]{{1,2}}(?=[^\w–—]|{HAN}))[ ]{{0,8}}"
    rf"|(?<=[)\]])[ ]?(?=[^\W_])|(?<=[等人])[ ]?|(?<=al\.)[ ](?=[A-Z]))"
)
_BRACKET = re.compile(r"[^()\[\]\n]{1,160}(?=[)\]](?![ ]?[(\[]))")
# "RGB-T Object Tracking"
_NO_ONE = re.compile(r"(?=.*[a-z]{2})\b(?:[A-Z]{3,}|[A-Z]{2,}-[A-Z])")
_ET_AL = re.compile(r"[A-Z][\w'’-]+ et al")
_THIS = re.compile(r"(?:该|这篇?)(?:论文|文章|文|工作|综述)")
_ARTICLE = re.compile(r"(?:An?|The) ")
_OPENS = re.compile(r"[ ]?\(")
# "Heston, A Closed-Form Solution for Options (1993)"
_LONE = re.compile(rf"[A-Z][a-z]{{2,20}}, [^\W_][^\n]{{16,250}}{YEAR_DIGITS}")
# "Faster R-CNN", "You Only Look Once": no one is called so
_ACRONYM = re.compile(r"[a-z][^\n]*\b[A-Z-]{3,}\b|You [A-Z][a-z]+ [A-Z]")
_CJK_CHAR = re.compile(f"[{CJK}]")
# After a Chinese title: "(Zur Elektrodynamik bewegter Körper),"
_ORIGINAL = re.compile(rf"[A-Z][^()\[\]\n\d{CJK}]{{8,160}} [^()\[\]\n\d{CJK}]{{2,80}}\)[ ]?(?:[,.。\n]|\Z)")
_TOLD = re.compile(r"(?: ?\([^()\n]{2,200}\)){1,3},? ?(?:\[[^\[\]\n]{1,16}\]\()?[\[(]?\0+[\])]?[.。]?")
_VENUE = 40  # characters of a venue with its year
_BRACKETS = re.compile(rf"[^()\[\]\n]{{1,120}}[)\]][ ]?[(\[][^()\[\]\n]{{0,60}}{YEAR_DIGITS}[^()\[\]\n]{{0,20}}[)\]]")


@dataclass(frozen=True, slots=True)
class Part:
    """A title at `start:end`; `before` are the authors ahead of it; `told`: names or an id stand by, `dated` a year."""

    start: int
    end: int
    before: Names | None
    told: bool
    dated: bool


def title_part(text: Text, start: int, stop: int, first: bool = False, sure: bool = False, named: bool = True) -> Part:
    """The title in the line `start:stop`.

    Args:
        first: the authors come first in the other items of its list.
        named: its authors may stand in it; else they have a line of their own.
        sure: each item of its list names its authors, so that one capitalised word is a name.
    """
    stop = max(start, text.label_start(start + 1, min(stop, start + 700)))
    begin, dated = start, False
    if (lead := _YEAR_ALONE.match(text.plain, start, stop)) and lead.end() < stop:
        begin, dated = end_of(_SEPARATOR, text.plain, lead.end(), stop), True
    names = names_at(text, begin, stop, NAMES_GAP) if named else None
    if names and not names.et_al and _are_words(names):
        names = None
    if names and not NOUN.search(text.plain, names.start, names.end):
        gap = NAMES_GAP.match(text.plain, names.end, stop)
        colon = ":" in (gap[0] if gap else "") and not (names.et_al or len(names.names) > 1)
        if gap and (first or gap["year"] or (is_sure(names, text) and not colon)):
            end, told, stated = _end(text, gap.end(), stop, sure, named=not names.et_al)
            rest = text.flat[gap.end() : end]
            if (
                (
                    (first and not starts_low(rest))
                    or (is_title_like(rest, lower=True) and not (":" in gap[0] and starts_low(rest)))
                )
                and not _signed(text, end, stop)
                and (first or (not told and _is_words(text, gap.end(), end, names)))
            ):
                return Part(gap.end(), end, names, True, bool(dated or gap["year"] or stated))
    end, told, stated = _end(text, begin, stop, sure, named, alone=not named)
    return Part(begin, end, None, told, dated or stated)


def _end(
    text: Text, start: int, stop: int, sure: bool, named: bool = True, alone: bool = False
) -> tuple[int, bool, bool]:
    """Where the title that begins at `start` ends; whether names or an id, and a year, follow.

    If it stands `alone` a full stop is its own.
    """
    plain, wide = text.plain, "，" in text.raw[start:stop]
    for match in _SEPARATOR.finditer(plain, start, stop):
        if match.start() == start:
            continue
        kind, after = match.lastgroup, match.end()
        apart = kind == "colon" and match[0].startswith(" :")  # "Title : Ann Bell, Bo Li"
        # Where others are full-width it stands within a title, but for "Title, ICLR 2021，…".
        if (
            wide
            and text.raw[match.start()] == ","
            and not (_FACT.match(plain, after, stop) or _ET_AL.match(plain, after))
        ):
            continue
        if kind == "id" or (kind == "bracket" and plain[after - 1] == "[" and _FACT.match(plain, after - 1, stop)):
            return match.start(), True, False  # "Title [Link](https://…)"
        strong = kind in ("dash", "by", "line", "bracket") or text.raw[match.start() : after].strip() in ("，", "；")
        if (
            named
            and not (kind == "colon" and _ARTICLE.match(plain, after))
            and (names := names_at(text, after, stop))
            and (sure or not NOUN.search(plain, names.start, names.end))
        ):
            year = _YEAR_AFTER.match(plain, names.end, stop) is not None
            if _signed(text, names.end, stop):  # "Cooperative Speech, Semantic Competence, and AI (Ann Bell, 2025)"
                continue
            done = names.end >= stop or plain[names.end] in ")]\n"
            closed = done or year or _fact_after(text, names.end, stop)
            if kind == "by" and len(names.names) == 1 and names.names[0].count(" ") > 2 and "." not in names.names[0]:
                continue  # "Materials by Engineering Coherent Internal Boundaries at"
            if kind in ("by", "comma") and not done and _names_follow(text, names.end, stop, dated=kind == "comma"):
                continue  # "Launched by Sheath Field — Ann Bell", "Minds, Brains, and Programs – John Searle (1980)"
            if is_sure(names, text) or (kind == "dash" and done and len(names.names) > 2):
                if (names.et_al or closed or strong or len(names.names) > 1) and (
                    kind != "colon"
                    or apart
                    or (is_long(text.flat[start : match.start()]) and (year or (names.et_al and _is_full(names))))
                ):
                    return match.start(), True, year
            elif (year or (sure and closed)) and kind != "colon" and (sure or strong or len(names.names) > 2):
                return match.start(), True, year
        words = text.flat[start : match.start()]
        fact = _FACT.match(plain, after, stop) if kind != "colon" else None
        if (
            fact and match[0][0] in "?!" and len(fact[0]) > _VENUE
        ):  # "Do Agents Talk? Structure in the First Network. 2026"
            continue
        whole = is_long(words) or len(HAN_CHAR.findall(words)) > 7
        if kind == "comma" and strong and whole and _VENUE_YEAR.match(plain, after, stop):
            return match.start(), False, True
        # Of two years in brackets the first is the title's.
        if fact and (kind != "bracket" or (fact.lastgroup and not _BRACKETS.match(plain, after, stop))):
            return match.start(), fact["id"] is not None, fact["year"] is not None
        if (
            "→" in match[0]
            or (kind == "colon" and _THIS.match(plain, after))
            or kind in ("line", "point")
            or (kind == "stop" and match[0][0] not in "?!" and not alone)
        ):
            return match.start(), False, False
        if kind in ("dash", "comma") and VENUE.match(text.flat[after : min(stop, after + 60)].rstrip(" .")):
            return match.start(), False, False
        if kind == "bracket" and YEAR.search(plain, after, end_of(_BRACKET, plain, after, stop)):
            return match.start(), False, True
        if kind == "bracket" and HAN_CHAR.search(words) and _ORIGINAL.match(plain, after, stop):
            return match.start(), False, False
        foreign = _CJK_CHAR.match(plain, after) and not HAN_CHAR.search(words)
        if kind == "bracket" and foreign and is_title_like(words):  # "Title（题目的翻译）"
            return match.start(), False, False
        if (
            kind in ("dash", "colon", "comma")
            and is_long(words)
            and (
                foreign
                or (
                    kind == "colon"
                    and not wide
                    and plain[after : after + 1].islower()
                    and plain[stop - 1] in ".。"
                    and not YEAR.search(plain, after, stop)
                )
                or (
                    kind == "dash"
                    and not (" -- " in match[0] + " " and plain[stop - 1] not in ".。")
                    and (
                        STOP_WORD.match(plain, after) or plain[after : after + 1].islower() or plain[stop - 1] in ".。"
                    )
                )
            )
        ):
            return match.start(), False, False
        if kind == "comma" and HAN_CHAR.search(words) and STUDY.search(words):
            return match.start(), False, False
    return stop, False, False


def _is_full(names: Names) -> bool:
    """Whether the first of `names` is the only one or more than a word: no "AURC, Focal Loss, Ann Bell et al."."""
    return len(names.names) == 1 or " " in names.names[0]


def _signed(text: Text, start: int, stop: int) -> bool:
    """Whether names stand in brackets at `start`."""
    bracket = end_of(_OPENS, text.plain, start, stop)
    return bracket > start and bool(names := read_names(text, bracket, stop)) and (names.et_al or is_sure(names, text))


def stands_signed(text: Text, end: int, stop: int, dated: bool = False) -> bool:
    """Whether all that follows in the line is "(Ann Bell, 2020)" or " - Ann Bell et al. - 2020".

    If a year stands before the title (`dated`), names are enough.
    """
    if dash := DASH.match(text.plain, end, stop):
        names = read_names(text, dash.end(), stop)
        rest = text.plain[names.end : stop]
        return bool(names) and len(rest) < 40 and YEAR.search(rest) is not None
    names = read_names(text, end_of(_OPENS, text.plain, end, stop), stop)
    return (
        bool(names)
        and (_YEAR_AFTER.match(text.plain, names.end, stop) is not None or dated)
        and ((text.plain[stop - 1] == ")" and text.plain.count("(", end, stop) == 1) or _told_only(text, end, stop))
    )


def _told_only(text: Text, start: int, stop: int) -> bool:
    """Whether `start:stop` are but brackets and an id or a link: " (Ann Bell) (2020) [Link](https://…)"."""
    return "\0" in text.plain[start:stop] and _TOLD.fullmatch(text.plain, start, stop) is not None


def _names_follow(text: Text, end: int, stop: int, dated: bool) -> bool:
    """Whether after what looks like names at `end` come others, with a dash and a year if `dated`."""
    separator = _SEPARATOR.match(text.plain, end, stop)
    if separator is None or (dated and separator.lastgroup not in ("dash", "by")):
        return False
    names = names_at(text, separator.end(), stop)
    return names is not None and (
        not dated or names.end >= stop or _YEAR_AFTER.match(text.plain, names.end, stop) is not None
    )


def _fact_after(text: Text, start: int, stop: int) -> bool:
    separator = _SEPARATOR.match(text.plain, start, stop)
    if separator is None:
        return False
    line = text.plain[separator.end() : separator.end() + 60].partition("\n")[0]  # a label may have stopped the title
    return _FACT.match(line) is not None or YEAR.search(line) is not None


def _is_words(text: Text, start: int, end: int, before: Names) -> bool:
    """Whether `start:end`, after names, can be a title, and neither names nor a remark in Chinese."""
    words = text.flat[start:end]
    if (
        HAN_CHAR.match(words)
        and not HAN_CHAR.search(before.names[0])
        and ("了" in words[:8] or not STUDY.search(words))
    ):
        return False
    return not reads_as_names(text, start, end)


def _are_words(names: Names) -> bool:
    """Whether `names` begin in Chinese and none has a family name or a dot."""
    return HAN_CHAR.match(names.names[0]) is not None and not any(
        "·" in name or SURNAME.match(name) for name in names.names
    )


def leads_with_names(text: Text, start: int, stop: int) -> bool:
    """Whether a full name or several, and what divides names from a title, stand at `start`."""
    names = names_at(text, start, min(stop, start + 300), NAMES_GAP)
    if names is None or NOUN.search(text.plain, names.start, names.end):
        return False
    first = names.names[0]
    if len(names.names) < 2 and not (
        " " in first or names.et_al or SURNAME.match(first) or _LONE.match(text.plain, start)
    ):
        return False
    if _are_words(names):
        return False
    gap = NAMES_GAP.match(text.plain, names.end, stop)
    if gap is None or gap.end() + 6 >= stop or _NO_ONE.search(first) or (":" in gap[0] and _ACRONYM.search(first)):
        return False
    # "Minds, Brains, and Programs – John Searle (1980)"
    after = None if gap["year"] else names_at(text, gap.end(), stop)
    return not (after and is_sure(after, text) and _YEAR_AFTER.match(text.plain, after.end, stop))
