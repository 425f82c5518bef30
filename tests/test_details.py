import json
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from paperqa_ext.asked import Asked
from paperqa_ext.citations import Citation
from paperqa_ext.details import encode, read
from paperqa_ext.metrics import CheckedAnswer, CheckedCitation
from paperqa_ext.predictions import FILE_NAME
from paperqa_ext.verify import LABELS, Verdict

ANSWER = CheckedAnswer(
    1,
    "请推荐论文",
    "1. 《图神经网络中的幻影》",
    (
        CheckedCitation(
            Citation("《图神经网络中的幻影》", (3, 14), "图神经网络中的幻影", ("张三",), 2022, None),
            Verdict(
                "fabricated",
                "Nothing in the index resembles this title.",
                None,
                0.8123456,
                reason_zh="索引中没有与这个标题相似的论文。",
            ),
            False,
        ),
    ),
    False,
    Asked(
        "recommend-zh-0a", "recommend", "zh", "unseen_year", "", "", ("2201.01234",), "graph neural networks",
        (2022, 2022), None, None, None, "请推荐论文", "1. **Real**",
    ),
)  # fmt: skip


def test_a_line_per_answer_as_the_readme_shows_it():
    assert encode(ANSWER).decode() == (
        '{"index":1,"citations":[{"text":"《图神经网络中的幻影》","span":[3,14],"title":"图神经网络中的幻影",'
        '"authors":["张三"],"year":2022,"arxiv_id":null,"doi":null,"url":null,"truncated":false,'
        '"verdict":"fabricated","matched_id":null,"similarity":0.8123,"wrong_fields":[],'
        '"reason":"Nothing in the index resembles this title.","reason_zh":"索引中没有与这个标题相似的论文。",'
        '"on_constraint":false}],"abstained":false,'
        '"asked":{"id":"recommend-zh-0a","kind":"recommend","lang":"zh","cell":"unseen_year","variant":"",'
        '"twin":"","paper_ids":["2201.01234"],"topic":"graph neural networks","years":[2022,2022],'
        '"category":null,"author":null,"n":null,"instruction":"请推荐论文"}}\n'
    )


def test_what_was_said_before_is_left_to_the_prompt():
    told = replace(ANSWER, asked=replace(ANSWER.asked, history=("你好", "您好")))
    assert encode(told) == encode(ANSWER)


TEXT = st.text(st.characters(), max_size=20)  # lone surrogates too
CHECKED = st.builds(
    CheckedCitation,
    st.builds(
        Citation,
        TEXT,
        st.tuples(st.integers(0, 9), st.integers(0, 9)),
        st.none() | TEXT,
        st.lists(TEXT, max_size=3).map(tuple),
        st.none() | st.integers(1900, 2100),
        st.none() | TEXT,
        st.booleans(),
        st.none() | TEXT,
        st.none() | TEXT,
    ),
    st.builds(
        Verdict,
        st.sampled_from(LABELS),
        TEXT,
        st.none() | TEXT,
        st.none() | st.integers(0, 10_000).map(lambda n: n / 10_000),
        st.lists(st.sampled_from(["year", "authors", "arxiv_id"]), unique=True).map(tuple),
        TEXT,
    ),
    st.sampled_from([None, True, False]),
)
ASKED = st.builds(
    Asked,
    *[TEXT] * 6,
    st.lists(TEXT, max_size=3).map(tuple),
    st.none() | TEXT,
    st.none() | st.tuples(st.integers(1991, 2100), st.integers(1991, 2100)),
    st.none() | TEXT,
    st.none() | TEXT,
    st.none() | st.integers(1, 5),
    TEXT,
    TEXT,
)
ANSWERS = st.builds(
    CheckedAnswer,
    st.just(0),
    TEXT,
    TEXT,
    st.lists(CHECKED, max_size=3).map(tuple),
    st.booleans(),
    st.none() | ASKED,
)


@given(st.lists(ANSWERS))
def test_what_is_written_is_read(tmp_path_factory, answers):
    directory = tmp_path_factory.mktemp("details")
    answers = [replace(answer, index=n) for n, answer in enumerate(answers)]
    rows = [{"prompt": a.prompt, "predict": a.predict, "label": a.asked.output if a.asked else ""} for a in answers]
    (directory / FILE_NAME).write_text("".join(json.dumps(row) + "\n" for row in rows) or "\n")
    (directory / "details.jsonl").write_bytes(b"".join(map(encode, answers)))
    assert list(read(directory / FILE_NAME, directory / "details.jsonl")) == answers
    assert list(read(directory / FILE_NAME, directory / "details.jsonl", {1, 2})) == answers[1:3]


def test_files_from_before_reasons_were_in_chinese_are_read(tmp_path):
    row = {"prompt": ANSWER.prompt, "predict": ANSWER.predict, "label": ANSWER.asked.output}
    (tmp_path / FILE_NAME).write_text(json.dumps(row) + "\n")
    older = json.loads(encode(ANSWER))
    del older["citations"][0]["reason_zh"]
    (tmp_path / "details.jsonl").write_text(json.dumps(older) + "\n")
    ((checked,),) = (answer.citations for answer in read(tmp_path / FILE_NAME, tmp_path / "details.jsonl"))
    assert checked.verdict.reason == ANSWER.citations[0].verdict.reason and checked.verdict.reason_zh == ""
