"""Runs citecheck-refs on its local index of titles."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path

from peer_run import Check, Record, run

_SCHEMA = """
CREATE TABLE pub (id INTEGER PRIMARY KEY, key TEXT, title TEXT, authors TEXT, year INTEGER, venue TEXT, doi TEXT,
                  arxiv TEXT);
CREATE VIRTUAL TABLE pub_fts USING fts5(title, content='pub', content_rowid='id');
"""


def prepare(records: Iterator[Record], directory: Path) -> Check:
    """Its index, and a checker for which arXiv has the records of the index and no other source has anything."""
    os.environ["XDG_CACHE_HOME"] = str(directory)
    import citecheck

    path = directory / "citecheck" / "dblp.sqlite"
    path.parent.mkdir()
    with sqlite3.connect(path) as database:
        database.executescript(_SCHEMA)
        database.executemany(
            "INSERT INTO pub (key, title, authors, year, venue, doi, arxiv) VALUES (?, ?, ?, ?, '', '', ?)",
            ((one["id"], one["title"], "|".join(one["authors"]), one["year"], one["id"]) for one in records),
        )
        database.execute("INSERT INTO pub_fts (pub_fts) VALUES ('rebuild')")
        database.execute("CREATE INDEX pub_arxiv ON pub (arxiv)")
    ids = sqlite3.connect(path)

    def of_arxiv(http: object, wanted: Sequence[str]) -> tuple[dict[str, Record], set[str]]:
        found = {}
        for one in set(wanted):
            row = ids.execute("SELECT title, authors, year FROM pub WHERE arxiv = ?", (one,)).fetchone()
            if row:
                found[one] = citecheck._record("arXiv", row[0], row[1].split("|"), row[2], arxiv=one)
        return found, set()

    citecheck.arxiv_ids = of_arxiv
    for name in ("arxiv_title", "s2_match", "crossref_search", "openalex_search"):
        setattr(citecheck, name, lambda *question: [])  # they answer, and know nothing
    citecheck.arxiv_first_version = lambda *question: None

    def check(citations: Sequence[Record]) -> list[str]:
        checker = citecheck.Checker(citecheck.Http())
        entries = [_entry(citecheck, place, one) for place, one in enumerate(citations)]
        checker.prefetch_arxiv(entries)
        return [checker.check(entry)["verdict"] for entry in entries]

    return check


def _entry(citecheck: object, place: int, one: Record) -> Record:
    fields = {"key": str(place), "type": "article", "title": one["title"], "author": " and ".join(one["authors"])}
    fields |= {"year": str(one["year"] or ""), "eprint": one["arxiv_id"] or "", "archiveprefix": "arXiv"}
    return citecheck.to_entry(fields) | {"etal": True}  # type: ignore[attr-defined]


if __name__ == "__main__":
    run(prepare)
