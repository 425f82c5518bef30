from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from paperqa_ext.sources import SAMPLE

REPOSITORY = Path(__file__).parents[1]


@pytest.mark.slow
def test_the_converters_benchmark_prints_a_table_of_ours_and_the_others(tmp_path: Path) -> None:
    sizes = ["--records", "6000", "--sample", "2000", "--peers", "300", "--size", "200"]
    command = [sys.executable, "benchmarks/convert.py", str(SAMPLE), *sizes, "--directory", str(tmp_path / "made")]
    run = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False, timeout=300)
    assert run.returncode == 0, run.stderr
    lines = [re.split(r"  +", line.strip()) for line in run.stdout.splitlines()[1:] if line.strip()]
    measured = {(line[0], line[1]): line for line in lines if line[0] != "job"}
    jobs = [job for job, _ in measured]
    assert jobs.count("read parquet") == jobs.count("read jsonl") >= 3  # ours, datasets, pandas
    assert jobs.count("build rows") >= 5
    assert {"whole", "read", "plan", "build rows", "index", "read back"} <= set(jobs)
    assert measured["whole", "paperqa_ext"][2] == "6,000"
    assert re.fullmatch(r"2 GiB: met, peak [01]\.\d\d GiB", measured["whole", "paperqa_ext"][-1])
    assert all(float(line[3]) >= 0 and int(line[4].replace(",", "")) > 0 for line in measured.values())


def test_records_are_made_out_of_real_ones_with_ids_of_their_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(REPOSITORY / "benchmarks")
    from made_records import made

    from paperqa_ext.sources import read_papers

    sample = list(read_papers([SAMPLE]))
    number, real = len(sample) + 1000, len(sample)
    parquet, snapshot = (list(read_papers([made(SAMPLE, number, kind, tmp_path)])) for kind in ("parquet", "jsonl"))
    assert len({paper.id for paper in parquet}) == len(parquet) == number
    assert parquet[:real] == sample
    assert [(paper.id, paper.title) for paper in parquet] == [(paper.id, paper.title) for paper in snapshot]
    assert not {paper.title for paper in parquet[real:]} & {paper.title for paper in parquet[:real]}
