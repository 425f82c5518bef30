"""Time and memory of `paperqa check` on a large predictions file, made out of real records.

Examples:
  python benchmarks/check_stream.py                                 100 MB from the bundled sample
  python benchmarks/check_stream.py RECORDS.parquet --size 1000     a gigabyte
  python benchmarks/check_stream.py RECORDS.parquet --answers 10000 --workers 2      no two alike
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from itertools import cycle, islice
from pathlib import Path
from random import Random

from made_answers import answers
from made_citations import KINDS, Maker
from memory import memory_held

from paperqa_ext.index import build_index
from paperqa_ext.predictions import FILE_NAME
from paperqa_ext.sources import SAMPLE, read_papers

SPEED_BAR, MEMORY_BAR = 5_000, 2.0  # citations/s, GB
ANSWERS_BAR = 30  # seconds for 10,000 answers of five citations, on 2 cores
_EACH = 100  # citations of each kind, repeated until the file is large enough


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("real", type=Path, nargs="?", default=SAMPLE, metavar="RECORDS.parquet",
                        help="real records, with the columns of the bundled sample (default: that)")  # fmt: skip
    parser.add_argument("--size", type=int, default=100, metavar="MB", help="of the file (default: %(default)s)")
    parser.add_argument("--answers", type=int, metavar="N", help="so many answers instead, each of five citations")
    parser.add_argument("--workers", type=int, help="processes (default: the cores)")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        index, predictions = Path(scratch) / "index", Path(scratch) / FILE_NAME
        real = list({paper.id: paper for paper in read_papers([args.real])}.values())
        build_index(real, index)
        maker = Maker(real, "tune", 0)
        if args.answers:
            _write(predictions, islice(_texts(maker, 6 * args.answers // len(KINDS)), args.answers))
        else:
            _write(predictions, cycle(_texts(maker, _EACH)), args.size * 1_000_000)
        command = [sys.executable, "-m", "paperqa_ext.cli", "check", str(predictions), "--index", str(index)]
        seconds, cpu, peak = _run(command + (["--workers", str(args.workers)] if args.workers else []))
        report = json.loads((Path(scratch) / "hallucination_report.json").read_text(encoding="utf-8"))
    speed = report["citations"] / seconds
    size = f"{args.answers:,} answers" if args.answers else f"{args.size:,} MB"
    bars = {
        f"≥ {SPEED_BAR:,} citations/s": speed >= SPEED_BAR,
        f"< {MEMORY_BAR:g} GB": peak < MEMORY_BAR,
    }
    if args.answers:
        bars[f"≤ {ANSWERS_BAR} s for 10,000"] = seconds <= ANSWERS_BAR * max(1, args.answers / 10_000)
    judged = ", ".join(f"{bar}: {'met' if met else 'MISSED'}" for bar, met in bars.items())
    print("| predictions | answers | citations | s | citations/s | CPU s | peak memory, GB | bars |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- |")
    print(f"| {size} | {report['answers']:,} | {report['citations']:,} | {seconds:.1f} | {speed:,.0f} | {cpu:.0f} "
          f"| {peak:.2f} | {judged} |")  # fmt: skip


def _texts(maker: Maker, each: int) -> list[str]:
    """Answers of five citations, `each` of every kind, in disorder."""
    cited = [made.citation for kind in KINDS for made in maker.made(kind, each)]
    Random(0).shuffle(cited)
    return answers(cited)


def _write(path: Path, texts: Iterable[str], size: float = float("inf")) -> None:
    """As many of `texts` as there are, or as fill `size` bytes."""
    with path.open("w", encoding="utf-8") as file:
        for text in texts:
            row = {"prompt": "Recommend five papers.", "predict": text, "label": ""}
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
            if file.tell() >= size:
                break


def _run(command: list[str]) -> tuple[float, float, float]:
    """Seconds, CPU seconds and the peak memory in GB of all processes."""
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    peak = max(size for _, size in memory_held(process))
    if process.returncode:
        sys.exit(process.returncode)
    seconds, used = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    return seconds, used.ru_utime + used.ru_stime, peak / 1e9


if __name__ == "__main__":
    main()
