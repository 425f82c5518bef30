import json
import re
import shutil
from collections import Counter
from pathlib import Path

import pytest

from paperqa_ext import convert, questions
from paperqa_ext.citations import abstains, extract
from paperqa_ext.corpus import Corpus, description
from paperqa_ext.dataset import COLUMNS, SPLITS
from paperqa_ext.errors import DatasetError
from paperqa_ext.index import ReferenceIndex
from paperqa_ext.papers import Paper
from paperqa_ext.prompts import LANGS
from paperqa_ext.sources import SAMPLE, read_papers
from paperqa_ext.tokens import answer_tokens, count_tokens, percentile, prompt_tokens
from paperqa_ext.topics import TopicMatcher

ROOT = Path(__file__).parents[1]
KINDS = {"recommend", "describe", "lookup", "unanswerable"}


@pytest.fixture(scope="session")
def sample():
    return list(read_papers([SAMPLE]))


@pytest.fixture(scope="session")
def default_run(tmp_path_factory):
    """Directory and printed text of the command as a newcomer runs it, in an empty directory."""
    directory = tmp_path_factory.mktemp("default")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(directory)
        printed = []
        patch.setattr("builtins.print", lambda *values, **_: printed.append(" ".join(map(str, values))))
        assert convert.main([]) == 0
    return directory, "\n".join(printed)


@pytest.fixture(scope="session")
def rows(default_run):
    directory, _ = default_run
    return {split: json.loads((directory / f"data/arxiv_paperqa_{split}.json").read_text()) for split in SPLITS}


@pytest.fixture(scope="session")
def every_row(rows):
    return [row for split in SPLITS for row in rows[split]]


@pytest.fixture(scope="session")
def by_id(sample):
    return {paper.id: paper for paper in sample}


@pytest.fixture
def records(tmp_path, sample):
    """A source of 300 papers."""
    path = tmp_path / "records.jsonl"
    path.write_text(
        "".join(
            json.dumps({"id": p.id, "title": p.title, "authors": list(p.authors), "abstract": p.abstract}) + "\n"
            for p in sample[:300]
        )
    )
    return path


def run(records, tmp_path, *arguments):
    out = tmp_path / "out"
    info = tmp_path / "dataset_info.json"
    return convert.main([str(records), "--output", str(out), "--dataset-info", str(info), *arguments])


def test_sizes_languages_and_kinds(rows):
    assert {split: len(rows[split]) for split in SPLITS} == {"train": 2320, "val": 580, "test": 240}
    for split in SPLITS:
        langs = Counter(row["lang"] for row in rows[split])
        assert langs["en"] == langs["zh"] == len(rows[split]) / 2
        kinds = Counter(row["kind"] for row in rows[split])
        assert {kind: kinds[kind] / len(rows[split]) for kind in kinds} == pytest.approx(questions.SHARES, abs=0.01)
    assert set(rows["train"][0]) == {
        *("instruction", "input", "output", "system", "history"),
        *("id", "kind", "lang", "paper_ids", "constraints", "cell", "twin"),
    }


@pytest.mark.parametrize("name", [*(f"data/arxiv_paperqa_{split}.json" for split in SPLITS), "dataset_info.json"])
def test_the_committed_files_are_what_the_command_writes(default_run, name):
    assert (default_run[0] / name).read_bytes() == (ROOT / name).read_bytes(), "run python -m paperqa_ext.convert"


def test_the_order_of_the_records_does_not_matter(sample):
    papers = sample[:400]
    first = convert.convert(papers, size=100, test_size=20)
    again = convert.convert(papers[::-1], size=100, test_size=20)
    assert first == again
    assert convert.convert(papers, size=100, test_size=20, seed=1).splits != first.splits


def test_no_paper_is_in_two_splits(rows):
    cited = {split: {paper for row in rows[split] for paper in row["paper_ids"]} for split in SPLITS}
    assert all(cited.values())
    assert not cited["train"] & cited["val"]
    assert not cited["train"] & cited["test"]
    assert not cited["val"] & cited["test"]


def test_no_question_is_asked_twice(every_row):
    assert max(Counter(row["instruction"] for row in every_row).values()) == 1
    assert max(Counter(row["id"] for row in every_row).values()) == 1


def test_no_topic_and_year_are_asked_for_in_two_splits(rows):
    asked = {split: {(c["topic"], c["year"]) for c in constraints(rows[split]) if c["topic"]} for split in SPLITS}
    assert not asked["train"] & asked["val"]
    assert not asked["train"] & asked["test"]
    assert not asked["val"] & asked["test"]


def constraints(some_rows):
    return [row["constraints"] for row in some_rows]


