"""`Citation` × `ReferenceIndex` → `Verdict`, with a reason a person can check.

A title is settled first (exact, variant, near, unlike anything); only then are authors, year and arXiv id compared with
the record that the title names. What separates a variant of a real title from an invented one is not its similarity but
the content words left over on both sides after aligning the two.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA, Levenshtein

from .citations import Citation
from .index import ReferenceIndex
from .papers import Paper, arxiv_id_month, parse_arxiv_id
from .titles import STOPWORDS, content_words, words

Label = Literal["verified", "metadata_error", "altered_title", "fabricated", "unverifiable"]
LABELS: tuple[Label, ...] = ("verified", "metadata_error", "altered_title", "fabricated", "unverifiable")

NEAR = 0.66  # similarity from which a real title is called the nearest one
MIN_CONTENT_WORDS = 3  # shorter titles are too common to be called invented
MIN_TITLE_PART = 3  # content words a main title needs to stand without its subtitle, and the other way round
YEAR_TOLERANCE = 1  # journal versions appear later than arXiv's first version
_HAN = re.compile(r"[\u3400-\u9fff]")
_SUBTITLE = re.compile(r"[:?!—–]\s|\s-+\s|\.\s")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a citation.

    Attributes:
        label: one of `LABELS`.
        reason: one sentence, with the nearest record where there is one.
        matched_id: arXiv id of the record meant (`verified`, `metadata_error`) or nearest (`altered_title`).
        similarity: of the two titles, 0 to 1; None where no title was compared.
        wrong_fields: any of `year`, `authors`, `arxiv_id`, for `metadata_error`.
    """

    label: Label
    reason: str
    matched_id: str | None = None
    similarity: float | None = None
    wrong_fields: tuple[str, ...] = ()


def verify(citation: Citation, index: ReferenceIndex) -> Verdict:
    """Check one citation against the index; see the verdicts' table in the README."""
    if citation.truncated:
        return Verdict("unverifiable", "The answer was cut off inside this citation.")
    if citation.title is None:
        return _verify_id(citation, index)
    title = words(citation.title)
    exact = index.by_title(title)
    if exact:
        return _verify_fields(citation, exact, 1.0, index)
    nearest, similarity, is_variant = _nearest(citation.title, title, index)
    if nearest is not None and is_variant:
        return _verify_fields(citation, [nearest], similarity, index)
    if nearest is not None and similarity >= NEAR:
        return Verdict(
            "altered_title",
            f"No such title; the nearest real one is {_name(nearest)}.{_id_note(citation, index)}",
            nearest.id,
            similarity,
        )
    return _no_such_title(citation, title, nearest, similarity, index)


def _verify_id(citation: Citation, index: ReferenceIndex) -> Verdict:
    """A citation that is nothing but an arXiv id."""
    if citation.arxiv_id is None:
        return Verdict("unverifiable", "There is neither a title nor an arXiv id to look up.")
    if parse_arxiv_id(citation.arxiv_id) is None:
        return Verdict("fabricated", f"arXiv has never issued ids of the form {citation.arxiv_id}.")
    paper = index.by_id(citation.arxiv_id)
    if paper is not None:
        return _verify_fields(citation, [paper], None, index)
    if arxiv_id_month(citation.arxiv_id) > index.coverage.last:
        return Verdict("unverifiable", f"arXiv:{citation.arxiv_id} is newer than the index ({index.coverage.last}).")
    return Verdict("fabricated", f"The index has no arXiv:{citation.arxiv_id}.")


def _verify_fields(citation: Citation, papers: list[Paper], similarity: float | None, index: ReferenceIndex) -> Verdict:
    """Compare the stated fields with the record meant: of several with one title, the one they contradict least."""
    wrong, paper = min(((_wrong_fields(citation, paper), paper) for paper in papers), key=lambda pair: len(pair[0]))
    if not wrong:
        return Verdict("verified", f"Matches {_name(paper)}.", paper.id, similarity)
    notes = {
        "year": f"year {citation.year} is stated, the record says {paper.year}",
        "authors": f"{', '.join(_strangers(citation, paper))} is not among its authors ({_authors(paper)})",
        "arxiv_id": f"arXiv:{citation.arxiv_id} is stated, the record is arXiv:{paper.id}",
    }
    reason = f"{_name(paper)} exists, but {'; '.join(notes[name] for name in wrong)}."
    if "arxiv_id" in wrong:
        reason += _id_note(citation, index)
    return Verdict("metadata_error", reason, paper.id, similarity, wrong)


def _no_such_title(
    citation: Citation, title: list[str], nearest: Paper | None, similarity: float, index: ReferenceIndex
) -> Verdict:
    """Nothing resembles the title: invented, unless the index cannot know."""
    last = index.coverage.last
    if citation.arxiv_id is None or parse_arxiv_id(citation.arxiv_id) is None:
        newer = citation.year is not None and citation.year > int(last[:4])
    else:
        newer = arxiv_id_month(citation.arxiv_id) > last
    if newer:
        return Verdict("unverifiable", f"It claims to be newer than the index, which ends in {last}.")
    if citation.arxiv_id is None:
        if _HAN.search(citation.title or ""):
            return Verdict(
                "unverifiable", "The title is in Chinese, the index's titles are not; no arXiv id is stated."
            )
        if len(content_words(title)) < MIN_CONTENT_WORDS:
            return Verdict("unverifiable", "The title is too short to tell an invented one from an unknown one.")
    note = _id_note(citation, index)
    hint = "" if nearest is None or nearest.id in note else f"; the nearest title is {_name(nearest)}"
    return Verdict(
        "fabricated",
        f"Nothing in the index resembles this title{hint}.{note}",
        None,
        similarity if nearest else None,
    )


