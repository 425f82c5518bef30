import pytest

from paperqa_ext.verify.word_match import is_slip, is_slip_of_run, resembles_one, same_word


@pytest.mark.parametrize(
    ("word", "real"),
    [
        ("behaviour", "behavior"),
        ("optimisation", "optimization"),
        ("modelling", "modeling"),
        ("fibre", "fiber"),
        ("catalogue", "catalog"),
        ("theories", "theory"),
        ("eigenvalues", "eigenvalue"),
        ("schroedinger", "schrodinger"),
        ("aluminium", "aluminum"),
    ],
)
def test_spellings_of_one_word(word, real):
    assert same_word(word, real)
    assert same_word(real, word)
    assert resembles_one(word, ["graph", real])


@pytest.mark.parametrize(("word", "real"), [("convex", "concave"), ("local", "global"), ("gas", "gauss"), ("a", "as")])
def test_two_words(word, real):
    assert not same_word(word, real)


def slips(word, real, count=0, real_count=10_000):
    return is_slip(word, real, lambda asked: [count, real_count])


@pytest.mark.parametrize("word", ["clasification", "classificatoin", "klassification", "classificcatiion"])
def test_slips_of_a_long_word(word):
    assert slips(word, "classification")


def test_a_known_word_is_no_slip_unless_it_is_very_rare_beside_the_right_one():
    assert not slips("casual", "causal", count=300)
    assert slips("clasification", "classification", count=2)
    assert not slips("clasificatoin", "classification", count=2)


def test_short_words_digits_and_negations_are_told_apart():
    assert slips("fro", "for")
    assert not slips("xs", "as", count=3)
    assert not slips("gpt3", "gpt4")
    assert not slips("unstable", "stable")
    assert not slips("grpah", "glow")


def test_runs_of_words_are_told_by_their_letters():
    assert is_slip_of_run("semisupervized", "semisupervised")
    assert not is_slip_of_run("cotraining", "pretraining")
    assert not is_slip_of_run("gpt3", "gpt4")
