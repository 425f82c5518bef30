"""The documentation says what is so: every command in both READMEs is run here, or shown to be run by another test."""

from __future__ import annotations

import argparse
import ast
import functools
import graphlib
import gzip
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pyarrow.csv as pc
import pyarrow.parquet as pq
import pytest
from conftest import REPOSITORY

from paperqa_ext import __version__, cli
from paperqa_ext.categories import load_categories
from paperqa_ext.check import check_answers
from paperqa_ext.convert import arguments
from paperqa_ext.convert.abstracts import reason
from paperqa_ext.convert.build import SHARES, Options
from paperqa_ext.convert.card import CELLS
from paperqa_ext.convert.corpus import MAX_OEUVRE
from paperqa_ext.demo import ARMS
from paperqa_ext.details import encode
from paperqa_ext.metrics import RATES, Score
from paperqa_ext.predictions import Prediction
from paperqa_ext.sources import ALIASES, read_papers
from paperqa_ext.sources.hub import DEFAULT_HUB
from paperqa_ext.sources.streams import KINDS, PACKED
from paperqa_ext.topics import load_topics
from paperqa_ext.verify import LABELS

READMES = ("README.md", "README_zh.md")
PACKAGE = REPOSITORY / "paperqa_ext"
BUNDLED = PACKAGE / "data" / "sample.parquet"
FOUR_COMMANDS = (
    "python -m paperqa_ext.convert",
    "llamafactory-cli train examples/train_qlora.yaml",
    "llamafactory-cli chat examples/infer.yaml",
    "llamafactory-cli webui",
)
# Run by whoever installs; test_demo.py runs the demo itself.
INSTALLING = {"python3.11 -m venv .venv", ". .venv/bin/activate"}
# Made by the commands or by the reader, so not in the repository.
MADE = re.compile(r"(saves|data|mine|models|paperqa_demo|my_\w+)(/|\b)|\.venv|hallucination_|generated_predictions\.")
MADE_BY_LLAMAFACTORY = {"predict_results.json", "all_results.json", "training_loss.png"}
RUNNABLE = re.compile(r"(paperqa (check(?! --watch)|compare|index)|python -m paperqa_ext\.convert)\b")
# Commands that need a model, or do not end: parsed here, run by the tests of their modules.
PARSED = {"demo", "check", "chat", "serve", "webchat", "answer", "sample", "pairs"}


@functools.cache
def text(name: str) -> str:
    return (REPOSITORY / name).read_text(encoding="utf-8")


