"""Titles in sentences that no marks set off: what stands before "(Vaswani et al., 2017)", in brackets, amid Chinese."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain

from .anchored import SENTENCE_GAP, is_title, signs, told_titles
from .fields import Title
from .names import leading_names, read_names
from .parts import title_part
from .patterns import A_YEAR, CJK, FOUR_DIGITS, HAN_CHAR, UPPER, YEAR_DIGITS
from .people import is_sure, reads_as_names
from .text import TITLE_COST, Text
from .title_patterns import LOOSE_END, RUN_CUED, RUN_LED, WORK_WORD
from .units import Unit
from .words import is_title_like

# "Frankle and Carbin (The Lottery Ticket Hypothesis: Finding Sparse, Trainable Neural Networks, ICLR 2019)"
_BRACKETED = re.compile(
    rf"\((?<=[\w ]\()(?<![\"”»*_》’] \()(?P<title>[^\W\d_a-z][^()\n\0\"“《]{{16,200}}?)"
    rf"[,.;:](?=[^()\n,]{{0,30}}{A_YEAR}[^()\n\d]{{0,12}}\))[^()\n]{{0,50}}\)"
)
# "MoCo（Momentum Contrast for Unsupervised Visual Representation Learning, He et al., 2020）"
_IN_BRACKETS = re.compile(rf"\((?P<inner>[A-Z][^()\n\0\"“《]{{24,250}}[, ]{YEAR_DIGITS})\)")
# "Lewis et al. 2020 (Retrieval-Augmented Generation for Knowledge-Intensive NLP Tasks)"
_AFTER_YEAR = re.compile(rf"\b{YEAR_DIGITS}[,;]? \((?P<title>[^\W\d_a-z][^()\n\0\"“《]{{16,200}})\)")
# "Hinton 等人的 Distilling the Knowledge in a Neural Network 提出"
_FLANK = r"\u3400-\u9fff，。、：；（）"
_CHAR = rf"[^\W{CJK}]"
_AMID_CHINESE = re.compile(
    rf"(?:(?<=[{_FLANK}])|(?<=[{_FLANK}] ))(?P<title>[A-Z](?:{_CHAR}|[’'+-])*"
    rf"(?:[:,]?[ ](?:{_CHAR}|[$(&])(?:{_CHAR}|[’'/$&+)-])*){{3,30}}[?!]?)(?=[ ]?(?:[{_FLANK}]|\((?:19|20)\d\d|$))",
    re.MULTILINE,
)

_DATED_END = re.compile(r"[ ,](?:19|20)\d\d\Z")

# "In their 2009 paper Optimal strategy in a dice game, Fabian Crocce and Ernesto Mordecki solve"
_OPENING = re.compile(
    rf"\b[Ii]n (?:their|his|her) (?:\d{{4}} )?(?:paper|article|study|book|survey),? "
    rf"(?P<title>{UPPER}[^,.;\n\"“《*]{{16,200}}), (?={UPPER}[^\W_]+ )"
)
# What stands before it is a title, though it may not have the capitals of one.
_WORK_AFTER = re.compile(r"[ ]?(?:一文|[这這该]一?篇|由[ ]?(?=[^\W\d_a-z]))")
_WORK_BEFORE = re.compile(r"(?:可以看|看看|推荐|参考|(?:发表|撰写|写)[的了过]|(?:论文|文章)[是为]?|题为|见于)[ ]?\Z")

# "The title of the paper is: Deep learning for radiographs", 论文标题是：…
_NAMED = re.compile(
    r"(?:(?:\btitle\b[^:.\n]{0,40}\bis|(?:标题|题目|题名)[是为])[ ]?:[ ]?"
    r"(?P<title>(?:[^\W\d_a-z]|\d)[^\n\"“《*。]{7,200}?)(?=[.。]?[ ]*$))",
    re.MULTILINE,
)
# 论文标题是Highly accurate protein structure prediction with AlphaFold，由
_NAMED_ZH = re.compile(
    r"(?:题目|标题|题名)(?:叫做?|是|为)[ :：]{0,2}(?P<title>[A-Z][^\n，。“”《》\"*]{16,200}?)(?=[，。]|$)", re.MULTILINE
)
# In every line that `RUN_CUED` or `_NAMED` finds stands one of these.
_CUED = ("title", "he paper is", "题", "名为", "论文")


def sentence_titles(text: Text, unit: Unit) -> Iterator[Title]:
    """Titles in a sentence that no marks set off: "I recommend Attention Is All You Need (Vaswani et al., 2017)"."""
    line = text.plain[unit.body : unit.line_end]
    cued = any(word in line for word in _CUED)
    if cued and (named := RUN_CUED.search(text.plain, unit.body, unit.line_end)):
        start, end = named.start("title"), _run_end(text, *named.span("title"))
        if is_title_like(text.flat[start:end], strict=True):
            yield Title(start, start, end)
            return
    named = _NAMED_ZH.search(text.raw, unit.body, unit.line_end) if cued else None
    if named and "\0" not in text.plain[slice(*named.span("title"))]:
        yield Title(named.start("title"), *named.span("title"))
        return
    tail = max(unit.body, unit.line_end - 300)
    if cued and (named := _NAMED.search(text.plain, tail, unit.line_end)) and "\0" not in named["title"]:
        yield Title(named.start("title"), *named.span("title"))
        return
    found = [*told_titles(text, unit), *_bracketed(text, unit), *_led(text, unit)]
    if HAN_CHAR.search(text.flat, unit.body, unit.line_end):
        found += _amid_chinese(text, unit)
    end = unit.start
    for title in sorted(found, key=lambda title: title.start):
        if title.start >= end:
            yield title
            end = title.end


# "Ferrari and Viana analysed how lesions act in Two distinct desynchronization processes caused by lesions."
_IN_TITLE = re.compile(
    rf"\b(?:[a-z]{{2,}}ed|showed?|shown|gave|wrote|present|study|introduce|propose"
    rf"|describe) [^.;:()\"“*\n]{{0,120}}?\bin"
    rf" (?P<title>{UPPER}[^.;\n()\"“*]{{40,200}})\.(?: |$)",
    re.MULTILINE,
)


def _led(text: Text, unit: Unit) -> Iterator[Title]:
    """Titles in capitals after "the paper" or "Snell et al.'s"."""
    for match in _OPENING.finditer(text.plain, unit.body, unit.line_end):
        if (names := read_names(text, match.end(), unit.line_end)) and (names.et_al or len(names.names) > 1):
            yield Title(match.start("title"), *match.span("title"), inline=True, before=names)
    for match in _IN_TITLE.finditer(text.plain, unit.body, unit.line_end):
        begin = max(unit.body, match.start() - 300)
        sentence = max((gap.end() for gap in SENTENCE_GAP.finditer(text.flat, begin, match.start())), default=begin)
        names = read_names(text, sentence, match.start())
        if (names.et_al or len(names.names) > 1) and is_title(text, *match.span("title"), 6, strict=False):
            yield Title(match.start("title"), *match.span("title"), inline=True, before=names)
    for match in RUN_LED.finditer(text.plain, unit.body, unit.line_end):
        if text.spent:
            return
        start, end = match.start("title"), _run_end(text, *match.span("title"))
        if is_title(text, start, end, 3):
            yield Title(start, start, end, inline=True, before=leading_names(text, start, unit.start))


def _run_end(text: Text, start: int, end: int) -> int:
    """Where a run of capitals ends, but for words that end no title, and for those who wrote it."""
    by = text.flat.find(" by ", start, end)
    if by > 0 and signs(text, by + 4, end + 60):
        end = by
    while loose := LOOSE_END.search(text.flat[start:end]):
        end = start + len(text.flat[start : start + loose.start()].rstrip())
    return end


def _bracketed(text: Text, unit: Unit) -> Iterator[Title]:
    for match in _IN_BRACKETS.finditer(text.plain, unit.body, unit.line_end):
        text.cost += TITLE_COST
        if text.spent:
            return
        part = title_part(text, *match.span("inner"))
        # They may spell out what stands before the bracket, for names follow them.
        words = text.flat[part.start : part.end]
        if not part.told or part.before or FOUR_DIGITS.search(words) or reads_as_names(text, part.start, part.end):
            continue
        if is_title_like(words, strict=True):
            yield Title(part.start, part.start, part.end, inline=True)
    for match in chain(*(shape.finditer(text.plain, unit.body, unit.line_end) for shape in (_BRACKETED, _AFTER_YEAR))):
        if text.spent:
            return
        names = read_names(text, *match.span("title"))
        people = (len(names.names) > 1 and is_sure(names, text)) or FOUR_DIGITS.search(match["title"])
        if not people and is_title(text, *match.span("title")):
            yield Title(match.start("title"), *match.span("title"), inline=True)


def _amid_chinese(text: Text, unit: Unit) -> Iterator[Title]:
    for match in _AMID_CHINESE.finditer(text.raw, unit.body, unit.line_end):
        start, end = match.span("title")
        if text.flat[start - 1] == "(" and _DATED_END.search(match["title"]):
            continue  # "（Hinton, Vinyals, Dean, 2015）"
        told = text.hinted(max(unit.start, start - 60), min(unit.line_end, end + 60))
        told = (
            told or WORK_WORD.search(text.flat, max(unit.start, start - 60), min(unit.line_end, end + 30)) is not None
        )
        if not told:
            continue
        within = text.flat[start - 2 : start].strip() == "在" and text.flat[end : end + 2].strip() == "中"
        led = _WORK_BEFORE.search(text.flat, start - 6, start)
        named = led or _WORK_AFTER.match(text.flat, end) or (within and leading_names(text, start, unit.start))
        if is_title(text, start, end, strict=not named):
            given = text.flat.startswith("由", end)
            yield Title(
                start, start, end, inline=True, before=None if given else leading_names(text, start, unit.start)
            )
