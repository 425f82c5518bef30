"""Why arXiv cannot have issued an id (https://info.arxiv.org/help/arxiv_identifier.html), in English and Chinese."""

from __future__ import annotations

import re

from ..papers import arxiv_id_month, parse_arxiv_id

FIRST_MONTH = "1991-07"  # no id is older
NOT_AN_ID = "it has not the form of an arXiv id", "它没有 arXiv 编号的格式"
_LATEST_YEAR = "69"  # 2069: beyond it two digits of a year mean the last century
_NEW = re.compile(r"(?:arxiv:)?\s*(?P<year>\d\d)(?P<month>\d\d)\.(?P<number>\d+)(?:v\d+)?", re.IGNORECASE)
_OLD = re.compile(r"[a-z-]+(?:\.[a-z]{2})?/(?P<year>\d\d)(?P<month>\d\d)(?P<number>\d*)(?:v\d+)?", re.IGNORECASE)


def id_fault(arxiv_id: str) -> tuple[str, str] | None:
    """What is impossible about an id, or None if arXiv may have issued it.

    >>> id_fault("2213.01234"), id_fault("2201.01234")
    (('it names month 13', '其中的月份是 13'), None)
    """
    new, old = _NEW.fullmatch(arxiv_id), _OLD.fullmatch(arxiv_id)
    known = parse_arxiv_id(arxiv_id)
    if known is not None and not (new and new["year"] > _LATEST_YEAR):
        is_older = arxiv_id_month(known) < FIRST_MONTH
        return (f"arXiv began in {FIRST_MONTH}", f"arXiv 始于 {FIRST_MONTH}") if is_older else None
    match = new or old
    if match is None:
        return NOT_AN_ID
    year, month = match["year"], match["month"]
    if not "01" <= month <= "12":
        return f"it names month {month}", f"其中的月份是 {month}"
    if new and (year + month < "0704" or year > _LATEST_YEAR):
        return "ids of this form began in 2007-04", "这种格式的编号始于 2007-04"
    if new and year < "15":
        return "ids had four digits after the point until 2014-12", "2014-12 及以前的编号，点后是四位数字"
    if new:
        return "ids have five digits after the point since 2015-01", "2015-01 起的编号，点后是五位数字"
    if year + month < "9107" and not year + month <= "0703":
        return (
            "ids of this form were issued from 1991-07 to 2007-03",
            "这种格式的编号只用于 1991-07 至 2007-03",
        )
    if len(match["number"]) != 3:
        return "ids of this form have three digits after the month", "这种格式的编号，月份后是三位数字"
    return "there is no such archive", "arXiv 没有这个分类"


def is_after(arxiv_id: str, last: str) -> bool:
    """Whether an id is of a month after `last`, a month or a year."""
    return arxiv_id_month(arxiv_id)[: len(last)] > last
