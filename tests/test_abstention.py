import pytest

from paperqa_ext.citations import abstains
from paperqa_ext.citations.abstention import declines, declines_at_once, denied


@pytest.mark.parametrize(
    "answer",
    [
        "I could not find any paper on this topic.",
        "I'm sorry, but I don't have access to real-time data.",
        "No such paper is in my records.",
        'I am not aware of a paper titled "Quantum Soup Attention Networks".',
        "No paper in my records covers underwater basket weaving.",
        "I'm not capable of providing accurate information about specific papers.",
        "I'd rather not give you citations that may be made up.",
        "To my knowledge there isn't any published work on that.",
        "这个方向我了解得不多，暂时给不出可靠的论文推荐。",
        "数据库中查不到这位作者的论文。",
        "我无法联网检索，因此不便直接给出具体论文。",
        "我不确定《量子麻将理论》是否真的存在。",
        "抱歉，我没有找到相关论文。",
        "我的记录中没有 1995 年的论文。",
        "查无此论文。",
        "就我所知，尚无论文研究这一问题。",
        "检索结果为空。",
        "为避免误导，我不列出具体论文。",
        "I don't want to make up references.",
        "My knowledge doesn't cover this.",
        "No matching papers.",
        "<think>《图神经网络综述》（2020）？</think>我不知道有这样的论文。",
    ],
)
def test_an_answer_that_declines_and_cites_nothing_abstains(answer):
    assert abstains(answer)


@pytest.mark.parametrize(
    "answer",
    [
        "I found no such paper. The nearest is **Graph Attention Networks** (Veličković et al., 2018).",
        "没有找到这个标题的论文。记录中最接近的是：\n1. **Graph Attention Networks** (2018)",
        "1. **Universal Coding** — Albert No, There Isno (2015). [arXiv:1501.01234](https://arxiv.org/abs/1501.01234)",
        "Graph neural networks have many applications.",
        "图神经网络应用广泛。",
        "该算法无法保证收敛到全局最优。",
        'He put it simply: "A thought experiment that fails is no failure", and went on.',
        "",
    ],
)
def test_an_answer_that_cites_or_explains_does_not_abstain(answer):
    assert not abstains(answer)


def test_declining_at_once_is_declining_in_the_first_sentence():
    assert declines_at_once("Sorry! I know of no such paper. But here is another.")
    assert not declines_at_once("Here is one. I know of no other.")
    assert declines("Here is one. I know of no other.")


@pytest.mark.parametrize(
    ("text", "what", "is_denied"),
    [
        ("I found no paper titled X.", "X", True),
        ("I found none by that name, but X is close.", "X", False),
        ("X does not exist.", "X", True),
        ("没有找到 X 这篇论文。", "X", True),
        ("没有找到这篇论文，最接近的是 X。", "X", False),
        ("标题是 Y，而不是 X。", "X", True),
        ("标题是 Y，而不是 X。", "Y", False),
    ],
)
def test_only_the_clause_around_a_title_denies_it(text, what, is_denied):
    start = text.index(what)
    assert denied(text, start, start + 1) == is_denied
