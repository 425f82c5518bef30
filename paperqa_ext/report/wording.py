"""What a reader is told: names and meanings of verdicts and rates, and how numbers are written."""

from __future__ import annotations

from collections.abc import Mapping

from ..metrics import Rate

# label → name, mark, meaning
VERDICTS: Mapping[str, tuple[str, str, str]] = {
    "verified": ("verified", "✓", "Matches a real record, and nothing stated contradicts it."),
    "metadata_error": (
        "metadata error",
        "≠",
        "The paper exists, but a stated year, author or arXiv id contradicts it.",
    ),
    "altered_title": ("altered title", "≈", "No paper has this title; the nearest real one differs in content words."),
    "fabricated": (
        "fabricated",
        "✗",
        "Nothing in the index resembles it, though the index covers what it claims to be.",
    ),
    "unverifiable": ("unverifiable", "?", "Outside what the index covers, or too little to decide on."),
}
# rate → name, meaning
RATE_TEXT: Mapping[str, tuple[str, str]] = {
    "fabrication_rate": (
        "fabrication rate",
        "Of the citations that could be decided, the share that matches no real paper: invented, or a title altered.",
    ),
    "fabrication_rate_macro": (
        "fabrication rate, macro",
        "The same as a mean over answers, so that long lists weigh no more than short ones.",
    ),
    "any_fake_rate": ("any-fake rate", "The share of answers in which a reader meets at least one such citation."),
    "metadata_error_rate": (
        "metadata error rate",
        "Of the citations of real papers, the share with a wrong year, author or arXiv id.",
    ),
    "verified_yield": (
        "verified yield",
        "Correct citations per question asked, so that refusing to answer cannot win.",
    ),
    "citations_per_answer": ("citations per answer", "Citations per question asked, whatever their verdict."),
    "answer_rate": ("answer rate", "The share of questions answered with a citation instead of declined."),
}
PLAIN_RATES = frozenset({"verified_yield", "citations_per_answer"})  # per question; may exceed 1
QUALITY: Mapping[str, str] = {"bleu-4": "BLEU-4", "rouge-1": "ROUGE-1", "rouge-2": "ROUGE-2", "rouge-l": "ROUGE-L"}


def format_value(name: str, value: float | None) -> str:
    """A rate as `12.3%`, a number per question as `1.23`, undefined as `–`."""
    if value is None:
        return "–"
    return f"{value:.2f}" if name in PLAIN_RATES else f"{value:.1%}"


def format_interval(name: str, rate: Rate) -> str:
    """The interval as `[8.1%, 17.0%]`, empty where undefined."""
    if rate.low is None:
        return ""
    return f"[{format_value(name, rate.low)}, {format_value(name, rate.high)}]"
