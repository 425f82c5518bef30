"""How right and how fast citations are checked, beside other checkers, on citations made out of real records.

Examples:
  python benchmarks/check.py                                        the bundled sample
  python benchmarks/check.py RECORDS.parquet --set held_back --peers
  python benchmarks/check.py RECORDS.parquet --records 3000000      with made-up records around the real ones
"""

from __future__ import annotations

import argparse
import platform
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import chain
from pathlib import Path

import psutil
from check_peers import run_peers
from citation_noise import SAME, VARIANTS
from made_answers import answers
from made_citations import FLAGS, HALVES, KINDS, SHARED, Kind, Made, Maker, removed
from made_records import made
from scipy import stats

from paperqa_ext.citations import Citation, extract
from paperqa_ext.engine import LocalEngine
from paperqa_ext.index import ReferenceIndex, build_index
from paperqa_ext.papers import Paper
from paperqa_ext.sources import SAMPLE, read_papers
from paperqa_ext.verify import verify_all

OURS = "paperqa_ext"
MIXED_BAR, LARGE_BAR, TEXT_BAR, MEMORY_BAR = 15_000, 12_000, 5_000, 1.2  # citations/s on 2 processes, GB
_LARGE = 1_000_000  # records from which on `LARGE_BAR` is asked
_ABSENT = ("chimera", "real, not in the index", "a word replaced", "two words replaced")
_BATCH = 1_000  # citations verified at once
_REPEATS = 3  # the best counts
_PEER_EACH = 20  # citations of each kind for the peers, so that the slowest takes a minute


@dataclass(frozen=True, slots=True)
class Work:
    """What a batch took: results and the resident memory of the process in bytes."""

    labels: tuple[str, ...]
    held: int


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("real", type=Path, nargs="?", default=SAMPLE, metavar="RECORDS.parquet",
        help="real records, with the columns of the bundled sample (default: that)")  # fmt: skip
    add("--records", type=int, metavar="N", help="fill the index up to N with made-up ones (default: real ones only)")
    add("--citations", type=int, default=1000, metavar="N", help="of each kind, at most (default: %(default)s)")
    add("--speed", type=int, default=20_000, metavar="N", help="citations to time, 0 for none (default: %(default)s)")
    add("--set", choices=HALVES, default=HALVES[0], dest="half", help="half of the records (default: %(default)s)")
    add("--peers", action="store_true", help="measure other checkers, too; the first time they are installed")
    add("--seed", type=int, default=0, help="of all choices (default: %(default)s)")
    add("--directory", type=Path, default=Path(tempfile.gettempdir()) / "paperqa-benchmark", metavar="DIR",
        help="where made-up records and other checkers are kept (default: %(default)s)")  # fmt: skip
    args = parser.parse_args()
    args.directory.mkdir(parents=True, exist_ok=True)
    real = list({paper.id: paper for paper in read_papers([args.real])}.values())
    maker = Maker(real, args.half, args.seed)
    with tempfile.TemporaryDirectory(dir=args.directory) as scratch:
        index = Path(scratch) / "index"
        started = time.perf_counter()
        coverage = build_index(_indexed(args, real), index)
        seconds = time.perf_counter() - started
        size = sum(file.stat().st_size for file in index.rglob("*") if file.is_file())
        print(f"Index of {coverage.papers:,} records to {coverage.last}: {seconds:.0f} s, {size / 1e6:,.0f} MB. "
              f"Set: {args.half}. Python {platform.python_version()}.\n")  # fmt: skip
        print(f"{accuracy(maker, args.citations, index)}\n", flush=True)
        if args.speed:
            print(f"{speed(maker, args.speed, index, coverage.papers)}\n", flush=True)
        if args.peers:
            cited = [one for kind in KINDS for one in maker.made(kind, _PEER_EACH)[: 3 * _PEER_EACH]]
            print(beside_peers(cited, index, _indexed(args, real), args.directory / "peers"))


