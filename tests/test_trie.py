import shutil

import numpy as np
import pytest
from small_tokenizers import KINDS, small_tokenizer

from paperqa_ext.decode import open_trie
from paperqa_ext.decode.trie import END
from paperqa_ext.errors import IndexUnavailableError, OutputError
from paperqa_ext.index import ReferenceIndex, build_index
from paperqa_ext.papers import Paper
from paperqa_ext.prompts import citation_line, line_title


@pytest.fixture(scope="module")
def index(papers, tmp_path_factory):
    more = [
        Paper("2201.00001", "Deep", ("A",), published="2022"),
        Paper("2201.00002", "Deep", ("B",), published="2022"),
        Paper("2201.00003", "Deep Learning", ("A",), published="2022"),
        Paper("2201.00004", "  ", ("A",), published="2022"),
        Paper("2201.00005", "word " * 300, ("A",), published="2022"),
        Paper("2201.00006", "word " * 301, ("A",), published="2022"),
    ]
    directory = tmp_path_factory.mktemp("trie") / "index"
    build_index([*papers[:700], *more], directory)
    return ReferenceIndex(directory)


@pytest.fixture(scope="module")
def tokenizer(papers):
    return small_tokenizer(KINDS[0], [citation_line(paper) for paper in papers[:300]])


@pytest.fixture(scope="module")
def trie(index, tokenizer):
    return open_trie(index, tokenizer)


def sequences(trie, rows):
    """The stored tokens of the titles in some rows, in order, without a trie."""
    titles = [line_title(trie.index.paper(row).title) for row in rows]
    found = zip(trie.spelling.encode(titles, after="**"), rows, strict=True)
    return sorted(([token + 1 for token in ids] + [END], row) for ids, row in found if ids)


def check_every_branch(candidates, expected):
    """Walk through all prefixes and compare how they go on."""
    assert sorted(candidates.rows.tolist()) == sorted(row for _, row in expected)
    stack = [(0, len(expected), 0)] if expected else []
    while stack:
        first, last, depth = stack.pop()
        tokens, bounds = candidates.branches(first, last, depth)
        assert tokens.tolist() == sorted({sequence[depth] for sequence, _ in expected[first:last]})
        for token, start, stop in zip(tokens.tolist(), bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
            assert {sequence[depth] for sequence, _ in expected[start:stop]} == {token}
            if token != END:
                stack.append((start, stop, depth + 1))


def test_branches_are_those_of_the_titles(trie):
    expected = sequences(trie, range(len(trie.index)))
    assert len(expected) == len(trie.index) - 1  # one has no title
    check_every_branch(trie.candidates, expected)
    for place in (0, 5, len(expected) - 1):
        row = int(trie.candidates.rows[place])
        assert trie.spelling.spell(trie.candidates.title(place)).decode() == line_title(trie.index.paper(row).title)


@pytest.mark.parametrize("size", [0, 1, 2, 30, 400])
def test_a_subset_has_the_branches_of_its_titles_alone(trie, size):
    rows = np.random.default_rng(size).choice(len(trie.index), size, replace=False)
    check_every_branch(trie.subset(rows), sequences(trie, rows.tolist()))


def test_rows_twice_or_without_a_title_count_once_or_not(trie):
    row = trie.index.rows_of_ids(["2201.00001", "2201.00004"])
    assert trie.subset([row[0], row[0], row[1]]).rows.tolist() == [row[0]]


def test_titles_are_compiled_once_for_a_tokenizer(index, papers, tokenizer, trie):
    (directory,) = (index.path / "tries").iterdir()
    before = {file.name: file.stat().st_mtime_ns for file in directory.iterdir()}
    again = open_trie(index, tokenizer)
    assert {file.name: file.stat().st_mtime_ns for file in directory.iterdir()} == before
    assert again.candidates.rows.tolist() == trie.candidates.rows.tolist()
    open_trie(index, small_tokenizer(KINDS[0], [paper.title for paper in papers[:50]], 400))
    assert len(list((index.path / "tries").iterdir())) == 2


def test_an_index_with_other_papers_is_compiled_anew(papers, tokenizer, tmp_path):
    build_index(papers[:20], tmp_path / "index")
    open_trie(ReferenceIndex(tmp_path / "index"), tokenizer)
    kept = tmp_path / "tries"
    shutil.copytree(tmp_path / "index" / "tries", kept)
    build_index(papers[20:30], tmp_path / "index")
    assert not (tmp_path / "index" / "tries").exists()
    shutil.copytree(kept, tmp_path / "index" / "tries")
    assert len(open_trie(ReferenceIndex(tmp_path / "index"), tokenizer).candidates) == 10


def test_what_is_damaged_is_named(papers, tokenizer, tmp_path):
    build_index(papers[:20], tmp_path / "index")
    index = ReferenceIndex(tmp_path / "index")
    open_trie(index, tokenizer)
    (directory,) = (index.path / "tries").iterdir()
    (directory / "starts.npy").write_bytes(b"")
    with pytest.raises(IndexUnavailableError, match=r"damaged.*\n.*Delete this directory"):
        open_trie(index, tokenizer)


def test_a_place_that_cannot_be_written_is_named(papers, tokenizer, tmp_path):
    build_index(papers[:20], tmp_path / "index")
    (tmp_path / "index" / "tries").write_text("in the way")
    with pytest.raises(OutputError, match="tries"):
        open_trie(ReferenceIndex(tmp_path / "index"), tokenizer)
