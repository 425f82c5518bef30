import argparse
import json
import shutil
from pathlib import Path

import pytest
from scipy import stats

from paperqa_ext.asked import Asked
from paperqa_ext.check import check_answers, check_file, sign
from paperqa_ext.cli import compare as command
from paperqa_ext.compare import compare, find_runs
from paperqa_ext.compare.checkpoints import step_of, training_loss
from paperqa_ext.details import DETAILS_NAME, REPORT_NAME, encode
from paperqa_ext.errors import ComparisonError
from paperqa_ext.metrics import RATES, UNBOUNDED, Difference, McNemar, Score
from paperqa_ext.predictions import FILE_NAME, read_predictions
from paperqa_ext.prompts import citation_line
from paperqa_ext.report.differences import comparison_text, write_numbers

FAKE = "1. **Hierarchical Prompt Distillation for Underwater Tomography of Whales** — A. Nobody (2021)."


@pytest.fixture(scope="module")
def real(papers) -> list[str]:
    return [citation_line(paper, 1) for paper in papers if len(paper.title) > 40 and paper.authors][:40]


def write_report(directory: Path, index, asked=None) -> None:
    """What `check_file` writes, but for the page and its pictures, which take a second."""
    file = directory / FILE_NAME
    answers = check_answers(list(read_predictions(file)), index, 0, asked)
    (directory / DETAILS_NAME).write_bytes(b"".join(map(encode, answers)))
    report = {**Score.of(answers, resamples=10).to_dict(), "signature": sign(file, index, directory)}
    (directory / REPORT_NAME).write_text(json.dumps(report))


@pytest.fixture
def checked(index, real):
    """Predicts and checks a run: `answers` is V (a real paper), X (an invented one) or - (none) for each question."""

    def run(directory: Path, answers: str, *, first: int = 0, prompt: str = "<|user|>Question {}?") -> Path:
        directory.mkdir(parents=True)
        texts = {"V": lambda n: real[n], "X": lambda n: FAKE, "-": lambda n: "抱歉，我没有找到符合条件的论文。"}
        rows = [
            {"prompt": prompt.format(n), "predict": texts[kind](n), "label": ""}
            for n, kind in enumerate(answers, first)
        ]
        (directory / FILE_NAME).write_text("".join(json.dumps(row) + "\n" for row in rows))
        write_report(directory, index)
        return directory

    return run


def compared(*directories: Path, **options):
    return compare(find_runs(directories), resamples=500, **options)


BEFORE, AFTER = "XXXXXXXXVV-V", "VVVVVVXXVVVX"


def test_before_and_after_by_hand(checked, tmp_path):
    found = compared(checked(tmp_path / "base", BEFORE), checked(tmp_path / "tuned", AFTER))
    assert [run.name for run in found.runs] == ["base", "tuned"]
    assert (found.questions, found.paired_by) == (12, "prompt")
    [pair] = found.pairs
    assert pair.any_fake == McNemar(6, 1, pytest.approx(stats.binomtest(1, 7).pvalue))
    assert pair.changes == 8
    assert len(found.changed) == 8
    for case in found.changed:
        assert [answer.prompt for answer in case.answers] == [case.prompt] * 2
    differences = {difference.name: difference for difference in pair.differences}
    assert tuple(differences) == RATES
    assert differences["any_fake_rate"].value == pytest.approx(3 / 12 - 8 / 12)
    assert differences["fabrication_rate"].value == pytest.approx(3 / 12 - 8 / 11)
    assert differences["fabrication_rate"].high < 0
    assert differences["verified_yield"].value == pytest.approx(9 / 12 - 3 / 12)
    assert differences["answer_rate"].value == pytest.approx(1 - 11 / 12)
    assert differences["gold_recall"] == Difference("gold_recall", None, None, None, None)


def test_identical_runs_do_not_differ(checked, tmp_path):
    found = compared(checked(tmp_path / "a", BEFORE), checked(tmp_path / "b", BEFORE))
    [pair] = found.pairs
    assert (pair.any_fake, pair.changes, found.changed) == (McNemar(0, 0, 1.0), 0, ())
    for difference in pair.differences:
        if difference.value is not None:
            margin = 0 if difference.name in UNBOUNDED else 3 / (11 if "fabrication" in difference.name else 12)
            if difference.name == "metadata_error_rate":
                margin = 3 / 3  # of three answers that cite a real paper
            assert difference == Difference(difference.name, 0, pytest.approx(-margin), pytest.approx(margin), 1)


