"""The marks of items and records, as Markdown of the same length: emoji, "Title – …", "(1) …; (2) …" in a line."""

from __future__ import annotations

import re
from itertools import groupby, pairwise

from .patterns import FIELD
from .record import kind_of

_EMOJI = re.compile("[\U0001f000-\U0001faff\u2600-\u27bf\u2b00-\u2bff\ufe0f\u200d]")
# One of all that the patterns below look for.
_SIGN = re.compile("[\U0001f000-\U0001faff\u203b\u20e3\u25a0-\u27bf\u2b00-\u2bff\ufe0f\u200d]")
_KEYCAP = re.compile("([0-9])\ufe0f?\u20e3")
_BULLET = re.compile(
    "^(?P<indent>[ ]{0,8})[\U0001f539\U0001f538\U0001f537\U0001f536\U0001f449\U0001f4c4\U0001f4dd\U0001f4cc\U0001f4d1"
    "\u2705\u2611\u2714\u27a4\u27a2"
    "\u25b6\u25b8\u25aa\u25c6\u25c7\u25cf\u25cb\u25ce\u203b\u25e6\u25a0\u25a1\u2605\u2606]"
    '(?:[\ufe0f ]{1,3}|(?=[\u300a\u201c"*A-Z\u3400-\u9fff]))(?!arXiv\\b|https?:|doi\\b)',
    re.MULTILINE,
)
_HAND = "\U0001f449"
_MEDAL = re.compile("^[ ]{0,4}[\U0001f947-\U0001f949]", re.MULTILINE)
# The same emoji begins this line and the next, or the one before; a medal counts.
_EMOJI_ITEM = re.compile(
    "^(?P<indent>[ ]{0,4})(?P<sign>(?P<medal>[\U0001f947-\U0001f949])"
    "|[\U0001f000-\U0001faff\u2600-\u27bf\u2b00-\u2bff])"
    "[\ufe0f ]{1,3}(?!arXiv\\b|https?:|doi\\b)(?=[^\\n]{8})",
    re.MULTILINE,
)
# "Title ✍️ Ann Bell 📅 2017": what an emoji divides.
_EMOJI_BETWEEN = re.compile(f'(?<=[\\w)"”》*?!] ){_EMOJI.pattern}{{1,3}}(?=[ ]?[^\\W_])')
# "Title – ", "**作者** — "
_DASHED_LABEL = re.compile(
    r"^[ ]{0,8}(?:[-*•] )?[*_]{0,3}(?P<label>[A-Za-z\u3400-\u9fff][A-Za-z\u3400-\u9fff ]{1,19}?)[*_]{0,3}"
    r"(?P<dash>[ ]?[-–—]{1,2}[ ]|——)",
    re.MULTILINE,
)
# "题　目："
_SPACED = re.compile(r"([题作年来理摘链标期])[ ]{1,2}([目者份源由要接题刊])(?=:)")
# "[Title]: ", "[Authors] ", "title=", "author = "
_WORDS = (
    r"(?:titles?|authors?|years?|arxiv(?:[_ ]?id)?|url|link|doi|venue|abstract|标题|题目|论文标题|作者|年份|链接|摘要)"
)
_BRACKETED_LABEL = re.compile(rf"\[(?P<label>{_WORDS})\]:?(?=[ \n])", re.IGNORECASE)
_EQUALS = re.compile(rf"^[ ]{{0,8}}(?:[-*] )?(?P<label>{_WORDS})[ ]?=(?=[^=\n])", re.IGNORECASE | re.MULTILINE)
# Items within a line: "(1) …; (2) …", "①…②…"
_RUN_ON = re.compile(r"^[ ]{0,4}1\. [^\n]*? 2\. [^\n]*", re.MULTILINE)
_RUN_ON_ITEM = re.compile(r"[ ](?P<number>\d{1,2})\. (?=[^\W\d_a-z]|[*\"“《\[])")
# "如下：1.Title，2020年2.Title": a number takes the place of what divides them
_CLOSE_RUN = re.compile(
    r"^[^\n]*?(?<![\d.A-Za-z])1[.、](?=[^\W\d_]|[《“\"*])[^\n]*?[^\d\s.A-Za-z]2[.、](?=[^\W\d_]|[《“\"*])[^\n]*",
    re.MULTILINE,
)
_CLOSE_ITEM = re.compile(r"(?<![\d.A-Za-z])(?P<number>\d{1,2})[.、](?=[^\W\d_]|[《“\"*])")
_PART = re.compile(r"\b(?:part|parts|vol|volume|no|chapter|section|phase|type)\.?\Z", re.IGNORECASE)
# Marks of notes, after sentences: "…长期存在争论。①后来的研究更强调国内市场。②"
_NOTED = re.compile(r"^[^\n①-⑳][^\n]*[。！？.!?”\"][①-⑳]{1,3}[ ]*$", re.MULTILINE)
_NOTE_MARK = re.compile(r"[①-⑳]")
_INLINE_ITEM = re.compile(r"(?<=[^\s])[ ;,。:](?=\([1-9]\) |[①-⑳])")


