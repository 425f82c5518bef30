"""Sentences of an abstract that say what a paper does: taken from it word for word but for who speaks."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ..papers import Paper
from ..titles import words

MIN_LENGTH, MAX_LENGTH = 50, 230  # characters

_VERBS = (
    "propose|present|introduce|develop|describe|show|prove|study|studie|investigate|examine|explore|analy[sz]e"
    "|demonstrate|report|establish|establishe|derive|consider|address|addresse|design|construct|compute|evaluate"
    "|provide|review|survey|discuss|discusse|extend|apply|applie|characteri[sz]e|formulate|offer|conduct|compare"
    "|obtain|determine|find|measure|argue|use|perform|revisit|give|calculate|suggest|identify|identifie|classify"
    "|classifie|generali[sz]e|reveal|observe|aim|focus|focuse|build|create|test|solve|employ|utili[sz]e|estimate"
    "|simulate|release|tackle|adopt|leverage|formali[sz]e|define|highlight|summari[sz]e|outline|improve"
)
_WORK = "(?P<work>paper|work|article|study|letter|report|note|survey|thesis|review)"
_OPENING = re.compile(
    r"^(?:(?:(?:In|With|Through) (?:this|the present) \w+|Here|In particular|Specifically|To this end|Furthermore"
    r"|Moreover|Additionally|In addition|Finally|Then|Therefore),? )?"
    r"(?P<lead>(?:By|Using|Based on|Inspired by|Motivated by|For|Under|Given|Building on|Combining|Leveraging|From) "
    r"[^.,;:]{5,90}, )?"
    r"(?:(?P<own>[Oo]ur) (?=(?:\w+ )?(?:results|findings|experiments|analysis|method|approach|model|framework|work)\b)"
    rf"|(?:[Ww]e|[Tt]h(?:is|e present) {_WORK}) (?:also |first |then |here |further |thus |briefly |\w+ally )?"
    rf"(?=(?:{_VERBS})s?\b))"
)
_IN_THIS = re.compile(r"^(?:In|Through|With) (?:this|the present) (?:paper|work|article|study|letter|report|note),? ")
_BEING = (" is ", " are ", " was ", " were ")
_PASSIVE = re.compile(
    r"\b(?:is|are|was|were) (?:\w+ly )?(?:proposed|presented|introduced|developed|described|studied"
    r"|investigated|examined|derived|discussed|proved|proven|shown|analy[sz]ed|constructed|computed|evaluated|reviewed"
    r"|reported|obtained|considered|established|demonstrated|calculated|explored)\b"
)
# What leans on the sentences before cannot stand alone; nor does mark-up.
_LEANING_WORDS = frozenset("I my this these those such above former latter aforementioned".split())
_MARKS = re.compile(r"[$\\^_{}~`*\"“”|<>\[]")
_TRACES = ("http", "arXiv", "()", "( )")
_BROKEN_WORD = re.compile(r"\w- \w")
_NEAR = 26  # characters: "it" refers to what is said before if little is said between
_ABBREVIATED = (
    "e.g",
    "i.e",
    "et al",
    " vs",
    " cf",
    "Fig",
    "Eq",
    "Ref",
    "resp",
    "approx",
    "Sec",
    " No",
    " st",
    "Prof",
    "Dr",
)
_FIRST_PERSON = re.compile(r"\b(?:[Ww]e|[Oo]urs?|us|ourselves)\b")
_FIRST_PERSON_WORDS = frozenset("we We our Our ours Ours us ourselves".split())
_THIRD_PERSON = {"we": "they", "our": "their", "ours": "theirs", "us": "them", "ourselves": "themselves"}
_FURTHER = re.compile(r"(?:, (?:which|where|while|thereby|thus|so that|but|and (?=they\b))|;) ?")
_LEANING = re.compile(
    r"(?:However|Moreover|Furthermore|Hence|Thus|Therefore|Also|But|And|Yet|Besides|Additionally|In addition|Then|Next"
    r"|Finally|Second|Third|Instead|Conversely|Consequently|Nevertheless|Similarly|Specifically|In particular|Here|They"
    r"|He|She|There|It|Its|This|That|These|Those|Such"
    r"|The (?:result|method|approach|proposed|model|algorithm|latter|former|second))\b"
)
# First words of sentences that `_OPENING` may match, to look no closer at all others.
_FIRST_WORDS = frozenset(
    "We This The Our In With Through Here To Furthermore Moreover Additionally Finally Then Therefore Specifically By "
    "Using Based Inspired Motivated For Under Given Building Combining Leveraging From".split()
)
_PUNCTUATION = str.maketrans(dict.fromkeys(".,;:()'’/?!", " "))
_COINED = re.compile(r"\w*[a-z][A-Z]\w*|[A-Z]{2,}[a-z]\w*")  # names such as DiffBench, in mixed case


def reason(paper: Paper) -> str | None:
    """The first sentence of the abstract that says what the paper does, in the third person; None if there is none.

    Of a long sentence only what comes before a further clause; a sentence that leans on others is passed over.

    >>> reason(Paper("2201.01234", "Foo", abstract="Trees grow. We propose Foo, and show that our method is fast."))
    'The authors propose Foo, and show that their method is fast.'
    """
    return next(_statements(paper.abstract), None) or next(_passives(paper.abstract), None)


def statement(paper: Paper) -> str | None:
    """Like `reason`, but only what the authors say they do."""
    return next(_statements(paper.abstract), None)


def description(paper: Paper) -> str | None:
    """A sentence that says what the paper does without naming it, to ask which paper it describes; or None."""
    name = " ".join(words(paper.title.partition(":")[0]))
    coined = _COINED.findall(paper.title)
    for text in _statements(paper.abstract):
        if f" {name} " not in f" {' '.join(words(text))} " and not any(word in text for word in coined):
            return text
    return None


def _statements(abstract: str) -> Iterator[str]:
    for sentence in _sentences(abstract):
        if sentence.partition(" ")[0].rstrip(",") not in _FIRST_WORDS or not (opening := _OPENING.match(sentence)):
            continue
        lead, rest = opening["lead"] or "", sentence[opening.end() :]
        if _leans(lead) or _leans(rest):
            continue
        if opening["work"] is None:
            subject, rest = "the authors'" if opening["own"] else "the authors", _in_third_person(rest)
        elif _speaks(rest):
            continue
        else:
            subject = f"the {opening['work']}"
        text = _fitting(f"{_in_third_person(lead)}{subject} {rest}")
        if text is not None:
            yield text[0].upper() + text[1:]


def _passives(abstract: str) -> Iterator[str]:
    for sentence in _sentences(abstract):
        if not any(verb in sentence for verb in _BEING):
            continue
        text = _IN_THIS.sub("", sentence)
        if not _PASSIVE.search(text) or _LEANING.match(text) or _leans(text) or _speaks(text):
            continue
        fitting = _fitting(text)
        if fitting is not None:
            yield fitting[0].upper() + fitting[1:]


def _leans(text: str) -> bool:
    """Whether `text` needs the sentences before it, or holds mark-up."""
    if _MARKS.search(text) or any(trace in text for trace in _TRACES) or not _LEANING_WORDS.isdisjoint(_words(text)):
        return True
    if "- " in text and _BROKEN_WORD.search(text):
        return True
    return not {"it", "its"}.isdisjoint(_words(text[:_NEAR]))


def _speaks(text: str) -> bool:
    """Whether `text` is in the first person."""
    return not _FIRST_PERSON_WORDS.isdisjoint(_words(text))


def _in_third_person(text: str) -> str:
    return _FIRST_PERSON.sub(_third_person, text) if _speaks(text) else text


def _words(text: str) -> list[str]:
    return text.translate(_PUNCTUATION).split()


def _fitting(text: str) -> str | None:
    """`text` if it is neither short nor long; of a long one what comes before a further clause."""
    if len(text) > MAX_LENGTH:
        cuts = [cut.start() for cut in _FURTHER.finditer(text, MIN_LENGTH + 20, MAX_LENGTH)]
        if not cuts or text.count("(", 0, cuts[-1]) != text.count(")", 0, cuts[-1]):
            return None
        text = text[: cuts[-1]] + "."
    return text if len(text) >= MIN_LENGTH else None


def _sentences(abstract: str) -> Iterator[str]:
    """Complete sentences; an abstract cut at its source loses its last."""
    pending = ""
    for part in abstract.replace(".\n", ". ").split(". "):
        # Not after "Fig" or an initial, nor before a small letter: that full stop ends an abbreviation.
        if pending and (pending.endswith(_ABBREVIATED) or pending[-1:].isupper() or not part[:1].isupper()):
            pending = f"{pending}. {part}"
            continue
        if pending:
            yield f"{pending}."
        pending = part
    if pending.endswith(".") and not pending.endswith(".."):
        yield pending


def _third_person(match: re.Match[str]) -> str:
    return _THIRD_PERSON[match[0].lower()]