def blocks(name: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", text(name), re.MULTILINE | re.DOTALL)


def commands(name: str) -> list[str]:
    return [line for block in blocks(name, "bash") for line in block.splitlines()]


def prose(name: str) -> str:
    return re.sub(r"^```.*?^```$", "", text(name), flags=re.MULTILINE | re.DOTALL)


def tables(name: str) -> list[list[list[str]]]:
    """Every table as rows of cells, without header and rule."""
    found = re.findall(r"(?:^\|.*\|\n)+", prose(name), re.MULTILINE)
    return [[[cell.strip() for cell in row.strip("|").split(" | ")] for row in t.splitlines()[2:]] for t in found]


def table_of(name: str, first: str) -> list[list[str]]:
    """The table whose first column begins with `first`."""
    return next(rows for rows in tables(name) if rows[0][0] == f"`{first}`")


def first_column(name: str, first: str) -> list[str]:
    return [row[0].strip("`") for row in table_of(name, first)]


@functools.cache
def modules() -> dict[str, Path]:
    """The files of all modules by their dotted names below the package; a room's `__init__` stands for the room."""
    found = {}
    for path in PACKAGE.rglob("*.py"):
        *rooms, stem = path.relative_to(PACKAGE).with_suffix("").parts
        if stem != "__main__":
            found[".".join(rooms if stem == "__init__" else [*rooms, stem])] = path
    return {name: path for name, path in found.items() if name}


def imports(module: str) -> set[str]:
    """Modules of this package that `module` imports."""
    found: set[str] = set()
    path = modules()[module]
    here = path.relative_to(PACKAGE).parent.parts
    tree = ast.parse(path.read_text(encoding="utf-8"))
    tree.body = [
        node for node in tree.body if not (isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING")
    ]
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.level:
            base = [*here[: len(here) - node.level + 1], *(node.module or "").split(".")]
            name = ".".join(filter(None, base))
            below = {".".join(filter(None, (name, alias.name))) for alias in node.names} & modules().keys()
            found |= below or {name}
    return found & modules().keys()


def libraries(module: str) -> set[str]:
    """Top-level names of the libraries that `module` imports."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(modules()[module].read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and not node.level and node.module:
            found.add(node.module.partition(".")[0])
        elif isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
    return found


def room(module: str) -> str:
    return module.partition(".")[0]


def split_environment(command: str) -> tuple[dict[str, str], list[str]]:
    """`A=1 program argument` as its variables and its words."""
    words = shlex.split(command)
    count = next(i for i, word in enumerate(words) if not re.match(r"[A-Z_]+=", word))
    return dict(word.split("=", 1) for word in words[:count]), words[count:]


# ------------------------------------------------------------------------------------------------- commands


def test_both_languages_show_the_same_commands():
    assert commands("README.md") == commands("README_zh.md")


def test_the_four_commands_are_there_as_promised():
    assert list(FOUR_COMMANDS) in [block.splitlines() for block in blocks("README.md", "bash")]


@pytest.mark.parametrize("command", dict.fromkeys(commands("README.md")))
def test_command_is_accounted_for(command):
    variables, (program, *arguments) = split_environment(command)
    for name in variables:
        if name.startswith("PAPERQA_"):
            assert any(f'"{name}"' in path.read_text(encoding="utf-8") for path in modules().values()), name
    if command in INSTALLING or RUNNABLE.match(command):
        return  # the latter run below
    if program == "make":
        account_for_make(arguments)
    elif program == "pip":
        account_for_pip(arguments)
    elif program == "llamafactory-cli":
        account_for_llamafactory(arguments)
    elif program == "paperqa":
        assert arguments[0] in PARSED
        cli._parser().parse_args(arguments)
    else:
        assert [program, *arguments[:2]] == ["python", "-m", "paperqa_ext.hook"], "nothing tests this command"
        config = REPOSITORY / arguments[2]
        assert config.is_file()
        assert f"python -m paperqa_ext.hook {arguments[2]}" in text(
            "paperqa_ext/hook.py"
        )  # its --help, see test_hook.py


def account_for_make(arguments):
    targets = re.findall(r"^([\w-]+):", text("Makefile"), re.MULTILINE)
    for argument in arguments:
        variable, equals, value = argument.partition("=")
        if equals:
            assert f"$({variable})" in text("Makefile")
            cli._parser().parse_args([variable.lower(), *value.split()])
        else:
            assert argument in targets


def account_for_pip(arguments):
    assert arguments[:3] == ["install", "-c", "constraints.txt"]
    assert (REPOSITORY / "constraints.txt").is_file()
    extras = tomllib.loads(text("pyproject.toml"))["project"]["optional-dependencies"]
    assert set(re.findall(r"\w+", arguments[3])) <= extras.keys()


def account_for_llamafactory(arguments):
    """The journey test executes the same command, the options overridden are known."""
    journey = text("tests/test_journey.py") + text("tests/test_preferences_journey.py")
    assert all(f'"{word}"' in journey for word in arguments[:2])
    if len(arguments) > 1:
        config = text(arguments[1])
        for override in arguments[2:]:
            key = override.partition("=")[0]
            assert re.search(rf"^{key}:", config, re.MULTILINE) or f'"{key}=' in journey, key


@pytest.fixture(scope="module")
def newcomer(tmp_path_factory) -> Path:
    """A directory with what the READMEs' commands expect: own records, and predictions of a fine-tuned model."""
    directory = tmp_path_factory.mktemp("newcomer")
    shutil.copy(REPOSITORY / "dataset_info.json", directory)
    table = pq.read_table(BUNDLED)
    records = table.to_pylist()
    (directory / "my_records.jsonl").write_text("".join(json.dumps(record) + "\n" for record in records))
    query = {"query": records[0]["title"], "relevant": [records[0]["id"]]}
    (directory / "my_queries.jsonl").write_text(json.dumps(query) + "\n")
    columns = table.select(["id", "abstract", "published"]).append_column("Name", table["title"])
    with gzip.open(directory / "my_papers.csv.gz", "wb") as file:
        pc.write_csv(columns, file)
    for name, second in (("predict_base", "The Migration of Purple Unicorns"), ("predict", records[1]["title"])):
        predictions = directory / "saves" / "qwen3-4b" / name
        predictions.mkdir(parents=True)
        row = {"prompt": "q", "predict": f'1. "{records[0]["title"]}"\n2. "{second}" (1991)', "label": "\n"}
        (predictions / "generated_predictions.jsonl").write_text(json.dumps(row) + "\n")
    return directory


def run(command: list[str], directory: Path) -> subprocess.CompletedProcess[str]:
    binaries = Path(sys.executable).parent
    program = {"python": sys.executable, "paperqa": str(binaries / "paperqa")}[command[0]]
    return subprocess.run(
        [program, *command[1:]],
        cwd=directory,
        env={name: value for name, value in os.environ.items() if not name.startswith("PAPERQA_")},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


@pytest.mark.slow
def test_commands_run_as_written_in_their_order(newcomer):
    runnable = list(dict.fromkeys(command for command in commands("README.md") if RUNNABLE.match(command)))
    assert len(runnable) >= 8
    for command in runnable:
        if command.startswith("paperqa compare"):  # what the hook does when the base model has answered
            run(["paperqa", "check", "saves/qwen3-4b/predict_base"], newcomer)
        done = run(shlex.split(command), newcomer)
        assert done.returncode == 0, f"{command}\n{done.stderr}"
        if command == FOUR_COMMANDS[0]:
            assert done.stdout.rstrip().endswith(f"next: {FOUR_COMMANDS[1]}")
            sizes = [
                len(json.loads((newcomer / "data" / f"arxiv_paperqa_{s}.json").read_text()))
                for s in ("train", "val", "test", "seen")
            ]
            assert sizes == [2320, 580, 240, 120]
            assert (newcomer / "data" / "DATASET.md").exists()
    assert (newcomer / "my_reports" / "hallucination_report.json").exists()
    assert (newcomer / "mine" / "index" / "index.json").exists()

    (program,) = blocks("README.md", "python")
    done = run(["python", "-c", program], newcomer)
    assert done.stdout == "0.0 saves/qwen3-4b/predict/hallucination_report.html\n", done.stderr
    written = json.loads((newcomer / "saves/qwen3-4b/predict/hallucination_report.json").read_text())
    assert set(RATES) | set(LABELS) | {"signature"} <= written.keys()


@pytest.mark.parametrize("name", READMES)
def test_commands_in_running_text_exist(name):
    for code in re.findall(r"`([^`\n]+)`", prose(name)):
        words = code.split()
        if words[0] == "make":
            account_for_make(words[1:])
        elif words[0] == "paperqa" and len(words) > 1:
            assert words[1] in {"convert", "compare", "index", *PARSED}
        elif words[0] == "python" and words[1] != "-m":
            assert (REPOSITORY / words[1]).is_file()
        elif words[0] == "pip":
            assert words[1:4] == ["install", "-c", "constraints.txt"]


@pytest.mark.parametrize(
    "name", [path.stem for path in sorted((REPOSITORY / "examples").glob("*.yaml")) if path.stem != "paperqa"]
)
def test_every_config_is_explained_and_shows_its_command(name):
    shown = re.findall(rf"llamafactory-cli \w+ examples/{name}\.yaml", text(f"examples/{name}.yaml"))
    assert set(shown) & {shlex.join(split_environment(command)[1]) for command in commands("README.md")}


# ----------------------------------------------------------------------------------------------- statements


@pytest.mark.parametrize("name", READMES)
def test_every_verdict_and_rate_is_explained(name):
    assert first_column(name, LABELS[0]) == list(LABELS)
    assert first_column(name, RATES[0]) == list(RATES)
    assert all(cell for row in table_of(name, RATES[0]) for cell in row)


@pytest.mark.parametrize("name", READMES)
def test_every_room_has_its_row(name):
    rows = first_column(name, "errors")
    assert sorted(rows) == sorted(set(map(room, modules())))
    assert rows == first_column("README.md", "errors")


@pytest.mark.parametrize("name", READMES)
def test_rooms_import_only_from_lines_below(name):
    layers = [line.split() for line in blocks(name, "text")[1].splitlines()]
    height = {room: -line for line, layer in enumerate(layers) for room in layer}
    assert sorted(height) == sorted({room(module) for module in modules()})
    pairs = [(m, other) for m in sorted(modules()) for other in sorted(imports(m)) if room(m) != room(other)]
    assert not [(m, other) for m, other in pairs if height[room(other)] >= height[room(m)]]


def test_no_module_imports_in_a_circle():
    graphlib.TopologicalSorter({module: imports(module) - {module} for module in modules()}).prepare()


@pytest.mark.parametrize("name", READMES)
def test_heavy_libraries_are_imported_where_the_readme_says(name):
    said = next(line for line in prose(name).split("\n\n") if line.startswith("`torch`"))
    heavy = {"torch", "transformers", "llamafactory"}
    assert {module for module in modules() if heavy & libraries(module)} == set(re.findall(r"`([\w.]+)`", said)) - heavy


def options(parser: argparse.ArgumentParser) -> set[str]:
    """All options of a parser and of its subcommands."""
    found = set(parser._option_string_actions)
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            found = found.union(*map(options, action.choices.values()))
    return found


@pytest.mark.parametrize("name", READMES)
def test_every_option_shown_exists_and_every_one_of_convert_is_shown(name):
    converting = options(arguments.parser("convert"))
    shown = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", text(name)))
    measuring = {
        option
        for benchmark in re.findall(r"benchmarks/\w+\.py", text(name))
        for option in re.findall(r'add(?:_argument)?\("(--[a-z]+)"', text(benchmark))
    }
    assert shown <= converting | options(cli._parser()) | measuring
    assert converting - {"-h", "--help"} <= shown


@pytest.mark.parametrize("name", READMES)
def test_kinds_of_questions_have_the_shares_shown(name):
    shown = {kind.strip("`"): float(share) for kind, share, *_ in table_of(name, next(iter(SHARES)))}
    assert list(shown.items()) == list(SHARES.items())


@pytest.mark.parametrize("name", READMES)
def test_cells_shown_are_those_of_the_rows(name):
    splits = {row[0].strip("`"): set(re.findall(r"\w+", row[1])) for row in table_of(name, next(iter(CELLS)))}
    assert list(splits) == list(CELLS)
    for split in ("train", "val", "test", "seen"):
        rows = json.loads(text(f"data/arxiv_paperqa_{split}.json"))
        assert {cell for cell, named in splits.items() if split in named} == {row["cell"] for row in rows}


@pytest.mark.parametrize("name", READMES)
def test_kinds_of_files_shown_are_those_of_the_reader(name):
    rows = next(rows for rows in tables(name) if rows[0][0].startswith("`.parquet`"))
    shown = set(re.findall(r"`(\.\w+)`", " ".join(cell for row in rows for cell in row)))
    assert shown == {*KINDS, *PACKED, ".zip"} - {".ndjson", ".atom"}  # other names of .jsonl and .xml


@pytest.mark.parametrize("name", READMES)
def test_columns_understood_are_those_of_the_reader(name):
    rows = next(rows for rows in tables(name) if rows[0][1].startswith("`id`"))
    shown = [re.findall(r"`(\w+)`", row[1]) for row in rows]
    dates = [*ALIASES["year"], *ALIASES["versions"], *ALIASES["published"]]
    expected = [ALIASES[field] for field in ("id", "title", "authors", "abstract", "categories")]
    assert shown == [*map(list, expected), dates, list(ALIASES["comments"])]


@pytest.mark.parametrize("name", READMES)
def test_example_of_the_details_file_is_what_check_writes(name, index):
    (block,) = blocks(name, "json")
    example = json.loads(block)
    prediction = Prediction(1, "q", f"1. {example['text']}", "")
    (answer,) = check_answers([prediction], index)
    assert json.loads(encode(answer))["citations"] == [example]


@pytest.mark.parametrize("name", READMES)
def test_numbers_are_those_of_the_code(name):
    sample, more = (
        pq.read_metadata(BUNDLED.with_name(f"{part}.parquet")).num_rows for part in ("sample", "distractors")
    )
    rows = Options()
    resamples = Score.__dataclass_fields__["resamples"].default
    glossaries = len(load_topics()), len(load_categories())
    for number in (sample, more, rows.size, *rows.rows().values(), resamples, *glossaries):
        assert re.search(rf"(?<![\d,]){number:,}(?![\d,])", text(name)), number
    assert f"{round(sample + more, -3):,}" in text(name)
    assert re.search(rf"(more than|超过) {MAX_OEUVRE} ", text(name))
    papers = list(read_papers([BUNDLED]))
    assert f"{round(100 * sum(map(bool, map(reason, papers))) / len(papers), -1):.0f}%" in text(name)


@pytest.mark.parametrize("name", [*READMES, "CHANGELOG.md"])
def test_files_mentioned_exist(name):
    links = [link for link in re.findall(r"\]\(([^)\s]+)\)", text(name)) if "://" not in link]
    codes = re.findall(
        r"`([\w.-]+(?:/[\w.-]+)*\.(?:py|ya?ml|jsonl?|md|toml|txt|png)|[\w.-]+(?:/[\w.-]+)+)`", prose(name)
    )
    in_commands = re.findall(r"[\w-]+(?:/[\w.-]+)+\.\w+|\b\w+\.txt", "\n".join(blocks(name, "bash")))
    elsewhere = {
        "Qwen/Qwen3-4B-Instruct-2507",
        "Qwen/Qwen3-0.6B",
        DEFAULT_HUB,
        "arxiv-metadata-oai-snapshot.json",
        "vllm_infer.py",
        "paperqa.yaml",
    }
    for path in {*links, *codes, *in_commands} - elsewhere - MADE_BY_LLAMAFACTORY:
        if not MADE.match(path):
            assert (REPOSITORY / path).exists(), path


def test_changelog_and_licence_agree_with_the_package():
    project = tomllib.loads(text("pyproject.toml"))["project"]
    assert f"## [{__version__}]" in text("CHANGELOG.md")
    assert project["version"] == __version__
    assert project["license"] == "Apache-2.0"
    assert "Apache License\n" in text("LICENSE")
    assert "END OF TERMS AND CONDITIONS" in text("LICENSE")


# -------------------------------------------------------------------------------------------- two languages


def test_both_languages_have_the_same_shape():
    english, chinese = READMES
    shape = re.compile(r"^#+ |^```\w*", re.MULTILINE)
    assert shape.findall(text(english)) == shape.findall(text(chinese))
    assert [len(rows) for rows in tables(english)] == [len(rows) for rows in tables(chinese)]
    for language in ("text", "json", "python"):
        assert blocks(english, language) == blocks(chinese, language)
    urls = re.compile(r"\]\((http[^)]+)\)")
    assert sorted(urls.findall(text(english))) == sorted(urls.findall(text(chinese)))
    items = re.compile(r"^(?:- |\d\. )", re.MULTILINE)
    assert items.findall(prose(english)) == items.findall(prose(chinese))


@pytest.mark.parametrize("name", READMES)
def test_table_of_the_demo_is_a_real_one(name):
    between = re.search(r"<!-- demo-table:begin -->\n```text\n(.*?)```\n<!-- demo-table:end -->", text(name), re.DOTALL)
    assert between is not None
    rows = between[1].splitlines()
    assert "fabrication rate" in rows[1]
    assert [row.split()[0] for row in rows[3:]] == [*ARMS]
    assert text(name).index(between[0]) < text(name).index("\n## "), "it belongs on the first screen"
