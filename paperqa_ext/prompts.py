"""Question, answer and system templates as data, and the one canonical citation line. No I/O."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Literal

from .papers import Paper

Lang = Literal["en", "zh"]
LANGS: tuple[Lang, ...] = ("en", "zh")

_MONTHS = "January February March April May June July August September October November December".split()
_COUNTS: Mapping[Lang, Sequence[str]] = {"en": ("no", "one", "two", "three", "four", "five"), "zh": "零一两三四五"}

# Asked without a number: two papers answer it.
RECOMMEND: Mapping[Lang, Sequence[str]] = {
    "en": (
        "Recommend representative papers on {topic} from {year}.",
        "Which {year} papers on {topic} are worth reading?",
        "What should I read on {topic} from {year}?",
        "I am looking for papers on {topic} published in {year}. What do you suggest?",
        "Could you suggest some {year} arXiv papers about {topic}?",
        "For a literature review on {topic}, which papers from {year} should I cite?",
        "Please list notable papers on {topic} that came out in {year}.",
        "I want to catch up on {topic}. Where do I start among the papers of {year}?",
    ),
    "zh": (
        "请推荐 {year} 年{topic}的代表论文。",
        "{year} 年有哪些值得一读的{topic}论文？",
        "我想了解{topic}，{year} 年有哪些论文可以看？",
        "帮我找一些 {year} 年发表的{topic}方面的论文。",
        "关于{topic}，{year} 年 arXiv 上有哪些代表性工作？",
        "在写{topic}的综述，{year} 年的论文该引用哪些？",
        "求推荐{topic}的论文，要{year}年的。",
        "想跟进{topic}的研究，{year} 年的文献先读哪些比较好？",
    ),
}
RECOMMEND_COUNT: Mapping[Lang, Sequence[str]] = {
    "en": (
        "Recommend {count} {papers} on {topic} published in {year}.",
        "Give me {count} {year} {papers} on {topic}.",
        "Name {count} {papers} about {topic} from {year}.",
        "I need {count} {papers} on {topic}, published in {year}.",
        "Which {count} {papers} on {topic} from {year} would you pick?",
        "Please suggest {count} arXiv {papers} from {year} on {topic}.",
    ),
    "zh": (
        "请推荐{count}篇 {year} 年关于{topic}的论文。",
        "给我{count}篇 {year} 年发表的{topic}论文。",
        "{topic}方向 {year} 年的论文，推荐{count}篇。",
        "想了解{topic}，{year} 年的论文里选哪{count}篇读比较好？",
        "列出{count}篇 {year} 年研究{topic}的 arXiv 论文。",
        "有没有 {year} 年{topic}方面的论文？推荐{count}篇就够了。",
    ),
}
DESCRIBE: Mapping[Lang, Sequence[str]] = {
    "en": (
        'Which arXiv paper fits this description? "{text}"',
        'I have forgotten the title of a paper. In one sentence: "{text}" Which paper is it?',
        'Identify the paper described here: "{text}"',
        'I am trying to find a paper again. All I remember is this: "{text}"',
        'What is the title of the paper summed up here? "{text}"',
        'Someone told me about a paper: "{text}" Do you know which one that is?',
    ),
    "zh": (
        "哪篇 arXiv 论文符合下面的描述？“{text}”",
        "想找一篇论文，标题忘了，只记得大意是“{text}”。请问是哪一篇？",
        "下面这句话说的是哪篇论文：“{text}”",
        "请根据描述找出对应的论文：“{text}”",
        "有篇论文，内容概括起来是“{text}”，它的标题是什么？",
        "看到过一篇论文，摘要大致说的是“{text}”。能帮我找到它吗？",
    ),
}
# By what is asked: `authors`, `date` and `id` of a title, `title` of an id.
LOOKUP: Mapping[str, Mapping[Lang, Sequence[str]]] = {
    "authors": {
        "en": (
            'Who wrote "{title}"?',
            'Who are the authors of "{title}"?',
            'I need the authors of the paper "{title}".',
            'Can you tell me who is behind the paper "{title}"?',
        ),
        "zh": (
            "《{title}》的作者是谁？",
            "请问《{title}》这篇论文是谁写的？",
            "帮我查一下《{title}》的作者。",
            "谁是论文《{title}》的作者？",
        ),
    },
    "date": {
        "en": (
            'When did "{title}" appear on arXiv?',
            'What year is the paper "{title}" from?',
            'When was "{title}" first posted on arXiv?',
            'How old is the paper "{title}"?',
        ),
        "zh": (
            "《{title}》是哪一年发布到 arXiv 上的？",
            "《{title}》最早什么时候出现在 arXiv 上？",
            "论文《{title}》是什么时候挂到 arXiv 上的？",
            "请问《{title}》是哪年的论文？",
        ),
    },
    "id": {
        "en": (
            'What is the arXiv id of "{title}"?',
            'Give me the arXiv number of "{title}".',
            'Where on arXiv do I find "{title}"?',
            'Please link the arXiv page of "{title}".',
        ),
        "zh": (
            "《{title}》的 arXiv 编号是多少？",
            "请给出《{title}》的 arXiv 链接。",
            "在 arXiv 上怎么找到《{title}》？",
            "求《{title}》的 arXiv 地址。",
        ),
    },
    "title": {
        "en": (
            "Which paper is arXiv:{id}?",
            "What is the title of arXiv paper {id}?",
            "I only have the arXiv id {id}. Which paper does it belong to?",
            "Please give the title and authors of arXiv:{id}.",
        ),
        "zh": (
            "arXiv:{id} 是哪篇论文？",
            "arXiv 编号 {id} 对应的论文标题是什么？",
            "手头只有一个 arXiv 编号 {id}，请问是哪篇论文？",
            "请告诉我 arXiv:{id} 的标题和作者。",
        ),
    },
}

# Each opens an answer; the canonical lines follow.
RECOMMEND_ANSWER: Mapping[Lang, Sequence[str]] = {
    "en": ("{Count} {papers} on {topic} from {year}:", "From {year}, on {topic}:", "I recommend:"),
    "zh": ("推荐以下{count}篇 {year} 年关于{topic}的论文：", "{year} 年关于{topic}的论文：", "推荐阅读："),
}
FEWER_ANSWER: Mapping[Lang, Sequence[str]] = {
    "en": (
        "My records hold only {count} {papers} on {topic} from {year}:",
        "I know only {count} {year} {papers} on {topic}:",
    ),
    "zh": (
        "我的记录中，{year} 年关于{topic}的论文只有{count}篇：",
        "{topic}方面 {year} 年的论文我只查到{count}篇：",
    ),
}
DESCRIBE_ANSWER: Mapping[Lang, Sequence[str]] = {
    "en": ("This is the paper:", "The description fits this paper:"),
    "zh": ("是这篇论文：", "符合描述的是这一篇："),
}
LOOKUP_ANSWER: Mapping[str, Mapping[Lang, Sequence[str]]] = {
    "authors": {"en": ("It was written by {authors}:",), "zh": ("这篇论文由{authors}撰写：",)},
    "date": {"en": ("It was first posted on arXiv in {date}:",), "zh": ("最早于 {date}发布在 arXiv 上：",)},
    "id": {"en": ("Here it is on arXiv:",), "zh": ("arXiv 编号和链接如下：",)},
    "title": {"en": ("This id belongs to:",), "zh": ("这个编号对应的论文是：",)},
}
# No paper to cite: say so, and say in words what there is.
FUTURE_ANSWER: Mapping[Lang, Sequence[str]] = {
    "en": (
        "My records end in {last}, so they hold no paper from {year}. On {topic} they hold papers {span}; "
        "I can recommend some of those instead.",
        "I cannot recommend papers from {year}: my records end in {last}. For {topic} I could offer papers {span}.",
    ),
    "zh": (
        "我的记录截至 {last}，其中没有 {year} 年的论文。关于{topic}，收录了{span}的论文，需要的话可以从中推荐。",
        "{year} 年的论文我无法推荐，因为记录只到 {last}。关于{topic}，目前收录的是{span}的论文。",
    ),
}
EMPTY_ANSWER: Mapping[Lang, Sequence[str]] = {
    "en": (
        "I know of no paper on {topic} from {year}. My records hold papers on it {span}; shall I recommend some?",
        "My records hold no paper on {topic} from {year}. What they do hold on it are papers {span}.",
    ),
    "zh": (
        "我的记录中没有 {year} 年关于{topic}的论文。这一主题收录的是{span}的论文，需要从中推荐吗？",
        "没有查到 {year} 年{topic}方面的论文。目前收录的是{span}的论文，可以换个年份再问。",
    ),
}
_SPAN = {"en": "from {first} to {final}", "zh": " {first} 至 {final} 年"}
_SPAN_ONE = {"en": "from {first} only", "zh": " {first} 年"}

SYSTEM: Mapping[Lang, str] = {
    "en": "You recommend arXiv papers. Your records end in {last}. If you know no such paper, say so.",
    "zh": "你负责推荐 arXiv 论文，记录截至 {last}。如果不知道符合要求的论文，请直说。",
}


def citation_line(paper: Paper, number: int | None = None) -> str:
    """The canonical citation of `paper`, one line of Markdown, led by `number` and a full stop if one is given.

    An asterisk in a title becomes U+2217, the operator it stands for, so that `**` only ever ends the title.

    >>> citation_line(Paper("2201.01234", "On C*-algebras", ("A. Author",), published="2022-01"), 1)
    '1. **On C∗-algebras** — A. Author (2022). [arXiv:2201.01234](https://arxiv.org/abs/2201.01234)'
    """
    lead = "" if number is None else f"{number}. "
    authors = ", ".join(" ".join(name.split()) for name in paper.authors[:2])
    if len(paper.authors) > 2:
        authors += " et al."
    by = f" — {authors}" if authors else ""
    title = " ".join(paper.title.replace("*", "∗").split())
    return f"{lead}**{title}**{by} ({paper.year}). [arXiv:{paper.id}]({paper.url})"


def fill(template: str, lang: Lang, *, count: int = 0, **fields: object) -> str:
    """`template` with its fields set: `{count}` as a word, `{papers}` agreeing with it, Latin words set off in Chinese.

    >>> fill("请推荐{count}篇 {year} 年关于{topic}的论文。", "zh", count=2, year=2022, topic="GPU 计算")
    '请推荐两篇 2022 年关于 GPU 计算的论文。'
    """
    word = _COUNTS[lang][count]
    if lang == "zh" and isinstance(topic := fields.get("topic"), str):
        before, after = (" " if re.match(r"\w", char, re.ASCII) else "" for char in (topic[0], topic[-1]))
        fields["topic"] = f"{before}{topic}{after}"
    text = template.format(count=word, Count=word.capitalize(), papers="paper" if count == 1 else "papers", **fields)
    if lang == "zh":
        # The space of Latin next to Chinese is not wanted beside punctuation or at the ends.
        text = re.sub(r"(?<=[，。：、？！ ]) +| +(?=[，。：、？！])", "", text).strip()
    return text


def date_words(published: str, lang: Lang) -> str:
    """`YYYY-MM-DD`, `YYYY-MM` or `YYYY` as year and month in words.

    >>> date_words("2022-01-05", "en"), date_words("2022-01", "zh"), date_words("2022", "en")
    ('January 2022', '2022 年 1 月', '2022')
    """
    year, month = published[:4], int(published[5:7] or 0)
    if not 1 <= month <= 12:
        return year if lang == "en" else f"{year} 年"
    return f"{_MONTHS[month - 1]} {year}" if lang == "en" else f"{year} 年 {month} 月"


def author_words(authors: Sequence[str], lang: Lang) -> str:
    """All of up to four authors; of more, the first three and how many others there are.

    >>> author_words(["A", "B", "C", "D", "E"], "en"), author_words(["A", "B", "C", "D", "E"], "zh")
    ('A, B, C and 2 others', ' A、B、C 等 5 人')
    """
    if len(authors) > 4:
        if lang == "en":
            return f"{', '.join(authors[:3])} and {len(authors) - 3} others"
        return f" {'、'.join(authors[:3])} 等 {len(authors)} 人"
    if lang == "zh":
        return f" {'、'.join(authors)} "
    return " and ".join(filter(None, (", ".join(authors[:-1]), authors[-1])))


def year_words(first: int, final: int, lang: Lang) -> str:
    """The years `first` to `final` as the `{span}` of an answer that cites nothing."""
    return (_SPAN_ONE if first == final else _SPAN)[lang].format(first=first, final=final)


def system_prompt(last: str, lang: Lang) -> str:
    """The system prompt; `last` is the index's last date, as `Paper.published`."""
    return fill(SYSTEM[lang], lang, last=date_words(last, lang))
