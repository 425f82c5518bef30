"""Years and numbers of papers that a question names, in English and Chinese. Each is taken out of the text."""

from __future__ import annotations

import re

FIRST_YEAR = 1991  # arXiv began
_YEAR = r"(?:19[89]|20\d)\d"
# No part of an id, a name or a number; a Chinese 年 may follow.
_Y = rf"(?<![A-Za-z0-9.\-/])({_YEAR})(?![A-Za-z0-9]|[.\-/]\d)\s*年?"
_SMALL = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen".split()
_ENGLISH = {word: number for number, word in enumerate(_SMALL, 1)} | {"twenty": 20, "a couple of": 2, "a few": 3}
_CHINESE = {char: number for number, char in enumerate("零一二三四五六七八九十")} | {"两": 2, "〇": 0, "几": 3}
_N = rf"(\d{{1,2}}|{'|'.join(_ENGLISH)}|[一二两三四五六七八九十几]{{1,3}})"
_MOST = 50  # papers

_SINCE, _AFTER, _UNTIL, _BEFORE, _SPAN, _LAST, _DECADE = range(7)
_TO = r"-|–|—|~|to|and|through|until|till|至|到|和"
_YEARS = [
    (kind, re.compile(pattern, re.IGNORECASE))
    for kind, pattern in (
        (_SPAN, rf"(?:\b(?:from|between|in|during|of)\s+)?{_Y}\s*(?:{_TO})\s*{_Y}(?:\s*(?:之间|间|期间))?"),
        (_SINCE, rf"\b(?:since|starting (?:in|from)|(?:not|no) (?:earlier|older) than)\s+{_Y}"),
        (_SINCE, rf"(?:\b(?:from|in)\s+)?{_Y}\s*(?:\+|\bor (?:later|newer)|\band (?:later|after|newer)|\bonwards?\b)"),
        (_SINCE, rf"(?:\bfrom\s+)?{_Y}\s*(?:\bon(?=\s*(?:[,.?!]|$))|\bto (?:now|date|the present|present))"),
        (_SINCE, rf"自?从?{_Y}\s*(?:以来|至今|到现在|到今天|开始|(?:及|或)?(?:之后|以后)|起)"),
        (_BEFORE, rf"\b(?:before|prior to|earlier than|older than|predating)\s+{_Y}"),
        (_BEFORE, rf"{_Y}\s*(?:以前|之前|前)"),
        (_UNTIL, rf"\b(?:until|till|up to|up until|through|(?:not|no) later than)\s+{_Y}"),
        (_AFTER, rf"\b(?:after|later than|newer than|more recent than)\s+{_Y}"),
        (_UNTIL, rf"(?:截至|截止到?|直到){_Y}|{_Y}\s*为止"),
        (_LAST, rf"(?:\b(?:in|over|from|of|during|within)\s+)?(?:\bthe\s+)?\b(?:last|past|previous)\s+{_N}\s+years?\b"),
        (_LAST, rf"(?:最近|过去|近|这|前)的?\s*{_N}\s*年(?:来|内|间|里)?"),
        (_DECADE, r"\b(?:in |from )?the\s+((?:19[89]|20\d)0)'?s\b|((?:19[89]|20\d)0)\s*年代"),
    )
]
_NAMED = re.compile(r"\b(this|last) year\b|(今年|本年度?|去年|前年)", re.IGNORECASE)
_AGO = {"this": 0, "last": 1, "今年": 0, "本年": 0, "本年度": 0, "去年": 1, "前年": 2}
_ONE = re.compile(rf"(?:\b(?:from|in|of|for)\s+)?{_Y}", re.IGNORECASE)
_WRITTEN_YEAR = re.compile(r"([一二][〇零九][〇零一二三四五六七八九]{2})(?=\s*年)")

