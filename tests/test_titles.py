import pytest
from hypothesis import given
from hypothesis import strategies as st

from paperqa_ext.titles import content_words, title_key, word_hash, words


@pytest.mark.parametrize(
    "variant",
    [
        "Graph Attention Networks for α-Décay: A Survey",
        "GRAPH ATTENTION NETWORKS FOR α-DÉCAY: A SURVEY",
        r"Graph \emph{Attention} Networks for $\alpha$-D\'ecay: A Survey",
        "Graph Attention  Networks for alpha decay – a survey.",
        "Graph Attention Net-\nworks for α‑Décay: A Survey",
        "Ｇｒａｐｈ Attention Networks for α-De\u0301cay: A Survey",
    ],
)
def test_same_key_for_ways_of_writing_one_title(variant):
    assert title_key(words(variant)) == title_key(words("graph attention networks for alpha-decay a survey"))


def test_other_scripts_are_kept():
    assert words("图神经网络：综述") == ["图神经网络", "综述"]
    assert title_key(words("图神经网络")) != title_key(words("扩散模型")) != title_key([])


def test_content_words_drop_function_words():
    assert content_words(words("On the Theory of the Firm")) == ["theory", "firm"]


def test_hash_is_the_same_everywhere():
    assert word_hash("graph") == 12236097586664538107


@given(st.text())
def test_any_text_gives_folded_words(text):
    found = words(text)
    assert words(" ".join(found)) == found


@pytest.mark.parametrize(
    ("latex", "readable"),
    [(r"$\ell_1$ norms", "ℓ_1 norms"), (r"$n \geq 3$", "n ≥ 3"), (r"$A_\infty$", "A_∞"), (r"$3 \times 3$", "3×3")],
)
def test_signs_are_the_words_of_their_latex(latex, readable):
    assert words(latex) == words(readable)