def _indexed(args: argparse.Namespace, real: Sequence[Paper]) -> Iterator[Paper]:
    """The records that the index holds: without those that are cited as missing."""
    absent = {paper.id for paper in real if removed(paper)}
    papers: Iterable[Paper] = real
    if args.records:
        papers = read_papers([made(args.real, args.records, "parquet", args.directory)])
    return (paper for paper in papers if paper.id not in absent)


def accuracy(maker: Maker, number: int, index: Path) -> str:
    """A line for every kind and every group of kinds: how many were flagged, with the right verdict, and the bar."""
    rows, groups = [], dict[str, tuple[Kind, list[str]]]()
    for name, kind in KINDS.items():
        cited = [one.citation for one in maker.made(name, number)]
        labels = [label for batch in _batches(cited) for label in _verdicts(batch, index=index).labels]
        rows.append((name, *_counted(kind, labels)))
        groups.setdefault(kind.group, (kind, []))[1].extend(labels)
    rows += [(f"**all: {group}**", *_counted(kind, labels)) for group, (kind, labels) in groups.items()]
    head = ("citations", "n", "verified", "unverifiable", "flagged", "95% interval", "right flag", "bar")
    return markdown(head, rows)


def _counted(kind: Kind, labels: Sequence[str]) -> tuple[str, ...]:
    n = len(labels)
    if not n:
        return "0", "", "", "", "", "", ""
    flagged = sum(label in FLAGS for label in labels)
    interval = stats.binomtest(flagged, n).proportion_ci(method="wilson")
    right = _share(sum(label in kind.flags for label in labels), n) if kind.flags else ""
    return (
        f"{n:,}",
        _share(labels.count("verified"), n),
        _share(labels.count("unverifiable"), n),
        f"{_share(flagged, n)} ({flagged})",
        f"{interval.low:.2%}–{interval.high:.2%}",
        right,
        _bar(kind, flagged, n),
    )


def _bar(kind: Kind, flagged: int, n: int) -> str:
    if kind.bar is None:
        return ""
    # Of the few that share a title, one may be flagged.
    met = flagged >= kind.bar * n if kind.flags else flagged <= max(kind.bar * n, kind.name == SHARED)
    return f"{'≥' if kind.flags else '≤'} {kind.bar:.1%}: {'met' if met else 'MISSED'}"


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.1%}"


