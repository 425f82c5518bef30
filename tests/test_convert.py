import json
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from paperqa_ext import convert
from paperqa_ext.convert.card import CARD_NAME, PLOT_NAME
from paperqa_ext.convert.collect import collect_papers
from paperqa_ext.convert.splits import SPLITS
from paperqa_ext.engine import open_engine
from paperqa_ext.index import ReferenceIndex
from paperqa_ext.papers import Paper
from paperqa_ext.prompts import LANGS

ROOT = Path(__file__).parents[1]
MADE = (*(f"data/arxiv_paperqa_{split}.json" for split in (*SPLITS, "seen")), f"data/{CARD_NAME}", f"data/{PLOT_NAME}")


@pytest.fixture(scope="module")
def default_run(tmp_path_factory):
    """Directory and printed text of the command as a newcomer runs it, in an empty directory."""
    directory = tmp_path_factory.mktemp("default")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(directory)
        printed = []
        patch.setattr("builtins.print", lambda *values, **_: printed.append(" ".join(map(str, values))))
        assert convert.main([]) == 0
    return directory, "\n".join(printed)


def write_records(path, papers):
    records = [
        {
            "id": paper.id,
            "title": paper.title,
            "authors": list(paper.authors),
            "abstract": paper.abstract,
            "categories": " ".join(paper.categories),
        }
        for paper in papers
    ]
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return path


@pytest.fixture
def records(tmp_path, papers):
    """A source of 300 papers."""
    return write_records(tmp_path / "records.jsonl", papers[::18])


SMALL = ("--size", "50", "--test-size", "10", "--seen-size", "6")


def run(records, tmp_path, *arguments):
    out = tmp_path / "out"
    info = tmp_path / "dataset_info.json"
    # One worker, unless a test says otherwise: so few rows are made sooner than a process starts.
    return convert.main([str(records), "--output", str(out), "--dataset-info", str(info), "--workers", "1", *arguments])


def loaded(tmp_path, split):
    return json.loads((tmp_path / f"out/arxiv_paperqa_{split}.json").read_text())


@pytest.mark.parametrize("name", [*MADE, "dataset_info.json"])
def test_the_committed_files_are_what_the_command_writes(default_run, name):
    assert (default_run[0] / name).read_bytes() == (ROOT / name).read_bytes(), "run python -m paperqa_ext.convert"


def test_the_command_leaves_nothing_else(default_run):
    directory = default_run[0]
    files = {str(path.relative_to(directory)) for path in directory.rglob("*") if path.is_file()}
    assert {name for name in files if not name.startswith("data/index/")} == {*MADE, "dataset_info.json"}


def test_the_order_of_the_records_does_not_matter(papers, scratch):
    made = []
    for some in (papers[:400], papers[399::-1]):
        found = collect_papers(some, convert.glossary(), directory=scratch)
        with open_engine("local", 1) as engine:
            conversion = convert.convert(found, convert.Options(size=100, test_size=20), engine, scratch)
            made.append({split: list(conversion.lines(split)) for split in conversion.rows})
    assert made[0] == made[1]


def test_the_command_reports_what_it_did(default_run, papers):
    printed = default_run[1]
    assert f"records: {len(papers):,} read, {len(papers):,} kept" in printed
    for number in ("2,320", "580", "240", "120"):
        assert number in printed
    assert "papers cited in two splits: train/val 0, train/test 0, val/test 0" in printed
    assert printed.endswith("next: llamafactory-cli train examples/train_qlora.yaml")


def test_distractors_are_indexed_and_never_cited(default_run, papers):
    assert len(ReferenceIndex(default_run[0] / "data" / "index")) > len(papers)


def test_sharegpt_and_grounded_rows(records, tmp_path):
    assert run(records, tmp_path, *SMALL, "--format", "sharegpt", "--grounded") == 0
    info = json.loads((tmp_path / "dataset_info.json").read_text())
    assert set(info) == {f"arxiv_paperqa_{s}" for s in (*SPLITS, "seen", *(f"grounded_{split}" for split in SPLITS))}
    assert {entry["formatting"] for entry in info.values()} == {"sharegpt"}
    row = loaded(tmp_path, "grounded_train")[0]
    assert [turn["from"] for turn in row["conversations"]] == ["human", "gpt"]
    assert "arXiv" in row["conversations"][0]["value"]


