"""Titles in sentences before what tells of them: "(Vaswani et al., 2017)", "(2017)", " by Ann Bell", an id."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .abstention import denied
from .fields import Title
from .names import leading_names
from .no_papers import LAW, VENUE
from .patterns import A_YEAR, CJK, FOUR_DIGITS, HAN_CHAR, UPPER
from .people import NOUN, is_byline, is_sure, names_at, reads_as_names
from .text import CANDIDATE_COST, TITLE_COST, Text, end_of
from .title_patterns import BETWEEN, LOOSE_END, PAPER_IS, STOP_WORD
from .units import Unit
from .words import is_capitalised, is_title_like

# What tells of the title before it: "(Vaswani et al., 2017)", "(2017)", "(arXiv:…)", " by Ann Bell", an id.
_ANCHOR = re.compile(
    rf"\((?=(?P<names>[^()\n\0]{{2,80}}[, ])?(?:[^()\n]{{0,20}}\0|{A_YEAR}))"
    rf"|\((?P<people>(?={UPPER}[\w.’'-]* {UPPER}[^()\d\n]{{4,160}},[^()\d\n]{{4,160}}\)))"
    rf"|, an? (?:[\w-]+ ){{0,3}}?(?:paper|review|survey|study|article|book|essay) b(?P<work>y {{1,3}})(?={UPPER})"
    rf"|b(?P<by>y {{1,3}})(?={UPPER})|\[\0|\0(?<!\0\0)"
)
_WORD = re.compile(rf"(?:[^\W{CJK}]|[$\\{{}}^])(?:[^\W{CJK}]|[’'/$\\{{}}^+&-]|\*(?=-))*")
# Within a title in capitals these are not.
_SMALL = frozenset(
    "of for and in on the a an to with is are via from by using at as or without through into over under beyond "
    "towards toward vs de la not do can than be it its across during after before between among against within about "
    "per".split()
)
# What leads to a title: "see", "the paper", "thinking of".
_CUE = frozenset(
    "see read reading at is are was of paper papers book textbook monograph article survey review study work works "
    "preprint called titled entitled recommend suggest skim consult first second third fourth finally next then lastly "
    "consider like as namely in with cites cite include includes try being from".split()
)
_CUE_ZH = re.compile(r"(?:(?<!提出)的|论文|文章|一文|读|看看|推荐|参考)[ ]?\Z")
_VERB = re.compile(
    r"\b(?:was|were|has|have|will|we|introduced|proposed|showed|shows|uses|used|identifier|arXiv|(?:19|20)\d\d)\b"
)
_OWNER = re.compile(r"(?P<name>[^\W\d_a-z][\w-]+)['’]s (?=[A-Z])")
# The quotes that begin a title: `"Relative State" Formulation of Quantum Mechanics`
_QUOTED_START = re.compile(r"[\"“][^\"“”\n]{2,80}[\"”]:? \Z")
# "Mehrabi, Morstatter, Saxena, Lerman"
_SURNAMES = re.compile(rf"{UPPER}[\w’'-]+(?:, {UPPER}[\w’'-]+){{2,20}}")
_IS_BY = re.compile(r",? (?:is|was) \Z")
_OWNERS = re.compile(r"(?:[^\W\d_a-z][\w-]+(?:, | and | & )){1,3}[^\W\d_a-z][\w-]+['’]s (?=[A-Z])")
_IN = re.compile(r"In (?=[A-Z])")
_INITIAL_BEFORE = re.compile(r"\b[A-Z]\. \Z")
SENTENCE_GAP = re.compile(r"[.!?:] +")
_NO_END = re.compile(r"(?:[.*\"”»》':;]|['’]s)\Z")
# "in the 2016 Election"
_OF_TITLE = re.compile(r"\bthe \Z")
# "A survey on graphs" by somebody; what is said, not named
_SPOKEN = re.compile(
    r"(?:An?|The|One|Another|This|That|Recent|Early|Later|Some|Many|Two|Three)\b[^.]{0,40}?\b(?:papers?|surveys?"
    r"|reviews?|stud(?:y|ies)|works?"
    r"|articles?|books?|methods?|models?|ideas?|results?|proofs?|approach(?:es)?|papers|algorithms?|theor(?:y|em))\b"
    r"|.*\b[a-z]+ed\Z|.*\b(?:is|are|was|were|has|have|had|can|could|will|would|does|do|may|we|you|I|it|they|that"
    r"|which|who|proposed|introduced|described"
    r"|developed|written|published|given|shown|found|made|used|started|began|led|founded|headed|run|edited|hosted"
    r"|maintained)\b"
)
# To read: even a title of two words follows.
_READS = frozenset("read reread skim study".split())


def told_titles(text: Text, unit: Unit) -> Iterator[Title]:
    """Titles before what tells of them."""
    at = end_of(PAPER_IS, text.flat, unit.body, unit.line_end)
    for anchor in _ANCHOR.finditer(text.plain, unit.body, unit.line_end):
        text.cost += CANDIDATE_COST
        if text.spent:
            return
        signed = anchor["by"] or anchor["work"]
        if anchor.start() < at or (signed and not signs(text, anchor.end(), unit.line_end)):
            continue
        if anchor["people"] is not None and not is_byline(
            text, anchor.end(), text.plain.find(")", anchor.end(), anchor.end() + 400)
        ):
            continue
        text.cost += TITLE_COST
        end = anchor.start()
        if signed and (verb := _IS_BY.search(text.flat, max(at, end - 8), end)):
            end = verb.start()
        while end > anchor.start() - 2 and text.flat[end - 1] in " ,":
            end -= 1
        if (
            end < at + 12
            or _NO_END.search(text.flat, max(at, end - 3), end)
            or LOOSE_END.search(text.flat[max(at, end - 20) : end])
        ):
            continue
        sure = bool(
            anchor["names"] or signed or anchor["people"] is not None or text.plain.find("\0", end, end + 30) >= 0
        )
        people = names_at(text, anchor.end(), unit.line_end) if anchor["names"] else None
        full = people is not None and len(people.names) > 1 and is_sure(people, text)
        start = _start(text, max(at, end - 300), end, sure, at > unit.body, full)
        if start is None and signed:
            start = _sentence_start(text, max(at, end - 250), end)
        if start is None:
            continue
        owner = _OWNER.match(text.flat, start, end)
        if owner and anchor["names"] and owner["name"] in anchor["names"]:  # "Newton's The Migration … (Newton, 2008)"
            start = owner.end()
        owner = _OWNERS.match(text.flat, start, end)
        if owner and is_title(text, owner.end(), end, 4):  # "Kipf and Welling's Semi-Supervised …"
            start = owner.end()
        if quoted := _QUOTED_START.search(text.flat, max(at, start - 90), start):
            start = quoted.start()
        # "the review by LeCun and Hinton in Nature (2015)"
        by = text.flat.endswith(" by ", at, start)
        close = text.plain.find(")", anchor.end(), min(unit.line_end, anchor.end() + 400))
        if close > 0 and text.plain.startswith("), ", close):
            start = end_of(_IN, text.flat, start, end)  # "In Breaking Loops (2022), Krauth shows"
        named = names_at(text, start, end)
        apart = named is not None and text.flat.startswith(", ", named.end) and text.flat[named.end + 2].isupper()
        if named and apart and is_sure(named, text) and is_title(text, named.end + 2, end, 4):
            start = named.end + 2  # "see Martin Treiber, Crowd Flow Modeling of Athletes (2014)"
        else:
            named = None
        if not by and not denied(text.flat, start, end):
            before = named or (None if people or signed else leading_names(text, start, at, at > unit.body))
            at = close + 1 if close > 0 and not signed else anchor.end()
            yield Title(start, start, end, inline=start > unit.body, before=before)


def _sentence_start(text: Text, begin: int, end: int) -> int | None:
    """Where a title that is all of a sentence before "by" starts: "Yes. Towards control of networks by …"."""
    stop = max((gap.end() for gap in SENTENCE_GAP.finditer(text.flat, begin, end)), default=begin)
    words = text.flat[stop:end]
    if not words[:1].isupper() or len(words.split()) < 6 or _SPOKEN.match(words) or STOP_WORD.match(words):
        return None
    return stop if is_title(text, stop, end, 6, strict=False) else None


def signs(text: Text, start: int, stop: int) -> bool:
    """Whether people stand at `start`, after "by", and no more of a title: "by Generative Pre-Training"."""
    names = names_at(text, start, stop)
    return names is not None and not NOUN.search(text.plain, names.start, names.end)


def _start(text: Text, begin: int, end: int, sure: bool, follows: bool, full: bool) -> int | None:
    """Where the title that ends at `end` starts: its capitals, or the last capital that leads on from a cue."""
    words = [*_WORD.finditer(text.flat, begin, end)]
    if not words or text.flat[words[-1].end() : end].strip("?!)"):
        return None
    run = None
    for place in range(len(words) - 1, -1, -1):
        word = words[place]
        gap = text.flat[word.end() : words[place + 1].start()] if place + 1 < len(words) else ""
        plain = word[0][0].islower() and word[0] not in _SMALL
        if (
            plain
            or gap.strip(" ,:-–—()?!’'")
            or (gap == ", " and words[place + 1][0] in ("is", "are"))  # "The second, from DeepMind, is …"
            or (FOUR_DIGITS.fullmatch(word[0]) and not _OF_TITLE.search(text.flat, begin, word.start()))
            or text.plain[word.start()] == "\0"
        ):
            break
        if not word[0][0].islower():
            run = place
    stop = STOP_WORD.match(text.flat, words[run].start(), end) if run is not None else None
    if run is not None and stop and not is_capitalised(text.flat[words[run].start() : end]):
        run = next(
            (i for i in range(run, len(words)) if words[i].start() > stop.end() and not words[i][0].islower()), None
        )
    initial = run is not None and _INITIAL_BEFORE.search(text.flat, begin, words[run].start()) is not None
    if run is not None and not initial and text.flat[begin : words[run].start()][-1:] != ".":  # "We-Math 2.0: A System"
        start = words[run].start()
        cued = run > 0 and words[run - 1][0].lower() in _CUE
        cued |= _CUE_ZH.search(text.flat, max(begin, start - 6), start) is not None
        joined = follows and BETWEEN.fullmatch(text.flat, begin, start)
        opens = full and text.flat[begin:start].rstrip()[-1:] in ("", ".", "。", ";")
        if is_title(text, start, end, 3 if cued or joined or opens else 4):
            return start
    for place in range(len(words) - 2, -1, -1):
        word = words[place]
        if not word[0][0].isupper():
            continue
        reads = sure and place > 0 and words[place - 1][0].lower() in _READS
        if place > len(words) - 4 and not reads:
            continue
        before = text.flat[begin : word.start()].rstrip(" ")
        cue = place > 0 and words[place - 1][0].lower() in _CUE and before[-1:] in words[place - 1][0][-1] + ",:"
        if (cue and sure) or HAN_CHAR.match(before.rstrip(" :,、。")[-1:]):
            start = word.start()
            said = text.flat[start:end]
            sentence = any(mark in said for mark in (". ", "(", " that ", "*", "}"))
            if not (sentence or _VERB.search(said) or STOP_WORD.match(said) or HAN_CHAR.search(said)):
                return start if is_title(text, start, end, 2 if reads else 4, strict=False) else None
    return None


def is_title(text: Text, start: int, end: int, least: int = 4, strict: bool = True) -> bool:
    """Whether `start:end` has the capitals of a title, and is neither a venue, nor names, nor spells out "(BERT)"."""
    text.cost += TITLE_COST
    words = text.flat[start:end]
    if "\0" in text.plain[start:end] or len(words.split()) < least or VENUE.match(words) or LAW.match(words):
        return False
    if (
        _SURNAMES.fullmatch(words)
        or not is_title_like(words, strict=strict)
        or reads_as_names(text, start, end)
        or denied(text.flat, start, end)
    ):
        return False
    initials = "".join(word[0] for word in re.split(r"[ -]", words) if word[:1].isupper())
    short = re.search(r"([A-Z][A-Za-z-]{1,9})[ ]?\(?\Z", text.flat[max(0, start - 14) : start])
    return not (short and ":" not in words and _spells(short[1], initials))


def _spells(short: str, initials: str) -> bool:
    """Whether the capitals of `short` are among `initials`, in order."""
    rest = iter(initials)
    return all(char in rest for char in short if char.isupper())
