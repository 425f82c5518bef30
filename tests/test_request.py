import json
from pathlib import Path

import pytest
from conftest import REPOSITORY
from hypothesis import given
from hypothesis import strategies as st

from paperqa_ext.chat.about import request_words
from paperqa_ext.chat.names import take_authors, take_categories
from paperqa_ext.chat.request import Request, read_request
from paperqa_ext.chat.spans import take_count, take_ordinal, take_years
from paperqa_ext.errors import SourceError
from paperqa_ext.topics import load_invented_topics

NOW = 2026
INVENTED = {topic.en for topic in load_invented_topics()}


def read(*questions: str, answers=()) -> Request:
    return read_request(questions[-1], questions[:-1], answers, NOW)


def concepts(request: Request) -> list[str]:
    return [concept.name for concept in request.query.concepts]


def bundled_rows():
    for name in ("test", "seen", "val", "train"):
        yield from json.loads((REPOSITORY / "data" / f"arxiv_paperqa_{name}.json").read_text("utf-8"))


def as_asked(row) -> tuple:
    """What a row asks for, as far as its constraints say."""
    asked = row["constraints"]
    years = (asked["year"], asked["year"]) if asked["year"] else None
    if row["kind"] in ("lookup", "exist", "compare", "describe"):
        return row["lang"], row["kind"]
    kind = "recommend" if asked["topic"] else "category" if asked["category"] else "author"
    return row["lang"], kind, asked["topic"], years, asked["n"], asked["category"], asked["author"]


def as_read(row) -> tuple:
    request = read(*(question for question, _ in row["history"]), row["instruction"])
    if row["kind"] in ("lookup", "exist", "compare", "describe"):
        return request.lang, request.kind
    topic = next(iter(request.topics), None)
    if row["constraints"]["topic"] in INVENTED:
        topic = row["constraints"]["topic"] if concepts(request) else None
    elif len(concepts(request)) != bool(topic):
        topic = f"not only {topic}: {concepts(request)}"
    category, author = (next(iter(named), None) for named in (request.categories, request.authors))
    return request.lang, request.kind, topic, request.years, request.count, category, author


def test_the_questions_of_the_bundled_data_sets_are_read_as_they_were_meant():
    rows = list(bundled_rows())
    misread = [(row["instruction"], as_asked(row), as_read(row)) for row in rows if as_asked(row) != as_read(row)]
    assert len(misread) <= 0.005 * len(rows), misread[:10]


def test_titles_ids_and_descriptions_of_the_bundled_data_sets_are_read_as_they_stand():
    for row in bundled_rows():
        request, asked = read(row["instruction"]), row["constraints"]
        if row["kind"] == "lookup" and asked["arxiv_id"]:
            assert request.ids == (asked["arxiv_id"],)
        elif row["kind"] in ("lookup", "exist"):
            assert [title.split() for title in request.titles] == [asked["title"].split()]
        elif row["kind"] == "describe":
            assert request.description in row["instruction"]


@pytest.mark.parametrize(
    ("question", "years"),
    [
        ("近三年的论文", (2024, 2026)),
        ("最近 5 年图神经网络的论文", (2022, 2026)),
        ("2022 年", (2022, 2022)),
        ("二〇二二年的论文", (2022, 2022)),
        ("2020 到 2023 年", (2020, 2023)),
        ("2020年至2023年间", (2020, 2023)),
        ("2021年以来", (2021, 2026)),
        ("2021 年之后的", (2021, 2026)),
        ("2015 年以前", (1991, 2014)),
        ("去年", (2025, 2025)),
        ("90 年代", None),
        ("1990 年代", (1990, 1999)),
        ("papers since 2021", (2021, 2026)),
        ("after 2021", (2022, 2026)),
        ("before 2015", (1991, 2014)),
        ("until 2015", (1991, 2015)),
        ("no later than 2015", (1991, 2015)),
        ("from 2019 onwards", (2019, 2026)),
        ("2019 or later", (2019, 2026)),
        ("in the last three years", (2024, 2026)),
        ("over the past 2 years", (2025, 2026)),
        ("last year", (2025, 2025)),
        ("in the 2010s", (2010, 2019)),
        ("between 2018 and 2020", (2018, 2020)),
        ("from 2018 to 2020", (2018, 2020)),
        ("papers from 2018 on graphs", (2018, 2018)),
        ("since 2031", (2031, 2031)),
        ("COCO-2017 detection", None),
        ("arXiv:2017.1", None),
        ("two papers", None),
    ],
)
def test_years(question, years):
    assert take_years(question, NOW)[0] == years