def speed(maker: Maker, number: int, index: Path, papers: int) -> str:
    """Citations a second on one process and on two, and from the text of answers."""
    mixed = list(_mixed(maker, number))
    written = [one for one in mixed if "\n" not in (one.title or "")]
    bar = LARGE_BAR if papers > _LARGE else MIXED_BAR
    size = max(10, min(_BATCH, number // 20))  # so that there are enough for all processes
    rows = []
    for job, cited, batches, work, wanted in (
        ("mixed citations", mixed, list(_batches(mixed, size)), _verdicts, bar),
        ("text to verdicts", written, list(_batches(answers(written), size // 5)), _checked_texts, TEXT_BAR),
    ):
        for workers in (1, 2):
            seconds, results = _timed(partial(work, index=index), batches, workers)
            rate = len(cited) / seconds
            asked = f"≥ {wanted:,}: {'met' if rate >= wanted else 'MISSED'}" if workers == 2 else ""
            found = sum(len(result.labels) for result in results)
            held = max(result.held for result in results) / 1e9 if workers == 2 else 0
            memory = f"{held:.2f} GB ({'met' if held <= MEMORY_BAR else 'MISSED'})" if held else ""
            rows.append((job, f"{workers}", f"{len(cited):,}", f"{found:,}", f"{rate:,.0f}", asked, memory))
    return markdown(("job", "processes", "cited", "verdicts", "citations/s", "bar", "peak RSS of a worker"), rows)


def _mixed(maker: Maker, number: int) -> Iterator[Citation]:
    """40% exact with noise, 20% variants, 40% not in the index."""
    shares = ((tuple(SAME), 0.4), (tuple(VARIANTS), 0.2), (_ABSENT, 0.4))
    cited = [maker.made(kind, round(number * share / len(kinds))) for kinds, share in shares for kind in kinds]
    longest = max(map(len, cited))
    # Spread, so that every batch holds all kinds alike.
    placed = [((place + 0.5) * longest / len(some), one) for some in cited for place, one in enumerate(some)]
    return (one.citation for _, one in sorted(placed, key=lambda pair: pair[0]))


def _batches(items: Sequence, size: int = _BATCH) -> Iterator[Sequence]:
    return (items[start : start + size] for start in range(0, len(items), size))


def _timed(work: Callable[[Sequence], Work], batches: list[Sequence], workers: int) -> tuple[float, list[Work]]:
    with LocalEngine(workers) as engine:
        list(engine.map(work, [batches[0][:10]] * 8 * workers))  # the processes start, the index is opened
        best, results = float("inf"), list[Work]()
        for _ in range(_REPEATS):
            started = time.perf_counter()
            results = list(engine.map(work, batches))
            best = min(best, time.perf_counter() - started)
    return best, results


_opened = lru_cache(maxsize=1)(ReferenceIndex)


def _verdicts(citations: Sequence[Citation], *, index: Path) -> Work:
    verdicts = verify_all(citations, _opened(index))
    return Work(tuple(verdict.label for verdict in verdicts), psutil.Process().memory_info().rss)


def _checked_texts(texts: Sequence[str], *, index: Path) -> Work:
    return _verdicts(list(chain.from_iterable(map(extract, texts))), index=index)


def beside_peers(cited: Sequence[Made], index: Path, papers: Iterable[Paper], directory: Path) -> str:
    """A column for every checker: the share of each kind that it flags, and its speed on one machine."""
    citations = [one.citation for one in cited]
    started = time.perf_counter()
    labels = [label for batch in _batches(citations) for label in _verdicts(batch, index=index).labels]
    seconds = time.perf_counter() - started
    flagged = {OURS: tuple(label in FLAGS for label in labels)}
    rates = {OURS: len(citations) / seconds}
    for checked in run_peers(papers, citations, directory):
        name = f"{checked.peer.package} {checked.peer.version}"
        if checked.reason:
            print(f"{name} is left out: {checked.reason}", file=sys.stderr)
            continue
        flagged[name] = checked.flagged
        rates[name] = len(citations) / checked.seconds
    kinds = [one.kind for one in cited]
    rows = [
        (f"{'fake: ' if kind.flags else ''}{name}", f"{kinds.count(name)}",
         *(_share(sum(hit for hit, one in zip(hits, kinds, strict=True) if one == name), kinds.count(name))
           for hits in flagged.values()))
        for name, kind in KINDS.items() if name in kinds
    ]  # fmt: skip
    for title, wanted in (("all real", False), ("all fakes", True)):
        chosen = [bool(KINDS[kind].flags) == wanted for kind in kinds]
        shares = (
            _share(sum(hit and one for hit, one in zip(hits, chosen, strict=True)), sum(chosen))
            for hits in flagged.values()
        )
        rows.append((f"**{title}**", f"{sum(chosen)}", *shares))
    rows.append(("citations/s", f"{len(kinds)}", *(f"{rate:,.0f}" for rate in rates.values())))
    rows.append((f"{OURS} is", "", *(f"{rates[OURS] / rate:,.0f}× as fast" for rate in rates.values())))
    return markdown(("flagged", "n", *flagged), rows)


def markdown(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table, its columns aligned."""
    lines = [tuple(head), *map(tuple, rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    lines.insert(1, tuple("-" * width for width in widths))
    return "\n".join(f"| {' | '.join(f'{c:<{w}}' for c, w in zip(line, widths, strict=True))} |" for line in lines)


if __name__ == "__main__":
    main()
