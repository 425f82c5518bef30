"""arXiv records → question answering data sets and reference index: `python -m paperqa_ext.convert`."""

from __future__ import annotations

import argparse
import json
import shlex
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from ..categories import load_categories
from ..dataset import Publication
from ..dataset.registry import DATASET_INFO
from ..engine import Engine, open_engine
from ..errors import DatasetError, PaperQAError
from ..files import nearest_existing
from ..index import Coverage, check_replaceable
from ..index.topic_writer import write_searchable
from ..memory import give_back
from ..sources import DISTRACTORS, SAMPLE
from ..topics import Topic, extended_topics, load_invented_topics, load_topics
from . import arguments
from . import summary as summaries
from .build import FILL, SHARES, Builder, Options, Row
from .card import CARD_NAME, PLOT_NAME, card
from .card_plots import plot
from .collect import Collection, collect
from .corpus import Corpus
from .questions import Wording
from .records import Records
from .splits import SPLITS
from .summary import Summary


def main(argv: Sequence[str] | None = None, *, prog: str = "python -m paperqa_ext.convert") -> int:
    """Run the command and return its exit code: 0, 1 for an error explained on stderr, 130 if interrupted.

    Raises:
        SystemExit: with 2 for wrong usage, with 0 for `--help`.
    """
    parser = arguments.parser(prog)
    args = parser.parse_args(argv)
    val = round(args.size * args.val_ratio)
    if not 0 < val < args.size:
        parser.error(f"--size {args.size} with --val-ratio {args.val_ratio} leaves train or val without a row")
    if args.hub and args.source:
        parser.error("give either SOURCE or --hub")
    try:
        _run(args)
    except PaperQAError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("interrupted; the files written before are as they were", file=sys.stderr)
        return 130
    return 0


@dataclass(frozen=True, slots=True)
class Conversion:
    """What came out of a conversion, its rows not yet written.

    Attributes:
        rows: of each split, in the order they are written.
        builder: holds the rows' lines.
        corpus: what could be asked.
        collection: the papers.
    """

    rows: Mapping[str, Sequence[Row]]
    builder: Builder
    corpus: Corpus
    collection: Collection

    def lines(self, split: str) -> Iterator[bytes]:
        """The encoded rows of a split."""
        return self.builder.lines.lines(row.line for row in self.rows[split])


def glossary(topics: Sequence[Topic] | None = None) -> tuple[Topic, ...]:
    """What `collect` is to look for: the topics, the bundled ones if None, and those that should not exist."""
    return (*(load_topics() if topics is None else topics), *load_invented_topics())


def convert(
    collection: Collection, options: Options, engine: Engine, directory: Path, topics: Sequence[Topic] | None = None
) -> Conversion:
    """Questions and answers about a collection; the same for the same papers and options, whatever their order.

    Args:
        collection: the papers, their facts counting in `glossary(topics)`.
        options: what is to be made.
        engine: does the work.
        directory: where rows are kept meanwhile, in a file that goes with the process.
        topics: the glossary; the bundled one if None.

    Raises:
        DatasetError: there are too few papers for so many rows, or splits would share papers.
    """
    topics = load_topics() if topics is None else topics
    invented = load_invented_topics()
    corpus = Corpus(collection.facts, topics, invented, load_categories(), options.val_ratio, options.seed)
    wording = Wording(
        options.seed, corpus.last, {topic.en: topic for topic in topics}, corpus.invented, corpus.categories,
        options.reasons,
    )  # fmt: skip
    builder = Builder(collection, corpus, wording, options, engine, directory)
    wanted = options.rows()
    rows = {split: builder.split(split, wanted[split]) for split in SPLITS}
    if any(len(rows[split]) < wanted[split] for split in SPLITS):
        raise _too_small(rows, wanted, options)
    if options.seen_size:
        rows["seen"] = builder.seen(rows["train"], options.seen_size)
    if options.grounded:
        rows |= {f"grounded_{split}": builder.grounded(split, rows[split]) for split in SPLITS}
    return Conversion(rows, builder, corpus, collection)


def _too_small(rows: Mapping[str, Sequence[Row]], wanted: Mapping[str, int], options: Options) -> DatasetError:
    made = {split: _room(rows[split], options) for split in SPLITS}
    ratio = options.val_ratio
    size = min(options.size, int(min(made["train"] / (1 - ratio), made["val"] / ratio)))
    while size and not (size - round(size * ratio) <= made["train"] and round(size * ratio) <= made["val"]):
        size -= 1
    test = min(wanted["test"], made["test"])
    possible = size - round(size * ratio) >= 1 and round(size * ratio) >= 1 and test >= 1
    return DatasetError(
        f"the records are enough for about {made['train']} rows of train, {made['val']} of val and {made['test']} of "
        f"test, not for the {wanted['train']}, {wanted['val']} and {wanted['test']} asked for",
        field="--size" if size < options.size else "--test-size",
        remedy=f"Give more records, or run with --size {size} --test-size {test}."
        if possible
        else "Give a source with more arXiv records.",
    )


def _room(rows: Sequence[Row], options: Options) -> int:
    """How many rows a split has for certain: of the kinds that fill in for others, in each language."""
    filling = Counter(row.ask.lang for row in rows if row.ask.kind in FILL and not row.ask.lenders)
    return len(options.langs) * min(filling[lang] for lang in options.langs)


