"""What tells that words in marks within a sentence are a title: what leads to them, what follows, their own looks."""

from __future__ import annotations

import re

from .no_papers import VENUE
from .patterns import FOUR_DIGITS, HAN_CHAR, SENTENCE_END, YEAR_DIGITS
from .text import Text
from .title_patterns import ABBREVIATED
from .units import Unit
from .words import is_long, is_title_like

# The paper titled "…", 题为“…”: what follows is a title.
_CUE_BEFORE = re.compile(
    r"(?:\b(?:(?:paper|article|manuscript|title)[\w’' ]{0,30}? is|paper on|paper|papers|titled"
    r"|entitled|called|article|survey|study|review|preprint|publication|work|book|textbook|monograph)"
    r"|论文|题为|名为|文章|综述|文献|标题为)"
    r"[ ]?(?:is|was|titled|entitled|called|named|题为|名为|是|为|包括|有)?[ ]?[,:]?[ *_]*$|\bcite[sd]?:? $",
    re.IGNORECASE,
)
# “…”这篇论文, "…" is a paper: what stands before is a title.
_CUE_AFTER = re.compile(
    r"[ ]?(?:[这该][一]?[篇本项]|一文|(?:的)?(?:这|该)?(?:论文|文章|综述)"
    r"|,? (?:is|was) (?:written|authored|published|posted) (?:by|in|at|on)\b"
    r"|,? (?:is|was|remains) (?:a|an|the|one)\b[\w -]{0,40}?"
    r"(?:paper|article|survey|study|review|preprint|reference)|,? by the same authors?|(?: paper| article| preprint)\b)"
)
# I recommend "…", such as “…”, 推荐《…》: what follows may be a title.
_CUE_VERB = re.compile(
    r"(?:\b(?:recommend|suggest|read|reading|skim|study|try|see|cite|includ(?:e|es|ing)|such as|e\.g\.|like"
    r"|(?:start|begin)(?:ning|ing)? (?:with|from|by reading)|followed by|then|finally|next|(?:move|go) on to|turn to"
    r"|look at"
    r"|consider|check out|refers? to|corresponds? to|are|is|be|check|it['’]s|that['’]s|that['’]d be)"
    r"|推荐(?:阅读)?|参考|包括|包含|例如|比如|譬如|见|有|是|为|如|阅读)[:,]?[ *_]*\Z",
    re.IGNORECASE,
)
# "replaced the weights by attention in “Graph Attention Networks”"
_CUE_SHOWN = re.compile(
    r"\b(?:argue|show|propos|introduc|describ|demonstrat|prov|present|report|discuss|explain|replac|extend|stud"
    r"|analy[sz]e"
    r"|develop|formali[sz]|wr[io]t|defin|establish|populari[sz]|adapt|appl[iy]|improv|combin|pioneer|explor|investigat"
    r"|examin|reduc|follow|solv|train|adopt)[a-z]*\b[^.!?\n]{0,90}\bin \Z"
)
# Right after a title: ", 《河北学刊》, 2004"
_IN_JOURNAL = re.compile(rf"[,.]?[ ]?(?:[刊载]于?)?《[^《》\n]{{2,20}}》[^《》\n]{{0,20}}?{YEAR_DIGITS}")
# Wikipedia's article "Game theory"
_ENTRY_BEFORE = re.compile(
    r"(?:Wikipedia|[Ee]ncyclop\w+|[Bb]log)\W{0,3}s?[ ]?(?:article|entry|page|post)?[\w ]{0,12}[:,]?[ ]?\Z"
)
# What somebody says follows: "Vaswani et al. write: ", 作者写道：
_SAYS_BEFORE = re.compile(
    r"\b(?:sentence|claim|statement|phrase)s?(?: such as| like)?:? ?\Z|\b(?:writes?|wrote|says?|said|states?|stated"
    r"|notes?|noted|put it|claims?|claimed|concludes?|concluded"
    r"|remarks?|remarked|quote|quoting|reads|abstract(?: could read)?)(?: that)?[:,] ?\Z"
    r"|(?:写道|原文(?:是|为)?|所?说的?|称|多指|泛指|指的是|问题是|意思是|观点是|口号是)[:,]?[ ]?\Z"
)
# “事后解释不可靠”的论点
_CLAIM_AFTER = re.compile(
    r"的?(?:论点|观点|说法|问题|现象|概念|表述|描述|假设|主张|标签)|等?(?:作为|为)?(?:关键词|主题词)|进行检索"
)
_SENTENCE = re.compile(r"(?:We|I|You|They|He|She|(?:If|When|As|What) (?:we|I|you|they))\b")
# Right before a title: "Bell, A. "
_INITIAL = re.compile(r"\b[A-Z]\.,? \Z|\b(?:[A-Z]\. ){1,2}[A-Z][\w’'-]+, \Z")
# Right after a title: ", from 2013", " in 1994"
_YEAR_CLOSE = re.compile(
    rf" in [*_]{{1,2}}[^*_\n]{{3,50}}[*_]{{1,2}},? \(?{YEAR_DIGITS}|,?[ ](?:(?:also|published|dating"
    rf"|written) )?(?:from|in|of|is from) (?:the year )?{YEAR_DIGITS}"
)
# "the **F1 score**"
_BEFORE_TERM = re.compile(r"(?:\b(?:[Tt]he|an?)[ ]|\()\Z")
# "**Dropout** is a technique", "**注意力**是一种机制", "**Nets** were introduced by"
_DEFINED = re.compile(
    r"[ ]?(?:\([^()\d\n]{1,40}\)[ ]?)?(?:是一[种个类项]|是指|指的是|(?:is|are) (?:a|an|the)\b|refers? to\b"
    r"|(?:was|were) (?:\w+ )?(?:introduced|proposed|developed|invented|coined)\b)"
)
# “计划行为理论”（Ajzen，1991）
_THEORY = re.compile(r"(?:理论|模型|假[说设]|效应|原[理则]|定[律理]|范式)\Z")