@pytest.mark.parametrize(
    ("question", "count"),
    [
        ("前五篇", 5),
        ("来三篇综述", 3),
        ("给我12篇论文", 12),
        ("哪两篇值得读？", 2),
        ("十二篇就够了", 12),
        ("第二篇呢", None),
        ("这篇论文", None),
        ("我在审一篇论文", None),
        ("真的一篇都没有吗", None),
        ("top 5 papers", 5),
        ("the 10 most influential papers", 10),
        ("Give me two papers", 2),
        ("Just one, please.", 1),
        ("three", 3),
        ("Recommend a paper on chaos", 1),
        ("I only have time for two.", 2),
        ("cut the list to four", 4),
        ("two-dimensional materials", None),
        ("three-body problem papers", None),
        ("the second one?", None),
        ("999 papers", None),
    ],
)
def test_counts(question, count):
    assert take_count(question)[0] == count


@pytest.mark.parametrize(
    ("question", "place"),
    [
        ("the second one?", 2), ("Tell me about the first.", 1), ("what does the 3rd paper say?", 3), ("第二篇呢", 2),
        ("最后一篇讲什么", -1), ("paper 4", 4), ("the first order phase transition", None), ("两篇", None),
    ],
)  # fmt: skip
def test_places_in_the_last_answer(question, place):
    assert take_ordinal(question)[0] == place


@pytest.mark.parametrize(
    ("question", "authors"),
    [
        ("papers by Hinton", ["Hinton"]),
        ("papers by geoffrey hinton", ["geoffrey hinton"]),
        ("by Thomas N. Kipf and M. Welling, please", ["Thomas N. Kipf", "M. Welling"]),
        ("Yann LeCun's papers on vision", ["Yann LeCun"]),
        ("What did Yoshua Bengio publish?", ["Yoshua Bengio"]),
        ("Maarten J. van den Broek: any papers?", ["Maarten J. van den Broek"]),
        ("Yann LeCun 和 Yoshua Bengio 合作的论文", ["Yann LeCun", "Yoshua Bengio"]),
        ("只看 Jure Leskovec 的", ["Jure Leskovec"]),
        ("何恺明老师写的论文", ["何恺明"]),
        ("作者是张伟的文章", ["张伟"]),
        ("讲 Mamba 的论文", []),
        ("BERT 的论文", []),
        ("Vision Transformer 的论文", []),
        ("sorted by date", []),
        ("关于张量的论文", []),
        ("papers on Markov chains", []),
    ],
)
def test_authors(question, authors):
    assert list(take_authors(question)[0]) == authors


@pytest.mark.parametrize(
    ("question", "categories"),
    [
        ("papers in cs.LG", ["cs.LG"]),
        ("in Machine Learning (cs.LG)", ["cs.LG"]),
        ("in the category Machine Learning", ["cs.LG", "stat.ML"]),
        ("cs.CL 类别 2023 年的论文", ["cs.CL"]),
        ("机器学习(cs.LG)分类下", ["cs.LG"]),
        ("papers in hep-th", ["hep-th"]),
        ("what is new in math?", ["math"]),
        ("plasma physics", []),
        ("machine learning", []),
        ("cs.LGX", []),
    ],
)
def test_categories(question, categories):
    assert list(take_categories(question)[0]) == categories


