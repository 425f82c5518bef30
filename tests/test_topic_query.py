import pytest

from paperqa_ext.index.topic_query import QUERY_WORDS, nearest_topics, plain, read_query
from paperqa_ext.titles import words
from paperqa_ext.topics import load_topics


def names(text):
    return [concept.name for concept in read_query(text).concepts]


def test_every_topic_is_found_by_its_name_in_both_languages():
    for topic in load_topics():
        for name in (topic.zh, topic.en):
            concepts = read_query(name).concepts
            assert len(concepts) == 1, name
            assert tuple(words(topic.en)) in concepts[0].phrases, name


def test_chinese_topics_are_searched_by_their_english_names():
    (concept,) = read_query("图神经网络").concepts
    assert concept.phrases[0] == ("graph", "neural", "networks")
    assert ("gnn",) in concept.phrases


@pytest.mark.parametrize(
    ("text", "concepts", "years"),
    [
        ("图神经网络 药物发现 2022", ["图神经网络", "药物发现"], (2022, 2022)),
        ("图神经网络药物发现", ["图神经网络", "药物发现"], None),
        ("２０２２年的图神经网络", ["图神经网络"], (2022, 2022)),
        ("强化学习 2020年至2023年", ["强化学习"], (2020, 2023)),
        ("federated learning 2023-2021", ["federated learning"], (2021, 2023)),
        ("多智能体强化学习", ["多智能体强化学习"], None),
        ("大模型 protein folding", ["大模型", "protein folding"], None),
        ("Transformer模型", ["Transformer 模型"], None),
        ("quantum error mitigation", ["quantum", "error", "mitigation"], None),
        ("COCO-2017 detection", ["coco", "2017", "detection"], None),
        ("2201.01234", ["2201", "01234"], None),
    ],
)
def test_topics_words_and_years(text, concepts, years):
    assert names(text) == concepts
    assert read_query(text).years == years


@pytest.mark.parametrize(
    "question",
    [
        "请推荐 2022 年图神经网络的代表论文",
        "有没有2022年讲图神经网络的好论文？",
        "给我三篇 2022 年关于图神经网络的论文，谢谢",
        "Recommend representative papers on graph neural networks from 2022.",
        "Which 2022 papers on graph neural networks are worth reading?",
    ],
)
def test_words_of_asking_are_passed_over(question):
    query = read_query(question)
    assert [concept.phrases[0] for concept in query.concepts] == [("graph", "neural", "networks")]
    assert query.years == (2022, 2022)


def test_words_of_asking_count_where_there_are_no_others():
    assert names("you want all") == ["you", "want", "all"]


def test_unknown_chinese_is_kept_as_it_is():
    (concept,) = read_query("关于魑魅魍魉的论文").concepts
    assert concept.phrases == (tuple("魑魅魍魉"),)


def test_an_abbreviation_stands_for_its_topic_and_a_narrower_name_for_itself():
    assert read_query("GNNs").concepts[0].phrases[0] == ("graph", "neural", "networks")
    assert read_query("graph attention networks").concepts[0].phrases == (("graph", "attention", "networks"),)


@pytest.mark.parametrize("text", ["", " \n", "?!", "的", "！？"])
def test_nothing_asked(text):
    assert read_query(text).concepts == ()


def test_plural_and_singular_are_one():
    assert [plain(word) for word in ("networks", "network", "bias", "analysis", "gas")] == [
        "network", "network", "bia", "analysis", "gas",
    ]  # fmt: skip


def test_nearest_topics_are_in_the_language_of_the_question():
    assert "大语言模型" in nearest_topics("语言大模型")
    assert "graph neural networks" in nearest_topics("grph neural network")


def test_further_chinese_words_name_no_topic_of_the_glossary():
    topics = {topic.zh for topic in load_topics()}
    further = [line.partition(",")[0] for line in QUERY_WORDS.read_text(encoding="utf-8").splitlines()[1:]]
    assert not topics & set(further)


def test_a_concept_says_which_topic_of_the_glossary_it_is():
    assert [read_query(name).concepts[0].topic for name in ("GNNs", "图网络", "graph neural networks")] == [
        "graph neural networks"
    ] * 3
    assert [read_query(name).concepts[0].topic for name in ("graph attention networks", "综述", "molecules")] == [
        ""
    ] * 3
