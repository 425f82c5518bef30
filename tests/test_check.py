import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time

import pytest
from test_report import HOSTILE, assert_self_contained

from paperqa_ext.check import check_file, check_paths
from paperqa_ext.dataset import Constraints, Example, Publication
from paperqa_ext.details import DETAILS_NAME, REPORT_NAME
from paperqa_ext.engine import LocalEngine, open_engine
from paperqa_ext.errors import DatasetError, IndexUnavailableError, OutputError, PredictionsError
from paperqa_ext.metrics import Score
from paperqa_ext.predictions import FILE_NAME
from paperqa_ext.prompts import citation_line
from paperqa_ext.report import CSV_NAME, HTML_NAME, MARKDOWN_NAME, PNG_NAME, SVG_NAME

NAMES = sorted([DETAILS_NAME, REPORT_NAME, HTML_NAME, CSV_NAME, MARKDOWN_NAME, PNG_NAME, SVG_NAME])


@pytest.fixture
def run(tmp_path, papers):
    """Four answers: two right, one real and one invented paper, a wrong year, a refusal."""
    real = [paper for paper in papers if len(paper.title) > 40 and paper.authors][:4]
    answers = [
        "\n".join(citation_line(paper, number) for number, paper in enumerate(real[:2], 1)),
        f"{citation_line(real[2], 1)}\n2. **Hierarchical Prompt Distillation for Underwater Tomography** — A. Nobody (2021).",
        f"1. **{real[3].title}** ({real[3].year - 7}).",
        "抱歉，我没有找到符合条件的论文。",
    ]
    (tmp_path / FILE_NAME).write_text(
        "".join(json.dumps({"prompt": f"q{i}", "predict": text, "label": ""}) + "\n" for i, text in enumerate(answers))
    )
    return tmp_path


def test_verdicts_rates_and_files(run, index):
    result = check_file(run, index.path)
    assert result.score.counts == {
        "verified": 3,
        "metadata_error": 1,
        "altered_title": 0,
        "fabricated": 1,
        "unverifiable": 0,
    }
    assert result.score.fabrication_rate.value == 1 / 5
    assert [answer.abstained for answer in result.answers()] == [False, False, False, True]
    assert sorted(path.name for path in run.iterdir()) == sorted([FILE_NAME, *NAMES])

    report = json.loads((run / REPORT_NAME).read_text())
    assert report["fabrication_rate"]["value"] == 1 / 5
    assert report["signature"]["index"]["hash"] == index.coverage.hash
    assert len(report["signature"]["predictions_sha256"]) == 64

    rows = [json.loads(line) for line in (run / DETAILS_NAME).read_text().splitlines()]
    predictions = [json.loads(line)["predict"] for line in (run / FILE_NAME).read_text().splitlines()]
    assert [row["index"] for row in rows] == [0, 1, 2, 3]
    for row, text in zip(rows, predictions, strict=True):
        for citation in row["citations"]:
            start, end = citation["span"]
            assert text[start:end] == citation["text"]


def test_the_same_input_gives_the_same_bytes(run, index):
    check_file(run, index.path)
    first = {name: (run / name).read_bytes() for name in NAMES}
    check_file(run, index.path)
    assert {name: (run / name).read_bytes() for name in NAMES} == first


def test_another_output_directory(run, index, tmp_path_factory):
    output = tmp_path_factory.mktemp("reports") / "new"
    result = check_file(run / FILE_NAME, index.path, output)
    assert sorted(path.name for path in output.iterdir()) == NAMES
    assert result.files["html"] == output / HTML_NAME
    assert [path.name for path in run.iterdir()] == [FILE_NAME]


def test_a_directory_without_predictions(tmp_path, index):
    with pytest.raises(PredictionsError, match=f"{FILE_NAME}: cannot be read: No such file"):
        check_file(tmp_path, index.path)


@pytest.mark.parametrize("trouble", ["index", "predictions", "output"])
def test_errors_leave_nothing_half_written(run, index, trouble):
    where, expected, output = index.path, PredictionsError, None
    if trouble == "index":
        where, expected = run / "no_index", IndexUnavailableError
    elif trouble == "predictions":
        with (run / FILE_NAME).open("a") as file:
            file.write('{"prompt": ')
    else:
        (run / "taken").write_text("a file")
        expected, output = OutputError, run / "taken" / "reports"
    with pytest.raises(expected):
        check_file(run, where, output)
    assert not any((run / name).exists() for name in NAMES)