def test_only_questions_in_all_runs_count(checked, tmp_path):
    """Four runs, of which each lacks some of the others' questions."""
    runs = [
        checked(tmp_path / "a", "XXXX"),
        checked(tmp_path / "b", "VVVV", first=1),
        checked(tmp_path / "c", "XV"),
        checked(tmp_path / "d", "VXX"),
    ]
    found = compared(*runs)
    assert found.questions == 1
    assert [run.left_out for run in found.runs] == [3, 3, 1, 2]
    assert [run.score.counts["fabricated"] for run in found.runs] == [1, 0, 0, 1]
    assert [pair.any_fake.b for pair in found.pairs] == [1, 1, 0]
    text = comparison_text(found)
    assert "1 questions in all runs" in text
    assert "left out: 3 of 4 answers of a" in text


def test_a_question_asked_again_is_paired_in_order(checked, tmp_path):
    found = compared(checked(tmp_path / "a", "XVX", prompt="same"), checked(tmp_path / "b", "VV", prompt="same"))
    assert found.questions == 2
    assert [run.left_out for run in found.runs] == [1, 0]
    assert found.pairs[0].any_fake.b == 1


def test_runs_without_a_common_question(checked, tmp_path):
    one, two = checked(tmp_path / "a", "XV"), checked(tmp_path / "b", "XV", first=7)
    with pytest.raises(ComparisonError, match="no question is in all of the runs"):
        compared(one, two)


def test_one_answer(checked, tmp_path):
    found = compared(checked(tmp_path / "a", "X"), checked(tmp_path / "b", "V"))
    assert found.pairs[0].any_fake == McNemar(1, 0, 1.0)
    difference = next(d for d in found.pairs[0].differences if d.name == "fabrication_rate")
    assert (difference.value, difference.low, difference.high) == (-1, -1, 0)


@pytest.mark.parametrize("answers", ["---", ""])
def test_runs_without_citations(checked, tmp_path, answers):
    one, two = checked(tmp_path / "a", answers or "-"), checked(tmp_path / "b", answers or "-")
    [pair] = compared(one, two).pairs
    undefined = {difference.name for difference in pair.differences if difference.value is None}
    assert {"fabrication_rate", "metadata_error_rate"} <= undefined
    assert pair.any_fake.p == 1


def test_rows_pair_runs_of_different_chat_templates(index, real, tmp_path):
    asked = [Asked(f"r-{n}", "recommend", "en", *[""] * 3, (), *[None] * 5, f"Question {n}?", "") for n in range(4)]
    for name, prompt in (("a", "<s>{}</s>"), ("b", "[INST] {} [/INST]")):
        (tmp_path / name).mkdir()
        rows = [
            {"prompt": prompt.format(row.instruction), "predict": real[n], "label": ""} for n, row in enumerate(asked)
        ]
        (tmp_path / name / FILE_NAME).write_text("".join(json.dumps(row) + "\n" for row in rows))
        write_report(tmp_path / name, index, asked)
    found = compared(tmp_path / "a", tmp_path / "b")
    assert (found.questions, found.paired_by) == (4, "row")


def test_checkpoints_with_the_loss_of_their_training(checked, tmp_path):
    runs = tmp_path / "saves"
    checked(runs / "checkpoint-1000" / "predict", "VVVV")
    checked(runs / "checkpoint-200" / "predict", "XXVV")
    checked(runs / "base", "XXXX")
    log = [{"current_steps": step, "loss": 2 / step} for step in (100, 200, 500, 1000)]
    (runs / "trainer_log.jsonl").write_text("".join(json.dumps(row) + "\n" for row in [*log, {"current_steps": 1001}]))
    found = compared(runs / "base", runs)
    assert [run.step for run in found.runs] == [None, 200, 1000]
    assert found.loss == ((100, 0.02), (200, 0.01), (500, 0.004), (1000, 0.002))
    lines = comparison_text(found).splitlines()[-2:]
    assert [line.split()[:3] for line in lines] == [["200", "0.0100", "50.0%"], ["1000", "0.0020", "0.0%"]]
    (runs / "trainer_log.jsonl").unlink()
    state = {"log_history": [{"step": 10, "loss": 1.5}, {"step": 20, "eval_loss": 2}]}
    (runs / "checkpoint-1000" / "trainer_state.json").write_text(json.dumps(state))
    assert compared(runs / "base", runs).loss == ((10, 1.5),)


def test_the_log_can_be_named(tmp_path):
    log = tmp_path / "trainer_log.jsonl"
    log.write_text('{"current_steps": 1, "loss": 3.0}\n')
    assert training_loss([], log) == ((1, 3.0),)
    assert training_loss([tmp_path / "checkpoint-1"]) == ((1, 3.0),)
    assert training_loss([tmp_path / "elsewhere"]) == ()
    log.write_text("[1]\n")
    with pytest.raises(ComparisonError, match="is no log of a training"):
        training_loss([], log)
    with pytest.raises(ComparisonError, match="cannot be read: No such file"):
        training_loss([], tmp_path / "none.jsonl")


def test_steps():
    assert step_of(Path("saves/checkpoint-30/predict")) == 30
    assert step_of(Path("saves/checkpoint-x/predict")) is None


