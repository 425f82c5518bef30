"""Citations in an LLM's answer: `extract` finds them with their offsets, `abstains` tells a refusal.

The answer is split into units: a list item with the lines that belong to it, or a line of prose. Each unit is asked,
most explicit shape first, for titles: a `Title:` field, a reference (APA, GB/T 7714), a delimited title (bold, quotes,
《》, link), a plain title. Authors, year and id are then read from what follows the title, or from what precedes it.
Every look-ahead is bounded, so that the whole is linear in the length of the answer.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import zip_longest

from .papers import parse_arxiv_id

_CJK = r"\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\uac00-\ud7af"
_HAN = r"[\u3400-\u9fff]"
_LETTER = rf"[^\W\d_{_CJK}]"
_UPPER = rf"(?![a-z]){_LETTER}"
_YEAR = r"(?<!\d)(?<!\d[-–])(?P<year>(?:19|20)\d\d)(?!\d|[-–]\d{4}|[ ]?年代|s\b)"
# Same length, so that offsets stay those of the answer.
_FLAT = str.maketrans("（）：，；．［］＊\u3000\u00a0\t\r", "():,;.[]*    ")

_THINK = re.compile(r"<think>.*?(?:</think>|\Z)", re.DOTALL)
_URL = re.compile(rf"(?:https?://|www\.)[^\s()\[\]<>\"'{_CJK}，。；、《》“”]{{3,300}}")
# Found by its digits, then told apart by what stands before: a search from the prefix would try every letter.
_ID = re.compile(r"(?<![\d.])\d{1,6}\.\d{1,8}(?![\d.]\d|\d)(?:v\d{1,3})?|/\d{7}(?!\d)(?:v\d{1,3})?")
_ID_PREFIX = re.compile(
    r"\[?(?:(?:https?://)?(?:www\.|export\.)?(?:arxiv\.org/(?:abs|pdf|html)/|(?:hf\.co|huggingface\.co)/papers/)"
    r"|(?:https?://)?(?:(?:dx\.)?doi\.org/)?10\.48550/arxiv\."
    r"|\barxiv[ ]?(?:preprint|id|编号|号)?[ ]?(?:是|为)?[:.#]?[ ]?(?:arxiv:)?)\Z",
    re.IGNORECASE,
)
_ARCHIVE = re.compile(r"(?<![\w.-])[a-z-]{2,9}(?:\.[A-Z]{2})?\Z", re.IGNORECASE)
_JOINED = re.compile(r"[\w./$-]\Z", re.ASCII)
_LONG_ID = re.compile(r"\d{4}\.\d{5}(?:v|\Z)")
_ID_SUFFIX = re.compile(r"(?:\.pdf)?\]?(?:\((?:https?://)?(?:www\.)?arxiv\.org/[^\s()]{0,60}\)?)?", re.IGNORECASE)

_LABELS = {
    "title": r"(?:Paper |Article |Full )?Title|Paper(?: Name)?|论文名?|文献|"
    r"(?:论文|文章|英文|中文)?(?:标题|题目|题名|名称)",
    "authors": r"(?:First |Lead )?Author(?:s|\(s\))?|Written by|(?:论文|第一|主要)?作者(?:列表)?",
    "year": r"(?:Publication )?Year|Published(?: in| on)?|(?:Publication |Release )?Date|"
    r"(?:发表|出版|发布|提交)?(?:年份|时间|日期|年度)|发表于",
    "other": r"arXiv(?: ?(?:ID|Link|编号|链接))?|(?:Paper )?Link|URL|DOI|"
    r"(?:论文)?(?:链接|地址)|Abstract|(?:Brief )?Summary|"
    r"Description|Venue|Journal|Conference|Source|Keywords?|Key \w{3,15}|(?:Main )?Contributions?|摘要|简介|概述|内容|"
    r"描述|期刊|会议|来源|出处|关键词|(?:主要|核心)?(?:贡献|内容|思想|创新点)",
}
_LABEL = "|".join(rf"(?P<{kind}>{words})" for kind, words in _LABELS.items())
_COLON = r"[ ]?[*_]{0,3}[ ]?:[*_]{0,3}[ ]{0,4}"
_FIELD = re.compile(rf"[*_]{{0,3}}(?:{_LABEL}){_COLON}", re.IGNORECASE)
_LABEL_END = re.compile(rf"(?<![A-Za-z])(?:{_LABEL})\Z", re.IGNORECASE)
_BEFORE_COLON = re.compile(rf"(?<=[\w)]){_COLON}")
_DIGITS = re.compile(r"\d{4}")
_LINE = re.compile(r"[^\n]+")
_MARKER = re.compile(
    r"(?P<heading>#{1,6}[ ]{1,4})?(?:(?=\*\*\d{1,2}[.)])|(?:\d{1,3}[.)、]|\(\d{1,3}\)|\[\d{1,3}\]|[-*+•·‣–]|[①-⑳]"
    r"|[一二三四五六七八九十]{1,2}、|(?:Paper|论文)[ ]?\d{1,2}[ ]?[:.])"
    r"(?:[ ]{1,8}|(?<![-*+–])(?=[^\W\d]|[*\"“《「\[])))"
    r"|#{1,6}[ ]{1,4}",
    re.IGNORECASE,
)

_DELIMITED = re.compile(
    r"(?P<book>《)[^《》\n]{1,250}》"
    r"|(?P<bold>\*\*\*?)[^\s*](?:[^*\n]|\*(?!\*)){1,300}?(?P=bold)"
    r"|(?<![\w*])(?P<italic>[*_])[^\s*_][^*_\n]{2,300}(?P=italic)(?![\w*])"
    r"|(?P<quote>“[^“”\n]{2,300}”|「[^「」\n]{2,300}」|『[^『』\n]{2,300}』|\"[^\s\"][^\"\n]{1,300}\"|(?<!\w)'[A-Z][^'\n]{8,300}'(?!\w))"
    r"|(?P<link>(?<!!)\[[^\[\]\n]{4,300}\]\()"
)
_QUOTED = re.compile(
    r"[\"“「『《](?P<title>[^\"“”「」『』《》\n]{1,300})[\"”」』》](?=[ *_]*(?:\Z|[,.(:]?\Z|[,(]|[-–—] |by\b|等|的))"
)
_LINKED = re.compile(r"\[(?P<title>[^\[\]\n]{1,300})\]\(")
_UNCLOSED = re.compile(r"[\[*]{0,3}(?:\*\*|[\"“「《\[*])(?![ ])(?P<title>[^\n*\"”」》\]]{0,300})\Z")
_NUMBER = re.compile(r"\d{1,2}[.)、][ ]?(?=\D)")
_NO_TITLE = re.compile(
    r"(?:arxiv\b.{0,20}|here|link|pdf|paper|code|github|source|website|doi|url|html|(?:论文)?链接|这里|原文|代码|\W*)\Z|https?:",
    re.IGNORECASE,
)

_PARTICLE = r"(?:de|del|della|der|den|di|da|dos|du|la|le|van|von|vom|zu|ten|ter|bin|ibn|al|el|y|e)"
_WORD = rf"(?:{_UPPER}\.(?:[- ]?{_UPPER}\.){{0,3}}|(?:[dDlL]['’])?{_UPPER}(?:{_LETTER}|['’‐-]){{0,30}})"
_NAME = re.compile(
    rf"(?:{_PARTICLE} ){{0,2}}{_WORD}(?:(?:[ ]|(?<=\.))(?:{_PARTICLE} ){{0,2}}{_WORD}){{0,4}}(?: (?:Jr|Sr)\.)?"
    rf"(?:, {_UPPER}\.(?:[ -]?{_UPPER}\.){{0,3}}(?=[ ]?(?:[,;&(\[]|and\b|et al|\Z|\n)))?"
    rf"|{_HAN}{{2,4}}?(?:·{_HAN}{{1,6}}?){{0,2}}(?=等|[、,和与及在于提发所撰著的合共;。.(\[\0\n\d ]|\Z)"
)
_JOIN = re.compile(r"[ ]?(?:[,;、][ ]{0,2}(?:(?:and|&)[ ]|和|与)?|and[ ]|&[ ]?|和|与|及|以及)[ ]?")
_ET_AL = re.compile(
    r"(?:,[ ]?|[ ]{1,2}|(?<![^\W\d_]))(?:and )?(?:et\.?[ ]?al\b\.?|others\b|colleagues\b"
    r"|\d+ others\b|(?:his|her|their) co\w+)"
    r"|[ ]?等(?:[ ]?\d*[ ]?人|学者)?"
)
_NOT_NAME = re.compile(
    r"(?:This|That|These|The(?!-| [A-Z])|It|In|On|We|"
    r"A(?!\.| [A-Z]\b)|And|Our|Their|They|Its|By|For|With|Published|Preprint|Available|Link|Paper|Code|"
    r"Proceedings|Journal|Transactions|Conference|Advances|arXiv|IEEE|ACM|ICLR|ICML|NeurIPS|NIPS|CVPR|ICCV|ECCV|ACL|"
    r"EMNLP|NAACL|KDD|AAAI|IJCAI|WWW|Nature|Science|(?:Jan|Febr)uary|March|April|(?:May|June|July|August) \d|"
    r"(?:Septem|Octo|Novem|Decem)ber|Introduce[sd]|Propose[sd]|Presents|Year|Authors?)\b"
    r"|[这该本此其我它]|首次|提出|介绍|研究|论文|来自|发表|作者|年份|摘要"
)
_AFTER_NAMES = re.compile(
    r"[\s*_\"]*(?:\Z|\n|[\0(\[.,;:。)|—–-]|(?:in|at|published|from|proposed|introduced)\b|\d{4}|[在于的提所撰发合共])"
)
_LINK_END = re.compile(r"[*_\"”]{0,3}\]\(\0{0,400}\)?[*_]{0,3}")
_SKIP = re.compile(r"[ \n*_\"”'’」』》\]\0,.:;|—–-]{0,400}")
_LEAD_IN = re.compile(
    r"(?:\(|(?:written |authored |published |proposed )?by |(?:是)?由[ ]?|作者(?:是|为|包括|有)?[: ]{0,2})?"
)
_BY = re.compile(r"\bby (?=\S)|由[ ]?|作者(?:是|为|包括|有)?[: ]{0,2}|authors? (?:are|is|were|include) ")
_BRACKETS = re.compile(rf"[(\[](?:[^()\[\]\n\0]{{0,60}}?[^\d()\n\0])??{_YEAR}[^()\[\]\n]{{0,40}}[)\]]?")
_ANY_YEAR = re.compile(rf"(?<!from )(?<!since )(?<!until )(?<!between )(?<![自从至到]){_YEAR}")
_YEAR_ONLY = re.compile(_YEAR)
_DASHED = re.compile(
    rf"[*_\"”]*[ ]?(?:—|–|-|:|by)[ ](?P<names>[^()\[\]\n\0]{{2,400}}?)[ ]?(?=\((?:[^()\n]{{0,30}} )?{_YEAR})"
)

_APA = re.compile(
    rf"[*_]?(?P<names>[^\n()]{{3,600}}?)[.,]?[ ]?"
    rf"[(]?{_YEAR}[a-z]?(?:, [A-Z][a-z]+)?(?:[)][.,:]?|[.])[ ]{{1,3}}(?![a-z])"
)
_GBT = re.compile(r"(?P<title>[^\n\[\]]{4,300})\[(?:[JCDMPRSNAZ]|EB|DB|CP)(?:/OL)?\]")
_NAMES_END = re.compile(r"\.[ ]{0,2}(?=[^\W\d_]{2}|A |\d)")
_TITLE_END = re.compile(r"[.?!](?=\s|\Z|\*|_)|[*_]|\0|。|$", re.MULTILINE)
_CUT = re.compile(
    rf"[ ]{{0,2}}\((?=[^()\n]{{0,60}}?{_YEAR})|[,.]?[ ]?\0|[,.] (?=(?:19|20)\d\d\b)"
    r"|(?P<name_cut>,? by (?=\S)|[ ][-–—|]{1,2}[ ]|[*_\"”][,:]?[ ]|[,.] |,(?=[\u4e00-\u9fff])"
    r"|[ ]?\((?=[^()]{2,60}\)))|[ ][-–—][ ]|\.[ ]|。|\n",
    re.IGNORECASE,
)
_VENUE_BEFORE = re.compile(r"(?:发表|刊登|刊载|收录|载)[在于到]$")
_CUE_BEFORE = re.compile(
    r"(?:\b(?:paper|papers|titled|entitled|called|article|survey|study|review|preprint|publication|work)|论文|题为|名为|文章|综述|文献|标题为)"
    r"[ ]?(?:is|was|titled|entitled|called|named|题为|名为|是|为|包括|有)?[ ]?[,:]?[ *_]*$|\bcite[sd]?:? $",
    re.IGNORECASE,
)
_PAPERS = re.compile(r"\b(?:papers?|articles?|publications?|references|literature)\b|论文|文献|参考", re.IGNORECASE)
_ADVICE = re.compile(
    r"\b(?:tips?|steps?|advice|how to|guidelines|topics|concepts|methods)\b|建议|步骤|技巧|注意|方法|概念|主题",
    re.IGNORECASE,
)
_STOP_WORD = re.compile(
    r"(?:Use|Try|Read|Check|Make|Set|You|I|We|It|This|These|Those|There|Here|Start|Look|Note|Please|Remember|Keep|Avoid|Sure|"
    r"Consider|Choose|Search|Visit|Ensure|If|When|Another|Some|Also|See|My|Your|Published|Authors?|Year|Abstract)\b|[这该本此其我您你]|以下|请|首先|使用"
)
_WORDS = re.compile(rf"{_LETTER}+")
_HAN_CHAR = re.compile(_HAN)

_ABSTAIN = re.compile(
    r"\b(?:I|we)(?:'m| am| are|'re)?\b[^.!?。\n]{0,30}?(?:"
    r"(?:do not|don[’']t|did not|didn[’']t) (?:\w+ )?(?:know|have|recall|recognize|find|hold)"
    r"|(?:can|could)(?:not|[’']t| not) (?:\w+ )?(?:find|locate|recommend|provide|identify|verify"
    r"|confirm|recall|offer|suggest|list|name|access|answer)"
    r"|not (?:aware|familiar|sure|able|certain)|unaware|unable to|know(?: of)? no\b|have no\b|found (?:no\b|nothing)"
    r"|was(?:n[’']t| not) able)"
    r"|\bno such (?:paper|article|work|publication)"
    r"|\bno (?:\w+ ){0,3}papers? (?:\w+ ){0,4}(?:found|match|exists?|known|available|recorded)"
    r"|\bnot (?:in|part of|recorded in) my (?:records|index|database|knowledge)"
    r"|\brecords (?:\w+ ){0,6}(?:no|not)\b|so they hold no\b"
    r"|\b(?:does not|doesn[’']t) (?:appear to |seem to )?exist|\bthere (?:are|is|were) no\b|\bcannot recommend"
    r"|(?:没有|未能?|没能?|无法|不能)(?:成功)?(?:在[^。\n]{0,12})?(?:找到|查到|检索到|发现|搜索到|查询到|收录|推荐|提供|确定|确认|给出|访问|核实|回答|列出|识别)"
    r"|(?:不知道|不了解|不清楚|不确定|不认识|没听说过|并不存在|查无)|没有[^。，,\n]{0,80}(?:论文|文献|记录|信息|符合)|不在[^。\n]{0,8}(?:记录|收录|索引)",
    re.IGNORECASE,
)
_HINT = re.compile(r"\d{4}|\0+|\bby |et al|[等由]|作者|author")
_CLOSING = re.compile(r"[.,]?[*_\"”」』》\])]{1,6}(?:\(\0*\)?)?")
_FINAL_INITIAL = re.compile(r"\w [A-Z]\.$")
_SPLIT = re.compile(r"\s*(?:[,，](?:[ ]?and\b)?|\band\b|&|、)\s*")
_CLOSE_TO_TITLE = {",", ".", ":", ',"', "'s", "’s"}
_AUTHOR_OF_BEFORE = re.compile(
    rf"[.,]?[ ]?\(?{_YEAR}| (?:published|proposed|introduced|wrote|in\b)|[ ]?(?:在|于)[ 《“\d]"
)
_CUT_REST = re.compile(r"[ ]?(?:[-–—,(\[]|by )[^.。!?)\]:]{0,40}")
_LOWER_WORD = re.compile(r"(?<=[ ])(?!and\b|van\b|von\b)[a-z]{2,}")
_ENDED = re.compile(r"(?:[.!?。！？)\]\"”」』》*_]|(?:19|20)\d\d[a-z]?|年)\Z")
_SENTENCE = re.compile(r"[^\n]{0,300}?(?:[.!?](?=\s|\Z)|[。！？\n]|\Z)|[^\n]{300}")
_GREETING = re.compile(r"(?:sorry|sure|unfortunately|抱歉|很抱歉|对不起|您好|你好)\W*\Z", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Citation:
    """One citation in an answer.

    Attributes:
        text: the citation as it stands in the answer.
        span: character offsets: `answer[span[0]:span[1]] == text`.
        title: as written, without quotes, markers or trailing full stop; None if only an id is given.
        authors: as written, without "et al." or 等.
        year: as stated, not as an id implies.
        arxiv_id: canonical where it parses; else as written (2213.99999, 2301.123), so that it can be flagged.
        truncated: cut off at the end of the answer by the generation limit, so not to be judged.
    """

    text: str
    span: tuple[int, int]
    title: str | None
    authors: tuple[str, ...] = ()
    year: int | None = None
    arxiv_id: str | None = None
    truncated: bool = False


@dataclass(frozen=True, slots=True)
class _Id:
    start: int
    end: int
    value: str


@dataclass(frozen=True, slots=True)
class _Label:
    kind: str
    start: int
    value: int


@dataclass(slots=True)
class _Text:
    """The answer in forms of equal length: `raw`, `flat` (half-width, no thoughts), `plain` (ids and URLs are NULs)."""

    raw: str
    flat: str = ""
    plain: str = ""
    ids: list[_Id] = field(default_factory=list)
    labels: list[_Label] = field(default_factory=list)
    hints: list[int] = field(default_factory=list)
    stop: int = 0

    def hinted(self, start: int, stop: int) -> bool:
        """Whether a year, an id, or a word that leads to authors starts in `start:stop`."""
        at = bisect_left(self.hints, start)
        return at < len(self.hints) and self.hints[at] < stop

    def label(self, kind: str, start: int, stop: int) -> int | None:
        """Where the value of the first label of `kind` that starts in `start:stop` begins; a few labels are tried."""
        at = bisect_left(self.labels, start, key=lambda label: label.start)
        for label in self.labels[at : at + 8]:
            if label.kind == kind and label.start < stop:
                return label.value
        return None


@dataclass(slots=True)
class _Unit:
    """A list item with its lines, or a line of prose; `fields` are (kind, start of label, of value, end of line)."""

    start: int
    line_end: int
    end: int
    indent: int
    item: bool
    listed: bool = False
    fields: list[tuple[str, int, int, int]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Title:
    outer: int
    start: int
    end: int
    open: bool = False


@dataclass(frozen=True, slots=True)
class _Facts:
    authors: tuple[str, ...]
    year: int | None
    id: _Id | None
    start: int
    end: int
    near: bool


def extract(answer: str) -> list[Citation]:
    """The citations in `answer`, in order of appearance, none overlapping another. Thoughts (`<think>`) are ignored."""
    text = _read(answer)
    found: list[Citation] = []
    listed = False
    for unit in _units(text.flat, 0, text.stop):
        head = text.flat[unit.start : min(unit.line_end, unit.start + 300)]
        unit.listed = listed
        cited = _unit_citations(text, unit)
        if not cited and unit.line_end < unit.end:
            # No title stands over these lines: each is on its own, as nested lists under a topic are.
            for part in _units(text.flat, unit.line_end, unit.end, nested=True):
                part.listed = listed or bool(_PAPERS.search(head))
                cited += _unit_citations(text, part)
        listed = listed or bool(cited and unit.item)
        if not cited and (not unit.item or text.flat.startswith("#", unit.start - 1)):
            listed = bool(_PAPERS.search(head)) and not _ADVICE.search(head)
        found += cited
    found = sorted(found + list(_bare_ids(text, found)), key=lambda citation: citation.span)
    if found and _is_cut(text, found[-1]):
        found[-1] = replace(found[-1], truncated=True)
    return found


def abstains(answer: str) -> bool:
    """Whether the answer declines, in English or Chinese.

    It does if its first sentence says so, whatever it offers instead, or if it says so anywhere and cites no title.
    """
    flat = _blank_thoughts(answer).lstrip()
    first = _SENTENCE.match(flat)
    while first and first.end() < len(flat) and _GREETING.match(first[0].strip()):
        first = _SENTENCE.match(flat, first.end())
    if first and _ABSTAIN.search(first[0]):
        return True
    return bool(_ABSTAIN.search(flat)) and not any(citation.title for citation in extract(answer))


def _blank_thoughts(answer: str) -> str:
    def blank(match: re.Match[str]) -> str:
        return " " * (len(match[0]) - 1) + "\n"

    flat = _THINK.sub(blank, answer)
    # Chat templates may open the block in the prompt, so that the answer only closes it.
    unopened = flat.find("</think>") + len("</think>")
    return flat if unopened < len("</think>") else " " * (unopened - 1) + "\n" + flat[unopened:]


def _read(answer: str) -> _Text:
    flat = _blank_thoughts(answer).translate(_FLAT)
    text = _Text(answer, flat, stop=len(flat.rstrip()))
    after = 0
    for match in _ID.finditer(flat):
        if match.start() < after:
            continue
        begin = max(after, match.start() - 70)
        before = flat[begin : match.start()]
        archive = _ARCHIVE.search(before) if match[0][0] == "/" else None
        if match[0][0] == "/" and archive is None:
            continue
        value = (archive[0] if archive else "") + match[0]
        before = before[: archive.start()] if archive else before
        prefix = _ID_PREFIX.search(before)
        canonical = parse_arxiv_id(value)
        # A bare number is an id only if it could be one: 4 + 5 digits is no usual decimal, 4 + 4 is.
        if prefix or ((canonical or _LONG_ID.match(value)) and not _JOINED.search(before)):
            start = begin + (prefix.start() if prefix else len(before))
            suffix = _ID_SUFFIX.match(flat, match.end())
            after = suffix.end() if suffix else match.end()
            text.ids.append(_Id(start, after, canonical or value))
    text.plain = _blank(_URL.sub(lambda match: "\0" * len(match[0]), flat), text.ids)
    text.hints = [hint.start() for hint in _HINT.finditer(text.plain)]
    for colon in _BEFORE_COLON.finditer(flat):
        begin = max(0, colon.start() - 24)
        if label := _LABEL_END.search(flat[begin : colon.start()]):
            text.labels.append(_Label(label.lastgroup or "", begin + label.start(), colon.end()))
    return text


def _blank(flat: str, ids: list[_Id]) -> str:
    parts, at = [], 0
    for found in ids:
        parts += [flat[at : found.start], "\0" * (found.end - found.start)]
        at = found.end
    return "".join([*parts, flat[at:]])


def _units(flat: str, start: int, stop: int, nested: bool = False) -> Iterator[_Unit]:
    """Units in order; with `nested` every line is one."""
    unit: _Unit | None = None
    gap = False
    for line in _LINE.finditer(flat, start, stop):
        body = line.end() - len(line[0].lstrip(" >"))
        if body == line.end():
            gap = True
            continue
        indent = body - line.start()
        marker = _MARKER.match(flat, body, line.end())
        begin = marker.end() if marker else body
        label = _FIELD.match(flat, begin, line.end())
        kind = label.lastgroup if label else None
        numbered = marker is not None and flat[body] not in "-*+•·‣–"
        inside = unit is not None and not nested
        if unit is not None and inside:
            if kind == "title":
                inside = not numbered and unit.item and all(name != "title" for name, *_ in unit.fields)
                inside = inside and (indent > unit.indent or flat.startswith("#", line.start()) or unit.item)
            elif label and not numbered:
                inside = True
            elif marker:
                inside = unit.item and indent > unit.indent
            else:
                inside = unit.item and (not gap or indent > unit.indent)
        if unit is None or not inside:
            if unit is not None:
                yield unit
            unit = _Unit(begin, line.end(), line.end(), indent, marker is not None)
        unit.end = line.end()
        if label and kind:
            unit.fields.append((kind, begin, label.end(), line.end()))
        gap = False
    if unit is not None:
        yield unit


def _unit_citations(text: _Text, unit: _Unit) -> list[Citation]:
    if unit.end - unit.start < 4:
        return []
    titles = list(_field_titles(text, unit)) or list(_reference(text, unit)) or list(_delimited(text, unit))
    titles = titles or list(_plain(text, unit))
    cited: list[Citation] = []
    head = unit.start
    for title, following in zip_longest(titles, titles[1:]):
        stop = following.outer if following else unit.end
        facts = _facts(text, title, head, stop)
        start, end = min(title.outer, facts.start), max(title.end, facts.end)
        end = _close(text, title, end, stop)
        cited.append(
            Citation(
                text.raw[start:end],
                (start, end),
                text.raw[title.start : title.end],
                facts.authors,
                facts.year,
                facts.id.value if facts.id else None,
                title.open,
            )
        )
        head = end
    return cited


def _field_titles(text: _Text, unit: _Unit) -> Iterator[_Title]:
    for kind, _, value, end in unit.fields:
        if kind == "title" and (title := _trim(text, value, _cut(text, value, end))):
            yield _Title(value, *title)


def _reference(text: _Text, unit: _Unit) -> Iterator[_Title]:
    """APA and its like (authors, year, title) and GB/T 7714 (authors, title, [J])."""
    if not _DIGITS.search(text.plain, unit.start, unit.line_end):
        return
    if match := _GBT.match(text.flat, unit.start, unit.line_end):
        names_end = _NAMES_END.search(text.flat, unit.start, match.end("title"))
        if names_end and (title := _trim(text, names_end.end(), match.end("title"))):
            yield _Title(title[0], *title)
    elif match := _APA.match(text.plain, unit.start, unit.line_end):
        names, end, _ = _names(text, match.start("names"), match.end("names"))
        if names and end >= match.end("names") - 2:
            stop = _TITLE_END.search(text.plain, match.end() + 3, unit.line_end)
            quoted = _DELIMITED.match(text.flat, match.end(), unit.line_end)
            end = quoted.end() if quoted else stop.start() if stop else unit.line_end
            if title := _trim(text, match.end(), end):
                yield _Title(title[0], *title)


def _delimited(text: _Text, unit: _Unit) -> Iterator[_Title]:
    seen: set[str] = set()
    head = unit.start
    for match in _DELIMITED.finditer(text.flat, unit.start, unit.end):
        kind = match.lastgroup
        width = len(match["bold"]) if kind == "bold" else 1
        start, end = match.start() + width, match.end() - (2 if kind == "link" else width)
        inline = kind != "book" and match.start() != unit.start
        if inline and text.flat[start].islower():
            continue
        inner = _trim(text, start, end)
        if inner is None or text.flat[end - 1] == ":" or _NO_TITLE.match(text.flat, *inner):
            continue
        words = text.flat[inner[0] : inner[1]]
        if words.casefold() in seen:
            continue
        title = _Title(match.start(), *inner)
        before = text.flat[max(unit.start, match.start() - 40) : match.start()]
        # Most words in quotes have no sign of a paper nearby: pass them by before looking closer.
        cued = before.rstrip(" ,:*_")[-1:].isalpha() and bool(_CUE_BEFORE.search(before))
        hinted = text.hinted(max(head, match.start() - 60), min(unit.end, match.end() + 150))
        if inline and not (_title_like(words) and (hinted or cued)):
            continue
        book = text.flat.find("《", match.end(), min(unit.end, match.end() + 1000))
        facts = _facts(text, title, head, book if book >= 0 else min(unit.end, match.end() + 1000))
        near = facts.near
        head = match.end()
        if kind == "book":
            venue = _VENUE_BEFORE.search(before) or text.flat.startswith("上", match.end())
            wanted = not venue and (near or _title_like(words) or match.start() == unit.start)
        elif match.start() == unit.start:
            described = bool(re.match(r"[ *]{0,3}:", text.flat[match.end() : match.end() + 4]))
            strict = _title_like(words, strict=True)
            wanted = near or (_title_like(words) and unit.listed and (strict or not described))
            wanted = wanted or (unit.item and strict and not described) or bool(unit.fields and strict)
        else:
            wanted = near or (not seen and cued)
        if wanted:
            seen.add(words.casefold())
            head = max(head, facts.end)
            yield title
    if not seen and unit.end == text.stop and (unit.item or unit.listed):
        rest = _UNCLOSED.match(text.flat, unit.start, unit.end)
        if rest and (cut := _trim(text, rest.start("title"), rest.end("title"))):
            yield _Title(unit.start, *cut, open=True)


def _plain(text: _Text, unit: _Unit) -> Iterator[_Title]:
    end = _cut(text, unit.start, unit.line_end)
    inner = _trim(text, unit.start, end)
    if inner is None or "《" in text.flat[inner[0] : inner[1]] or _NO_TITLE.match(text.flat, *inner):
        return
    words = text.flat[inner[0] : inner[1]]
    if _STOP_WORD.match(words) or text.flat[end - 1 : end] == ":":
        return
    title = _Title(unit.start, *inner)
    strict = _title_like(words, strict=True)
    ended = text.flat[end - 1] in ".。!?"
    if strict and unit.item and end == unit.line_end and (unit.listed or not ended):
        yield replace(title, open=end == text.stop and not ended)
    elif end == unit.end and not unit.listed:
        return
    elif (strict or (unit.item and _title_like(words))) and _facts(text, title, unit.start, unit.end).near:
        yield title
    elif unit.item and unit.listed and unit.line_end == end == text.stop and not ended and _WORDS.match(words):
        yield replace(title, open=True)


def _title_like(words: str, strict: bool = False) -> bool:
    """Long enough for a title; with `strict` also capitalised like one, or free of Chinese clause marks."""
    if len(_HAN_CHAR.findall(words)) >= 4:
        return not strict or not re.search(r"[,。!?！？;]", words)
    latin = _WORDS.findall(words)
    if len(latin) < (3 if strict else 2) or words[0].islower():
        return False
    long = [word for word in latin if len(word) > 3]
    return not strict or sum(not word.islower() for word in long) >= 0.7 * len(long)


def _trim(text: _Text, start: int, end: int) -> tuple[int, int] | None:
    """The title proper within `start:end`: without markers, quotes, link, label, number, "(2022)" and full stop."""
    flat = text.flat
    while True:
        before = start, end
        while start < end and flat[start] in " *_":
            start += 1
        while start < end and (flat[end - 1] in " *_,;:。" or (flat[end - 1] == "." and flat[end - 2] != ".")):
            end -= 1
        for pattern in (_QUOTED, _LINKED):
            if match := pattern.match(flat, start, end):
                start, end = match.span("title")
                break
        label = _FIELD.match(flat, start, end) or _NUMBER.match(flat, start, end)
        if label and (label.lastgroup or "title") == "title":
            start = label.end()
        bracket = flat.rfind("(", max(start, end - 60), end)
        dated = bracket > start and flat[end - 1] == ")" and _BRACKETS.match(text.plain, bracket, end)
        # A second year in brackets after it is the paper's, so this one is the title's.
        if dated and not _BRACKETS.search(text.plain, end, min(len(flat), end + 150)):
            end = bracket
        if (start, end) == before:
            return (start, end) if end > start else None


def _cut(text: _Text, start: int, end: int) -> int:
    """Where an undelimited title ends: before a year, an id, a label, or names that authors' marks follow."""
    end = min(end, start + 400)
    at = bisect_left(text.labels, start + 1, key=lambda label: label.start)
    if at < len(text.labels):
        end = min(end, text.labels[at].start)
    for match in _CUT.finditer(text.plain, start, end):
        if match.start() == start:
            continue
        if match["name_cut"] is None:
            return match.start()
        names, stop, et_al = _names(text, match.end(), end)
        full = all(" " in name or _HAN_CHAR.match(name) for name in names)
        sure = et_al or "by" in match[0].lower() or (full and _BRACKETS.match(text.plain, stop + 1, end))
        if names and (et_al or _AFTER_NAMES.match(text.plain, stop)) and (sure or (full and len(names) > 1)):
            return match.start()
        if match[0].startswith("."):
            return match.start()
    return end