def _run(args: argparse.Namespace) -> None:
    topics = load_topics() if args.topics is None else extended_topics(args.topics)
    sources = [f"hub:{args.hub}"] if args.hub else args.source or [SAMPLE]
    others = [] if args.hub or args.source else [DISTRACTORS]
    options = Options(**{field.name: getattr(args, field.name) for field in fields(Options)})
    check_replaceable(args.output / "index")  # what can go wrong without the records goes wrong before they are read
    if args.dry_run:
        _show(_conversion(_collection(args, topics, sources, others), args, options, topics))
        return
    with Publication(args.output, args.dataset_info, args.format) as publication:
        made = _write(publication, args, options, topics, sources, others)
        give_back()  # the loader of LLaMA-Factory needs a gigabyte
        publication.path(CARD_NAME).write_text(card(made), encoding="utf-8")
        publication.path(PLOT_NAME).write_text(plot(made), encoding="utf-8")
        if sys.stderr.isatty():
            print("reading back through LLaMA-Factory …", file=sys.stderr)
        publication.verify()
        publication.commit()
    print(summaries.text(made))
    print(f"index: {made.records:,} records from {made.first} to {made.last} in {args.output / 'index'}")
    print(f"written: {args.output}/arxiv_paperqa_{{{','.join(made.splits)}}}.json, registered in {args.dataset_info}")
    print(f"about them: {args.output / CARD_NAME}")
    where = "" if args.dataset_info == DATASET_INFO else f" dataset_dir={args.dataset_info.parent}"
    print(f"next: llamafactory-cli train examples/train_qlora.yaml{where}")


def _write(
    publication: Publication,
    args: argparse.Namespace,
    options: Options,
    topics: Sequence[Topic],
    sources: Sequence[str | Path],
    others: Sequence[str | Path],
) -> Summary:
    """Write index and rows; what they are made from is gone from memory afterwards, and the workers are too."""
    collection = _collection(args, topics, sources, others)
    coverage = _index(collection.records, publication)
    conversion = _conversion(collection, args, options, topics)
    for split in filter(conversion.rows.get, conversion.rows):
        writer = publication.split(split)
        for line in conversion.lines(split):
            writer.write_line(line)
    return _summary(conversion, coverage, _command(args), [*sources, *others])


def _collection(
    args: argparse.Namespace, topics: Sequence[Topic], sources: Sequence[str | Path], others: Sequence[str | Path]
) -> Collection:
    directory = nearest_existing(args.output)
    with open_engine(args.engine, args.workers) as engine:
        return collect(sources, engine, glossary(topics), others=others, columns=dict(args.map), directory=directory)


def _conversion(
    collection: Collection, args: argparse.Namespace, options: Options, topics: Sequence[Topic]
) -> Conversion:
    with open_engine(args.engine, args.workers) as engine:
        return convert(collection, options, engine, nearest_existing(args.output), topics)


def _index(records: Records, publication: Publication) -> Coverage:
    index = publication.path("index")
    index.mkdir()
    return write_searchable(records.every("indexing"), index, abstracts=True)  # for chat


def _summary(conversion: Conversion, coverage: Coverage, command: str, sources: Sequence[str | Path]) -> Summary:
    corpus = conversion.corpus
    return Summary(
        command=command,
        sources=[Path(source).name for source in sources],
        source_hash=coverage.hash,
        records=coverage.papers,
        first=coverage.first,
        last=coverage.last,
        counts=conversion.collection.counts,
        not_cited=corpus.skipped,
        dropped=conversion.builder.dropped,
        held_out=corpus.splits.held_out,
        held_out_year=corpus.splits.held_out_year,
        splits={name: summaries.summarize_split(rows, corpus) for name, rows in conversion.rows.items()},
        shared=summaries.leakage(conversion.rows),
        examples={key: rows[0] for key, rows in _examples(conversion).items()},
    )


def _examples(conversion: Conversion, number: int = 1) -> dict[tuple[str, str], list[dict[str, Any]]]:
    """The first rows of each kind and language, as they are written."""
    chosen: dict[tuple[str, str], list[int]] = {}
    for row in (row for rows in conversion.rows.values() for row in rows):
        kind = "grounded" if row.ask.shown else row.ask.kind
        if len(places := chosen.setdefault((kind, row.ask.lang), [])) < number:
            places.append(row.line)
    lines = conversion.builder.lines
    order = sorted(chosen, key=lambda key: ([*SHARES, "grounded"].index(key[0]), key[1]))
    return {key: [json.loads(line) for line in lines.lines(chosen[key])] for key in order}


def _show(conversion: Conversion) -> None:
    summaries.leakage(conversion.rows)
    for (kind, lang), rows in _examples(conversion, arguments.SHOWN).items():
        print(f"\n===== {kind}, {lang} =====")
        for row in rows:
            print("\n" + "\n".join(f"{who} {said}" for who, said in _turns(row)))


def _turns(row: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Who says what in a row of either format."""
    if "conversations" in row:
        yield from (("Q:" if turn["from"] == "human" else "A:", turn["value"]) for turn in row["conversations"])
        return
    for question, answer in (*row["history"], (row["instruction"], row["output"])):
        yield "Q:", question
        yield "A:", answer


def _command(args: argparse.Namespace) -> str:
    """The command that makes the same again elsewhere: what does not change the data is left out."""
    given = arguments.changed(args)
    return shlex.join(["python", "-m", "paperqa_ext.convert", *given])
