"""Runs hallucinator on its offline arXiv database."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path

from hallucinator import Reference, Validator, ValidatorConfig
from peer_run import Check, Record, run

_ONLINE = "CrossRef|DBLP|Semantic Scholar|ACL Anthology|Europe PMC|PubMed|OpenAlex|Open Library|DOI|Standards"
_SCHEMA = """
CREATE TABLE metadata (key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE papers (arxiv_id TEXT PRIMARY KEY, title TEXT NOT NULL, categories TEXT, doi TEXT, license TEXT,
                     latest_v INTEGER NOT NULL DEFAULT 1);
CREATE TABLE authors (arxiv_id TEXT NOT NULL, position INTEGER NOT NULL, name TEXT NOT NULL,
                      PRIMARY KEY (arxiv_id, position));
CREATE TABLE versions (arxiv_id TEXT NOT NULL, version INTEGER NOT NULL, submitted TEXT,
                       PRIMARY KEY (arxiv_id, version));
CREATE VIRTUAL TABLE titles_fts USING fts5(arxiv_id UNINDEXED, title, tokenize='unicode61 remove_diacritics 2');
INSERT INTO metadata VALUES ('schema_version', '1');
"""


def prepare(records: Iterator[Record], directory: Path) -> Check:
    """Its database and a validator that asks nothing else."""
    path = directory / "arxiv.db"
    with sqlite3.connect(path) as database:
        database.executescript(_SCHEMA)
        for record in records:
            database.execute("INSERT INTO papers (arxiv_id, title) VALUES (?, ?)", (record["id"], record["title"]))
            database.execute("INSERT INTO titles_fts VALUES (?, ?)", (record["id"], record["title"]))
            named = [(record["id"], place, name) for place, name in enumerate(record["authors"])]
            database.executemany("INSERT INTO authors VALUES (?, ?, ?)", named)
    database.close()
    config = ValidatorConfig()
    config.arxiv_offline_path, config.disabled_dbs = str(path), _ONLINE.split("|")
    validator = Validator(config)

    def check(citations: Sequence[Record]) -> list[str]:
        references = [Reference(one["title"], authors=one["authors"], arxiv_id=one["arxiv_id"]) for one in citations]
        return [result.status for result in validator.check(references)]

    return check


if __name__ == "__main__":
    run(prepare)
