import shlex

import pytest

from paperqa_ext.convert.arguments import changed, parser
from paperqa_ext.convert.build import SHARES


def parse(*arguments):
    return parser("convert").parse_args(arguments)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--siez", "10"], "unrecognized arguments"),
        (["--val", "0.1"], "unrecognized arguments"),
        (["--size", "0"], "--size"),
        (["--size", "many"], "--size"),
        (["--seen-size", "-1"], "--seen-size"),
        (["--val-ratio", "1"], "--val-ratio"),
        (["--gold-removed", "1.1"], "--gold-removed"),
        (["--lang", "en,fr"], "unknown language"),
        (["--lang", ""], "unknown language"),
        (["--max-papers", "6"], "--max-papers"),
        (["--map", "titel=Name"], "FIELD=COLUMN"),
        (["--map", "title"], "FIELD=COLUMN"),
        (["--map", "title="], "FIELD=COLUMN"),
        (["--shares", "recommend"], "KIND=NUMBER"),
        (["--shares", "poetry=1"], "KIND=NUMBER"),
        (["--shares", "lookup=-1"], "KIND=NUMBER"),
        (["--shares", "lookup=nan"], "KIND=NUMBER"),
        (["--shares", "lookup=0"], "all shares are 0"),
        (["--format", "openai"], "--format"),
        (["--engine", "spark"], "--engine"),
    ],
)
def test_wrong_usage(arguments, message, capsys):
    with pytest.raises(SystemExit) as caught:
        parse(*arguments)
    assert caught.value.code == 2
    assert message in capsys.readouterr().err


def test_help_has_examples_and_every_option_a_word(capsys):
    with pytest.raises(SystemExit) as caught:
        parse("--help")
    assert caught.value.code == 0
    printed = capsys.readouterr().out
    assert "examples:" in printed
    assert all(f"{kind}=" in printed for kind in SHARES)
    assert max(map(len, printed.splitlines())) <= 120


def test_values():
    args = parse("a.csv", "--map", "title=Name", "--map", "id=Key", "--shares", "lookup=3, compare=1", "--lang", "zh")
    assert args.source == ["a.csv"]
    assert args.map == [("title", "Name"), ("id", "Key")]
    assert {kind: part for kind, part in args.shares.items() if part} == {"lookup": 3, "compare": 1}
    assert args.langs == ("zh",)
    assert parse("--hub").hub == "almanach/arxiv_abstracts_2025"
    assert parse("--hub", "a/b").hub == "a/b"


@pytest.mark.parametrize(
    ("given", "command"),
    [
        ("", ""),
        ("--output x --dataset-info y.json --workers 3 --engine ray --dry-run", ""),
        ("--size 2900 --lang en,zh", ""),
        ("data/a.csv /home/me/b.csv", "data/a.csv b.csv"),
        ("--size 10 --seed 3 --no-reasons --grounded", "--size 10 --seed 3 --no-reasons --grounded"),
        ("--map title=Name --map id=Key --hub a/b", "--hub a/b --map title=Name --map id=Key"),
        (
            "--shares lookup=3,compare=1 --lang zh --format sharegpt",
            "--lang zh --shares lookup=3,compare=1 --format sharegpt",
        ),
    ],
)
def test_the_command_that_makes_the_same_again(given, command):
    assert changed(parse(*shlex.split(given))) == shlex.split(command)
    assert changed(parse(*shlex.split(command))) == shlex.split(command)