def test_which_reports_paths_name(checked, tmp_path, monkeypatch):
    one, two = checked(tmp_path / "x" / "a", "X"), checked(tmp_path / "x" / "b", "V")
    assert find_runs([one / REPORT_NAME, two]) == [("a", one), ("b", two)]
    assert find_runs([two, one.parent]) == [("b", two), ("a", one)]
    with pytest.raises(ComparisonError, match="there is only this one report"):
        find_runs([one, one / ".." / "a"])
    (tmp_path / "empty").mkdir()
    with pytest.raises(ComparisonError, match=f"empty: there is no {REPORT_NAME}"):
        find_runs([one, tmp_path / "empty"])


@pytest.mark.parametrize(
    ("trouble", "message"),
    [
        ("index", "checked with another `index`"),
        ("thresholds", "checked with another `thresholds`"),
        ("predictions", "made from other predictions than are there now"),
        ("details", "is damaged, or of another version"),
        ("report", "is damaged, or of another version"),
        ("gone", "cannot be read: No such file"),
    ],
)
def test_what_cannot_be_compared_is_refused(checked, tmp_path, trouble, message):
    one, two = checked(tmp_path / "a", "XV"), checked(tmp_path / "b", "VV")
    report = json.loads((two / REPORT_NAME).read_text())
    if trouble in report["signature"] and trouble != "predictions":
        report["signature"][trouble] = "another"
        (two / REPORT_NAME).write_text(json.dumps(report))
    elif trouble == "predictions":
        shutil.copy(one / FILE_NAME, two / FILE_NAME)
    elif trouble == "details":
        (two / DETAILS_NAME).write_text((two / DETAILS_NAME).read_text().splitlines()[0])
    elif trouble == "report":
        (two / REPORT_NAME).write_text("{}")
    else:
        (two / FILE_NAME).unlink()
    with pytest.raises(ComparisonError, match=message) as error:
        compared(one, two)
    assert "Check the runs again" in str(error.value)


def test_reports_in_another_directory_know_their_predictions(checked, index, tmp_path):
    one, two = checked(tmp_path / "a", "XV"), checked(tmp_path / "b", "VV")
    check_file(two, index.path, tmp_path / "reports" / "of_b", resamples=200)
    found = compared(one, tmp_path / "reports" / "of_b")
    assert found.pairs[0].any_fake.b == 1
    assert [c.verdict.label for answer in found.changed[0].answers for c in answer.citations] == [
        "fabricated",
        "verified",
    ]


def test_text_overlap_comes_along(checked, tmp_path):
    one, two = checked(tmp_path / "a", "XV"), checked(tmp_path / "b", "VVV")
    (one / "predict_results.json").write_text('{"predict_bleu-4": 47.1, "predict_runtime": 3.0}')
    (two / "predict_results.json").write_text('{"predict_bleu-4": 51.0}')
    assert [dict(run.quality) for run in compared(one, two).runs] == [{"bleu-4": 47.1}, {}]  # of other questions too


def test_numbers_and_text_say_the_same(checked, tmp_path):
    found = compared(checked(tmp_path / "base", BEFORE), checked(tmp_path / "tuned", AFTER))
    write_numbers(tmp_path / "numbers.json", found)
    numbers = json.loads((tmp_path / "numbers.json").read_text())
    assert numbers["pairs"][0]["any_fake"] == {"b": 6, "c": 1, "p": 0.125}
    assert numbers["pairs"][0]["differences"]["any_fake_rate"]["value"] == pytest.approx(-5 / 12)
    assert numbers["runs"][1]["fabrication_rate"]["value"] == 0.25
    text = comparison_text(found)
    assert "answers with a fake: 6 lost it, 1 gained one; McNemar's exact test p 0.125" in text
    assert "tuned against base: 8 answers with other verdicts" in text
    assert max(map(len, text.splitlines())) <= 120


def test_the_command_prints_the_table_and_writes_page_and_numbers(checked, tmp_path, capsys):
    one, two = checked(tmp_path / "base", BEFORE), checked(tmp_path / "tuned", AFTER)
    parser = argparse.ArgumentParser()
    command.add_parsers(parser.add_subparsers(), lambda make, examples, **options: make(examples, **options))
    args = parser.parse_args(["compare", str(one), str(two), "--resamples", "100"])
    args.run(args)
    printed = capsys.readouterr().out
    assert "12 questions in all runs, paired by prompt" in printed
    page, numbers = (tmp_path / f"hallucination_comparison.{ending}" for ending in ("html", "json"))
    assert printed.endswith(f"Report: {page}\nNumbers: {numbers}\n")
    assert "McNemar" in printed
    assert "Underwater Tomography of Whales" in page.read_text()
    assert json.loads(numbers.read_text())["questions"] == 12