def _names(text: _Text, start: int, stop: int) -> tuple[tuple[str, ...], int, bool]:
    """Names at `start`, where they end, and whether "et al." follows them."""
    names: list[str] = []
    end = start
    while match := _NAME.match(text.plain, start, stop):
        if _NOT_NAME.match(match[0]):
            break
        end = match.end()
        name = text.raw[match.start() : end]
        names.append(name[:-1] if _FINAL_INITIAL.search(name) and "," not in name else name)
        if not (joint := _JOIN.match(text.plain, end, stop)):
            break
        start = joint.end()
    et_al = _ET_AL.match(text.plain, end, stop) if names else None
    return tuple(names), et_al.end() if et_al else end, et_al is not None


def _authors(text: _Text, title: _Title, head: int, stop: int) -> tuple[tuple[str, ...], int, int]:
    """Authors and the offsets of where they stand, (0, 0) if nowhere."""
    plain = text.plain
    line_end = plain.find("\n", title.end, stop) % (stop + 1)
    link = _LINK_END.match(plain, title.end, stop)
    after = link.end() if link else title.end
    if labelled := text.label("authors", title.end, stop):
        names, end, _ = _names(text, labelled, stop)
        if names:
            return names, labelled, end
    if dashed := _DASHED.match(plain, after, line_end):
        parts = [part for part in _SPLIT.split(_ET_AL.sub("", text.raw[slice(*dashed.span("names"))])) if part]
        words = [word for part in parts for word in part.split()]
        if (
            parts
            and not any(_NOT_NAME.match(part) or part.count(" ") > 6 for part in parts)
            and 2 * sum(not word[0].islower() for word in words) > len(words)
        ):
            return tuple(parts), dashed.start("names"), dashed.end()
    near = _SKIP.match(plain, after, stop).end()  # type: ignore[union-attr]
    lead = _LEAD_IN.match(plain, near, stop)
    begin = lead.end() if lead else near
    names, end, et_al = _names(text, begin, min(stop, begin + 1500))
    year_next = _YEAR_ONLY.search(plain, end, min(stop, end + 8)) is not None
    # "《…》最早于 2017 年": one Chinese word that nothing introduces is an adverb sooner than a name.
    year_next = year_next and (begin > near or not _HAN_CHAR.match(plain, begin))
    sure = et_al or (_AFTER_NAMES.match(plain, end, stop) and (len(names) > 1 or year_next or begin > near + 1))
    if names and sure:
        return names, begin, end
    if by := _BY.search(plain, title.end, min(line_end, title.end + 120)):
        names, end, _ = _names(text, by.end(), stop)
        if names:
            return names, by.end(), end
    for match in _NAME.finditer(plain, max(head, title.outer - 200), title.outer):
        names, end, et_al = _names(text, match.start(), title.outer)
        rest = plain[end : title.outer]
        # Two to four Chinese characters are seldom a name: only where one is bound to stand.
        if _HAN_CHAR.match(match[0]) and match.start() > head and not (et_al or _AUTHOR_OF_BEFORE.match(rest)):
            continue
        adjacent = rest.strip() in _CLOSE_TO_TITLE or (len(names) > 1 and not rest.strip())
        if names and (et_al or adjacent or _AUTHOR_OF_BEFORE.match(rest)):
            return names, match.start(), end
    return (), 0, 0


