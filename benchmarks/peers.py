"""The same jobs as most people would write them, with `datasets.map` and with pandas."""

from __future__ import annotations

import re
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

from paperqa_ext.convert.tokens import count_tokens
from paperqa_ext.sources.readable import readable

_WITHDRAWN = re.compile(r"(has been|is being|is|was) withdrawn", re.IGNORECASE)
FIELDS = ("id", "title", "authors", "abstract", "categories", "published", "withdrawn")

# Records as the source has them → papers.


def read_with_datasets(path: Path, workers: int, cache: Path) -> list[dict[str, Any]]:
    """Papers of a file of `made_records`, in the order of the file, as `FIELDS`."""
    return _mapped(path, _paper, workers, cache)


def read_with_pandas(path: Path) -> Any:
    """The same as a data frame."""
    import pandas

    if path.suffix == ".parquet":
        return _frame_of_papers(pandas.read_parquet(path))
    chunks = pandas.read_json(path, lines=True, chunksize=10_000, dtype=False, convert_dates=False)
    return pandas.concat(map(_frame_of_papers, chunks), ignore_index=True)


def _mapped(path: Path, function: Any, workers: int, cache: Path) -> Any:
    import datasets

    datasets.disable_progress_bars()
    kind = {".parquet": "parquet", ".jsonl": "json"}[path.suffix]
    raw = datasets.load_dataset(kind, data_files=str(path), split="train", cache_dir=str(cache))
    return raw.map(function, num_proc=workers if workers > 1 else None, remove_columns=raw.column_names)


def _paper(record: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "id": record["id"],
        "title": readable(_folded(record["title"])),
        "authors": _authors(record.get("authors_parsed") or record["authors"]),
        "abstract": _folded(record["abstract"]),
        "categories": _categories(record["categories"]),
        "published": _date(record["versions"]) if "versions" in record else record["published"],
        "withdrawn": _withdrawn(record["abstract"], record.get("comments")),
    }


def _frame_of_papers(frame: Any) -> Any:
    import pandas

    authors = frame["authors_parsed"] if "authors_parsed" in frame else frame["authors"]
    comments = frame["comments"] if "comments" in frame else [None] * len(frame)
    return pandas.DataFrame(
        {
            "id": frame["id"],
            "title": frame["title"].apply(_folded).apply(readable),
            "authors": authors.apply(_authors),
            "abstract": frame["abstract"].apply(_folded),
            "categories": frame["categories"].apply(_categories),
            "published": frame["versions"].apply(_date) if "versions" in frame else frame["published"],
            "withdrawn": [_withdrawn(*texts) for texts in zip(frame["abstract"], comments, strict=True)],
        }
    )


def _folded(text: str) -> str:
    return " ".join(text.split())


def _authors(value: Any) -> list[str]:
    names = (author if isinstance(author, str) else _natural_order(*author) for author in value)
    return [readable(_folded(name)) for name in names]


def _natural_order(family: str, given: str, suffix: str) -> str:
    return f"{given} {family} {suffix}".replace(". -", ".-")  # the snapshot parses "J.-F." as "J. -F."


def _categories(value: Any) -> list[str]:
    return value.split() if isinstance(value, str) else list(value)


def _date(versions: Any) -> str:
    return f"{parsedate_to_datetime(versions[0]['created']):%Y-%m-%d}"


def _withdrawn(abstract: str, comments: str | None) -> bool:
    return bool(_WITHDRAWN.search(abstract[:200]) or _WITHDRAWN.search(comments or ""))


# Papers → rows of the shape that `dataset.encode_row` writes, one question a paper.


def rows_with_datasets(path: Path, workers: int, cache: Path, *, counted: bool) -> Any:
    """Rows of a parquet file of `made_records`; with their tokens if `counted`."""
    return _mapped(path, _counted_row if counted else _row, workers, cache)


def rows_with_pandas(path: Path, *, counted: bool) -> Any:
    """The same as a data frame."""
    import pandas

    rows = pandas.read_parquet(path).apply(_counted_row if counted else _row, axis=1)
    return pandas.DataFrame(rows.tolist())


def _row(paper: Mapping[str, Any]) -> dict[str, Any]:
    year = paper["published"][:4]
    authors = paper["authors"]
    named = ", ".join(authors[:2]) + (" et al." if len(authors) > 2 else "")
    return {
        "id": f"lookup-en-{paper['id']}",
        "kind": "lookup",
        "lang": "en",
        "instruction": f'Which arXiv paper is called "{paper["title"]}", and what does it do?',
        "input": "",
        "output": f"It is this one:\n**{paper['title']}** — {named} ({year}). "
        f"[arXiv:{paper['id']}](https://arxiv.org/abs/{paper['id']})\n   {paper['abstract'].split('. ')[0]}.",
        "system": "You recommend real arXiv papers. Cite only papers that you know to exist, with title, authors, year "
        "and arXiv id, and say so where you know none. The records end in June 2025.",
        "history": [],
        "paper_ids": [paper["id"]],
        "constraints": {"title": paper["title"], "year": int(year), "category": next(iter(paper["categories"]), None)},
    }


def _counted_row(paper: Mapping[str, Any]) -> dict[str, Any]:
    row = _row(paper)
    return {**row, "tokens": sum(count_tokens(row[part]) for part in ("system", "instruction", "output"))}
