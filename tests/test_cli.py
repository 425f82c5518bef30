import json
import subprocess
import sys

import pytest
from conftest import REPOSITORY

from paperqa_ext import __version__, cli
from paperqa_ext.prompts import citation_line

INDEX_ACTIONS = [["index", action] for action in ("build", "add", "search", "lookup", "info")]


def paperqa(*arguments, cwd=None):
    return subprocess.run(
        [sys.executable, "-m", "paperqa_ext.cli", *map(str, arguments)],
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize("command", [[], ["convert"], ["check"], ["index"], *INDEX_ACTIONS, ["demo"]], ids=" ".join)
def test_help_everywhere_with_examples(command, capsys):
    with pytest.raises(SystemExit) as stop:
        cli.main([*command, "--help"])
    assert stop.value.code == 0
    assert "example" in capsys.readouterr().out


def test_version(capsys):
    with pytest.raises(SystemExit):
        cli.main(["--version"])
    assert capsys.readouterr().out == f"paperqa-ext {__version__}\n"


@pytest.mark.parametrize(
    "wrong",
    [[], ["no-such-command"], ["check"], ["check", "x", "--inde", "y"], ["demo", "--step", "3"], ["demo", "--steps", "0"],
     ["demo", "--questions", "x"], ["index", "build", "x"], ["index", "search", "--year", "x"], ["index", "lookup"],
     ["convert", "--no-such-option"], ["check", "x", "--workers", "1", "y=1", "--k=1"],
     ["sample", "x.yaml", "--k", "2", "top_k"], ["sample", "x.yaml", "top_k=5", "--tops=5"]],
    ids=" ".join,
)  # fmt: skip
def test_wrong_usage_exits_with_2(wrong, capsys):
    with pytest.raises(SystemExit) as stop:
        cli.main(wrong)
    assert stop.value.code == 2
    assert "usage:" in capsys.readouterr().err


def test_overrides_may_stand_after_options():
    given = cli._parsed(["sample", "x.yaml", "a=1", "--k", "2", "top_k=5", "--output", "out", "b=c=d"])
    assert (given.overrides, given.k) == (["a=1", "top_k=5", "b=c=d"], 2)


@pytest.mark.parametrize(
    ("command", "message"),
    [
        (["check", "nowhere"], "no such file or directory"),
        (["check", ".", "--index", "nowhere"], "no generated_predictions.jsonl in this directory"),
        (["index", "build", "nowhere.jsonl", "--output", "out"], "no such file or directory"),
        (["index", "search", "x", "--index", "nowhere"], "no reference index here"),
        (["demo", "--out", "taken/demo"], "cannot be created"),
    ],
    ids=["check", "check directory", "index build", "index search", "demo"],
)
def test_errors_are_explained_with_exit_code_1(command, message, tmp_path):
    (tmp_path / "taken").write_text("")
    done = paperqa(*command, cwd=tmp_path)
    assert done.returncode == 1
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["taken"]


def test_index_build_then_check(tmp_path, papers):
    records = tmp_path / "records.jsonl"
    records.write_text(
        "".join(json.dumps({"id": p.id, "title": p.title, "authors": list(p.authors)}) + "\n" for p in papers[:100])
    )
    built = paperqa("index", "build", records, "--output", tmp_path / "index")
    assert built.returncode == 0, built.stderr
    assert "Index of 100 papers" in built.stdout

    (tmp_path / "run").mkdir()
    row = {"prompt": "q", "predict": citation_line(papers[7], 1), "label": ""}
    (tmp_path / "run" / "generated_predictions.jsonl").write_text(json.dumps(row) + "\n")
    checked = paperqa("check", tmp_path / "run", "--index", tmp_path / "index")
    assert checked.returncode == 0, checked.stderr
    assert "1 answers, 1 citations" in checked.stdout
    assert checked.stdout.rstrip().endswith("hallucination_report.html")


def test_check_of_a_directory_of_checkpoints(tmp_path, papers, index):
    for number in (1, 2):
        file = tmp_path / "saves" / f"checkpoint-{number}" / "generated_predictions.jsonl"
        file.parent.mkdir(parents=True)
        file.write_text(json.dumps({"prompt": "q", "predict": citation_line(papers[number], 1), "label": ""}) + "\n")
    checked = paperqa("check", "saves", "--index", index.path, "--output", "out", "--workers", "2", cwd=tmp_path)
    assert checked.returncode == 0, checked.stderr
    assert [line.split()[0] for line in checked.stdout.splitlines()[-2:]] == ["checkpoint-1", "checkpoint-2"]
    assert checked.stdout.count("Report: out/checkpoint-") == 2
    reports = sorted(str(path.relative_to(tmp_path)) for path in tmp_path.glob("*/*/hallucination_report.html"))
    assert reports == [f"out/checkpoint-{number}/hallucination_report.html" for number in (1, 2)]


def test_light_commands_never_import_the_heavy_libraries():
    program = (
        "import sys\n"
        "from paperqa_ext import cli, check, convert, index, metrics, papers, report, verify\n"
        "heavy = {'torch', 'transformers', 'llamafactory', 'datasets', 'peft', 'matplotlib'} & set(sys.modules)\n"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", program], check=True, cwd=REPOSITORY, timeout=60)