def test_some_topics_are_only_tested(rows):
    trained = {c["topic"] for split in ("train", "val") for c in constraints(rows[split])}
    cells = Counter(row["cell"] for row in rows["test"])
    assert set(cells) == {"unseen_paper", "unseen_topic", "unanswerable"}
    assert min(cells.values()) >= 20
    for row in rows["test"]:
        if row["kind"] == "recommend":
            assert (row["constraints"]["topic"] not in trained) == (row["cell"] == "unseen_topic")
    assert {row["cell"] for row in rows["train"]} == {"seen_paper", "unanswerable"}


def test_every_citation_is_a_real_record_and_is_found_in_the_answer(every_row, by_id):
    for row in every_row:
        found = extract(row["output"])
        assert [citation.arxiv_id for citation in found] == row["paper_ids"], row["output"]
        assert bool(found) == (row["kind"] != "unanswerable")
        for citation in found:
            paper = by_id[citation.arxiv_id]
            assert citation.title == paper.title.replace("*", "∗")
            assert citation.year == paper.year
            assert not paper.withdrawn


def test_recommendations_keep_to_what_is_asked(every_row, by_id):
    matcher = TopicMatcher()
    for row in every_row:
        if row["kind"] != "recommend":
            continue
        asked = row["constraints"]
        wanted = asked["n"] or questions.OPEN_COUNT
        assert 1 <= len(row["paper_ids"]) <= wanted
        for paper in map(by_id.get, row["paper_ids"]):
            assert paper.year == asked["year"]
            assert asked["topic"] in {topic.en for topic in matcher.match(paper)}
        admits = re.search(r"\bonly\b|只", row["output"].splitlines()[0])
        assert bool(admits) == (len(row["paper_ids"]) < wanted), row["output"]


def test_most_recommendations_name_two_papers(every_row):
    cited = Counter(len(row["paper_ids"]) for row in every_row if row["kind"] == "recommend")
    assert cited[2] > sum(cited.values()) / 2
    assert cited[3] and cited[1]


def test_lookups_answer_what_is_asked(every_row, by_id):
    asked = Counter()
    for row in every_row:
        if row["kind"] == "lookup":
            [paper] = map(by_id.get, row["paper_ids"])
            given = row["constraints"]
            asked[given["field"]] += 1
            assert (given["arxiv_id"], given["title"]) == (
                (paper.id, None) if given["field"] == "title" else (None, paper.title)
            )
            assert (given["arxiv_id"] or given["title"]) in row["instruction"]
            if given["field"] == "authors":
                assert paper.authors[0] in row["output"].splitlines()[0]
            if given["field"] == "date":
                assert str(paper.year) in row["output"].splitlines()[0]
    assert set(asked) == set(questions.FIELDS)


def test_descriptions_do_not_name_the_paper(every_row, by_id):
    for row in every_row:
        if row["kind"] == "describe":
            [paper] = map(by_id.get, row["paper_ids"])
            assert paper.title.lower() not in row["instruction"].lower()
            assert paper.title.partition(":")[0].lower() not in row["instruction"].lower()


def test_unanswerable_questions_have_an_answerable_twin_in_their_split(rows, default_run):
    occupied = {(topic, year) for topic, year in occupied_cells(default_run[0])}
    for split in SPLITS:
        by_row_id = {row["id"]: row for row in rows[split]}
        for row in rows[split]:
            if row["kind"] != "unanswerable":
                assert row["twin"] == ""
                continue
            twin = by_row_id[row["twin"]]
            changed = {key for key in twin["constraints"] if twin["constraints"][key] != row["constraints"][key]}
            assert changed == {"year"} and twin["lang"] == row["lang"] and twin["kind"] == "recommend"
            year = str(twin["constraints"]["year"])
            assert twin["instruction"] == row["instruction"].replace(str(row["constraints"]["year"]), year)
            assert (row["constraints"]["topic"], row["constraints"]["year"]) not in occupied
            assert row["paper_ids"] == []


def occupied_cells(directory):
    """Topic and year of every title of the index that the command built."""
    matcher = TopicMatcher()
    index = ReferenceIndex(directory / "data" / "index")
    for row in range(len(index)):
        paper = index.paper(row)
        yield from ((topic.en, paper.year) for topic in matcher.match(paper))


def test_unanswerable_answers_are_abstentions(every_row):
    for row in every_row:
        assert abstains(row["output"]) == (row["kind"] == "unanswerable"), row["output"]


def test_rows_are_short(every_row, default_run):
    lengths = [answer_tokens(row["output"]) for row in every_row]
    assert max(lengths) <= questions.MAX_ANSWER
    whole = [prompt_tokens(row["system"], row["instruction"]) + n for row, n in zip(every_row, lengths, strict=True)]
    assert max(whole) < questions.CUTOFF_LEN
    assert f"p50 {percentile(whole, 50)} " in default_run[1] and f"max {max(whole)}" in default_run[1]
    assert "rows over cutoff_len 1024: 0" in default_run[1]


