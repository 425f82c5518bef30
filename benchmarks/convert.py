"""How fast arXiv records become training data, beside `datasets.map` and pandas: one table, all measured in one run.

python benchmarks/convert.py RECORDS.parquet [--only read|rows|whole]
"""

from __future__ import annotations

import argparse
import json
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
import peers
from made_records import made
from memory import memory_held

from paperqa_ext.categories import load_categories
from paperqa_ext.convert import glossary
from paperqa_ext.convert.build import Builder, Options
from paperqa_ext.convert.collect import collect
from paperqa_ext.convert.corpus import Corpus
from paperqa_ext.convert.questions import Wording
from paperqa_ext.convert.records import encode
from paperqa_ext.convert.splits import SPLITS
from paperqa_ext.engine import LocalEngine, cores
from paperqa_ext.papers import Paper
from paperqa_ext.sources import parse, wanted_columns
from paperqa_ext.sources.readers import Block, blocks
from paperqa_ext.topics import load_invented_topics, load_topics

T = TypeVar("T")
READ_BAR, ROWS_BAR, MEMORY_BAR = 40_000, 20_000, 2 << 30  # records/s, rows/s, bytes
OURS = "paperqa_ext"
_REPEATS = 2  # the best counts


@dataclass(frozen=True, slots=True)
class Measured:
    """One line of the table.

    Attributes:
        job: what was done.
        by: whose code did it.
        done: records or rows.
        seconds: best of `_REPEATS`.
        bar: what `rate` must reach; 0 if nothing is asked of it.
        note: what else there is to say.
    """

    job: str
    by: str
    done: int
    seconds: float
    bar: int = 0
    note: str = ""

    @property
    def rate(self) -> float:
        """Records or rows a second."""
        return self.done / self.seconds


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("records", type=Path, help="real records: parquet with the columns of the bundled sample")
    add("--records", dest="number", type=int, default=3_000_000, metavar="N", help="of `whole` (default: %(default)s)")
    add("--size", type=int, default=100_000, metavar="N", help="rows of `rows` and `whole` (default: %(default)s)")
    add("--sample", type=int, default=300_000, metavar="N", help="records of `read` and `rows` (default: %(default)s)")
    add("--peers", type=int, default=50_000, metavar="N", help="records of the peers (default: %(default)s)")
    add("--directory", type=Path, default=Path(tempfile.gettempdir()) / "paperqa-benchmark", metavar="DIR",
        help="where the records made are kept for the next run (default: %(default)s; 4 GB)")  # fmt: skip
    add("--workers", type=int, default=cores(), metavar="N", help="processes (default: the number of cores)")
    add("--only", choices=("read", "rows", "whole"), help="measure this alone")
    add("--clean", action="store_true", help="remove the records made afterwards")
    args = parser.parse_args()
    print(f"{args.workers} workers, {cores()} cores, {_cpu()}, Python {platform.python_version()}", flush=True)
    jobs = {"read": read, "rows": rows, "whole": whole}
    with tempfile.TemporaryDirectory(dir=args.directory.parent) as scratch:
        for name, job in jobs.items():
            if args.only in (None, name):
                print(f"\n{table(list(job(args, Path(scratch))))}", flush=True)
    if args.clean:
        for path in args.directory.glob(f"{args.records.stem}-*"):
            path.unlink()


def read(args: argparse.Namespace, scratch: Path) -> Iterator[Measured]:
    """Reading and normalising; what comes out is kept in one form or another by all."""
    for kind in ("parquet", "jsonl"):
        many = made(args.records, min(args.sample, args.number), kind, args.directory)
        few = made(args.records, min(args.peers, args.number), kind, args.directory)
        _check(few, scratch)
        with LocalEngine(args.workers) as engine, LocalEngine(1) as alone:
            yield from _alternating(
                f"read {kind}",
                {
                    (OURS, args.workers): lambda path=many, engine=engine: _read(path, engine),
                    (OURS, 1): lambda path=many, engine=alone: _read(path, engine),
                    ("datasets.map", args.workers): lambda path=few: _with_cache(
                        scratch, lambda cache: len(peers.read_with_datasets(path, args.workers, cache))
                    ),
                    ("datasets.map", 1): lambda path=few: _with_cache(
                        scratch, lambda cache: len(peers.read_with_datasets(path, 1, cache))
                    ),
                    ("pandas", 1): lambda path=few: len(peers.read_with_pandas(path)),
                },
                READ_BAR,
            )


def _normalised(block: Block) -> tuple[bytes, np.ndarray]:
    return encode(parse(block).papers)


def _read(path: Path, engine: LocalEngine) -> int:
    return sum(len(lengths) for _, lengths in engine.map(_normalised, blocks([path], wanted_columns())))


def _check(path: Path, scratch: Path) -> None:
    """See that all make the same papers."""
    ours = [_fields(paper) for block in blocks([path], wanted_columns()) for paper in parse(block).papers]
    frame = peers.read_with_pandas(path).to_dict("records")
    for name, theirs in (
        ("pandas", frame),
        ("datasets", _with_cache(scratch, lambda cache: list(peers.read_with_datasets(path, 1, cache)))),
    ):
        different = sum(one != other for one, other in zip(ours, theirs, strict=True))
        if different > len(ours) // 1000:
            sys.exit(f"{path.name}: {different} of {len(ours)} papers differ from those of {name}")


def _fields(paper: Paper) -> dict[str, object]:
    values = {name: getattr(paper, name) for name in peers.FIELDS}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}