def _nearest(title: str, title_words: list[str], index: ReferenceIndex) -> tuple[Paper | None, float, bool]:
    """The nearest record, its similarity (0 to 1), and whether the title is a variant of the record's own."""
    text = " ".join(title_words)
    ranked = []
    for paper in index.candidates(title_words):
        paper_words = words(paper.title)
        ranked.append((fuzz.ratio(text, " ".join(paper_words)) / 100, paper, paper_words))
    ranked.sort(key=lambda entry: -entry[0])
    for similarity, paper, paper_words in ranked:
        if _is_variant(title, title_words, paper.title, paper_words, index):
            return paper, similarity, True
    return (ranked[0][1], ranked[0][0], False) if ranked else (None, 0.0, False)


def _is_variant(title: str, title_words: list[str], real: str, real_words: list[str], index: ReferenceIndex) -> bool:
    """Whether `title` is a way of writing `real`: misspelt, joined or split words, or title without subtitle."""
    parts = [real_words]
    boundary = _SUBTITLE.search(real)
    if boundary:
        parts += [words(real[: boundary.start()]), words(real[boundary.end() :])]
    if title.rstrip().endswith(("...", "…")):
        parts.append(real_words[: len(title_words)])
    enough = len(content_words(title_words)) >= MIN_TITLE_PART
    return any(
        (part is real_words or enough) and not any(_left_over(title_words, part, index)) for part in parts if part
    )


def _left_over(title_words: list[str], real_words: list[str], index: ReferenceIndex) -> tuple[list[str], list[str]]:
    """Content words of either side that have no counterpart on the other."""
    extra: list[str] = []
    missing: list[str] = []
    for op in Levenshtein.opcodes(title_words, real_words):
        if op.tag == "equal":
            continue
        ours, theirs = title_words[op.src_start : op.src_end], real_words[op.dest_start : op.dest_end]
        if "".join(ours) == "".join(theirs):
            continue
        if len(ours) == len(theirs) and all(_misspelt(a, b, index) for a, b in zip(ours, theirs, strict=True)):
            continue
        if _misspelt("".join(ours), "".join(theirs), index):
            continue
        extra += content_words(ours)
        missing += content_words(theirs)
    return extra, missing


def _misspelt(word: str, real: str, index: ReferenceIndex) -> bool:
    """Whether `word` is a slip of the pen for `real`: one or two edits that do not make another known word of it."""
    if word == real:
        return True
    allowed = 2 if len(real) >= 8 else 1 if len(real) >= 4 or real in STOPWORDS else 0
    if any(char.isdigit() for char in word + real):
        return False
    if OSA.distance(word, real, score_cutoff=allowed) > allowed:
        return False
    if real in STOPWORDS or word.removesuffix("s") == real.removesuffix("s"):
        return True
    return not index.document_frequency(word)


def _wrong_fields(citation: Citation, paper: Paper) -> tuple[str, ...]:
    wrong = []
    if citation.year is not None and abs(citation.year - paper.year) > YEAR_TOLERANCE:
        wrong.append("year")
    if _strangers(citation, paper):
        wrong.append("authors")
    if citation.arxiv_id is not None and citation.arxiv_id != paper.id:
        wrong.append("arxiv_id")
    return tuple(wrong)


def _strangers(citation: Citation, paper: Paper) -> list[str]:
    """Stated authors who are not on the paper. A record without authors contradicts nobody."""
    if not paper.authors:
        return []
    real = [_name_words(author) for author in paper.authors]
    return [a for a in citation.authors if not _HAN.search(a) and not any(_same_name(_name_words(a), r) for r in real)]


def _name_words(name: str) -> list[str]:
    return words(name.replace("-", " ").replace("'", "").replace("’", ""))


def _same_name(stated: list[str], real: list[str]) -> bool:
    """Whether two folded names can be one person: the family name in full, the other parts at least as initials."""
    if not stated or not real:
        return not stated
    if "".join(stated) == "".join(real) or sorted(stated) == sorted(real):
        return True
    name = next((word for word in reversed(real) if len(word) > 1), real[-1])
    family = next((word for word in stated if len(word) > 1 and _spelt_alike(word, name)), None)
    if family is None:
        return len(stated) == 1 and len(stated[0]) > 1 and stated[0] in real
    given = [word for word in stated if word is not family]
    forenames = [word for word in real if word is not name]
    initials = "".join(word[0] for word in forenames)
    return not forenames or all(
        any(part.startswith(word) or word.startswith(part) for part in forenames)
        or word == initials[: len(word)]
        or word == "".join(forenames)
        for word in given
    )


def _spelt_alike(word: str, real: str) -> bool:
    return word == real or (min(len(word), len(real)) >= 5 and OSA.distance(word, real, score_cutoff=1) <= 1)


def _id_note(citation: Citation, index: ReferenceIndex) -> str:
    """What the stated arXiv id really is."""
    if citation.arxiv_id is None:
        return ""
    if parse_arxiv_id(citation.arxiv_id) is None:
        return f" arXiv has never issued ids of the form {citation.arxiv_id}."
    paper = index.by_id(citation.arxiv_id)
    return f" arXiv:{paper.id} is {_name(paper)}." if paper else f" The index has no arXiv:{citation.arxiv_id}."


def _authors(paper: Paper) -> str:
    return ", ".join(paper.authors[:3]) + (" et al." if len(paper.authors) > 3 else "")


def _name(paper: Paper) -> str:
    return f'"{paper.title}" ({paper.year}, arXiv:{paper.id})'
