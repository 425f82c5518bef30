"""The arguments of `paperqa index`, and help with examples."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..values import positive
from . import index_commands as commands

EXAMPLES: dict[str | None, str] = {
    "index": """examples:
  paperqa index build arxiv-metadata.parquet --output my_index
  paperqa index search "图神经网络" --year 2022
  paperqa index lookup 2201.01234""",
    "build": """examples:
  paperqa index build arxiv-metadata.parquet --output my_index
  paperqa index build records.jsonl more.csv.gz --output my_index --map title=Name
  paperqa index build titles.csv --output my_index --no-search      for checking only: smaller, and sooner ready
  paperqa index build arxiv.parquet --output my_index --abstracts   for chat; the search then takes twice the space""",
    "add": """examples:
  paperqa index add new_records.jsonl --index my_index
  paperqa index add 2026-*.parquet                                  to data/index""",
    "search": """examples:
  paperqa index search "图神经网络" --year 2022
  paperqa index search "图神经网络 药物发现" --year 2020-2023 --limit 5
  paperqa index search "graph neural networks 2022" --category cs.LG --json
  paperqa index search --author "Thomas Kipf"                       the latest of an author""",
    "lookup": """examples:
  paperqa index lookup 2201.01234v2
  paperqa index lookup https://arxiv.org/abs/cmp-lg/9404002
  paperqa index lookup "Attention Is All You Need" --json""",
    "info": """examples:
  paperqa index info
  paperqa index info --index my_index --json""",
    "eval": """examples:
  paperqa index eval                                                the questions of arxiv_paperqa_test
  paperqa index eval --dataset arxiv_paperqa_val --index my_index --json
  paperqa index eval --reranker BAAI/bge-m3                         papers on a topic in its order
  paperqa index eval queries.jsonl     a line: {"query": "graph networks", "relevant": ["1609.02907"]}""",
}

NewParser = Callable[..., argparse.ArgumentParser]  # (what makes it, its name, **options)


def add_parsers(parsers: Any, new: NewParser) -> None:
    """Give `paperqa` its command `index` with its actions."""
    index = new(parsers.add_parser, "index", help="build, search and look up the real records")
    actions = index.add_subparsers(title="actions", metavar="ACTION", required=True)
    build = _action(new, actions, "build", "build an index from arXiv records")
    _takes_sources(build)
    build.add_argument("--output", type=Path, required=True, help="directory of the index")
    build.add_argument("--no-search", dest="searchable", action="store_false", help="leave out the search by topic")
    build.add_argument(
        "--abstracts", action="store_true", help="keep the openings of abstracts, which chat shows to the model"
    )
    build.set_defaults(run=commands.build)

    add = _action(new, actions, "add", "add records to an index; those of an id it has replace its own")
    _takes_sources(add)
    _takes_index(add)
    add.set_defaults(run=commands.add)

    search = _action(new, actions, "search", "find papers by topic, in English or Chinese")
    search.add_argument("query", nargs="*", metavar="QUERY", help="topics and other words (none: the latest papers)")
    _takes_index(search)
    search.add_argument("--year", type=_years, metavar="YEAR", help="2022, 2020-2023 or 2020-")
    search.add_argument(
        "--category", type=_category, action="append", default=[], metavar="NAME", help="cs.LG, or cs for all of it"
    )
    search.add_argument(
        "--author", action="append", default=[], metavar="NAME", help="family name, or given and family name"
    )
    search.add_argument("--limit", type=positive, default=10, metavar="N", help="papers (default: %(default)s)")
    _may_be_json(search)
    search.set_defaults(run=commands.search)

    lookup = _action(new, actions, "lookup", "find a paper by arXiv id, address or title")
    lookup.add_argument("paper", nargs="+", metavar="PAPER", help="arXiv id, with version or not, address, or title")
    _takes_index(lookup)
    _may_be_json(lookup)
    lookup.set_defaults(run=commands.lookup)

    info = _action(new, actions, "info", "say what an index holds")
    _takes_index(info)
    _may_be_json(info)
    info.set_defaults(run=commands.info)

    evaluate = _action(new, actions, "eval", "measure how well questions find their papers")
    evaluate.add_argument(
        "queries", nargs="?", type=Path, metavar="QUERIES", help="JSON Lines with `query` and `relevant`, arXiv ids"
    )
    _takes_index(evaluate)
    evaluate.add_argument(
        "--dataset", default="arxiv_paperqa_test", metavar="NAME", help="its questions, without QUERIES (%(default)s)"
    )
    evaluate.add_argument(
        "--dataset-info", type=Path, default=Path("dataset_info.json"), metavar="PATH", help="(default: %(default)s)"
    )
    evaluate.add_argument("--reranker", metavar="MODEL", help="of embeddings, as `reranker` of paperqa.yaml")
    _may_be_json(evaluate)
    evaluate.set_defaults(run=commands.evaluate)


def _action(new: NewParser, actions: Any, name: str, does: str) -> argparse.ArgumentParser:
    return new(actions.add_parser, name, help=does, description=f"{does[0].upper()}{does[1:]}.")


def _takes_sources(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "sources", metavar="SOURCE", nargs="+", help="files, directories, globs, addresses, hub:NAME, as for convert"
    )
    parser.add_argument(
        "--map", type=_mapped, action="append", default=[], metavar="FIELD=COLUMN", help="the column that holds a field"
    )


def _takes_index(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--index", type=Path, default=Path("data/index"), help="(default: %(default)s)")


def _may_be_json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print JSON")


def _years(text: str) -> tuple[int, int]:
    first, dash, last = text.partition("-")
    last = last or ("9999" if dash else first)
    if not (first.isdecimal() and last.isdecimal() and len(first) == len(last) == 4) or first > last:
        raise argparse.ArgumentTypeError(f"{text!r} is neither a year (2022) nor a span of years (2020-2023, 2020-)")
    return int(first), int(last)


def _category(text: str) -> str:
    from ..categories import load_categories

    names = {part.lower(): part for code in load_categories() for part in (code, code.partition(".")[0])}
    if text.lower() not in names:
        raise argparse.ArgumentTypeError(f"{text!r} is no category of arXiv, such as cs.LG or hep-th")
    return names[text.lower()]


def _mapped(text: str) -> tuple[str, str]:
    from ..convert.arguments import mapped

    return mapped(text)
