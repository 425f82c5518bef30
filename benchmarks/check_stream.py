"""Time and memory of `paperqa check` on a large predictions file, made out of real records.

Examples:
  python benchmarks/check_stream.py                                 100 MB from the bundled sample
  python benchmarks/check_stream.py RECORDS.parquet --size 1000     a gigabyte
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from itertools import cycle
from pathlib import Path
from random import Random

from made_answers import answers
from made_citations import KINDS, Maker
from memory import memory_held

from paperqa_ext.index import build_index
from paperqa_ext.predictions import FILE_NAME
from paperqa_ext.sources import SAMPLE, read_papers

SPEED_BAR, MEMORY_BAR = 5_000, 2.0  # citations/s, GB
_EACH = 100  # citations of each kind, repeated until the file is large enough


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("real", type=Path, nargs="?", default=SAMPLE, metavar="RECORDS.parquet",
                        help="real records, with the columns of the bundled sample (default: that)")  # fmt: skip
    parser.add_argument("--size", type=int, default=100, metavar="MB", help="of the file (default: %(default)s)")
    parser.add_argument("--workers", type=int, help="processes (default: the cores)")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        index, predictions = Path(scratch) / "index", Path(scratch) / FILE_NAME
        real = list({paper.id: paper for paper in read_papers([args.real])}.values())
        build_index(real, index)
        _write(predictions, Maker(real, "tune", 0), args.size * 1_000_000)
        command = [sys.executable, "-m", "paperqa_ext.cli", "check", str(predictions), "--index", str(index)]
        seconds, cpu, peak = _run(command + (["--workers", str(args.workers)] if args.workers else []))
        report = json.loads((Path(scratch) / "hallucination_report.json").read_text(encoding="utf-8"))
    speed = report["citations"] / seconds
    print("| predictions | answers | citations | s | citations/s | bar | CPU s | peak memory, GB | bar |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    print(f"| {args.size:,} MB | {report['answers']:,} | {report['citations']:,} | {seconds:.0f} | {speed:,.0f} "
          f"| ≥ {SPEED_BAR:,}: {'met' if speed >= SPEED_BAR else 'MISSED'} | {cpu:.0f} | {peak:.2f} "
          f"| < {MEMORY_BAR:g}: {'met' if peak < MEMORY_BAR else 'MISSED'} |")  # fmt: skip


def _write(path: Path, maker: Maker, size: int) -> None:
    cited = [made.citation for kind in KINDS for made in maker.made(kind, _EACH)]
    Random(0).shuffle(cited)
    rows = (
        json.dumps({"prompt": "Recommend five papers.", "predict": text, "label": ""}, ensure_ascii=False) + "\n"
        for text in cycle(answers(cited))
    )
    with path.open("w", encoding="utf-8") as file:
        while file.tell() < size:
            file.write(next(rows))


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