def test_a_dry_run_shows_rows_of_every_kind_and_writes_nothing(records, tmp_path, capsys):
    before = set(tmp_path.iterdir())
    assert run(records, tmp_path, "--size", "300", "--test-size", "30", "--dry-run") == 0
    printed = capsys.readouterr().out
    heads = re.findall(r"^===== (\w+), (\w+) =====$", printed, re.MULTILINE)
    assert heads == [(kind, lang) for kind in convert.SHARES for lang in LANGS]
    assert printed.count("Q: ") >= 150
    assert set(tmp_path.iterdir()) == before


def test_further_topics(records, tmp_path, capsys):
    (tmp_path / "mine.csv").write_text("topic_en,topic_zh,keywords\npulsars,脉冲星,pulsar\n", encoding="utf-8")
    assert run(records, tmp_path, *SMALL, "--topics", str(tmp_path / "mine.csv"), "--dry-run") == 0
    (tmp_path / "mine.csv").write_text("topic_en,topic_zh\npulsars,脉冲星\n", encoding="utf-8")
    assert run(records, tmp_path, *SMALL, "--topics", str(tmp_path / "mine.csv")) == 1
    assert "mine.csv:1: field 'keywords'" in capsys.readouterr().err
    (tmp_path / "mine.csv").write_text("topic_en,topic_zh,keywords\nChaos,浑沌,chaotic\n", encoding="utf-8")
    assert run(records, tmp_path, *SMALL, "--topics", str(tmp_path / "mine.csv")) == 1
    assert "mine.csv: field 'topic_en': 'Chaos' is a bundled topic already" in capsys.readouterr().err


def test_too_small_a_source_says_how_many_rows_it_allows(papers, tmp_path, capsys):
    records = write_records(tmp_path / "records.jsonl", papers[::60])
    assert run(records, tmp_path, "--size", "100000", "--test-size", "5000") == 1
    message = capsys.readouterr().err
    size, test = re.search(r"run with --size (\d+) --test-size (\d+)", message).groups()
    assert not (tmp_path / "out").exists() and not (tmp_path / "dataset_info.json").exists()
    assert run(records, tmp_path, "--size", size, "--test-size", test, "--dry-run") == 0


def test_a_handful_of_papers(tmp_path, capsys):
    path = tmp_path / "one.jsonl"
    path.write_text('{"id": "2201.01234", "title": "T"}\n')
    assert run(path, tmp_path, "--size", "10", "--test-size", "1") == 1
    assert "Give a source with more arXiv records." in capsys.readouterr().err


def test_only_title_abstract_year_and_url(papers, tmp_path):
    """The columns of the data set that people begin with."""
    path = tmp_path / "seed.jsonl"
    records = [{"title": p.title, "abstract": p.abstract, "year": p.year, "url": p.url} for p in papers[:300]]
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    assert run(path, tmp_path, *SMALL) == 0
    rows = [row for split in SPLITS for row in loaded(tmp_path, split)]
    assert not any(row["kind"] == "author" or row["constraints"]["field"] == "authors" for row in rows)
    cited = next(row for row in rows if row["paper_ids"])
    assert f"](https://arxiv.org/abs/{cited['paper_ids'][0]})" in cited["output"]


