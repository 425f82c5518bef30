"""Categories and authors that a question names, in English and Chinese. Each is taken out of the text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache

from ..categories import load_categories
from ..index.topic_query import ASKING, CJK, read_query
from ..titles import STOPWORDS

_PARTICLES = frozenset("de del della der den di da dos du la le los van von bin ibn al el ter ten zu af av y".split())
_NO_NAMES = frozenset(
    "arxiv i january february march april may june july august september october november december monday tuesday "
    "wednesday thursday friday saturday sunday google scholar the a an what which who how please ai".split()
)
_TOKEN = re.compile(rf"\s*([^\s,;:?!()\"“”《》,。、/{CJK}]+)")
_AND = re.compile(r"\s*(?:,\s*(?:and\b)?|\band\b|&|和|与|及|、)\s*")
_WORK = r"(?:papers?|articles?|works?|research|publications?|writings|something|anything|everything)"
_WORK_ZH = r"(?:论文|文章|文献|工作|研究|报告|著作|成果|代表作)"
# What stands before a name, and what must follow it.
_CUES = [
    (re.compile(before, re.IGNORECASE), re.compile(after, re.IGNORECASE))
    for before, after in (
        (r"\b(?:by|(?:the )?authors?(?:\s+(?:is|was|are|named|called))?:?|prof(?:essor|\.)?|dr\.?)\s+", ""),
        (rf"\b{_WORK} of\s+", ""),
        (r"\b(?:has|have|had|did|does)\s+", r"\s+(?:ever\s+)?(?:written|write|publish(?:ed)?|posted|done|worked|co)\b"),
        (r"\bwith\s+", r"\s+(?:among|as|作者)\b"),
        (r"\b(?:that|which)\s+", r"\s+(?:wrote|has|co|published|authored)\b"),
        (r"^\s*", r"\s*:"),
        (r"(?:^|\s)(?=\S+\s+\S*['’]s?\s)|(?:^|\s)(?=\S+['’]s?\s)", rf"['’]?s?\s+(?:\w+\s+)?{_WORK}\b"),
        (r"作者(?:是|为|叫|包括|中有|里有|有|:)?\s*", ""),
        (
            r"(?:^|[^A-Za-z.\-'’\s讲于])\s*",  # 讲 Mamba 的论文 is about no person
            rf"\s*(?:教授|老师|博士|院士|等人|合作|合著|合写|写|发表|撰写|参与|在\s*arXiv|(?:是|为|作为)?(?:第一)?作者|(?:这位)?作者"
            rf"|的[^,。?!;的]{{0,6}}{_WORK_ZH}|有[^,。?!;]{{0,4}}{_WORK_ZH}|的\s*(?:[,。?!;]|$))",
        ),
    )
]  # fmt: skip
_LOWER = re.compile(r"\bby\s+([a-z][\w'’-]+(?:\s+[a-z][\w.'’-]*){0,2})\s*[?.!]*\s*$")
_NOT_LOWER = frozenset("year date relevance citation citations using means the a an topic me him her them".split())
_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏"
    "韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
)
_CHINESE = re.compile(
    rf"作者(?:是|为|叫)\s*([{CJK}]{{2,4}}?)(?=[的,。?!;\s]|$)"
    rf"|([{_SURNAMES}][{CJK}]{{1,2}})(?=(?:教授|老师|院士|博士)|(?:写|撰写|发表)(?:的|过|了)|(?:作为|为|是)第一作者)"
)


def take_categories(text: str) -> tuple[tuple[str, ...], str]:
    """The arXiv categories that `text` names, by code or, where it says that it is one, by name; the text without.

    >>> take_categories("Recommend papers in Machine Learning (cs.LG) from 2020.")
    (('cs.LG',), 'Recommend papers in   from 2020.')
    """
    codes, patterns = _categories()
    for pattern in patterns:
        if found := [_said(match) for match in pattern.finditer(text)]:
            named = dict.fromkeys(code for name in found for code in codes[_plain(name)])
            return tuple(named), pattern.sub("  ", text)
    return (), text


@lru_cache(maxsize=1)
def _categories() -> tuple[dict[str, list[str]], list[re.Pattern[str]]]:
    """The codes of each code, archive and name, and how they are written: the surest way first."""
    categories = load_categories()
    names = [(unicodedata.normalize("NFKC", c.en), unicodedata.normalize("NFKC", c.zh)) for c in categories.values()]
    archives = sorted({code.partition(".")[0] for code in categories})
    codes: dict[str, list[str]] = {_plain(name): [name] for name in (*archives, *categories)}
    for code, pair in zip(categories, names, strict=True):
        for name in pair:
            codes.setdefault(_plain(name), []).append(code)
    code, archive, both = _either(categories), _either(archives), _either(name for pair in names for name in pair)
    plain = _either(code for code in categories if not code.isalpha())  # "physics" is a word as well
    english, chinese = (_either(pair[place] for pair in names) for place in (0, 1))
    after = r"(?:\s*(?:这个)?(?:分类|类别|类)(?:[下中里])?)?"
    patterns = (
        rf"(?:(?:{both})\s*)?\(\s*({code})\s*\){after}|(?<![\w.\-])({plain})(?![\w\-]|\.\w){after}",
        rf"\b(?:category|subject(?: class| area)?)(?:\s+of)?\s+[\"“]?({english})\b[\"”]?|\b({english})\s+category\b"
        rf"|({chinese})\s*(?:这个)?(?:分类|类别)(?:[下中里])?",
        rf"\b(?:in|category|archive)\s+({archive})(?=\s*(?:[?.,!]|$|(?:from|since|published|before|after|in)\b))"
        rf"|(?<![\w.\-])({archive})\s*(?:这个)?(?:分类|类别|类)(?:[下中里])?",
    )
    return codes, [re.compile(pattern, re.IGNORECASE) for pattern in patterns]


def take_authors(text: str) -> tuple[tuple[str, ...], str]:
    """The authors that `text` names, and the text without them; call it after `take_categories`.

    A name is told by what stands around it and by its capitals. What the glossary knows as a topic is none.

    >>> take_authors("Which papers by Thomas N. Kipf and M. Welling do you know?")
    (('Thomas N. Kipf', 'M. Welling'), 'Which papers    do you know?')
    """
    for before, after in _CUES:
        for match in before.finditer(text):
            names, end = _names_at(text, match.end())
            follows = after.match(text, end)
            if names and follows:
                start = match.start() if before.pattern.startswith(r"\b(?:by") else match.end()
                return names, f"{text[:start]}  {text[end:]}"
    if chinese := _CHINESE.search(text):
        return (_said(chinese),), text.replace(_said(chinese), "  ")
    if (lower := _LOWER.search(text)) and lower[1].split()[0] not in _NOT_LOWER and not _is_topic(lower[1]):
        return (lower[1],), text[: lower.start()]
    return (), text


def _names_at(text: str, start: int) -> tuple[tuple[str, ...], int]:
    """Names that stand in `text` from `start` on, and where they end."""
    names: list[str] = []
    end = place = start
    while True:
        name, stop = _name_at(text, place)
        if not name:
            return tuple(names), end
        names.append(name)
        end = stop
        joined = _AND.match(text, stop)
        if joined is None:
            return tuple(names), end
        place = joined.end()


def _name_at(text: str, start: int) -> tuple[str, int]:
    """The name that begins at `start`, without a full stop or 's behind it, and where it ends; "" if there is none."""
    tokens: list[str] = []
    end = start
    for token, place in _tokens(text, start):
        word = re.sub(r"['’]s?$", "", token)
        if len(word) > 2 and word[-1] == "." and word not in ("Jr.", "Sr.") and word.count(".") == 1:
            word = word[:-1]
        last = len(tokens) == 1 and _ends_clause(text, place + len(word))  # "Shuo huang"
        fits = word[:1].isupper() or word in _PARTICLES or last
        if not fits or word.lower() in _NO_NAMES | ASKING | STOPWORDS or any(map(str.isdigit, word)):
            break
        tokens.append(word)
        end = place + len(word)
        if word != token:
            break
    while tokens and tokens[-1] in _PARTICLES:
        end = text.rindex(tokens.pop(), start, end)
        end = len(text[:end].rstrip())
    name = " ".join(tokens)
    shouted = len(tokens) == 1 and (name.isupper() or not re.sub("['’-]", "", name).isalpha())
    return ("", start) if not tokens or shouted or _is_topic(name) else (name, end)


def _ends_clause(text: str, place: int) -> bool:
    return not text[place:].strip() or text[place] in ",?!.;:"


def _tokens(text: str, start: int) -> Iterator[tuple[str, int]]:
    while match := _TOKEN.match(text, start):
        yield match[1], match.start(1)
        start = match.end()


def _is_topic(name: str) -> bool:
    return any(concept.topic or len(concept.phrases[0]) > 1 for concept in read_query(name).concepts)


def _said(match: re.Match[str]) -> str:
    return next(filter(None, match.groups()))


def _plain(name: str) -> str:
    return "".join(name.split()).lower()


def _either(names: Iterable[str]) -> str:
    return "|".join(map(re.escape, sorted(set(names), key=lambda name: (-len(name), name))))
