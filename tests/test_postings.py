import numpy as np
import pytest

from paperqa_ext.index import postings, postings_writer
from paperqa_ext.index.postings import Postings
from paperqa_ext.index.postings_writer import PostingsWriter
from paperqa_ext.titles import words

TITLES = [
    "Graph neural networks for molecules",
    "Molecules and their graphs",
    "Loops",
    "Graph graph graph",
    "",
    "图神经网络综述",
]


def of(titles, directory):
    writer = PostingsWriter()
    writer.extend([words(title) for title in titles])
    writer.save(directory)
    return Postings(directory, len(titles))


@pytest.fixture
def some(tmp_path):
    return of(TITLES, tmp_path)


@pytest.mark.parametrize(
    ("asked", "rows"),
    [
        ("Loops", [2]),
        ("Loosp", [2]),
        ("Lops", [2]),
        ("Loopss", [2]),
        ("Loups", [2]),
        ("Luups", []),
        ("networks of molecules", [0, 1]),
        ("neural graph", [0, 3]),  # a pair in any order
        ("图神经网络纵述", [5]),
        ("and the of", [1]),
        ("", []),
    ],
)
def test_candidates(some, asked, rows):
    assert some.candidates([words(asked)], 10) == [rows]


def test_frequencies_count_titles(some):
    assert some.frequencies(["graph", "molecules", "loops", "loosp"]) == [2, 2, 1, 0]


def test_titles_without_words_have_no_candidates(tmp_path):
    none = of(["", ""], tmp_path)
    assert none.candidates([["loops"], [], ["loops", "graph"]], 10) == [[], [], []]
    assert none.frequencies(["loops"]) == [0]


def test_blocks_do_not_mix(some):
    asked = [words(title) for title in TITLES] * 50
    assert some.candidates(asked, 2) == [some.candidates([title], 2)[0] for title in asked]


def test_what_is_in_very_many_titles_tells_nothing_apart(tmp_path, monkeypatch):
    monkeypatch.setattr(postings_writer, "MAX_WORD_FREQUENCY", 3)
    common = of(["common"] * 4 + ["rare", "rare"], tmp_path)
    assert common.candidates([["common"], ["rare"]], 10) == [[], [4, 5]]
    assert common.frequencies(["common", "rare"]) == [4, 2]


def test_rare_words_are_read_first(tmp_path, monkeypatch):
    monkeypatch.setattr(postings, "MAX_POSTINGS", 3)
    index = of(["often", "often", "often", "seldom often"], tmp_path)
    assert index.candidates([["often", "seldom"]], 10) == [[3]]
    assert index.candidates([["often"]], 10) == [[0, 1, 2]]  # cut


def test_postings_that_do_not_belong_together(some, tmp_path):
    np.save(tmp_path / "word_frequencies.npy", np.zeros(2, dtype=np.uint8))
    with pytest.raises(ValueError, match="its postings disagree in length"):
        Postings(tmp_path, len(TITLES))