def test_a_failed_check_keeps_the_last_report(run, index):
    check_file(run, index.path)
    before = {name: (run / name).read_bytes() for name in NAMES}
    with (run / FILE_NAME).open("a") as file:
        file.write("[]\n")
    with pytest.raises(PredictionsError):
        check_file(run, index.path)
    assert {name: (run / name).read_bytes() for name in NAMES} == before


def test_moved_index(run, index, tmp_path_factory):
    moved = tmp_path_factory.mktemp("moved") / "index"
    shutil.copytree(index.path, moved)
    assert check_file(run, moved).signature == check_file(run, index.path).signature


@pytest.fixture
def long_run(tmp_path, papers):
    """Enough answers for several processes, some of them long, broken or hostile."""
    lines = [citation_line(paper, number % 5 + 1) for number, paper in enumerate(papers)]
    answers = ["\n".join(lines[start : start + 5]) for start in range(0, len(lines), 5)]
    answers[3] = "</script><script>alert(1)</script> \ud800 \u202e **" + answers[3]
    answers[7] = "**" * 500_000
    repeats = -(-1000 // len(answers))
    (tmp_path / FILE_NAME).write_text(
        "".join(json.dumps({"prompt": "q", "predict": text, "label": ""}) + "\n" for text in answers * repeats)
    )
    return tmp_path


def test_the_engine_does_not_change_the_result(long_run, index):
    result = check_file(long_run, index.path)
    alone = {name: (long_run / name).read_bytes() for name in NAMES}
    with LocalEngine(2) as engine:
        check_file(long_run, index.path, engine=engine)
    assert {name: (long_run / name).read_bytes() for name in NAMES} == alone
    answers = list(result.answers())
    assert [answer.index for answer in answers] == list(range(result.score.answers))
    assert Score.of(answers, alignment=result.score.alignment).to_dict() == result.score.to_dict()


@pytest.mark.slow
def test_ray_gives_the_same_bytes(long_run, index, tmp_path_factory, monkeypatch):
    pytest.importorskip("ray")
    shutil.copytree(long_run, long_run / "again")
    monkeypatch.chdir(long_run)
    alone, spread = (tmp_path_factory.mktemp(name) for name in ("alone", "spread"))
    for output, engine in ((alone, "local"), (spread, "ray")):
        with open_engine(engine, 1) as opened:
            assert len(list(check_paths(["."], os.path.relpath(index.path), output, engine=opened))) == 2
    for name in (*NAMES, *(f"again/{name}" for name in NAMES)):
        assert (alone / name).read_bytes() == (spread / name).read_bytes()


def test_a_bad_line_is_named_whatever_the_engine(long_run, index):
    lines = len((long_run / FILE_NAME).read_text().splitlines())
    with (long_run / FILE_NAME).open("a") as file:
        file.write("[]\n")
    with LocalEngine(2) as engine, pytest.raises(PredictionsError, match=f":{lines + 1}: not a JSON object"):
        check_file(long_run, index.path, engine=engine)
    assert [path.name for path in long_run.iterdir()] == [FILE_NAME]


CHECK = "import sys; from paperqa_ext.check import check_file; check_file(sys.argv[1], sys.argv[2])"


def test_a_killed_check_keeps_the_last_report(run, long_run, index):
    (run / REPORT_NAME).write_text("the last report")
    child = subprocess.Popen([sys.executable, "-c", CHECK, str(run), str(index.path)])
    deadline = time.monotonic() + 60
    while not list(run.glob(".paperqa-*/new/*.jsonl")) and time.monotonic() < deadline:
        time.sleep(0.01)
    child.send_signal(signal.SIGKILL)
    assert child.wait() == -signal.SIGKILL
    assert (run / REPORT_NAME).read_text() == "the last report"
    assert not (run / DETAILS_NAME).exists()
    check_file(run, index.path)
    assert sorted(path.name for path in run.iterdir()) == sorted([FILE_NAME, *NAMES])


def test_a_full_disk_keeps_the_last_report(long_run, index):
    (long_run / REPORT_NAME).write_text("the last report")

    def little_room():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))

    child = subprocess.run(
        [sys.executable, "-c", CHECK, str(long_run), str(index.path)],
        preexec_fn=little_room,
        capture_output=True,
        text=True,
    )
    assert child.returncode == 1 and "OutputError" in child.stderr and "File too large" in child.stderr
    assert (long_run / REPORT_NAME).read_text() == "the last report"
    assert sorted(path.name for path in long_run.iterdir()) == sorted([FILE_NAME, REPORT_NAME])