def test_withdrawn_papers_are_indexed_and_never_cited(papers, scratch):
    gone = [
        Paper(f"2202.{number:05}", f"Graph neural networks {number}", ("A",), "", (), "2022-02", True)
        for number in range(1, 51)
    ]
    found = collect_papers([*papers[:200], *gone], convert.glossary(), directory=scratch)
    with open_engine("local", 1) as engine:
        made = convert.convert(found, convert.Options(size=50, test_size=10), engine, scratch)
    assert made.corpus.skipped["withdrawn"] == 50
    assert len(found.records) == 250
    cited = {row for rows in made.rows.values() for made_row in rows for row in made_row.ask.papers}
    assert not any(paper.withdrawn for paper in found.records.papers(cited))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--siez", "10"], "unrecognized arguments"),
        (["--size", "2", "--val-ratio", "0.1"], "leaves train or val without a row"),
        (["a.csv", "--hub"], "either SOURCE or --hub"),
    ],
)
def test_wrong_usage(arguments, message, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as caught:
        convert.main(arguments)
    assert caught.value.code == 2
    assert message in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_a_missing_source(tmp_path, capsys):
    assert run(tmp_path / "nowhere.parquet", tmp_path) == 1
    captured = capsys.readouterr()
    assert "nowhere.parquet: no such file" in captured.err and "Traceback" not in captured.err
    assert not list(tmp_path.iterdir())


def contents(tmp_path, records):
    """All files but the search's, whose names tantivy draws."""
    files = (path for path in tmp_path.rglob("*") if path.is_file() and path != records)
    return {path: path.read_bytes() for path in files if path.parent.name != "topics"}


def test_runs_one_after_the_other(records, tmp_path, capsys):
    """Other entries stay registered, a failing run changes nothing, another run writes the same bytes."""
    info = json.loads((ROOT / "dataset_info.json").read_text())
    (tmp_path / "dataset_info.json").write_text(json.dumps({"mine": {"file_name": "x.json"}} | info))
    assert run(records, tmp_path, *SMALL) == 0
    assert capsys.readouterr().out.endswith(f"examples/train_qlora.yaml dataset_dir={tmp_path}\n")
    after = json.loads((tmp_path / "dataset_info.json").read_text())
    assert list(after) == ["mine", *info] and after["mine"] == {"file_name": "x.json"}
    assert after["arxiv_paperqa_val"]["file_name"] == "out/arxiv_paperqa_val.json"

    before = contents(tmp_path, records)
    sound = records.read_text()
    records.write_text(sound + "{broken\n")
    assert run(records, tmp_path, *SMALL) == 1
    assert "records.jsonl:301: not valid JSON" in capsys.readouterr().err
    assert contents(tmp_path, records) == before

    records.write_text(sound)
    assert run(records, tmp_path, *SMALL, "--workers", "2") == 0
    assert contents(tmp_path, records) == before


def test_a_broken_dataset_info_is_kept_byte_for_byte(records, tmp_path, capsys):
    broken = b'{"mine": {"file_name": "x.json"},,}\n'
    (tmp_path / "dataset_info.json").write_bytes(broken)
    assert run(records, tmp_path, *SMALL) == 1
    assert "dataset_info.json:1: not valid JSON" in capsys.readouterr().err
    assert (tmp_path / "dataset_info.json").read_bytes() == broken
    assert not (tmp_path / "out").exists()


def test_an_output_that_cannot_be_made(records, tmp_path, capsys):
    (tmp_path / "out").write_text("a file")
    assert run(records, tmp_path, *SMALL) == 1
    assert f"{tmp_path / 'out'}" in capsys.readouterr().err
    assert not (tmp_path / "dataset_info.json").exists()


def test_something_that_is_no_index_is_not_replaced(records, tmp_path, capsys):
    (tmp_path / "out" / "index").mkdir(parents=True)
    (tmp_path / "out" / "index" / "thesis.tex").write_text("years of work")
    assert run(records, tmp_path, *SMALL) == 1
    assert "exists and is not an index" in capsys.readouterr().err
    assert (tmp_path / "out" / "index" / "thesis.tex").exists()


@pytest.mark.slow
def test_killed_at_any_moment_it_leaves_the_output_before_and_a_rerun_completes(records, tmp_path):
    command = [sys.executable, "-m", "paperqa_ext.convert", str(records), "--output", str(tmp_path / "out")]
    command += ["--dataset-info", str(tmp_path / "dataset_info.json"), *SMALL]
    started = time.monotonic()
    subprocess.run([*command, "--seed", "1"], check=True, capture_output=True)
    whole = time.monotonic() - started
    before = contents(tmp_path, records)
    for part in (0.1, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95):
        killed = subprocess.Popen([*command, "--seed", "2"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(part * whole)
        killed.send_signal(signal.SIGKILL)
        killed.wait()
        now = {path: data for path, data in contents(tmp_path, records).items() if ".paperqa-" not in str(path)}
        if killed.returncode == -signal.SIGKILL:
            assert now == before
    subprocess.run([*command, "--seed", "1"], check=True, capture_output=True)
    assert contents(tmp_path, records) == before


@pytest.mark.slow
def test_ray_writes_the_same_bytes(records, tmp_path):
    pytest.importorskip("ray", reason="install the extra: pip install 'paperqa-ext[ray]'")
    assert run(records, tmp_path, *SMALL) == 0
    before = contents(tmp_path, records)
    assert run(records, tmp_path, *SMALL, "--engine", "ray") == 0
    assert contents(tmp_path, records) == before