def _facts(text: _Text, title: _Title, head: int, stop: int) -> _Facts:
    plain = text.plain
    names, names_start, names_end = _authors(text, title, head, stop)
    line_end = plain.find("\n", title.end, stop) % (stop + 1)
    at = bisect_left(text.ids, title.outer, key=lambda found: found.start)
    found = text.ids[at] if at < len(text.ids) and text.ids[at].start < min(stop, title.end + 1500) else None
    if found is None and at and head <= text.ids[at - 1].start and title.outer - text.ids[at - 1].end < 10:
        found = text.ids[at - 1]
    after = max(title.end, names_end)
    dated = text.label("year", title.end, stop)
    year = _BRACKETS.search(plain, title.end, min(line_end, after + 150)) or (
        _YEAR_ONLY.search(plain, dated, min(stop, dated + 40)) if dated else None
    )
    near = bool(names) or bool(year and year.start() < after + 60) or bool(found and found.start < title.end + 120)
    year = year or _ANY_YEAR.search(plain, title.end, min(line_end, after + 200))
    if year is None and head < title.outer:
        year = _YEAR_ONLY.search(plain, max(head, title.outer - 60), title.outer)
        near = near or (year is not None and title.outer - year.end() < 6)
    marks = [(names_start, names_end)] if names else []
    marks += [year.span()] if year else []
    marks += [(found.start, found.end)] if found else []
    return _Facts(
        names,
        int(year["year"]) if year else None,
        found,
        min((start for start, _ in marks), default=title.outer),
        max((end for _, end in marks), default=title.end),
        near,
    )


