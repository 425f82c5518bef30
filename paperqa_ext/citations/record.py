"""`Citation`, and its making from a record whose fields are named: a JSON object, a BibTeX entry, a row of a table."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from ..papers import parse_arxiv_id
from .patterns import YEAR


@dataclass(frozen=True, slots=True)
class Citation:
    r"""One citation in an answer.

    Attributes:
        text: the citation as it stands in the answer.
        span: character offsets: `answer[span[0]:span[1]] == text`.
        title: as written, without quotes, markers or trailing full stop, so that it stands in `text`; decoded where
            the answer encodes it: JSON escapes, braces and accents of LaTeX, HTML tags and entities, `\*` of Markdown.
            None if only an id or a link is given.
        authors: as written, without "et al." or 等.
        year: as stated, not as an id implies.
        arxiv_id: canonical where it parses; else as written (2213.99999, 2301.123), so that it can be flagged.
        truncated: cut off at the end of the answer by the generation limit, so not to be judged.
        doi: in lower case; None for the DOIs that arXiv issues, which are given as `arxiv_id`.
        url: a link that leads neither to arXiv nor to a DOI.
    """

    text: str
    span: tuple[int, int]
    title: str | None
    authors: tuple[str, ...] = ()
    year: int | None = None
    arxiv_id: str | None = None
    truncated: bool = False
    doi: str | None = None
    url: str | None = None


@dataclass(slots=True)
class Record:
    """A record at `start:end` of the answer; `open` if the answer ends before the record does.

    `fields` maps a kind of `KINDS` to the values given for it: strings, numbers, or lists and objects of such.
    """

    start: int
    end: int = 0
    fields: dict[str, Any] = field(default_factory=dict)
    open: bool = False


@dataclass(frozen=True, slots=True)
class Id:
    """An arXiv id in the text, with its prefix and link; `value` is canonical where it parses, else as written."""

    start: int
    end: int
    value: str


@dataclass(frozen=True, slots=True)
class Link:
    """A DOI, bare or in a link, or another link that is not arXiv's."""

    start: int
    end: int
    doi: str | None
    url: str | None


# What keys, column heads and labels mean, folded to lower-case letters and Han characters.
_KINDS = {
    "title": "title ti papertitle paper papername articletitle publicationtitle worktitle 标题 论文标题 论文题目 题目 "
    "题名 篇名 论文名称 论文名 文章标题 文章题目 文献标题 文献题目 文献名称 英文标题 英文题目 论文 文献 文章 标题名称 "
    "reading readings "
    "论文英文标题 papertitles article 推荐阅读 recommendedreading",
    "name": "name 名称 work works 工作 研究工作 著作 成果 publication study",
    "authors": "author authors au authorlist authornames writtenby firstauthor leadauthor 作者 论文作者 主要作者 "
    "第一作者 一作 作者列表 作者们 著者 编者 作者姓名 who writers writer people keyauthors by",
    "year": "year yr date published publicationyear publicationdate publishedyear publisheddate pubyear pubdate "
    "releaseyear releasedate yearpublished 年份 年 发表年份 出版年份 发表时间 出版时间 发布时间 时间 日期"
    " 发表日期 when 发表年 出版年 发布年 提交年 发表年度 "
    "年度 发布年份 issued venueyear yearvenue 会议年份 期刊年份",
    "link": "arxivid arxiv arxivnumber arxivlink arxivurl eprint id paperid identifier doi url link links paperurl "
    "paperlink href pdf pdfurl externalids 链接 编号 论文链接 地址 网址 arxiv编号 arxiv链接 论文地址 note howpublished "
    "journal booktitle reference source",
}
KINDS = {name: kind for kind, names in _KINDS.items() for name in names.split()}
# "Year 年份", 作者（Authors）
_TWO_LANGUAGES = re.compile(r"(?P<latin>[a-z ]+)[ (/|]*[\u3400-\u9fff]+\W*|[\u3400-\u9fff]+[ (/|]*(?P<last>[a-z ]+)\W*")
_NOT_LETTERS = re.compile(r"[\W\d_]+")
_ARXIV_LINK = re.compile(r"arxiv(?:\.org/(?:abs|pdf|html)/|[.:]\s?)(?P<id>[\w.-]+(?:/\d{7})?)", re.IGNORECASE)
_BARE_ARXIV = re.compile(r"(?:\d{4}\.\d{3,6}|[a-z-]+(?:\.[A-Z]{2})?/\d{7})(?:v\d+)?", re.ASCII)
DOI = re.compile(r"10\.\d{4,9}/[^\s\"'<>()\[\]{}，。；、（）]{1,200}(?:\([^\s()]{1,40}\)[^\s\"'<>()\[\]{}，。]{0,60})?")
ARXIV_DOI = re.compile(r"10\.48550/arxiv\.", re.IGNORECASE)
_URL = re.compile(r"https?://[^\s\"'<>{}，。；、]{3,400}")
_TRAILING = ".,;:!?*_)]"
_AND = re.compile(r"\s+and\s+|\s*[;；、]\s*|\s*\n\s*")
_COMMA = re.compile(r"\s*[,，]\s*(?:and\s+|&\s*)?|\s+&\s+|\s*和\s*")
_OTHERS = re.compile(
    r"(?:null|none|n/?a|unknown|未知|不详|et\.?\s?al\.?|others|and others|…|\.\.\.|等人?|\d+ more)\Z", re.IGNORECASE
)
_ET_AL = re.compile(
    r"[,，]?\s*(?:(?:and\s+)?et\.?\s?al\b\.?|(?:and|&)\s+others\b\.?|等(?:人|\s?\d+\s?人)?|\.\.\.|…)\s*\Z"
)


