"""Runs academic-refchecker on its local Semantic Scholar database."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path

from peer_run import Check, Record, run
from refchecker.checkers.local_semantic_scholar import LocalNonArxivReferenceChecker
from refchecker.utils.text_utils import normalize_paper_title

_SCHEMA = """
CREATE TABLE papers (paperId TEXT PRIMARY KEY, title TEXT, normalized_paper_title TEXT, venue TEXT, year INTEGER,
                     externalIds_DOI TEXT, externalIds_ArXiv TEXT, authors TEXT, source_url TEXT);
CREATE TABLE metadata (key TEXT PRIMARY KEY, value TEXT, updated_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP);
INSERT INTO metadata (key, value) VALUES ('last_release_id', 'all');
CREATE INDEX idx_papers_normalized_title ON papers(normalized_paper_title);
CREATE INDEX idx_papers_doi ON papers(externalIds_DOI);
CREATE INDEX idx_papers_arxiv ON papers(externalIds_ArXiv);
"""


class _Offline(LocalNonArxivReferenceChecker):
    """Without the question to arXiv whether another version of a paper agrees better, which fails offline."""

    def _downgrade_inferred_arxiv_version_mismatches(self, *args: object) -> object:
        return args[-1]


def prepare(records: Iterator[Record], directory: Path) -> Check:
    """Its database and a checker on it."""
    path = directory / "papers.db"
    with sqlite3.connect(path) as database:
        database.executescript(_SCHEMA)
        database.executemany(
            "INSERT INTO papers VALUES (?, ?, ?, '', ?, NULL, ?, ?, NULL)",
            (
                (
                    one["id"],
                    one["title"],
                    normalize_paper_title(one["title"]),
                    one["year"],
                    one["id"],
                    json.dumps(one["authors"]),
                )
                for one in records
            ),
        )
    database.close()
    checker = _Offline(str(path))

    def check(citations: Sequence[Record]) -> list[str]:
        return [_label(checker, one) for one in citations]

    return check


def _label(checker: LocalNonArxivReferenceChecker, one: Record) -> str:
    url = f"https://arxiv.org/abs/{one['arxiv_id']}" if one["arxiv_id"] else ""
    authors = [*one["authors"], "et al."] if one["authors"] else []  # names left out are no error
    reference = {"title": one["title"], "authors": authors, "year": one["year"] or 0, "url": url, "raw_text": ""}
    found, errors, _ = checker.verify_reference(reference)
    wrong = [kind for error in errors if (kind := error.get("error_type") or error.get("warning_type"))]
    if one["year"] is None and "year" in wrong:
        wrong.remove("year")  # it asks for one; that none is stated is no error here
    return "unverified" if found is None else ", ".join(wrong) or "verified"


if __name__ == "__main__":
    run(prepare)
