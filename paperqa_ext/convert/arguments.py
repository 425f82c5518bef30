"""The arguments of `python -m paperqa_ext.convert`: parsed and checked, before anything is read."""

from __future__ import annotations

import argparse
from pathlib import Path

from ..dataset.registry import DATASET_INFO, FORMATS
from ..engine import ENGINES
from ..prompts import LANGS, Lang
from ..sources import ALIASES
from ..sources.hub import DEFAULT_HUB
from ..values import positive
from .asks import MAX_PAPERS
from .build import SHARES, Options
from .grounded import REMOVED_SHARE

SHOWN = 10  # rows of each kind and language in a dry run

_EXAMPLES = """\
examples:
  python -m paperqa_ext.convert
      the bundled sample: 2,900 rows (2,320 train, 580 val), 240 test rows and 120 rows that ask again what train asks,
      in data/, registered in dataset_info.json
  python -m paperqa_ext.convert arxiv-metadata-oai-snapshot.json.zip --size 20000 --test-size 1000
      your own records: parquet, JSON, JSONL, CSV, TSV, XML, also packed, directories, globs, s3:// and the like
  python -m paperqa_ext.convert --hub
      the data set almanach/arxiv_abstracts_2025 from the Hugging Face hub; --hub OWNER/NAME takes another
  python -m paperqa_ext.convert papers.csv --map title=Name --map abstract=Text --dry-run
      ten rows of each kind and language to look at; nothing is written
  python -m paperqa_ext.convert --lang zh --shares recommend=3,lookup=1 --output zh --dataset-info zh/dataset_info.json
      Chinese only, two kinds of questions, and nothing outside zh/; train with dataset_dir=zh
  python -m paperqa_ext.convert --grounded --format sharegpt
      also questions to be answered from records in the prompt, and ShareGPT files
"""


