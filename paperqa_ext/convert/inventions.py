"""Titles and names that look real and are not, for questions whose right answer is to say so. Pure and seeded."""

from __future__ import annotations

import re

from rapidfuzz import fuzz

from ..seeding import pick
from ..titles import STOPWORDS, words

_WORD = re.compile(r"(?<![\w-])[A-Za-z][a-z]{4,}(?![\w-])")
_JOINT = re.compile(r" (?=(?:for|with|via|using|in|from|under|on|of|by|through|towards?) )")
MIN_WORDS = 5  # of a title that is altered: of a shorter one too little is left


def altered_title(title: str, lender: str, *key: object) -> str | None:
    """`title` with one content word replaced by one of `lender`, in the same case; None if there is none to replace.

    >>> altered_title("Fast pruning of large decision trees", "Deep graphs", 0)
    'Fast graphs of large decision trees'
    """
    ours, theirs = _content(title), [word[0] for word in _content(lender)]
    known = set(words(title))
    theirs = [word for word in theirs if word.lower() not in known]
    if len(words(title)) < MIN_WORDS or not ours or not theirs:
        return None
    word, new = pick(ours, "word", *key), pick(theirs, "new", *key)
    cased = new.capitalize() if word[0][0].isupper() else new.lower()
    return title[: word.start()] + cased + title[word.end() :]


def chimera(title: str, lender: str) -> str | None:
    """The beginning of `title` with the end of `lender`, joined at a colon or preposition; None if it reads badly.

    >>> chimera("Deep forests of decision trees: a survey", "Rivers: what they carry")
    'Deep forests of decision trees: what they carry'
    >>> chimera("Learning to prune large decision trees with gradients", "Rivers in Siberia")
    'Learning to prune large decision trees in Siberia'
    """
    for joint in (": ", _JOINT):
        head, tail = _cut(title, joint), _cut(lender, joint)
        if head and tail:
            made = head[0] + tail[1]
            if len(words(made)) >= MIN_WORDS and fuzz.ratio(made, title) > fuzz.ratio(made, lender):
                return made
    return None


def _cut(title: str, joint: str | re.Pattern[str]) -> tuple[str, str] | None:
    """`title` before its last joint, and from there on."""
    places = [match.start() for match in re.finditer(joint, title)]
    return (title[: places[-1]], title[places[-1] :]) if places else None


def chimeric_name(first: str, last: str) -> str | None:
    """The given name of one author with the family name of another; None if they are the same.

    >>> chimeric_name("Ada M. Lovelace", "Alan Turing")
    'Ada Turing'
    """
    given, family = first.split()[0], last.split()[-1]
    made = f"{given} {family}"
    return None if made in (first, last) or given == family else made


def _content(title: str) -> list[re.Match[str]]:
    return [match for match in _WORD.finditer(title) if match[0].lower() not in STOPWORDS]