@lru_cache(maxsize=1024)
def kind_of(name: str) -> str | None:
    """What a key, a column head or a label stands for: `title`, `name`, `authors`, `year` or `link`."""
    name = name[:40].lower()
    kind = KINDS.get(_NOT_LETTERS.sub("", name))
    if kind is None and (words := _TWO_LANGUAGES.fullmatch(name)):
        kind = KINDS.get(_NOT_LETTERS.sub("", words["latin"] or words["last"]))
    return kind


def doi_in(text: str) -> str | None:
    """The first DOI in `text`, in lower case, without the punctuation after it."""
    match = DOI.search(text)
    return match[0].rstrip(_TRAILING).lower() if match else None


def citation_of(record: Record, answer: str) -> Citation | None:
    """The citation that `record` makes, if it names a title or an arXiv id."""
    title = _text(record.fields.get("title"))
    arxiv_id = doi = url = None
    for value in record.fields.get("link", ()):
        arxiv_id, doi, url = arxiv_id or _arxiv_id(value), doi or doi_in(value), url or _url(value)
    if not title and not arxiv_id:
        return None
    stated = record.fields.get("year")
    year = YEAR.search(str(stated) if isinstance(stated, (dict, list)) else _text(stated))
    return Citation(
        text=answer[record.start : record.end],
        span=(record.start, record.end),
        title=title or None,
        authors=tuple(author_list(record.fields.get("authors"))),
        year=int(year["year"]) if year else None,
        arxiv_id=arxiv_id,
        truncated=record.open,
        doi=None if doi and ARXIV_DOI.match(doi) else doi,
        url=url,
    )


def author_list(value: Any) -> list[str]:
    """The authors in a string ("A and B", "A, B", "Last, First and Last, First") or a list of strings or objects."""
    if isinstance(value, str):
        text = (
            _ET_AL.sub("", value.strip()[:5000]).rstrip("., ") if value.count(".") < 2 else _ET_AL.sub("", value[:5000])
        )
        names: Iterable[str] = _AND.split(text)
        if len(_AND.findall(text)) == 0 or not any("," in name and name.count(",") == 1 for name in _AND.split(text)):
            names = [name for part in _AND.split(text) for name in _COMMA.split(part)]
    elif isinstance(value, list):
        names = [_name(one) for one in value[:3000]]
    elif isinstance(value, dict):
        names = [_name(value)]
    else:
        return []
    names = (name.strip(" \t*_,") for name in names)
    return [name for name in names if name and not _OTHERS.fullmatch(name)]


def _name(value: Any) -> str:
    if isinstance(value, dict):
        given = value.get("given") or value.get("first") or value.get("firstname") or value.get("first_name")
        family = value.get("family") or value.get("last") or value.get("lastname") or value.get("last_name")
        whole = (
            value.get("name")
            or value.get("literal")
            or value.get("authors")
            or " ".join(str(one) for one in (given, family) if one)
        )
        return whole if isinstance(whole, str) else ""
    return _ET_AL.sub("", value) if isinstance(value, str) else ""


def _text(value: Any) -> str:
    return " ".join(value.split()) if isinstance(value, str) else str(value) if isinstance(value, int) else ""


def _arxiv_id(value: str) -> str | None:
    if found := parse_arxiv_id(value):
        return found
    link = _ARXIV_LINK.search(value)
    if link:
        return link["id"].rstrip(".")
    return value.strip() if _BARE_ARXIV.fullmatch(value.strip()) else None


def _url(value: str) -> str | None:
    match = _URL.search(value)
    if match is None or "arxiv.org" in match[0].lower() or "doi.org" in match[0].lower():
        return None
    return match[0].rstrip(_TRAILING)
