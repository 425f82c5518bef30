import pytest

from paperqa_ext.index import ReferenceIndex, build_index
from paperqa_ext.papers import Paper
from paperqa_ext.verify.title_search import find_titles

TITLES = (
    "Semi-Supervised Classification with Graph Convolutional Networks",
    "Graph Attention Networks",
    "Optimal Transport: Fast Probabilistic Approximation",
    "Optimal Transport: Numerical Methods at Scale",
    "The $\\ell_1$ Norm of Sparse Signals & their Recovery",
    "Notes on Loop Spaces",
    "Notes on Loop Spaces",
)


@pytest.fixture(scope="module")
def few(tmp_path_factory):
    directory = tmp_path_factory.mktemp("few") / "index"
    build_index((Paper(f"2001.0000{n}", t, ("A. Lee",), published="2020") for n, t in enumerate(TITLES)), directory)
    return ReferenceIndex(directory)


def find(index, title, own=None):
    [found] = find_titles([title], [own], index)
    return found.likeness, sorted(found.rows)


def test_a_title_is_found_however_it_is_written(few):
    assert find(few, "graph attention networks.") == ("same", [1])
    assert find(few, r"The $\ell_1$ Norm of \emph{Sparse} Signals \& their Recovery") == ("same", [4])
    assert find(few, "<i>Graph</i> Attention Networks") == ("same", [1])
    assert find(few, "Graph Atention Networks") == ("same", [1])


@pytest.mark.parametrize(
    "title",
    [
        "Graph Attention Networks（图注意力网络）",
        "Graph Attention Networks (图注意力网络)",
        "图注意力网络（Graph Attention Networks）",
        "图注意力网络：Graph Atention Networks",
        "Optimal Transport: Numerical Methods at Scale（最优传输）",
    ],
)
def test_a_translation_beside_the_title_is_left_out(few, title):
    assert find(few, title) == ("same", [3 if "Optimal" in title else 1])


@pytest.mark.parametrize("title", ["图注意力网络", "基于 Graph Attention Networks 的推荐", "图网络：GAT"])
def test_a_chinese_title_is_no_translation(few, title):
    assert find(few, title)[0] == "other"


def test_a_huge_title_takes_no_time(few):
    huge = [
        *(mark * 100_000 for mark in ("....", "a ", "（", "Graph Attention Networks ", "\\", "网", "<b")),
        *(mark * 50_000 for mark in ("x.", "网：a", "（网 ", "- ")),
    ]
    assert {one.likeness for one in find_titles(huge, [None] * len(huge), few)} == {"other"}


def test_all_records_of_a_title_are_found(few):
    assert find(few, "Notes on Loop Spaces") == ("same", [5, 6])
    assert find(few, "Notes on Looop Spaces") == ("same", [5, 6])
    assert find(few, "Optimal Transport") == ("part", [2, 3])


def test_the_record_of_the_stated_id_is_a_candidate(few):
    assert find(few, "Entirely Unrelated Words", own=5) == ("other", [5])
    assert find(few, "Entirely Unrelated Words") == ("other", [])


def test_the_nearest_title_is_named(few):
    [found] = find_titles(["Semi-Supervised Regression with Graph Convolutional Networks"], [None], few)
    assert (found.likeness, found.rows) == ("other", [0])
    assert 0.66 <= found.similarity < 1


def test_many_titles_are_found_as_one_at_a_time(few):
    titles = [*TITLES, "Graph Atention Networks", "", "Optimal Transport", "No Such Thing at All"]
    together = find_titles(titles, [None] * len(titles), few)
    assert together == [find_titles([title], [None], few)[0] for title in titles]
    assert find_titles([], [], few) == []
