import json
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from paperqa_ext.asked import Asked, Questions, align, read_asked
from paperqa_ext.dataset import Constraints, Example, Publication
from paperqa_ext.errors import DatasetError
from paperqa_ext.predictions import FILE_NAME
from paperqa_ext.prompts import grounded_prompt

TURN = "<|im_start|>system\nYou recommend papers.<|im_end|>\n<|im_start|>user\n{}<|im_end|>\n<|im_start|>assistant\n"


def example(number: int, kind: str = "recommend", **fields: object) -> Example:
    values = {"paper_ids": (f"2201.{number:05}",), "constraints": Constraints(topic="graph neural networks", year=2022)}
    return Example(
        f"{kind}-{number}", kind, "en", f"Question {number}, in words?", f"Answer {number}.", "You recommend papers.",
        **{**values, **fields},
    )  # fmt: skip


@pytest.fixture
def register(tmp_path):
    """Publishes splits as `convert` does, and returns the path of their `dataset_info.json`."""

    def write(format: str = "alpaca", **splits: list[Example]):
        info = tmp_path / "dataset_info.json"
        with Publication(tmp_path / "data", info, format) as publication:
            for name, examples in splits.items():
                for one in examples:
                    publication.split(name).write(one)
            publication.commit()
        return info

    return write


@pytest.fixture
def predict(tmp_path):
    """Writes predictions with these prompts."""

    def write(prompts):
        path = tmp_path / FILE_NAME
        path.write_text("".join(json.dumps({"prompt": p, "predict": "", "label": ""}) + "\n" for p in prompts))
        return path

    return write


@pytest.mark.parametrize("format", ["alpaca", "sharegpt"])
def test_rows_are_read_as_they_were_written(register, format):
    asked = Constraints(topic="scheduling", year=2020, n=3, category="cs.LG", author="Ada Lovelace")
    row = example(7, constraints=asked, history=(("Before?", "Yes."),), cell="unseen_year", twin="t", variant="refine")
    info = register(format, test=[row, example(8)])
    assert read_asked(info, ["arxiv_paperqa_test"])[0] == Asked(
        "recommend-7", "recommend", "en", "unseen_year", "refine", "t", ("2201.00007",), "scheduling", (2020, 2020),
        "cs.LG", "Ada Lovelace", 3, "Question 7, in words?", "Answer 7.", ("Before?", "Yes."),
    )  # fmt: skip


def test_rows_of_the_real_conversion(rows, tmp_path):
    """Kinds, languages and variants tell which questions have an answer, name their papers or show records."""
    written = [*rows["test"], *rows["grounded_test"]]
    (tmp_path / "test.json").write_text(json.dumps(written))
    (tmp_path / "dataset_info.json").write_text('{"t": {"file_name": "test.json"}}')
    asked = read_asked(tmp_path / "dataset_info.json", ["t"])
    assert [row.id for row in asked] == [row["id"] for row in written]
    assert {row.kind for row in asked if row.answerable is False} == {"unanswerable", "multi_turn"} | {
        row.kind for row in asked if row.variant == "removed"
    }
    assert {row.variant for row in asked if row.answerable is None} == {"altered", "chimera"}
    assert {row.kind for row in asked if row.names_papers} == {"lookup", "compare", "exist"}
    assert [row.shows_records for row in asked] == [place >= len(rows["test"]) for place in range(len(asked))]


def test_a_foreign_row_says_nothing_of_itself(tmp_path):
    (tmp_path / "dataset_info.json").write_text(
        '{"own": {"file_name": "own.jsonl", "columns": {"prompt": "q", "query": "more", "response": "a"}}}'
    )
    (tmp_path / "own.jsonl").write_text('{"q": "Which?", "more": "This.", "a": "None."}\n\n')
    [row] = read_asked(tmp_path / "dataset_info.json", ["own"])
    assert (row.instruction, row.output, row.answerable, row.years) == ("Which?\nThis.", "None.", None, None)


@pytest.mark.parametrize(
    ("entry", "text", "message"),
    [
        (None, "", "field 'd': no such dataset is registered"),
        ({"hf_hub_url": "a/b"}, "", "names no local .json or .jsonl file"),
        ({"file_name": "d.json"}, "[1, 2]", "d.json: is not rows of the format"),
        ({"file_name": "d.json"}, '[{"instruction": ', "d.json: is not rows of the format"),
        ({"file_name": "d.json", "formatting": "sharegpt"}, '[{"instruction": "q"}]', "d.json: is not rows"),
        ({"file_name": "missing.json"}, "[]", "missing.json: cannot be read: No such file"),
    ],
)
def test_what_cannot_be_read_is_an_error(tmp_path, entry, text, message):
    (tmp_path / "dataset_info.json").write_text(json.dumps({} if entry is None else {"d": entry}))
    (tmp_path / "d.json").write_text(text)
    with pytest.raises(DatasetError, match=message) as error:
        Questions(tmp_path / "dataset_info.json", ["d"])
    assert "arxiv_paperqa_test" in str(error.value)


