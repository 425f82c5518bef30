"""Titles in 《》, which hold papers, books, journals, laws and films alike: which of them are papers."""

from __future__ import annotations

import re

from .fields import Facts
from .no_papers import OTHER_AFTER, OTHER_BEFORE, OTHER_WORK, STANDARD, VENUE
from .patterns import HAN_CHAR, YEAR_DIGITS
from .people import names_at
from .text import Text
from .title_patterns import (
    CLAUSE_MARK,
    CONTAINED,
    CONTAINER_END,
    ISSUE,
    STUDY,
    WORK_WORD,
)
from .units import Unit
from .words import is_long, is_title_like

# After a journal: "，2019年", "，2019年第3期"
_DATED_JOURNAL = re.compile(rf",[ ]?(?:{YEAR_DIGITS}|第)")
# Before one: "2019年，"
_DATE_BEFORE = re.compile(rf"{YEAR_DIGITS}[ ]?年?,[ ]?\Z")
_NAMES_COLON = re.compile(r"[:,.]")


def is_paper(
    text: Text, unit: Unit, match: re.Match[str], words: str, found: Facts, leads: bool, later: bool, joined: bool
) -> bool:
    """Whether a title in 《》 is that of a paper, and not of a law, a journal, a film or a course."""
    before = text.flat[max(unit.start, match.start() - 100) : match.start()]
    told = bool(found.authors or found.id or found.link)
    other = OTHER_AFTER.match(text.flat, match.end())
    if other and told and "书" in other[0]:
        other = None  # "由 Holland 于 1975 年在《…》一书中提出"
    if OTHER_BEFORE.search(before) or other or VENUE.match(words) or STANDARD.match(words):
        return False
    if unit.item and not leads and _is_journal(text, unit, match):
        return False
    if (issue := ISSUE.match(text.flat, match.end())) and issue["number"]:
        return False
    if (OTHER_WORK.match(words) and not found.id) or (later and unit.item and not found.authors and not is_long(words)):
        return False
    if leads and not (unit.item or unit.listed or found.near or is_title_like(words)):
        return HAN_CHAR.match(text.flat, match.end()) is None  # 《红楼梦》的作者
    if leads or told or unit.listed or unit.cell:
        return found.near or leads or is_title_like(words)
    if joined or (is_title_like(words, strict=True) and not HAN_CHAR.search(words)):
        return True
    around = before.rpartition("。")[2] + words + text.flat[match.end() : match.end() + 40]
    return WORK_WORD.search(around) is not None and (found.near or is_title_like(words))


def _is_journal(text: Text, unit: Unit, match: re.Match[str]) -> bool:
    """Whether a 《》 is where a title without marks stands: "方创琳：中国新型城镇化的方向，《地理研究》，2019年"."""
    date_before = _DATE_BEFORE.search(text.flat, max(unit.body, match.start() - 12), match.start())
    dated = date_before or _DATED_JOURNAL.match(text.flat, match.end())
    if not dated or text.flat[unit.body : match.start()].rstrip()[-1:] != ",":
        return False
    names = names_at(text, unit.body, match.start(), _NAMES_COLON)
    before = text.flat[names.end if names else unit.body : match.start()].strip(" ,:.")
    first = before.partition(",")[0]
    if date_before and (STUDY.search(first) or (before.isascii() and is_title_like(first))):
        if before.isascii():
            return True  # "Corruption and Growth，Paolo Mauro，1995 年，《…》"
        before = first  # "…综述，张三，2021，《…》"
    before = before.partition("—")[0]  # "…困境与出路——杜鹏、韩文婷，《…》，2021年"
    return len(HAN_CHAR.findall(before)) > 5 and CLAUSE_MARK.search(before) is None


def is_container(text: Text, unit: Unit, previous: int, match: re.Match[str]) -> bool:
    """Whether a 《》 after the title that ends at `previous` is what that stands in: 《…》（《经济研究》，2019）"""
    between = text.flat[previous : match.start()]
    ends = CONTAINER_END.match(text.flat, match.end(), unit.end) is not None
    issue = ISSUE.match(text.flat, match.end(), unit.end)
    dated = between.strip() == "," and issue is not None and any(map(str.isdigit, issue[0]))
    return dated or (ends and (between.strip() == "(" or (unit.item and CONTAINED.match(between) is not None)))