@pytest.mark.parametrize(
    ("question", "kind", "asked"),
    [
        ("推荐三篇 2022 年扩散模型的综述", "recommend", ["综述", "扩散模型"]),
        ("前五篇大模型幻觉的论文", "recommend", ["大模型幻觉"]),
        ("我在写联邦学习的综述，该引用哪些论文？", "recommend", ["联邦学习"]),
        ("surveys on reinforcement learning", "recommend", ["survey", "reinforcement learning"]),
        ("For a literature review on chaos, what should I cite?", "recommend", ["chaos"]),
        ("Lie group representations", "recommend", ["lie", "group", "representations"]),
        ("What should our reading group read on causal inference?", "recommend", ["causal inference"]),
        ("papers about speculative decoding", "recommend", ["speculative", "decoding"]),
        ('papers on "mixture of experts"', "recommend", ["mixture of experts"]),
        ("math.AG papers by Terence Tao", "author", []),
        ("papers in hep-th from 2020", "category", []),
        ("2201.01234 这篇论文讲了什么", "lookup", []),
        ("What is arXiv:1706.03762v2 about?", "lookup", []),
        ("Who wrote Attention Is All You Need?", "lookup", []),
        ("真的有《深度学习》这篇论文吗", "exist", []),
        ("Is there a paper titled Attention Is Not All You Need?", "exist", []),
        ("Compare 1706.03762 with 1810.04805", "compare", []),
        ("你好", "other", []),
        ("thanks!", "other", []),
        ("What can you do?", "other", []),
        ("", "other", []),
    ],
)
def test_free_questions(question, kind, asked):
    request = read(question)
    assert (request.kind, concepts(request)) == (kind, asked)


def test_a_first_author_and_the_newest():
    assert read("Thomas Kipf 作为第一作者的论文").first_author
    assert read("Papers with Kaiming He as first author").authors == ("Kaiming He",)
    assert read("最新的大语言模型论文").newest
    assert not read("latest papers on chaos from 2020").newest


FIRST = "推荐三篇 2022 年图神经网络的论文"


@pytest.mark.parametrize(
    ("question", "asked", "years", "count"),
    [
        ("只要 2023 年的", ["图神经网络"], (2023, 2023), 3),
        ("only 2023", ["图神经网络"], (2023, 2023), 3),
        ("那 2021 年的呢", ["图神经网络"], (2021, 2021), 3),
        ("换成综述", ["图神经网络", "综述"], (2022, 2022), 3),
        ("换成强化学习呢", ["强化学习"], (2022, 2022), 3),
        ("再来五篇", ["图神经网络"], (2022, 2022), 5),
        ("Anything similar?", ["图神经网络"], (2022, 2022), None),
        ("一篇就够了", ["图神经网络"], (2022, 2022), 1),
        ("你确定吗？", ["图神经网络"], (2022, 2022), 3),
        ("推荐混沌的论文", ["混沌"], None, None),
        ("谢谢", [], None, None),
    ],
)
def test_follow_ups_take_the_rest_from_before(question, asked, years, count):
    request = read(FIRST, question)
    assert (concepts(request), request.years, request.count) == (asked, years, count)
    assert request.asked == ((FIRST, question) if years else (question,))


def test_follow_ups_go_on_over_several_turns():
    request = read("papers on chaos", "only from 2020", "by Edward Ott", "more")
    assert (concepts(request), request.years, request.authors, request.more) == (
        ["chaos"], (2020, 2020), ("Edward Ott",), True,
    )  # fmt: skip


def test_what_was_shown_before_is_known():
    answers = ["1. **A** [arXiv:2201.00001](https://arxiv.org/abs/2201.00001)", "2201.00002, 2201.00003v2"]
    request = read("papers on chaos", "more", "the second one?", answers=answers)
    assert request.shown == {"2201.00001", "2201.00002", "2201.00003"}
    assert (request.last_shown, request.ordinal) == (("2201.00002", "2201.00003"), 2)


@given(st.lists(st.text(max_size=60), min_size=1, max_size=3))
def test_anything_can_be_read(questions):
    request = read(*questions)
    assert request.text == questions[-1] and request.lang in ("en", "zh")
    assert request.years is None or request.years[0] <= request.years[1]


def test_words_of_asking_that_cannot_be_read_are_named(tmp_path: Path):
    (tmp_path / "words.toml").write_text("[en]\n", "utf-8")
    with pytest.raises(SourceError, match=r"words\.toml"):
        request_words(tmp_path / "words.toml")
