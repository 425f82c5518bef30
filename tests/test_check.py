import json
import shutil
import socket

import pytest

from paperqa_ext.check import check_file
from paperqa_ext.errors import IndexUnavailableError, OutputError, PredictionsError
from paperqa_ext.predictions import FILE_NAME
from paperqa_ext.prompts import citation_line

NAMES = ["hallucination_details.jsonl", "hallucination_report.html", "hallucination_report.json"]


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
    assert [answer.abstained for answer in result.answers] == [False, False, False, True]
    assert sorted(path.name for path in run.iterdir()) == sorted([FILE_NAME, *NAMES])

    report = json.loads((run / NAMES[2]).read_text())
    assert report["fabrication_rate"]["value"] == 1 / 5
    assert report["signature"]["index"]["hash"] == index.coverage.hash
    assert len(report["signature"]["predictions_sha256"]) == 64

    rows = [json.loads(line) for line in (run / NAMES[0]).read_text().splitlines()]
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
    assert result.files["html"] == output / NAMES[1]
    assert [path.name for path in run.iterdir()] == [FILE_NAME]


def test_no_network_is_used(run, index, monkeypatch):
    def refuse(*_):
        raise AssertionError("the check opened a socket")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    check_file(run, index.path)


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
