"""Works that arXiv does not hold, where a citation says so: books, theses, patents, standards, software, web pages."""

from __future__ import annotations

import re

from ..citations import Citation

_PUBLISHERS = (
    "Springer(?:-Verlag)?|Wiley|McGraw[- ]Hill|O['’]Reilly|Pearson|Addison[- ]Wesley|Prentice[- ]Hall|Elsevier"
    "|Morgan Kaufmann|Manning Publications|(?:University|CRC|MIT|Academic|Princeton) Press"
)
_SIGNS = re.compile(
    rf"\bISBN\b|\b97[89][- ]?\d[- ]?\d{{2,7}}[- ]?\d{{2,7}}[- ]?\d\b|\b(?:{_PUBLISHERS})\b"
    r"|\b(?:1st|2nd|3rd|\dth|second|third|revised) ed(?:ition|n|\.)|\btextbook\b|\b(?:Ph\.?\s?D\.?|master'?s) thesis\b"
    r"|\[(?:M|D|P|S|N|CP)(?:/OL)?\]|@(?:book|inbook|phdthesis|mastersthesis|manual|patent|software)\s*\{"
    r"|出版社|教材|教科书|学位论文|专利|第\s*[\d一二三四五六七八九十]+\s*版",
    re.IGNORECASE,
)
_PROCEEDINGS = re.compile(
    r"\b(?:proceedings|conference|workshop|journal|trans(?:actions|\.)|lecture notes|arxiv)\b", re.IGNORECASE
)
_HOSTS = re.compile(
    r"(?:^|//|\.)(?:github|gitlab|huggingface|wikipedia|medium|youtube|amazon|goodreads|kaggle|pytorch|tensorflow|bilibili"
    r"|zhihu|csdn|readthedocs|npmjs|pypi|twitter|x)\.(?:com|org|co|io|net)\b",
    re.IGNORECASE,
)


def other_work(citation: Citation) -> str | None:
    """The sign by which a citation is no paper of the kind that arXiv holds, as written; None without one.

    A publisher beside a journal or proceedings is none: many of their papers are on arXiv.
    """
    if citation.url and (host := _HOSTS.search(citation.url)):
        return host[0].strip("/.")
    around = citation.text.replace(citation.title or "", " ")
    sign = _SIGNS.search(around)
    return sign[0] if sign and not _PROCEEDINGS.search(around) else None