def test_the_command_reports_what_it_did(default_run, sample):
    printed = default_run[1]
    assert f"records: {len(sample):,} read, {len(sample):,} kept" in printed
    assert "not cited: LaTeX in title" in printed
    assert "2,320" in printed and "580" in printed and "240" in printed
    assert printed.endswith("next: llamafactory-cli train examples/train_qlora.yaml")


def test_distractors_are_indexed_and_never_cited(default_run, sample):
    assert len(ReferenceIndex(default_run[0] / "data" / "index")) > len(sample)


@pytest.mark.parametrize("split", SPLITS)
def test_datasets_loads_the_files(default_run, split, tmp_path):
    datasets = pytest.importorskip("datasets")
    file = str(default_run[0] / f"data/arxiv_paperqa_{split}.json")
    loaded = datasets.load_dataset("json", data_files=file, split="train", cache_dir=str(tmp_path))
    assert set(COLUMNS.values()) <= set(loaded.column_names)
    assert loaded.features["constraints"]["year"].dtype == "int64"
    assert loaded[0] == json.loads(Path(file).read_text())[0]


def test_llamafactory_loads_the_files_by_name(default_run, tmp_path, monkeypatch):
    pytest.importorskip("llamafactory")
    monkeypatch.setenv("DISABLE_VERSION_CHECK", "1")
    from llamafactory.data.loader import _get_merged_dataset
    from llamafactory.hparams import DataArguments, ModelArguments
    from transformers import Seq2SeqTrainingArguments

    data = DataArguments(dataset_dir=str(default_run[0]), overwrite_cache=True)
    merged = _get_merged_dataset(
        ["arxiv_paperqa_val"],
        ModelArguments(model_name_or_path="none", cache_dir=str(tmp_path)),
        data,
        Seq2SeqTrainingArguments(output_dir=str(tmp_path), report_to="none", use_cpu=True),
        stage="sft",
    )
    row = json.loads((default_run[0] / "data/arxiv_paperqa_val.json").read_text())[0]
    assert len(merged) == 580
    assert merged[0]["_prompt"] == [{"role": "user", "content": row["instruction"]}]
    assert merged[0]["_response"] == [{"role": "assistant", "content": row["output"]}]
    assert merged[0]["_system"] == row["system"]


@pytest.mark.parametrize("lang", LANGS)
def test_one_language(records, tmp_path, lang):
    assert run(records, tmp_path, "--size", "50", "--test-size", "10", "--lang", lang) == 0
    for split in SPLITS:
        loaded = json.loads((tmp_path / f"out/arxiv_paperqa_{split}.json").read_text())
        assert {row["lang"] for row in loaded} == {lang}
        assert {row["kind"] for row in loaded} <= KINDS


def test_next_command_names_another_dataset_dir(records, tmp_path, capsys):
    assert run(records, tmp_path, "--size", "50", "--test-size", "10") == 0
    assert capsys.readouterr().out.endswith(f"examples/train_qlora.yaml dataset_dir={tmp_path}\n")


def test_too_small_a_source_says_how_many_rows_it_allows(records, tmp_path, capsys):
    assert run(records, tmp_path, "--size", "100000", "--test-size", "5000") == 1
    message = capsys.readouterr().err
    size, test = re.search(r"run with --size (\d+) --test-size (\d+)", message).groups()
    assert "not for the 100000 and 5000 asked for" in message
    assert not (tmp_path / "out").exists() and not (tmp_path / "dataset_info.json").exists()
    assert run(records, tmp_path, "--size", size, "--test-size", test) == 0
    assert run(records, tmp_path, "--size", size, "--test-size", str(2 * int(test))) == 1


def test_a_handful_of_papers(tmp_path, capsys):
    path = tmp_path / "one.jsonl"
    path.write_text('{"id": "2201.01234", "title": "T"}\n')
    assert run(path, tmp_path, "--size", "10", "--test-size", "1") == 1
    assert "Give a source with more arXiv records." in capsys.readouterr().err


def test_withdrawn_papers_are_indexed_and_never_cited(tmp_path, sample):
    papers = [*sample[:200]]
    gone = [
        Paper(f"2202.{number:05}", f"Graph neural networks {number}", ("A",), "", (), "2022-02", True)
        for number in range(50)
    ]
    result = convert.convert([*papers, *gone], size=50, test_size=10)
    assert result.dropped["not cited: withdrawn"] == 50
    cited = {paper for examples in result.splits.values() for example in examples for paper in example.paper_ids}
    assert cited and not cited & {paper.id for paper in gone}


def test_nothing_to_cite():
    with pytest.raises(DatasetError, match="no record can be cited"):
        convert.convert([Paper("2201.01234", "$x$", published="2022-01")], size=10, test_size=1)