def is_cued(text: Text, unit: Unit, match: re.Match[str], words: str) -> bool:
    """Whether what stands around `words`, in the marks of `match`, says that they are a title."""
    before = text.flat[max(unit.start, match.start() - 100) : match.start()]
    shown = match.lastgroup != "bold" and _is_shown(before, words)
    cited = match.lastgroup == "quote" and _IN_JOURNAL.match(text.plain, match.end()) is not None
    if _ENTRY_BEFORE.search(before):
        return False
    return shown or cited or _is_led(before, words) or is_named(text, match.end())


def is_named(text: Text, end: int) -> bool:
    """Whether what ends at `end` is called a paper: “…”这篇论文, "…" is a survey"""
    return _CUE_AFTER.match(text.flat, end) is not None


def speaks(match: re.Match[str], words: str) -> bool:
    """Whether `words` are in quotes, many, and have the capitals of a title."""
    quoted = match.lastgroup == "quote" or match[0].lstrip("*")[:1] in ("“", '"')
    return (
        quoted
        and len(words.split()) > 4
        and words[-1] != "."
        and is_title_like(words, strict=True)
        and not HAN_CHAR.search(words)
        and not VENUE.match(words)
    )


def is_dated(text: Text, match: re.Match[str], words: str) -> bool:
    """Whether a year follows right after `words` in quotes, five or more: "On the difficulty of …", from 2013"""
    return (
        match.lastgroup == "quote"
        and len(words.split()) > 4
        and words[0].isupper()
        and _YEAR_CLOSE.match(text.plain, match.end()) is not None
    )


def is_uttered(match: re.Match[str], before: str, words: str) -> bool:
    """Whether `words` in quotes after `before` are what somebody says: "We propose a new architecture"."""
    if match.lastgroup != "quote":
        return False
    if match[0][-2] in "。！" and not _CUE_BEFORE.search(before):
        return True
    if " + " in words or _CLAIM_AFTER.match(match.string, match.end()):
        return True
    # "… in recent years (Wu et al., 2020)."
    cites = match[0][-3:-1] == ")." or _SENTENCE.match(words) is not None
    sentence = cites and not is_title_like(words, strict=True)
    return sentence or _SAYS_BEFORE.search(before) is not None


def is_term(text: Text, match: re.Match[str], words: str, before: str, told: bool) -> bool:
    """Whether words in bold name a thing: "the **F1 score** (Bell, 1979)", "a **kernel**. Bell (1960)"."""
    if match.lastgroup == "bold" and ABBREVIATED.search(words):
        return True
    if is_long(words):
        return False
    few = not told and not is_title_like(words, strict=True)
    if match.lastgroup == "bold" and (few or _BEFORE_TERM.search(before)):
        return True
    if told:
        return False
    year = FOUR_DIGITS.search(text.plain, match.end(), match.end() + 150)
    return year is not None and SENTENCE_END.search(text.plain, match.end(), year.start()) is not None


def is_theory(words: str) -> bool:
    """Whether `words` name a theory or a law: 计划行为理论"""
    return _THEORY.search(words) is not None


def is_defined(text: Text, end: int, words: str) -> bool:
    """Whether `words`, a few that end at `end`, are then said to be a thing: "**Dropout** is a technique"."""
    return _DEFINED.match(text.flat, end) is not None and not is_long(ABBREVIATED.sub("", words))


def is_signed(match: re.Match[str], before: str) -> bool:
    """Whether an initial stands right before the quotes: "Bell, A. “On the dangers of parrots”"."""
    return match.lastgroup == "quote" and _INITIAL.search(before) is not None


def _is_led(before: str, words: str) -> bool:
    """Whether what stands before a title says that it is one: "the paper titled", or "such as" before capitals."""
    before = before[-40:]
    if not before.rstrip(" ,:*_、('’")[-1:].isalpha():
        return False
    return _CUE_BEFORE.search(before) is not None or (
        is_title_like(words, strict=True)
        and is_long(words)
        and not VENUE.match(words)
        and (before.endswith(("In ", "' ", "’ ", "'s ", "’s ")) or _CUE_VERB.search(before) is not None)
    )


def _is_shown(before: str, words: str) -> bool:
    """Whether a verb says what is done in it: "argued, in *Decoupled Weight Decay Regularization*, that"."""
    if not before.endswith("in ") or not is_title_like(words, strict=True) or VENUE.match(words):
        return False
    return _CUE_SHOWN.search(before) is not None