def parser(prog: str) -> argparse.ArgumentParser:
    """The parser of the command that is called `prog`."""
    made = argparse.ArgumentParser(
        prog=prog,
        description="Turn arXiv records into question answering data for LLaMA-Factory, and index them for the check.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    default = Options()
    add = made.add_argument_group("records").add_argument
    add(
        "source", nargs="*", metavar="SOURCE", help="files, directories, globs, addresses (default: the bundled sample)"
    )
    add(
        "--hub",
        nargs="?",
        const=DEFAULT_HUB,
        metavar="NAME",
        help="a data set of the Hugging Face hub, or its local directory (default NAME: %(const)s)",
    )
    add(
        "--map",
        type=mapped,
        action="append",
        default=[],
        metavar="FIELD=COLUMN",
        help=f"the column that holds a field; fields: {', '.join(ALIASES)}",
    )
    add("--topics", type=Path, metavar="FILE", help="a CSV of further topics: topic_en, topic_zh, keywords")

    add = made.add_argument_group("data set").add_argument
    add(
        "--size",
        type=positive,
        default=default.size,
        metavar="N",
        help="rows of train and val together (default: %(default)s)",
    )
    add(
        "--val-ratio",
        type=_ratio,
        default=default.val_ratio,
        metavar="R",
        help="share of val in them (default: %(default)s)",
    )
    add(
        "--test-size",
        type=positive,
        default=default.test_size,
        metavar="N",
        help="rows of test (default: %(default)s)",
    )
    add(
        "--seen-size",
        type=_natural,
        default=default.seen_size,
        metavar="N",
        help="rows that ask train's questions in new words (default: %(default)s)",
    )
    add("--seed", type=int, default=default.seed, metavar="N", help="default: %(default)s")
    add(
        "--lang",
        dest="langs",
        type=_langs,
        default=LANGS,
        metavar="LANGS",
        help="en, zh or both, the rows shared equally (default: en,zh)",
    )
    add(
        "--shares",
        type=_shares,
        default=SHARES,
        metavar="KIND=N,…",
        help="shares of the kinds of questions, relative to each other; kinds not named get none (default: "
        + ", ".join(f"{kind}={part:g}" for kind, part in SHARES.items())
        + ")",
    )
    add(
        "--max-papers",
        type=int,
        choices=range(1, MAX_PAPERS + 1),
        default=default.max_papers,
        metavar="N",
        help="papers that an answer cites at most, 1 to %(default)s (default: %(default)s)",
    )
    add("--no-reasons", dest="reasons", action="store_false", help="recommend without a sentence on why")
    add("--grounded", action="store_true", help="also write rows to be answered from records in the prompt (RAFT)")
    add(
        "--gold-removed",
        type=_fraction,
        default=REMOVED_SHARE,
        metavar="R",
        help="share of grounded rows whose records lack the answer (default: %(default)s)",
    )

    add = made.add_argument_group("output").add_argument
    add("--output", type=Path, default=Path("data"), metavar="DIR", help="default: %(default)s")
    add(
        "--dataset-info",
        type=Path,
        default=DATASET_INFO,
        metavar="FILE",
        help="where the data sets are registered for LLaMA-Factory (default: %(default)s)",
    )
    add("--format", choices=FORMATS, default=FORMATS[0], help="default: %(default)s")
    add("--dry-run", action="store_true", help=f"print {SHOWN} rows of each kind and language, write nothing")
    add("--engine", choices=ENGINES, default=ENGINES[0], help="where the work is done (default: %(default)s)")
    add("--workers", type=positive, metavar="N", help="processes of the local engine (default: the number of cores)")
    return made


def _natural(text: str) -> int:
    if (value := int(text)) < 0:
        raise argparse.ArgumentTypeError("must not be negative")
    return value


def _ratio(text: str) -> float:
    if not 0 < (value := float(text)) < 1:
        raise argparse.ArgumentTypeError("must lie between 0 and 1")
    return value


def _fraction(text: str) -> float:
    if not 0 <= (value := float(text)) <= 1:
        raise argparse.ArgumentTypeError("must lie from 0 to 1")
    return value


def _langs(text: str) -> tuple[Lang, ...]:
    given = {part.strip() for part in text.split(",")}
    if not given <= set(LANGS):
        raise argparse.ArgumentTypeError(f"unknown language in {text!r}; choose from {', '.join(LANGS)}")
    return tuple(lang for lang in LANGS if lang in given)


def mapped(text: str) -> tuple[str, str]:
    """`FIELD=COLUMN` as its two parts, for argparse."""
    field, equals, column = (part.strip() for part in text.partition("="))
    if not equals or not column or field not in ALIASES:
        raise argparse.ArgumentTypeError(f"{text!r} is not FIELD=COLUMN with FIELD one of {', '.join(ALIASES)}")
    return field, column


def _shares(text: str) -> dict[str, float]:
    shares = dict.fromkeys(SHARES, 0.0)
    for part in text.split(","):
        kind, _, value = (piece.strip() for piece in part.partition("="))
        try:
            shares[kind] = float(value) if kind in SHARES else -1
        except ValueError:
            shares[kind] = -1
        if not 0 <= shares[kind] < float("inf"):
            raise argparse.ArgumentTypeError(f"{part!r} is not KIND=NUMBER with KIND one of {', '.join(SHARES)}")
    if not any(shares.values()):
        raise argparse.ArgumentTypeError("all shares are 0")
    return shares


def changed(args: argparse.Namespace) -> list[str]:
    """The arguments that were given other values than the default and that change what is made, not where or how.

    Files outside the working directory go by their names.
    """
    words = [Path(source).name if Path(source).is_absolute() else source for source in args.source]
    default = vars(parser("").parse_args([]))
    for name, value in vars(args).items():
        if value == default[name] or name in ("source", "output", "dataset_info", "dry_run", "engine", "workers"):
            continue
        option = "--" + name.replace("_", "-")
        if name == "reasons":
            words.append("--no-reasons")
        elif value is True:
            words.append(option)
        elif name == "map":
            words += [word for pair in value for word in (option, "=".join(pair))]
        elif name == "shares":
            words += [option, ",".join(f"{kind}={part:g}" for kind, part in value.items() if part)]
        elif name == "langs":
            words += ["--lang", ",".join(value)]
        else:
            words += [option, str(value)]
    return words