def test_alignment_is_proven_by_number_and_wording(register, predict):
    rows = [example(n) for n in range(1, 5)]
    asked = read_asked(register(test=rows), ["arxiv_paperqa_test"])
    prompts = [TURN.format(row.instruction) for row in rows]
    assert align(predict(prompts), asked).asked == tuple(asked)
    assert align(predict(prompts[:2]), asked).asked == tuple(asked[:2])  # max_samples: 2
    assert align(predict([row.id for row in rows]), asked).asked == tuple(asked)  # OpenAI's custom_id

    swapped = align(predict([prompts[0], prompts[2], prompts[1], prompts[3]]), asked)
    assert swapped.asked is None
    assert "prompt 2 does not contain the instruction of row 2" in swapped.reason
    dropped = align(predict(prompts[:1] + prompts[2:]), asked)  # LLaMA-Factory dropped a row
    assert dropped.asked is None
    longer = align(predict([*prompts, prompts[0]]), asked)
    assert longer.asked is None
    assert longer.reason == "the dataset and the predictions differ in number: 4 and 5"


def test_what_a_tokenizer_changes_does_not_count(predict):
    asked = Asked("", "", "", "", "", "", (), None, None, None, None, None, "ﬁnd 论文：A , b？", "")
    assert align(predict(["<s> find\n论文:A, b?</s>"]), [asked]).asked == (asked,)


def test_an_empty_instruction_proves_nothing(predict):
    asked = Asked("", "", "", "", "", "", (), None, None, None, None, None, " ", "")
    assert align(predict(["anything"]), [asked]).asked is None


def test_max_samples_cuts_every_dataset(register, predict):
    """LLaMA-Factory takes the first `max_samples` of each dataset and puts them one after another."""
    one, two = [example(n) for n in range(3)], [example(n, "describe") for n in range(10, 16)]
    info = register(test=one, seen=two)
    questions = Questions(info, ["arxiv_paperqa_test", "arxiv_paperqa_seen"])
    taken = [*one[:2], *two[:2]]
    alignment = questions.behind(predict([TURN.format(row.instruction) for row in taken]))
    assert [row.id for row in alignment.asked] == [row.id for row in taken]
    taken = [*one, *two[:5]]
    alignment = questions.behind(predict([TURN.format(row.instruction) for row in taken]))
    assert [row.id for row in alignment.asked] == [row.id for row in taken]


def test_without_a_name_the_registered_dataset_that_fits_is_taken(register, predict, tmp_path):
    rows = [example(n) for n in range(4)]
    info = register(train=[example(n) for n in range(20, 30)], test=rows)
    entries = json.loads(info.read_text())
    (tmp_path / "list.json").write_text(json.dumps({"no": "rows"}))
    foreign = {
        "hub": {"hf_hub_url": "a/b"},
        "gone": {"file_name": "gone.json"},
        "odd": {"file_name": "list.json"},
        "x": 3,
    }
    info.write_text(json.dumps({**foreign, **entries}))
    prompts = [TURN.format(row.instruction) for row in rows]
    found = Questions(info).behind(predict(prompts))
    assert [row.id for row in found.asked] == [row.id for row in rows]
    assert found.reason.endswith("in dataset arxiv_paperqa_test")
    other = Questions(info).behind(predict([*prompts[:3], "another question"]))
    assert (other.asked, "none registered" in other.reason) == (None, True)


def test_of_two_datasets_that_fit_none_is_guessed(register, predict):
    rows = [example(n) for n in range(4)]
    info = register(test=rows, seen=[*rows[:3], example(3, "describe")])
    found = Questions(info).behind(predict([TURN.format(row.instruction) for row in rows]))
    assert found.asked is None
    assert "several have these questions: arxiv_paperqa_test, arxiv_paperqa_seen" in found.reason


def test_a_broken_registry_is_told_only_where_it_was_named(predict, tmp_path):
    info = tmp_path / "dataset_info.json"
    info.write_text("{")
    assert "not valid JSON" in Questions(info).behind(predict(["q"])).reason
    with pytest.raises(DatasetError, match="not valid JSON"):
        Questions(info, ["d"])
    assert Questions(tmp_path / "none.json").behind(predict(["q"])).asked is None


def test_questions_that_show_records_are_told(papers):
    for lang in ("en", "zh"):
        row = Asked(
            "", "", lang, "", "", "", (), None, None, None, None, None, grounded_prompt("Q?", papers[:2], lang), ""
        )
        assert row.shows_records


@given(
    st.lists(st.text(min_size=1).filter(lambda text: text.strip() and "\x1f" not in text), min_size=1, max_size=8),
    st.randoms(),
)
@settings(max_examples=50)
def test_rows_belong_to_their_own_prompts(tmp_path_factory, instructions, order: random.Random):
    """Whatever the wording: rows in order are aligned, and with one prompt that lacks its instruction none is."""
    asked = [Asked("", "", "", "", "", "", (), None, None, None, None, None, text, "") for text in instructions]
    path = tmp_path_factory.mktemp("predictions") / FILE_NAME
    prompts = [f"\x1f{text}\x1f" for text in instructions]
    path.write_text("".join(json.dumps({"prompt": p, "predict": "", "label": ""}) + "\n" for p in prompts))
    plain = ["".join(text.split()) for text in instructions]
    if all(plain):
        assert align(path, asked).asked == tuple(asked)
    prompts[order.randrange(len(prompts))] = ""
    path.write_text("".join(json.dumps({"prompt": p, "predict": "", "label": ""}) + "\n" for p in prompts))
    assert align(path, asked).asked is None
