"""The sentences that say why a citation got its verdict, each in English and Chinese, side by side."""

from __future__ import annotations

from collections.abc import Mapping

from ..citations import Citation
from ..papers import Paper
from .id_faults import NOT_AN_ID, id_fault, is_after

Reason = tuple[str, str]  # in English, and the same in Chinese

CUT_OFF: Reason = "The answer was cut off inside this citation.", "回答在这条引用处被截断。"
NOTHING_STATED: Reason = (
    "There is neither a title nor an arXiv id to look up.",
    "既没有标题也没有 arXiv 编号，无从查起。",
)
CHINESE_TITLE: Reason = (
    "The title is in Chinese, the index's titles are not; no arXiv id is stated.",
    "标题是中文，而索引中的标题不是；也没有给出 arXiv 编号。",
)
SHORT_TITLE: Reason = (
    "The title is too short to tell an invented one from an unknown one.",
    "标题太短，无法区分是编造的还是未收录的。",
)
_AUTHORS = 3  # named of a paper


def name(paper: Paper) -> Reason:
    """A record as a reason names it; no sentence of its own."""
    title, year = paper.title, paper.year
    if not paper.id:
        return f'"{title}" ({year})', f"《{title}》（{year}）"
    return f'"{title}" ({year}, arXiv:{paper.id})', f"《{title}》（{year}，arXiv:{paper.id}）"


def then(reason: Reason, note: Reason | None) -> Reason:
    """A reason, and a note after it if there is one."""
    return reason if note is None else (f"{reason[0]} {note[0]}", reason[1] + note[1])


def matches(paper: Paper) -> Reason:
    """Nothing stated contradicts the record."""
    en, zh = name(paper)
    return f"Matches {en}.", f"与{zh}一致。"


def wrong_fields(citation: Citation, paper: Paper, wrong: Mapping[str, list[str]]) -> Reason:
    """What is stated and what the record says, for each field that contradicts it.

    Args:
        wrong: the fields; for `authors` those who are not on the paper.
    """
    notes: list[Reason] = []
    if "year" in wrong:
        year, real = citation.year, paper.year
        notes.append((f"year {year} is stated, the record says {real}", f"所写年份为 {year}，记录为 {real}"))
    if "authors" in wrong:
        notes.append(_strangers(wrong["authors"], paper))
    if "arxiv_id" in wrong:
        notes.append(_other_id(citation.arxiv_id, paper))
    en, zh = name(paper)
    return (
        f"{en} exists, but {'; '.join(note for note, _ in notes)}.",
        f"{zh}确实存在，但{'；'.join(note for _, note in notes)}。",
    )


def _strangers(who: list[str], paper: Paper) -> Reason:
    named, others = paper.authors[:_AUTHORS], len(paper.authors) > _AUTHORS
    return (
        f"{', '.join(who)} {'is' if len(who) == 1 else 'are'} not among its authors "
        f"({', '.join(named)}{' et al.' if others else ''})",
        f"所写作者（{'、'.join(who)}）不在其作者（{'、'.join(named)}{' 等' if others else ''}）之列",
    )


def _other_id(stated: str | None, paper: Paper) -> Reason:
    if not paper.id:
        return f"arXiv:{stated} is stated, the record has another", f"所写编号为 arXiv:{stated}，与记录不符"
    return (
        f"arXiv:{stated} is stated, the record is arXiv:{paper.id}",
        f"所写编号为 arXiv:{stated}，记录为 arXiv:{paper.id}",
    )


def part_of_title(paper: Paper) -> Reason:
    """The title is a short part of the paper's."""
    en, zh = name(paper)
    return (
        f"It is only a part of a title, which does not tell whether {en} is meant.",
        f"这只是标题的一部分，无法断定所指是否为{zh}。",
    )


def earlier_title(paper: Paper, *, id_too: bool) -> Reason:
    """The title is not the paper's, the authors are; the id, too, or it is another or none."""
    en, zh = name(paper)
    return (
        f"No such title; it may be an earlier title of {en}, whose authors {'and id ' if id_too else ''}it names.",
        f"没有这个标题的论文；它可能是{zh}的旧标题，所写作者{'和编号' if id_too else ''}与该论文相符。",
    )


def nearest_title(paper: Paper) -> Reason:
    """The title is no paper's, but near this one's."""
    en, zh = name(paper)
    return f"No such title; the nearest real one is {en}.", f"没有这个标题的论文；最接近的真实标题是{zh}。"


def nothing_like_it(nearest: Paper | None) -> Reason:
    """No title resembles it; `nearest` comes closest all the same."""
    if nearest is None:
        return "Nothing in the index resembles this title.", "索引中没有与这个标题相似的论文。"
    en, zh = name(nearest)
    return (
        f"Nothing in the index resembles this title; the nearest title is {en}.",
        f"索引中没有与这个标题相似的论文；最接近的是{zh}。",
    )


def newer(last: str) -> Reason:
    """The index ends before the month or year of the work."""
    return (
        f"It claims to be newer than the index, which ends in {last}.",
        f"所称时间晚于索引的收录范围（止于 {last}）。",
    )


def older(first: str) -> Reason:
    """The index begins after the year of the work."""
    return (
        f"It claims to be older than the index, which begins in {first}.",
        f"所称时间早于索引的收录范围（始于 {first} 年）。",
    )


def other_work(sign: str) -> Reason:
    """It is a book, software or the like, as the sign says."""
    return f'It is not a work that arXiv holds, as "{sign}" says.', f"从“{sign}”看，这不是 arXiv 收录的那类文献。"


def known_id(paper: Paper) -> Reason:
    """What the stated id really is."""
    en, zh = name(paper)
    return f"arXiv:{paper.id} is {en}.", f"arXiv:{paper.id} 是{zh}。"


def unknown_id(stated: str, arxiv_id: str | None, last: str) -> Reason:
    """Why there is no record with an id.

    Args:
        stated: the id as written.
        arxiv_id: without version; None if it is impossible.
        last: month or year of the index's latest record.
    """
    if arxiv_id is None:
        en, zh = id_fault(stated) or NOT_AN_ID
        return f"arXiv cannot have issued {stated}: {en}.", f"arXiv 不可能有编号 {stated}：{zh}。"
    if is_after(arxiv_id, last):
        return (
            f"arXiv:{arxiv_id} is newer than the index, which ends in {last}.",
            f"arXiv:{arxiv_id} 晚于索引的收录范围（止于 {last}）。",
        )
    return f"The index has no arXiv:{arxiv_id}.", f"索引中没有 arXiv:{arxiv_id}。"
