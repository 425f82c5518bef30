"""What a reader is told, in English and Chinese: names and meanings, and how numbers are written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from ..metrics import UNBOUNDED, Rate


class Words(NamedTuple):
    """The same in both languages."""

    en: str
    zh: str


class Term(NamedTuple):
    """A name, what it means, and the mark that stands for it beside colour."""

    name: Words
    meaning: Words
    mark: str = ""


VERDICTS: Mapping[str, Term] = {
    "verified": Term(
        Words("verified", "属实"),
        Words("Matches a real record, and nothing stated contradicts it.", "与真实记录一致，所述信息没有矛盾。"),
        "✓",
    ),
    "metadata_error": Term(
        Words("metadata error", "信息有误"),
        Words(
            "The paper exists, but a stated year, author or arXiv id contradicts it.",
            "论文存在，但所述年份、作者或 arXiv 编号与记录不符。",
        ),
        "≠",
    ),
    "altered_title": Term(
        Words("altered title", "标题被改"),
        Words(
            "No paper has this title; the nearest real one differs in content words.",
            "没有这个标题的论文；最接近的真实标题在实词上不同。",
        ),
        "≈",
    ),
    "fabricated": Term(
        Words("fabricated", "编造"),
        Words(
            "Nothing in the index resembles it, though the index covers what it claims to be.",
            "索引中没有与之相似的论文，而它所称的范围在索引之内。",
        ),
        "✗",
    ),
    "unverifiable": Term(
        Words("unverifiable", "无法核实"),
        Words("Outside what the index covers, or too little to decide on.", "超出索引范围，或信息太少，无法判断。"),
        "?",
    ),
}
RATE_TEXT: Mapping[str, Term] = {
    "fabrication_rate": Term(
        Words("fabrication rate", "编造率"),
        Words(
            "Of the citations that could be decided, the share that matches no real paper: invented or retitled.",
            "在可判断的引用中，不对应任何真实论文的比例：凭空编造，或标题被改。",
        ),
    ),
    "fabrication_rate_macro": Term(
        Words("fabrication rate, macro", "编造率（宏平均）"),
        Words(
            "The same as a mean over answers, so that long lists weigh no more than short ones.",
            "先按每个回答计算再平均，长列表不会比短列表更重。",
        ),
    ),
    "any_fake_rate": Term(
        Words("any-fake rate", "含编造的回答率"),
        Words(
            "The share of answers in which a reader meets at least one such citation.",
            "至少含一条编造引用的回答所占比例。",
        ),
    ),
    "metadata_error_rate": Term(
        Words("metadata error rate", "信息错误率"),
        Words(
            "Of the citations of real papers, the share with a wrong year, author or arXiv id.",
            "在引用真实论文的引用中，年份、作者或 arXiv 编号有误的比例。",
        ),
    ),
    "verified_yield": Term(
        Words("verified yield", "属实产出"),
        Words(
            "Correct citations per question asked, so that refusing to answer cannot win.",
            "平均每个问题得到的正确引用数，因此拒答不会占便宜。",
        ),
    ),
    "citations_per_answer": Term(
        Words("citations per answer", "每个回答的引用数"),
        Words("Citations per question asked, whatever their verdict.", "平均每个问题的引用数，不论判定结果。"),
    ),
    "answer_rate": Term(
        Words("answer rate", "回答率"),
        Words(
            "The share of questions answered with a citation instead of declined.",
            "给出引用而非拒答的问题所占比例。",
        ),
    ),
    "on_constraint_precision": Term(
        Words("on-constraint precision", "合要求精确率"),
        Words(
            "Of the citations that could be decided, the share that is real and of the year, topic, category or author "
            "asked for.",
            "在可判断的引用中，既真实又符合所问年份、主题、类别或作者的比例。",
        ),
    ),
    "correct_abstention_rate": Term(
        Words("correct abstention rate", "正确拒答率"),
        Words(
            "Of the questions that no paper answers, the share that is declined.",
            "在没有论文可答的问题中，模型拒答的比例。",
        ),
    ),
    "over_refusal_rate": Term(
        Words("over-refusal rate", "过度拒答率"),
        Words(
            "Of the questions that papers do answer, the share that is declined.",
            "在有论文可答的问题中，模型拒答的比例。",
        ),
    ),
    "gold_recall": Term(
        Words("gold recall", "参考论文召回率"),
        Words(
            "Of the papers in the reference answers, the share that is cited.",
            "参考答案中的论文被引用到的比例。",
        ),
    ),
}
# What cannot be known without the dataset row behind a question.
ASKED_RATES = frozenset({"on_constraint_precision", "gold_recall", "correct_abstention_rate", "over_refusal_rate"})
FIELDS: Mapping[str, Words] = {
    "year": Words("year", "年份"),
    "authors": Words("authors", "作者"),
    "arxiv_id": Words("arXiv id", "arXiv 编号"),
}
QUALITY: Mapping[str, str] = {"bleu-4": "BLEU-4", "rouge-1": "ROUGE-1", "rouge-2": "ROUGE-2", "rouge-l": "ROUGE-L"}

# Of an answer as shown; `{n}` is a number.
ITEM: Mapping[str, Words] = {
    "declined": Words("declined", "拒答"),
    "no_citations": Words("no citations", "没有引用"),
    "nearest": Words("nearest: ", "最接近："),
    "empty": Words("The answer is empty.", "回答是空的。"),
    "cut": Words(
        "Shown up to here; {n} more characters are in the predictions file.",
        "只显示到这里；其余 {n} 个字符见预测文件。",
    ),
    "more": Words("{n} more citations are in the details file.", "其余 {n} 条引用见 details 文件。"),
    "absent": Words("This run did not answer the question.", "这次运行没有回答该问题。"),
}
# Of the list of answers, while it is used.
LIST: Mapping[str, Words] = {
    "status": Words("{shown} shown of {hits} found, {all} in all", "显示 {shown} 条，找到 {hits} 条，共 {all} 条"),
    "reading": Words("Reading the answers: {n}%", "正在读取回答：{n}%"),
}
DIMENSIONS: Mapping[str, Words] = {
    "lang": Words("language", "语言"),
    "kind": Words("kind of question", "问题类型"),
    "cell": Words("split cell", "划分单元"),
    "year": Words("year asked for", "所问年份"),
    "topic": Words("topic asked for", "所问主题"),
}
_VALUES: Mapping[str, Mapping[str, Words]] = {
    "lang": {"en": Words("English", "英文"), "zh": Words("Chinese", "中文")},
    "kind": {
        "recommend": Words("recommend", "推荐论文"),
        "category": Words("category", "按类别"),
        "author": Words("author", "按作者"),
        "describe": Words("describe", "按描述找论文"),
        "lookup": Words("lookup", "查题录"),
        "compare": Words("compare", "比较两篇"),
        "exist": Words("exist", "是否存在"),
        "unanswerable": Words("unanswerable", "无法回答"),
        "multi_turn": Words("multi-turn", "多轮"),
    },
    "cell": {
        "seen_paper": Words("seen paper", "见过的论文"),
        "unseen_paper": Words("unseen paper", "未见过的论文"),
        "unseen_topic": Words("unseen topic", "未见过的主题"),
        "unseen_year": Words("unseen year", "未见过的年份"),
        "unanswerable": Words("unanswerable", "无法回答"),
    },
}  # fmt: skip


def value_name(dimension: str, value: str) -> Words:
    """What a group of a dimension of `metrics.DIMENSIONS` is called; itself where it has no name of its own."""
    shown, grounded = value.removeprefix("grounded "), value.startswith("grounded ")
    words = _VALUES.get(dimension, {}).get(shown) or Words(shown, shown)
    return Words(f"{words.en}, with records", f"{words.zh}（附记录）") if grounded else words


def term(rate: str) -> Term:
    """Name and meaning of a rate."""
    return RATE_TEXT.get(rate) or Term(Words(rate.replace("_", " "), rate), Words("", ""))


def format_value(name: str, value: float | None) -> str:
    """A rate as `12.3%`, a number per question as `1.23`, undefined as `–`."""
    if value is None:
        return "–"
    return f"{value:.2f}" if name in UNBOUNDED else f"{value:.1%}"


def format_difference(value: float, name: str) -> str:
    """A difference of shares in percentage points, `+12.3`; of numbers per question `+0.12`."""
    return f"{value:+.2f}" if name in UNBOUNDED else f"{100 * value:+.1f}"


def format_p(p: float | None) -> str:
    """A p value as `0.012` or `<0.001`, undefined as `–`."""
    return "–" if p is None else "<0.001" if p < 0.001 else f"{p:.3f}"


def format_interval(name: str, rate: Rate) -> str:
    """The interval as `[8.1%, 17.0%]`, empty where undefined."""
    if rate.low is None:
        return ""
    return f"[{format_value(name, rate.low)}, {format_value(name, rate.high)}]"