def rows(args: argparse.Namespace, scratch: Path) -> Iterator[Measured]:
    """Questions and answers about records that have been read."""
    options = Options(size=args.size, test_size=max(1, args.size // 20), seen_size=args.size // 40)
    few = made(args.records, min(args.peers, args.number), "parquet", args.directory)
    many = made(args.records, min(args.sample, args.number), "parquet", args.directory)
    with LocalEngine(args.workers) as engine, LocalEngine(1) as alone:
        collection = collect([many], engine, glossary(), directory=scratch)
        topics, invented = load_topics(), load_invented_topics()
        corpus = Corpus(collection.facts, topics, invented, load_categories(), options.val_ratio, options.seed)
        named = {topic.en: topic for topic in topics}
        wording = Wording(options.seed, corpus.last, named, corpus.invented, corpus.categories)
        variants: dict[tuple[str, int], Callable[[], int]] = {
            (OURS, workers): lambda engine=engine: _rows(  # type: ignore[misc]
                Builder(collection, corpus, wording, options, engine, scratch), options
            )
            for workers, engine in ((args.workers, engine), (1, alone))
        }
        for counted, what in ((False, ""), (True, ", tokens counted")):
            for workers in (args.workers, 1):
                variants[f"datasets.map{what}", workers] = lambda counted=counted, workers=workers: _with_cache(
                    scratch, lambda cache: len(peers.rows_with_datasets(few, workers, cache, counted=counted))
                )
            variants[f"pandas{what}", 1] = lambda counted=counted: len(peers.rows_with_pandas(few, counted=counted))
        yield from _alternating("build rows", variants, ROWS_BAR)


def _rows(builder: Builder, options: Options) -> int:
    wanted = options.rows()
    splits = {split: builder.split(split, wanted[split]) for split in SPLITS}
    seen = builder.seen(splits["train"], wanted["seen"])
    builder.lines.close()
    return len(seen) + sum(map(len, splits.values()))


def whole(args: argparse.Namespace, scratch: Path) -> Iterator[Measured]:
    """The command as users run it, on all records."""
    path = made(args.records, args.number, "parquet", args.directory)
    output = scratch / "data"
    command = [sys.executable, str(Path(__file__).with_name("timed_convert.py")), str(path)]
    command += ["--size", str(args.size), "--test-size", str(max(1, args.size // 20)), "--workers", str(args.workers)]
    command += ["--output", str(output), "--dataset-info", str(output / "dataset_info.json")]
    started = time.time()
    with (scratch / "out").open("w+") as out:
        process = subprocess.Popen(command, stdout=out)
        held = memory_held(process)
        out.seek(0)
        printed = out.read().splitlines()
    if process.returncode:
        sys.exit(process.returncode)
    peak = max(size for _, size in held)
    verdict = f"2 GiB: {'met' if peak <= MEMORY_BAR else 'MISSED'}, {_gib(peak)}"
    yield Measured("whole", OURS, args.number, time.time() - started, note=verdict)
    for stage, times in json.loads(printed[-1]).items():
        done = args.size if stage == "build rows" else args.number
        peak = max((size for at, size in held if any(start <= at <= stop for start, stop in times)), default=0)
        yield Measured(f"  {stage}", OURS, done, sum(stop - start for start, stop in times), note=_gib(peak))


def _gib(size: int) -> str:
    return f"peak {size / (1 << 30):.2f} GiB"


def _alternating(job: str, variants: Mapping[tuple[str, int], Callable[[], int]], bar: int) -> Iterator[Measured]:
    """Each variant in turn, several times, so that a noisy minute falls on all alike; the bar is for the first."""
    best: dict[tuple[str, int], float] = {}
    done: dict[tuple[str, int], int] = {}
    for _ in range(_REPEATS):
        for variant, work in variants.items():
            started = time.perf_counter()
            done[variant] = work()
            best[variant] = min(best.get(variant, float("inf")), time.perf_counter() - started)
    for (by, workers), seconds in best.items():
        number = done[by, workers]
        yield Measured(job, f"{by}, {workers} processes" if workers > 1 else by, number, seconds, bar)
        bar = 0


def _with_cache(scratch: Path, work: Callable[[Path], T]) -> T:
    """`work` with a cache of its own for `datasets`, which would find its former results otherwise."""
    with tempfile.TemporaryDirectory(dir=scratch) as cache:
        return work(Path(cache))


def table(lines: Sequence[Measured]) -> str:
    """The lines as text; ratios are those of the first line of the same job."""
    first = {line.job: line for line in reversed(lines)}
    cells = [("job", "by", "done", "seconds", "per second", f"{OURS} is", "bar")]
    for line in lines:
        ratio = "" if first[line.job] is line else f"{first[line.job].rate / line.rate:.1f}× as fast"
        bar = f"{line.bar:,}: {'met' if line.rate >= line.bar else 'MISSED'}" if line.bar else line.note
        cells.append((line.job, line.by, f"{line.done:,}", f"{line.seconds:.1f}", f"{line.rate:,.0f}", ratio, bar))
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    sides = "<<>>>><"
    return "\n".join(
        "  ".join(f"{cell:{side}{width}}" for cell, side, width in zip(row, sides, widths, strict=True)).rstrip()
        for row in cells
    )


def _cpu() -> str:
    information = Path("/proc/cpuinfo")
    text = information.read_text() if information.exists() else ""
    return next(
        (line.partition(":")[2].strip() for line in text.splitlines() if line.startswith("model name")), "CPU unknown"
    )


if __name__ == "__main__":
    main()