def test_a_title_of_two_papers_is_not_looked_up():
    papers = [
        Paper(f"2201.0000{n}", title, ("A",), "", (), "2022-01") for n, title in enumerate(["Same", "same!", "One"])
    ]
    corpus = Corpus(papers, [], TopicMatcher(), 0.2, 0)
    assert [corpus.unique_title(paper) for paper in papers] == [False, False, True]


@pytest.mark.parametrize(
    ("abstract", "expected"),
    [
        (
            "Trees are old. In this paper, we propose a fast way to prune large decision trees on GPUs. It works.",
            "The authors propose a fast way to prune large decision trees on GPUs.",
        ),
        (
            "This article reviews what is known about the pruning of decision trees in practice.",
            "The article reviews what is known about the pruning of decision trees in practice.",
        ),
        ("We propose Treecut, a fast way to prune large decision trees on graphics cards.", None),
        ("We propose a method, and we show that our trees are the smallest of all that exist.", None),
        ("We prove that $x^2$ is at most the size of the largest of all the pruned trees.", None),
        ("We solve this problem by pruning the largest of all the decision trees that were grown.", None),
        ("We prune.", None),
        ("", None),
    ],
)
def test_description(abstract, expected):
    assert description(Paper("2201.01234", "Treecut: pruning trees", abstract=abstract)) == expected


def test_a_description_has_no_name_coined_in_the_title():
    paper = Paper(
        "2201.01234",
        "Fast search with TreeCut",
        abstract="We show that TreeCut is faster than all other methods of search.",
    )
    assert description(paper) is None


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--siez", "10"], "unrecognized arguments"),
        (["--val", "0.1"], "unrecognized arguments"),
        (["--size", "0"], "--size"),
        (["--size", "many"], "--size"),
        (["--size", "2", "--val-ratio", "0.1"], "leaves train or val without a row"),
        (["--val-ratio", "1"], "--val-ratio"),
        (["--lang", "en,fr"], "unknown language"),
        (["--lang", ""], "unknown language"),
    ],
)
def test_wrong_usage(arguments, message, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as caught:
        convert.main(arguments)
    assert caught.value.code == 2
    assert message in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_help_has_examples(capsys):
    with pytest.raises(SystemExit) as caught:
        convert.main(["--help"])
    assert caught.value.code == 0
    assert "examples:" in capsys.readouterr().out


def test_a_missing_source(tmp_path, capsys):
    assert run(tmp_path / "nowhere.parquet", tmp_path) == 1
    captured = capsys.readouterr()
    assert "nowhere.parquet: no such file" in captured.err and "Traceback" not in captured.err
    assert not list(tmp_path.iterdir())


def test_a_malformed_source_leaves_what_was_there(records, tmp_path, capsys):
    assert run(records, tmp_path, "--size", "50", "--test-size", "10") == 0
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file() and path != records}
    records.write_text(records.read_text() + "{broken\n")
    assert run(records, tmp_path, "--size", "60", "--test-size", "10") == 1
    assert "records.jsonl:301: not valid JSON" in capsys.readouterr().err
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file() and path != records} == before


def test_a_broken_dataset_info_is_kept_byte_for_byte(records, tmp_path, capsys):
    broken = b'{"mine": {"file_name": "x.json"},,}\n'
    (tmp_path / "dataset_info.json").write_bytes(broken)
    assert run(records, tmp_path, "--size", "50", "--test-size", "10") == 1
    assert "dataset_info.json:1: not valid JSON" in capsys.readouterr().err
    assert (tmp_path / "dataset_info.json").read_bytes() == broken
    assert not (tmp_path / "out").exists()


def test_an_output_that_cannot_be_made(records, tmp_path, capsys):
    (tmp_path / "out").write_text("a file")
    assert run(records, tmp_path, "--size", "50", "--test-size", "10") == 1
    assert f"{tmp_path / 'out'}: cannot be written" in capsys.readouterr().err
    assert not (tmp_path / "dataset_info.json").exists()


def test_other_datasets_stay_registered(records, tmp_path):
    shutil.copy(ROOT / "dataset_info.json", tmp_path)
    info = json.loads((tmp_path / "dataset_info.json").read_text())
    (tmp_path / "dataset_info.json").write_text(json.dumps({"mine": {"file_name": "x.json"}} | info))
    assert run(records, tmp_path, "--size", "50", "--test-size", "10") == 0
    after = json.loads((tmp_path / "dataset_info.json").read_text())
    assert list(after) == ["mine", *info] and after["mine"] == {"file_name": "x.json"}
    assert after["arxiv_paperqa_val"]["file_name"] == "out/arxiv_paperqa_val.json"


def test_token_counts():
    assert count_tokens("") == 0
    assert count_tokens("你好") == 1
    assert percentile([3, 1, 2], 50) == 2