def test_files_of_a_directory_are_checked_one_by_one(run, index, tmp_path_factory):
    directory, output = tmp_path_factory.mktemp("parts"), tmp_path_factory.mktemp("reports")
    lines = (run / FILE_NAME).read_text().splitlines(keepends=True)
    for name, part in (("1.jsonl", lines[:2]), ("2.jsonl", lines[2:])):
        (directory / name).write_text("".join(part))
    found = dict(check_paths([directory], index.path, output))
    assert {name: result.score.answers for name, result in found.items()} == {"1": 2, "2": 2}
    check_file(directory / "2.jsonl", index.path, output / "alone")
    for name in NAMES:
        assert (output / "2" / name).read_bytes() == (output / "alone" / name).read_bytes()


def test_a_bad_line_is_told_before_any_file_is_checked(run, index):
    last = run / "z" / FILE_NAME
    last.parent.mkdir()
    last.write_text('{"prompt": "q", "predict": "", "label": ""}\n{"prompt": ')
    with pytest.raises(PredictionsError, match=rf"z.{FILE_NAME}:2: not valid JSON"):
        list(check_paths([run], index.path))
    assert sorted(path.name for path in run.iterdir()) == [FILE_NAME, "z"]


class Interrupted(LocalEngine):
    """Works here, and does something else when half is done."""

    def __init__(self, between):
        super().__init__(1)
        self.between = between

    def map(self, function, items):
        results = super().map(function, items)
        yield next(results)
        self.between()
        yield from results


def test_two_checks_at_once_do_not_mix_their_reports(run, long_run, index, tmp_path_factory):
    output, alone = tmp_path_factory.mktemp("reports"), tmp_path_factory.mktemp("alone")
    short = tmp_path_factory.mktemp("short") / FILE_NAME
    short.write_text((long_run / FILE_NAME).read_text().partition("\n")[0])

    def other():
        assert check_file(short, index.path, output).score.answers == 1
        assert sorted(path.name for path in output.iterdir() if not path.name.startswith(".")) == NAMES

    check_file(long_run, index.path, output, engine=Interrupted(other))
    check_file(long_run, index.path, alone)
    assert sorted(path.name for path in output.iterdir()) == NAMES
    for name in NAMES:
        assert (output / name).read_bytes() == (alone / name).read_bytes()


def test_a_file_that_changes_meanwhile_is_an_error(long_run, index):
    def write_on():
        with (long_run / FILE_NAME).open("a") as file:
            file.write('{"prompt": "q", "predict": "", "label": ""}\n')

    with pytest.raises(PredictionsError, match="changed while it was checked"):
        check_file(long_run, index.path, engine=Interrupted(write_on))
    assert [path.name for path in long_run.iterdir()] == [FILE_NAME]


def test_hostile_answers_are_reported_and_do_nothing(tmp_path, index):
    title = "</script><script>alert(1)</script> [x](javascript:alert(2)) \u202egnp.exe\x00 \ud800"
    texts = [
        HOSTILE,
        f"1. **{title}** — <b onload=x>A. Nobody</b> (2021). [arXiv:2201.01234](javascript:alert(3))",
        f'1. [{title}](javascript:alert(4)), "{title}" by {title} (2020).\n<think>' + title * 50,
        "{{ 7 * 7 }} \x1b[31m\n" + "1. **Deep Networks of \u202eHostile Graphs** (2021)\n" * 20_000,
    ]
    rows = [{"prompt": text[:2000], "predict": text, "label": text[:9], text[:9]: [text[:9]]} for text in texts]
    (tmp_path / FILE_NAME).write_text("".join(json.dumps(row) + "\n" for row in rows))
    result = check_file(tmp_path, index.path)
    assert [answer.predict for answer in result.answers()] == texts
    for answer in result.answers():
        for checked in answer.citations:
            start, end = checked.citation.span
            assert checked.citation.text == answer.predict[start:end]
    assert result.score.citations > 400
    html = result.files["html"].read_text(encoding="utf-8")
    assert len(html) < 500_000
    page = assert_self_contained(html)
    assert "<script>alert(1)</script>" in page.visible()
    assert "⟨U+202E⟩gnp.exe⟨U+0000⟩ ⟨U+D800⟩" in page.visible()
    assert not set("\u202e\x00\x1b") & set(html)
    json.loads(result.files["json"].read_text(encoding="utf-8"))


