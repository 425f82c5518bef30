"""HTML and XML in an answer as the Markdown it stands for, of the same length."""

from __future__ import annotations

import re
from functools import lru_cache

from .record import kind_of

# What a page does not show.
_HIDDEN = re.compile(
    r"<(?P<tag>script|style|head|template)\b[^<>]{0,200}>.*?(?:</(?P=tag)>|\Z)", re.IGNORECASE | re.DOTALL
)
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_TAG_RUN = re.compile(r"(?:</?[A-Za-z][A-Za-z0-9_-]{0,19}(?:\s[^<>]{0,600})?/?>[ \n]{0,60}){1,60}")
_ONE_TAG = re.compile(r"<(?P<close>/?)(?P<name>[A-Za-z][A-Za-z0-9_-]{0,19})(?P<rest>(?:\s[^<>]{0,600})?)>|\n")
_HREF = re.compile(r"href\s?=\s?[\"']?(?P<url>https?://[^\s\"'<>]{3,500})")
# class="paper-title", itemprop="author"
_ROLE = re.compile(r"\b(?:class|itemprop|id|data-field|name)\s?=\s?[\"']?(?P<words>[\w -]{2,60})")
_RECORD = re.compile(r"<(?:title|authors?|year)\b", re.IGNORECASE)
_INLINE = {"b": "**", "strong": "**", "i": "*", "em": "*", "cite": "*", "q": '"', "code": ""}
_HEADINGS = frozenset("h1 h2 h3 h4 h5 h6".split())
_BLOCKS = frozenset("papers paper p div ul ol br table thead tbody dl section article blockquote hr body html".split())
# What begins an item, a row, and the lines under an item.
_OPENS = {"tr": "\n|", "li": "\n- ", "dt": "\n- ", "dd": "\n  "} | dict.fromkeys(_HEADINGS, "\n# ")
_LABELS = {"title": "Title:", "authors": "Authors:", "year": "Year:"}
_KNOWN = frozenset([*_INLINE, *_OPENS, *_BLOCKS, *"a td th span u small sup sub font caption".split()])


def shown(text: str) -> str:
    """`text` with its tags as Markdown and without what a page does not show."""
    if "<!--" in text:
        text = _COMMENT.sub(_spaces, text)
    if "</" in text:
        text = _HIDDEN.sub(_spaces, text)
    return _TAG_RUN.sub(lambda run: _markdown(run[0]), text)


def _spaces(match: re.Match[str]) -> str:
    return " " * len(match[0])


@lru_cache(maxsize=256)  # the same few runs, "</td><td>", stand in every row
def _markdown(run: str) -> str:
    """A run of tags as the Markdown it stands for: what closes, room, then what begins a line, then what opens."""
    closing = block = opening = link = ""
    cells = False
    for tag in _ONE_TAG.finditer(run):
        name = (tag["name"] or "").lower()
        closes = bool(tag["close"])
        cells |= name in ("tr", "td", "th")
        if not name:  # a line of the source ends nothing that a tag has begun
            block += "" if block.endswith(("\n", "- ", "# ")) else "\n"
        elif label := _label(name, tag["rest"]):
            block += "" if closes else label if block.endswith(("- ", "# ")) else f"\n{label}"
        elif name not in _KNOWN:
            if not (closes or "=" in run or _RECORD.search(run)):
                return run
        elif name == "a":
            href = _HREF.search(tag["rest"])
            if closes:
                closing += "]("
            elif href:
                link, opening = href["url"] + " ", opening + "["
        elif name in _INLINE:
            if closes:
                closing += _INLINE[name]
            else:
                opening += _INLINE[name]
        elif name in ("td", "th"):
            block += "|" if closes else ""
        elif not closes and name in _OPENS:
            block += _OPENS[name]
        elif name in _BLOCKS or name in _OPENS:
            block += "\n"
    if cells:  # the lines of the source are not those of the table
        block = block.replace("\n|", "\0").replace("\n", "").replace("\0", "\n|")
    trailing = " " if opening == "" and run.endswith(" ") else ""
    pad = len(run) - len(closing) - len(block) - len(link) - len(opening) - len(trailing)
    if pad < 0:
        block, pad = block[: max(0, len(block) + pad)], 0
    made = closing + " " * pad + block + link + opening + trailing
    return made if len(made) == len(run) else " " * len(run)


def _label(name: str, rest: str) -> str | None:
    """The label that a tag stands for, by its name or by the class of a `<span>` or its like."""
    if name == "time":
        return _LABELS["year"]
    if name not in _KNOWN:
        return _LABELS.get(kind_of(name) or "")
    role = _ROLE.search(rest) if name in ("span", "div", "p", "dd") else None
    kinds = (kind_of(word) for word in role["words"].replace("-", " ").replace("_", " ").split()) if role else ()
    return next((_LABELS[kind] for kind in kinds if kind in _LABELS), None)