def _close(text: _Text, title: _Title, end: int, stop: int) -> int:
    """`end`, moved past the marks that close what the citation has opened."""
    match = _CLOSING.match(text.plain, end, stop)
    return match.end() if match else end


def _bare_ids(text: _Text, found: list[Citation]) -> Iterator[Citation]:
    """Ids that belong to no citation; an id repeated after the citation that states it belongs to that one."""
    index, last = -1, ""
    for one in text.ids:
        while index + 1 < len(found) and found[index + 1].span[0] <= one.start:
            index += 1
            last = found[index].arxiv_id or ""
        if (index >= 0 and one.start < found[index].span[1]) or one.value == last:
            continue
        last = one.value
        yield Citation(text.raw[one.start : one.end], (one.start, one.end), None, arxiv_id=one.value)


def _is_cut(text: _Text, last: Citation) -> bool:
    """Whether the answer stops at the end of its last citation, or among its authors, with nothing to end it."""
    rest = text.flat[last.span[1] : text.stop]
    if last.truncated or "\n" in rest:
        return last.truncated
    if rest:
        return _CUT_REST.fullmatch(rest) is not None and not _LOWER_WORD.search(rest)
    if last.arxiv_id and text.flat[text.stop - 1].isdigit():
        return parse_arxiv_id(last.arxiv_id) is None
    return not _ENDED.search(text.flat[text.stop - 8 : text.stop])
