"""arXiv records → question answering dataset and reference index: `python -m paperqa_ext.convert`."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tqdm import tqdm

from .corpus import Corpus
from .dataset import DATASET_INFO, SPLITS, Example, check_writable, read_dataset_info, write_datasets
from .errors import DatasetError, PaperQAError
from .papers import Paper
from .prompts import LANGS, Lang
from .questions import CUTOFF_LEN, Questions
from .sources import DISTRACTORS, SAMPLE, read_papers
from .tokens import answer_tokens, percentile, prompt_tokens
from .topics import TopicMatcher

SIZE, VAL_RATIO, TEST_SIZE = 2900, 0.2, 240

_EXAMPLES = """\
examples:
  python -m paperqa_ext.convert
      the bundled sample: 2,900 rows (2,320 train, 580 val) and 240 test rows in data/, registered in dataset_info.json
  python -m paperqa_ext.convert arxiv-metadata-oai-snapshot.json --size 20000 --test-size 1000
      your own records; .parquet, .jsonl, .json, .csv or .tsv, also .gz, or directories of them
  python -m paperqa_ext.convert papers.parquet --lang zh --output out --dataset-info out/dataset_info.json
      Chinese only, and nothing outside out/; train with dataset_dir=out
"""


@dataclass(frozen=True, slots=True)
class Conversion:
    """What came out of a conversion.

    Attributes:
        splits: rows of `train`, `val` and `test`, in the order they are written.
        dropped: papers never cited and drafts not used, by reason.
        held_out: English names of the topics that only `test` asks about.
    """

    splits: Mapping[str, Sequence[Example]]
    dropped: Counter[str] = field(default_factory=Counter)
    held_out: frozenset[str] = frozenset()


def convert(
    papers: Sequence[Paper],
    *,
    others: Iterable[Paper] = (),
    size: int = SIZE,
    val_ratio: float = VAL_RATIO,
    test_size: int = TEST_SIZE,
    seed: int = 0,
    langs: Sequence[Lang] = LANGS,
    matcher: TopicMatcher | None = None,
) -> Conversion:
    """Questions and answers about `papers`; the same for the same papers and seed, whatever the order of the papers.

    Args:
        papers: records that answers may cite.
        others: records that answers do not cite, but that count as existing.
        size: rows of train and val together.
        val_ratio: share of val in them.
        test_size: rows of test.
        seed: another seed gives other splits and questions.
        langs: languages, each given an equal share.
        matcher: finds the topics of a paper; with the bundled glossary if not given.

    Raises:
        DatasetError: there are too few papers for so many rows.
    """
    corpus = Corpus(papers, others, matcher or TopicMatcher(), val_ratio, seed)
    val = round(size * val_ratio)
    wanted = {"train": size - val, "val": val, "test": test_size}
    dropped: Counter[str] = Counter()
    seen: set[str] = set()
    splits = {split: Questions(corpus, split, langs, seen, dropped).make(wanted[split]) for split in SPLITS}
    if any(len(splits[split]) < wanted[split] for split in SPLITS):
        raise _too_small(corpus, langs, wanted)
    for reason, number in corpus.skipped.items():
        dropped[f"not cited: {reason}"] = number
    return Conversion(splits, dropped, corpus.held_out)


def _too_small(corpus: Corpus, langs: Sequence[Lang], wanted: Mapping[str, int]) -> DatasetError:
    room = {split: Questions(corpus, split, langs, set(), Counter()).capacity() for split in SPLITS}
    ratio = corpus.val_ratio
    size = min(wanted["train"] + wanted["val"], int(min(room["train"] / (1 - ratio), room["val"] / ratio)))
    while size and not (size - round(size * ratio) <= room["train"] and round(size * ratio) <= room["val"]):
        size -= 1
    test = min(wanted["test"], room["test"])
    possible = size - round(size * ratio) >= 1 and round(size * ratio) >= 1 and test >= 1
    return DatasetError(
        f"{sum(map(len, corpus.papers.values()))} citable papers are enough for {size} rows of train and val and "
        f"{test} of test, not for the {wanted['train'] + wanted['val']} and {wanted['test']} asked for",
        field="--size" if size < wanted["train"] + wanted["val"] else "--test-size",
        remedy=f"Give more records, or run with --size {size} --test-size {test}."
        if possible
        else "Give a source with more arXiv records.",
    )


def main(argv: Sequence[str] | None = None, *, prog: str = "python -m paperqa_ext.convert") -> int:
    """Run the command and return its exit code: 0, 1 for an error explained on stderr, 130 if interrupted.

    Raises:
        SystemExit: with 2 for wrong usage, with 0 for `--help`.
    """
    parser = _parser(prog)
    args = parser.parse_args(argv)
    val = round(args.size * args.val_ratio)
    if not 0 < val < args.size:
        parser.error(f"--size {args.size} with --val-ratio {args.val_ratio} leaves train or val without a row")
    try:
        _run(args)
    except PaperQAError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("interrupted; the files written before are as they were", file=sys.stderr)
        return 130
    return 0


def _parser(prog: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog=prog,
        description="Turn arXiv records into question answering data for LLaMA-Factory, and index them for the check.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument(
        "source", nargs="*", metavar="SOURCE", help="files or directories (default: the bundled sample)"
    )
    parser.add_argument("--output", type=Path, default=Path("data"), metavar="DIR", help="default: %(default)s")
    parser.add_argument(
        "--dataset-info",
        type=Path,
        default=DATASET_INFO,
        metavar="FILE",
        help="where the splits are registered for LLaMA-Factory (default: %(default)s)",
    )
    parser.add_argument(
        "--size",
        type=_positive,
        default=SIZE,
        metavar="N",
        help="rows of train and val together (default: %(default)s)",
    )
    parser.add_argument(
        "--val-ratio", type=_ratio, default=VAL_RATIO, metavar="R", help="share of val in them (default: %(default)s)"
    )
    parser.add_argument(
        "--test-size", type=_positive, default=TEST_SIZE, metavar="N", help="rows of test (default: %(default)s)"
    )
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="default: %(default)s")
    parser.add_argument(
        "--lang",
        type=_langs,
        default=LANGS,
        metavar="LANGS",
        help="en, zh or both, the rows shared equally (default: en,zh)",
    )
    return parser


def _positive(text: str) -> int:
    if (value := int(text)) < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return value


def _ratio(text: str) -> float:
    if not 0 < (value := float(text)) < 1:
        raise argparse.ArgumentTypeError("must lie between 0 and 1")
    return value


def _langs(text: str) -> tuple[Lang, ...]:
    given = {part.strip() for part in text.split(",")}
    if not given <= set(LANGS):
        raise argparse.ArgumentTypeError(f"unknown language in {text!r}; choose from {', '.join(LANGS)}")
    return tuple(lang for lang in LANGS if lang in given)


def _run(args: argparse.Namespace) -> None:
    from .index import build_index

    # What can go wrong without the records goes wrong before they are read.
    read_dataset_info(args.dataset_info)
    counts: Counter[str] = Counter()
    papers = _read(args.source or [SAMPLE], counts)
    others = [] if args.source else _read([DISTRACTORS], Counter())
    result = convert(
        papers,
        others=others,
        size=args.size,
        val_ratio=args.val_ratio,
        test_size=args.test_size,
        seed=args.seed,
        langs=args.lang,
    )
    check_writable(args.output)
    check_writable(args.dataset_info.parent)
    coverage = build_index([*papers, *others], args.output / "index")
    write_datasets(result.splits, args.output, args.dataset_info)
    print(_summary(counts, result))
    print(f"index: {coverage.papers:,} records from {coverage.first} to {coverage.last} in {args.output / 'index'}")
    print(f"written: {args.output}/arxiv_paperqa_{{{','.join(SPLITS)}}}.json, registered in {args.dataset_info}")
    where = "" if args.dataset_info == DATASET_INFO else f" dataset_dir={args.dataset_info.parent}"
    print(f"next: llamafactory-cli train examples/train_qlora.yaml{where}")


def _read(sources: Sequence[str | Path], counts: Counter[str]) -> list[Paper]:
    return list(tqdm(read_papers(sources, counts), desc="reading", unit=" records", disable=None, leave=False))


def _summary(counts: Counter[str], result: Conversion) -> str:
    lines = ["records: " + ", ".join(f"{number:,} {reason}" for reason, number in counts.items())]
    if result.dropped:
        lines.append(
            "not used: " + ", ".join(f"{number:,} {reason}" for reason, number in result.dropped.items() if number)
        )
    kinds = sorted({example.kind for rows in result.splits.values() for example in rows})
    heads = [*kinds, *LANGS, "rows"]
    lines.append(f"{'split':8}" + "".join(f"{head:>14}" for head in heads))
    for split, rows in result.splits.items():
        number = Counter(example.kind for example in rows) + Counter(example.lang for example in rows)
        number["rows"] = len(rows)
        lines.append(f"{split:8}" + "".join(f"{number[head]:>14,}" for head in heads))
    examples = [example for rows in result.splits.values() for example in rows]
    answers = [answer_tokens(example.output) for example in examples]
    whole = [
        length + prompt_tokens(example.system, example.instruction)
        for length, example in zip(answers, examples, strict=True)
    ]
    for name, lengths in (("prompt+answer", whole), ("answer", answers)):
        parts = " ".join(f"p{percent} {percentile(lengths, percent)}" for percent in (50, 90, 99))
        lines.append(f"Qwen tokens, {name}: {parts} max {max(lengths)}")
    over = sum(length > CUTOFF_LEN for length in whole)
    lines.append(f"rows over cutoff_len {CUTOFF_LEN}: {over}")
    lines.append(f"topics that only test asks about: {len(result.held_out)}")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
