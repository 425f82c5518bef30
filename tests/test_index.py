import json
import os
import shutil
import stat

import numpy as np
import pytest

from paperqa_ext.errors import IndexUnavailableError, OutputError
from paperqa_ext.index import FORMAT, ReferenceIndex, build_index
from paperqa_ext.papers import Paper
from paperqa_ext.titles import words


@pytest.fixture
def small(tmp_path, papers):
    build_index(papers[:50], tmp_path / "index")
    return tmp_path / "index"


def test_every_record_is_found_by_id_and_title(index, papers):
    for paper in papers[::25]:
        found = index.by_id(paper.id)
        assert (found.title, found.authors, found.year) == (paper.title, paper.authors, paper.year)
        assert paper.id in {match.id for match in index.by_title(words(paper.title))}
        assert paper.id in {match.id for match in index.candidates(words(paper.title))}


def test_unknown_ids_and_titles(index):
    assert index.by_id("0704.0000") is None
    assert index.by_id("9999.99999") is None
    assert index.by_title(words("A title nobody ever wrote")) == []
    assert index.by_title([]) == [] == index.candidates([])
    assert index.candidates(["zzzzqqq"]) == []


def test_papers_of_one_title_are_all_returned(tmp_path):
    twins = [
        Paper("0801.0001", "On Loops", ("A B",), published="2008-01"),
        Paper("1501.00001", "On loops.", ("C D",), published="2015-01"),
    ]
    build_index(twins, tmp_path / "index")
    assert len(ReferenceIndex(tmp_path / "index").by_title(["on", "loops"])) == 2


def test_coverage_and_hash_do_not_depend_on_the_order(tmp_path, papers):
    first = build_index(papers[:50], tmp_path / "a")
    assert build_index(reversed(papers[:50]), tmp_path / "b") == first == ReferenceIndex(tmp_path / "a").coverage
    assert first.papers == 50
    assert first.last == max(paper.published for paper in papers[:50])
    assert build_index(papers[:49], tmp_path / "b").hash != first.hash


def test_document_frequency_counts_titles_not_words(tmp_path):
    build_index(
        [Paper("0801.0001", "Graphs of graphs", published="2008-01"), Paper("0801.0002", "Loops", published="2008-01")],
        tmp_path / "index",
    )
    index = ReferenceIndex(tmp_path / "index")
    assert [index.document_frequency(word) for word in ("graphs", "loops", "graph")] == [1, 1, 0]
    assert index.weight("graph") > index.weight("graphs")


def test_missing_index_names_the_remedy(tmp_path):
    with pytest.raises(IndexUnavailableError, match="no reference index here") as error:
        ReferenceIndex(tmp_path / "nowhere")
    assert "python -m paperqa_ext.convert" in str(error.value)


def test_index_of_another_version(small):
    meta = json.loads((small / "index.json").read_text())
    (small / "index.json").write_text(json.dumps({**meta, "format": FORMAT + 1}))
    with pytest.raises(IndexUnavailableError, match=f"has format {FORMAT + 1}; this version reads {FORMAT}"):
        ReferenceIndex(small)


@pytest.mark.parametrize("damage", ["no array", "cut array", "cut records", "bad meta", "other size"])
def test_damaged_index(small, damage):
    if damage == "no array":
        (small / "postings.npy").unlink()
    elif damage == "cut array":
        (small / "keys.npy").write_bytes((small / "keys.npy").read_bytes()[:90])
    elif damage == "cut records":
        (small / "records.arrow").write_bytes((small / "records.arrow").read_bytes()[:1000])
    elif damage == "bad meta":
        (small / "index.json").write_text("{")
    else:
        np.save(small / "keys.npy", np.zeros(3, dtype=np.uint64))
    with pytest.raises(IndexUnavailableError, match="damaged"):
        ReferenceIndex(small)


def test_rebuilding_replaces_the_index_and_leaves_nothing_else(small, papers):
    build_index(papers[:10], small)
    assert len(ReferenceIndex(small)) == 10
    assert [path.name for path in small.parent.iterdir()] == ["index"]


def test_a_failed_build_keeps_the_old_index(small, papers):
    def broken():
        yield papers[0]
        raise RuntimeError("source broke")

    with pytest.raises(RuntimeError):
        build_index(broken(), small)
    assert len(ReferenceIndex(small)) == 50
    with pytest.raises(IndexUnavailableError, match="no papers to index"):
        build_index([], small)
    assert len(ReferenceIndex(small)) == 50


def test_a_directory_that_is_no_index_is_not_replaced(tmp_path, papers):
    (tmp_path / "thesis.tex").write_text("years of work")
    with pytest.raises(OutputError, match="is not an index"):
        build_index(papers[:3], tmp_path)
    assert (tmp_path / "thesis.tex").exists()


def test_unwritable_place(tmp_path, papers):
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="cannot be written"):
        build_index(papers[:3], tmp_path / "file" / "index")


def test_an_index_is_readable_by_others(small):
    umask = os.umask(0)
    os.umask(umask)
    assert stat.S_IMODE(small.stat().st_mode) == 0o777 & ~umask


def test_an_index_may_be_moved_and_read_by_path(small, tmp_path):
    shutil.move(small, tmp_path / "elsewhere")
    assert len(ReferenceIndex(str(tmp_path / "elsewhere"))) == 50