def without_emoji(flat: str) -> str:
    """`flat` with emoji that begin items as bullets, those that divide a line as dots, others as spaces."""
    if not _SIGN.search(flat):
        return flat
    flat = _KEYCAP.sub(lambda sign: f"{sign[1]}.".ljust(len(sign[0])), flat)
    medals = _MEDAL.search(flat) is not None
    flat = _BULLET.sub(
        # Under medals a hand points at what is said of them.
        lambda sign: (
            f"{sign['indent']}•".ljust(len(sign[0])) if not (medals and _HAND in sign[0]) else " " * len(sign[0])
        ),
        _bulleted(flat),
    )
    flat = _EMOJI_BETWEEN.sub(lambda sign: "·".ljust(len(sign[0])), flat)
    return _EMOJI.sub(lambda sign: " ", flat)


def itemized(flat: str) -> str:
    """`flat` with the items that stand within a line each on a line of its own."""
    flat = _RUN_ON.sub(_numbered, flat) if " 2." in flat else flat
    flat = _CLOSE_RUN.sub(_divided, flat) if "2." in flat or "2、" in flat else flat
    if "①" in flat:
        flat = _NOTED.sub(lambda line: _NOTE_MARK.sub(" ", line[0]), flat)
    return _INLINE_ITEM.sub("\n", flat) if "(2)" in flat or "②" in flat else flat


def _bulleted(flat: str) -> str:
    """`flat` with a bullet for the emoji of a line, if it is a medal or the line before or after begins with it too.

    A paragraph whose lines begin with several emoji is a record.
    """
    if not _EMOJI_ITEM.search(flat):
        return flat
    lines = flat.split("\n")
    found = {place: match for place, line in enumerate(lines) if (match := _EMOJI_ITEM.match(line))}
    items = {place for place, match in found.items() if match["medal"]}
    mixed = set[int]()
    for blank, run in groupby(range(len(lines)), key=lambda place: not lines[place].strip()):
        signs = {} if blank else {place: found[place]["sign"] for place in run if place in found}
        mixed |= signs.keys() if len(set(signs.values())) > 1 else set()
    plain = {place: match for place, match in found.items() if place not in mixed}
    for one, two in pairwise(place for place, line in enumerate(lines) if line.strip()):
        if one in plain and two in plain and plain[one]["sign"] == plain[two]["sign"]:
            items |= {one, two}
    for place in items:
        match = found[place]
        lines[place] = f"{match['indent']}- ".ljust(match.end()) + lines[place][match.end() :]
    return "\n".join(lines)


def labelled(flat: str) -> str:
    """`flat` with colons after the labels of records: "Title – …", "[Title] …", "title=…"."""
    if _SPACED.search(flat):
        flat = _SPACED.sub(lambda label: f"{label[1]}{label[2]}".rjust(len(label[0])), flat)
    if "[" in flat:
        flat = _BRACKETED_LABEL.sub(_with_colon, flat)
    if "title=" in flat or "title =" in flat:
        flat = _EQUALS.sub(lambda label: f"{label['label']}:".ljust(len(label[0])), flat)
    dashes = [*_DASHED_LABEL.finditer(flat)]
    labels = {match["label"] for match in dashes}
    if not {"title", "authors"} <= {"title" if kind == "name" else kind for kind in map(kind_of, labels)}:
        return flat
    labels = {label for label in labels if FIELD.match(f"{label}:")}
    parts, at = [], 0
    for match in (match for match in dashes if match["label"] in labels):
        parts += [flat[at : match.start("dash")], ": ".rjust(len(match["dash"]))]
        at = match.end()
    return "".join([*parts, flat[at:]])


def _divided(match: re.Match[str]) -> str:
    """A line "…：1.…2.…3.…" as lines, each with a bullet for its number."""
    number = 0

    def item(found: re.Match[str]) -> str:
        nonlocal number
        if int(found["number"]) != number + 1:
            return found[0]
        number += 1
        return found[0] if found.start() == 0 else "\n•".ljust(len(found[0]))

    return _CLOSE_ITEM.sub(item, match[0])


def _with_colon(label: re.Match[str]) -> str:
    return f"{label['label']}:".rjust(len(label[0]))


def _numbered(match: re.Match[str]) -> str:
    """A line "1. … 2. … 3. …" as three."""
    number = 1

    def item(found: re.Match[str]) -> str:
        nonlocal number
        before = match[0][: found.start()] if int(found["number"]) == number + 1 else ""
        # "**Channel flow. Part 2. Solutions**" is one title.
        follows = bool(before) and before.count("**") % 2 == 0 and not _PART.search(before)
        number += follows
        return "\n" + found[0][1:] if follows else found[0]

    return _RUN_ON_ITEM.sub(item, match[0])
