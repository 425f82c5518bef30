import pytest
from hypothesis import given
from hypothesis import strategies as st

from paperqa_ext.convert.inventions import altered_title, chimera, chimeric_name
from paperqa_ext.titles import words

LENDER = "Deep Rivers: what mountains carry"


def test_one_word_of_an_altered_title_is_new_and_in_the_same_case():
    for seed in range(20):
        altered = altered_title("Fast pruning of large Decision trees", LENDER, seed)
        real = "Fast pruning of large Decision trees".split()
        changed = [(old, new) for old, new in zip(real, altered.split(), strict=True) if old != new]
        assert len(changed) == 1
        assert changed[0][0][0].isupper() == changed[0][1][0].isupper()
        assert changed[0][1].lower() in words(LENDER)


@pytest.mark.parametrize(
    ("title", "lender"),
    [("Too short a title", LENDER), ("Über die Größe von Bäumen im Wald", "A of the in on"), ("a b c d e f", LENDER)],
)
def test_titles_that_cannot_be_altered(title, lender):
    assert altered_title(title, lender) is None


def test_a_word_is_not_cut_out_of_another():
    for seed in range(20):
        altered = altered_title("The nonlinear Schrödinger equation of two particles", LENDER, seed)
        assert "Schrödinger" in altered


@pytest.mark.parametrize(
    ("title", "lender", "made"),
    [
        (
            "Forests of decision trees: a survey",
            "Rivers: what they carry",
            "Forests of decision trees: what they carry",
        ),
        ("Deep forests: trees", LENDER, None),
        (
            "Learning to prune large trees with gradients",
            "Rivers in Siberia",
            "Learning to prune large trees in Siberia",
        ),
        ("Learning to prune", "Rivers in Siberia", None),
    ],
)
def test_chimera(title, lender, made):
    assert chimera(title, lender) == made


def test_a_chimera_is_nearer_to_the_title_it_begins_with():
    assert chimera("On a: the spectrum of large random matrices and graphs", "On the growth of everything: all") is None


def test_names():
    assert chimeric_name("Ada M. Lovelace", "Alan Turing") == "Ada Turing"
    assert chimeric_name("Ada Turing", "Alan Turing") is None


@given(st.text(max_size=60), st.text(max_size=60), st.integers())
def test_any_text_is_taken(title, lender, seed):
    altered = altered_title(title, lender, seed)
    assert altered is None or altered != title
    assert chimera(title, lender) != title or chimera(title, lender) is None
