from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

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


@pytest.fixture
def maker(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Any]:
    monkeypatch.syspath_prepend(REPOSITORY / "benchmarks")
    from made_citations import Maker

    from paperqa_ext.sources import read_papers

    papers = list(read_papers([SAMPLE]))
    return lambda half: Maker(papers, half)


def test_citations_of_every_kind_are_made_the_same_in_every_run_and_others_in_each_half(
    maker: Callable[[str], Any],
) -> None:
    from made_citations import HALVES, KINDS, SHARED

    tune, again, held_back = maker(HALVES[0]), maker(HALVES[0]), maker(HALVES[1])
    for kind in set(KINDS) - {SHARED}:  # no title comes twice in the sample
        made = tune.made(kind, 5)
        assert 0 < len(made) <= 5, kind
        assert made == again.made(kind, 5)
        assert not {one.citation.title for one in made} & {one.citation.title for one in held_back.made(kind, 5)}


def test_fakes_are_no_real_papers_and_wrong_fields_are_wrong(maker: Callable[[str], Any]) -> None:
    from made_citations import KINDS, TITLE_FLAGS, removed, title_key

    made = maker("tune")
    real = {title_key(paper.title): paper for paper in made.papers}
    for name, kind in KINDS.items():
        for one in made.made(name, 30):
            paper = real.get(title_key(one.citation.title))
            if kind.flags == TITLE_FLAGS:
                assert paper is None or (removed(paper) and name == "real, not in the index"), one
            elif name in ("id of another", "no such id"):
                assert one.citation.arxiv_id not in (None, paper.id)
            elif name == "year off by 3 or more":
                assert abs(one.citation.year - paper.year) >= 3
            elif kind.flags:
                assert not set(one.citation.authors) <= set(paper.authors)
            elif name == "exact":
                assert one.citation.title == paper.title and set(one.citation.authors) <= set(paper.authors)


def test_titles_that_papers_share_are_all_cited_with_their_own_authors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(REPOSITORY / "benchmarks")
    from made_citations import HALVES, SHARED, Maker, removed

    from paperqa_ext.papers import Paper

    twins = [
        Paper(f"20{n:02}.{n:05}", "On Graphs", (f"Ann Author{n}",), published=f"20{n}-01-01") for n in range(10, 20)
    ]
    kept = {paper.authors for paper in twins if not removed(paper)}
    for half in HALVES:
        assert {one.citation.authors for one in Maker(twins, half).made(SHARED, 1)} == kept


def test_answers_are_written_from_citations_that_are_found_in_them_again(maker: Callable[[str], Any]) -> None:
    from made_answers import answers

    from paperqa_ext.citations import extract

    cited = [one.citation for one in maker("tune").made("exact", 100)]
    written = answers(cited)
    assert len(written) == 20
    found = {one.title for text in written for one in extract(text)}
    assert len(found & {one.title for one in cited}) >= 90


@pytest.mark.slow
def test_the_benchmark_of_checking_prints_accuracy_by_kind_and_speed(tmp_path: Path) -> None:
    sizes = ["--citations", "20", "--speed", "200", "--records", "7000"]
    command = [sys.executable, "benchmarks/check.py", *sizes, "--directory", str(tmp_path)]
    run = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False, timeout=300)
    assert run.returncode == 0, run.stderr
    rows = {}
    for line in run.stdout.splitlines():
        if line.startswith("| "):
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            rows[cells[0], cells[1]] = cells
    assert rows["exact", "20"][2] == "100.0%" and rows["exact", "20"][4] == "0.0% (0)"
    assert rows["invented", "20"][4] == "100.0% (20)"
    assert rows["invented", "20"][7] == "≥ 99.5%: met"
    for job in ("mixed citations", "text to verdicts"):
        assert all(int(rows[job, workers][4].replace(",", "")) > 0 for workers in "12")
    assert re.match(r"Index of 6,[78]\d\d records", run.stdout)


def test_a_peer_that_cannot_be_installed_is_left_out_with_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(REPOSITORY / "benchmarks")
    import check_peers

    monkeypatch.setattr(check_peers, "PEERS", (check_peers.Peer("any", "1.0", "peer_any.py", ("ok",), "9.9"),))
    [checked] = check_peers.run_peers([], [], tmp_path)
    assert checked.reason == "it has a wheel for Python 9.9 only, which is not here"
    assert not checked.flagged


def test_the_network_is_closed_to_peers(tmp_path: Path) -> None:
    (tmp_path / "records").write_text("")
    (tmp_path / "citations").write_text("[{}]")
    script = """
import socket, urllib.request
from peer_run import run
def check(citations):
    labels = []
    for ask in (lambda: socket.create_connection(("127.0.0.1", 9)), lambda: urllib.request.urlopen("http://[::1]:9")):
        try:
            ask()
        except OSError as error:
            labels.append(str(error))
    return labels
run(lambda records, directory: check)
"""
    command = [sys.executable, "-c", script, "records", "citations", "."]
    path = {"PYTHONPATH": str(REPOSITORY / "benchmarks")}
    run = subprocess.run(command, cwd=tmp_path, env=path, capture_output=True, text=True, check=True, timeout=60)
    assert run.stdout.count("the benchmark allows no network") == 2


@pytest.mark.slow
def test_a_large_file_is_checked_and_measured() -> None:
    command = [sys.executable, "benchmarks/check_stream.py", "--size", "2"]
    run = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=True, timeout=300)
    row = next(line for line in run.stdout.splitlines() if line.startswith("| 2 MB"))
    assert "< 2 GB: met" in row
    assert int(row.split("|")[3].replace(",", "")) > 5_000