_PAPERS = r"(?:papers?|articles?|works?|preprints?|publications?|references|recommendations|titles|surveys?|reviews)"
_NO_LINK = r"(?!(?:of|in|on|from|by|for|to|and|with|years?|months?)\b)"  # "two of the papers"
_ASK = r"just|only|(?:narrow|cut|reduce)\b[^.?!]*?\bto|time for|give me|choose|pick|name|read|keep|add|list|recommend"
_ENDS = r"(?=\s*(?:$|[.,;?!]|\b(?:of|on|from|about|for|in|more|please)\b))"
_COUNTS = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        # Not "which paper", "this paper", "the second paper", nor "I am reviewing a paper".
        rf"(?:(?<![第这那每同另某\d.])(?!一篇(?:都|也))(?<![审写有过])(?<![看读提见]到)|(?:前|top)\s*){_N}\s*篇",
        rf"(?:前|来|给|挑|选|推荐)\s*{_N}\s*个(?!月)",
        rf"\b(?:top|first|best)[\s-]*{_N}\b(?!-)",
        rf"(?<![\w.-])(?:(?:the|just|only)\s+)?{_N}(?:\s+{_NO_LINK}[\w-]+){{0,3}}?\s+{_PAPERS}\b",
        rf"\b(?:{_ASK})\s+{_N}(?:\s+(?:more|of them|others?))?{_ENDS}",
        rf"^{_N}\s+(?:more|others?|of them|will do|please|is enough|are enough)\b",
        rf"^(?:and\s+|just\s+|only\s+)?{_N}\s*(?:,\s*please)?[.!]?$",
        rf":\s*{_N}(?=\s*,?\s*please)",
    )
]
_ONE_PAPER = re.compile(r"\b(?:a|an|one)\s+(?:single\s+|good\s+|representative\s+)?(?:paper|article)\b", re.IGNORECASE)
_PLACES = "first second third fourth fifth sixth seventh eighth ninth tenth".split()
_ORDINALS = {**{word: number for number, word in enumerate(_PLACES, 1)}, "last": -1}
_ORDINAL = re.compile(
    rf"\bthe ({'|'.join(_ORDINALS)}|\d{{1,2}}(?:st|nd|rd|th))(?: (?:one|paper|article|of them))?"
    r"(?=\s*(?:[?.!,]|$|say|do|about))"
    r"|\b(?:number|paper|no\.?|#)\s*(\d{1,2})\b|第\s*([一二三四五六七八九十]|\d{1,2})\s*(?:篇|个)|(最后)一?(?:篇|个)",
    re.IGNORECASE,
)


def take_years(text: str, now: int) -> tuple[tuple[int, int] | None, str]:
    """The first and last year that `text` names, and the text without them.

    Args:
        text: a question.
        now: the year that "this year" is, and the last of "since 2020".

    >>> take_years("papers since 2021 on graphs", 2026), take_years("近三年的论文", 2026)
    (((2021, 2026), 'papers   on graphs'), ((2024, 2026), '  的论文'))
    """
    text = _WRITTEN_YEAR.sub(lambda match: "".join(str(_CHINESE[char]) for char in match[1]), text)
    for kind, pattern in _YEARS:
        if match := pattern.search(text):
            groups = [group for group in match.groups() if group]
            years = _span(kind, [_number(group) for group in groups], now)
            return years, _without(text, match)
    if named := _NAMED.search(text):
        year = now - _AGO[(named[1] or named[2]).lower()]
        return (year, year), _without(text, named)
    if one := _ONE.search(text):
        return (int(one[1]), int(one[1])), _without(text, one)
    return None, text


def _span(kind: int, values: list[int], now: int) -> tuple[int, int]:
    first, last = min(values), max(values)
    return {
        _SPAN: (first, last),
        _SINCE: (first, max(first, now)),
        _AFTER: (first + 1, max(first + 1, now)),
        _UNTIL: (min(FIRST_YEAR, first), first),
        _BEFORE: (min(FIRST_YEAR, first - 1), first - 1),
        _LAST: (now - first + 1, now),
        _DECADE: (first, first + 9),
    }[kind]


def take_count(text: str) -> tuple[int | None, str]:
    """How many papers `text` asks for, and the text without that; call it after `take_years`.

    >>> take_count("Give me two papers on graphs."), take_count("来三篇综述")
    ((2, 'Give me   papers on graphs.'), (3, '来  综述'))
    """
    for pattern in _COUNTS:
        for match in pattern.finditer(text):
            number = _number(match[1])
            if 0 < number <= _MOST:
                start, end = match.span() if "篇" in match[0] or "个" in match[0] else match.span(1)
                return number, f"{text[:start]}  {text[end:]}"
    if one := _ONE_PAPER.search(text):
        return 1, _without(text, one)
    return None, text


def take_ordinal(text: str) -> tuple[int | None, str]:
    """The place in the last list that `text` speaks of, counted from 1, or -1 for the last; the text without it."""
    match = _ORDINAL.search(text)
    if match is None:
        return None, text
    if match[4]:
        return -1, _without(text, match)
    said = next(filter(None, match.groups())).lower()
    return _ORDINALS.get(said) or _number(said.rstrip("stndrh")), _without(text, match)


def _number(text: str) -> int:
    """A number in digits, English or Chinese, up to 99.

    >>> [_number(text) for text in ("12", "twelve", "十二", "二十", "两")]
    [12, 12, 12, 20, 2]
    """
    text = text.lower()
    if text.isdecimal():
        return int(text)
    if text in _ENGLISH:
        return _ENGLISH[text]
    tens, ten, ones = text.partition("十")
    if not ten:
        return _CHINESE[text[-1]]
    return (_CHINESE[tens] if tens else 1) * 10 + (_CHINESE[ones] if ones else 0)


def _without(text: str, match: re.Match[str]) -> str:
    return f"{text[: match.start()]}  {text[match.end() :]}"