@pytest.fixture
def asked_run(tmp_path, papers):
    """Answers to the questions of a registered dataset: every other cites a paper of the year asked for."""
    real = [paper for paper in papers if len(paper.title) > 40 and paper.authors][:400]
    with Publication(tmp_path / "data", tmp_path / "dataset_info.json") as publication:
        for n, paper in enumerate(real):
            asked = Constraints(year=paper.year + n % 2, n=1)
            example = Example(f"recommend-{n}", "recommend", "en", f"Question {n}?", "A.", "S.", (), (paper.id,), asked)
            publication.split("test").write(example)
        publication.commit()
    rows = [
        {"prompt": f"user: Question {n}? assistant:", "predict": citation_line(paper, 1), "label": "A."}
        for n, paper in enumerate(real)
    ]
    (tmp_path / FILE_NAME).write_text("".join(json.dumps(row) + "\n" for row in rows))
    return tmp_path


def test_what_was_asked_is_known_from_the_dataset(asked_run, index):
    named = ["arxiv_paperqa_test"]
    result = check_file(asked_run, index.path, dataset=named, dataset_info=asked_run / "dataset_info.json")
    assert result.score.on_constraint_precision.value == 0.5
    assert result.score.gold_recall.value == 1
    answers = list(result.answers())
    assert [answer.asked.id for answer in answers] == [f"recommend-{n}" for n in range(400)]
    assert [answer.citations[0].on_constraint for answer in answers[:4]] == [True, False, True, False]
    report = json.loads((asked_run / REPORT_NAME).read_text())
    assert report["alignment"]["answers"] == 400
    assert report["on_constraint_precision"]["value"] == 0.5
    assert report["breakdowns"]["kind"]["recommend"]["answers"] == 400
    assert json.loads((asked_run / DETAILS_NAME).read_text().splitlines()[1])["asked"]["id"] == "recommend-1"


def test_the_dataset_of_the_working_directory_is_found(asked_run, index, monkeypatch):
    monkeypatch.chdir(asked_run)
    assert check_file(asked_run, index.path).score.on_constraint_precision.value == 0.5
    lines = (asked_run / FILE_NAME).read_text().splitlines(keepends=True)
    (asked_run / FILE_NAME).write_text("".join(lines[:7] + lines[8:]))  # LLaMA-Factory dropped a row
    score = check_file(asked_run, index.path).score
    assert score.on_constraint_precision.value is None
    assert "none registered in dataset_info.json has these questions" in score.alignment


def test_a_dataset_that_is_not_there_is_an_error(asked_run, index):
    with pytest.raises(DatasetError, match="no such dataset is registered"):
        check_file(asked_run, index.path, dataset=["mine"], dataset_info=asked_run / "dataset_info.json")
    assert not (asked_run / REPORT_NAME).exists()


def test_chunks_carry_their_rows_whatever_the_engine(asked_run, index, tmp_path_factory, monkeypatch):
    monkeypatch.setattr("paperqa_ext.chunks._ANSWERS", 24)
    outputs = [tmp_path_factory.mktemp(name) for name in ("alone", "spread")]
    info = asked_run / "dataset_info.json"
    check_file(asked_run, index.path, outputs[0], dataset=["arxiv_paperqa_test"], dataset_info=info)
    with LocalEngine(2) as engine:
        check_file(asked_run, index.path, outputs[1], dataset=["arxiv_paperqa_test"], dataset_info=info, engine=engine)
    for name in NAMES:
        assert (outputs[0] / name).read_bytes() == (outputs[1] / name).read_bytes()


def test_resamples_are_those_asked_for(run, index):
    assert check_file(run, index.path, resamples=50).score.resamples == 50
