"""Answers as LLMs write them, with five citations each, in the canonical format and in others."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from citation_names import given

from paperqa_ext.citations import Citation

_Written = Callable[[int, Citation, str], str]


def answers(citations: Sequence[Citation]) -> list[str]:
    """One answer for every five citations; every other answer is in the canonical format."""
    fives = [citations[start : start + 5] for start in range(0, len(citations), 5)]
    return [_answer(five, 0 if place % 2 else place // 2 % len(_FORMATS)) for place, five in enumerate(fives)]


def _answer(citations: Sequence[Citation], form: int) -> str:
    head, write = _FORMATS[form]
    lines = [write(number, one, _names(one)) for number, one in enumerate(citations, 1)]
    return "\n".join([head, "", *lines, "", "These papers cover the topic from several sides."])


def _names(one: Citation) -> str:
    shown = ", ".join(one.authors[:3]) or "Anonymous"
    return f"{shown} et al." if len(one.authors) > 3 else shown


def _canonical(number: int, one: Citation, names: str) -> str:
    link = f" [arXiv:{one.arxiv_id}](https://arxiv.org/abs/{one.arxiv_id})" if one.arxiv_id else ""
    return f"{number}. **{one.title}** — {names} ({one.year or 2020}).{link}"


def _apa(number: int, one: Citation, names: str) -> str:
    turned = [f"{family}, {first[:1]}." for first, family in map(given, one.authors[:3])]
    return f"{', & '.join(turned) or 'Anonymous'} ({one.year or 2020}). {one.title}. arXiv preprint.\n"


def _ieee(number: int, one: Citation, names: str) -> str:
    return f'[{number}] {names}, "{one.title}," arXiv:{one.arxiv_id or "1706.03762"}, {one.year or 2020}.'


def _quoted(number: int, one: Citation, names: str) -> str:
    return f'- "{one.title}" by {names} ({one.year or 2020}): a representative paper.'


def _chinese(number: int, one: Citation, names: str) -> str:
    return f"{number}. 《{one.title}》，{names.removesuffix(' et al.')} 等，{one.year or 2020} 年。"


def _labelled(number: int, one: Citation, names: str) -> str:
    return f"{number}. **Title:** {one.title}\n   - **Authors:** {names}\n   - **Year:** {one.year or 2020}"


_FORMATS: Sequence[tuple[str, _Written]] = (
    ("Here are five representative papers:", _canonical),
    ("References", _apa),
    ("The following works are relevant:", _ieee),
    ("I recommend:", _quoted),
    ("以下是几篇代表论文：", _chinese),
    ("Some notable papers:", _labelled),
)
