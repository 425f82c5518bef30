import json
import os
import pickle
import shutil
import stat
import time
import unicodedata
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from paperqa_ext.errors import IndexUnavailableError, OutputError
from paperqa_ext.index import FORMAT, ReferenceIndex, add_to_index, build_index
from paperqa_ext.papers import Paper
from paperqa_ext.titles import title_key, words


@pytest.fixture
def small(tmp_path, papers):
    build_index(papers[:50], tmp_path / "index")
    return tmp_path / "index"


def test_every_record_is_found_by_id_and_title(index, papers):
    for paper in papers[::25]:
        found = index.by_id(paper.id)
        assert (found.title, found.authors, found.year) == (paper.title, paper.authors, paper.year)
        assert paper.id in {match.id for match in index.by_title(words(paper.title))}
    titles = [words(paper.title) for paper in papers]
    for paper, rows in zip(papers, index.candidates(titles), strict=True):
        assert paper.title in index.titles(rows)


def test_unknown_ids_and_titles(index):
    assert index.by_id("0704.0000") is None
    assert index.by_id("9999.99999") is None
    assert index.by_title(words("A title nobody ever wrote")) == []
    assert index.by_title([]) == [] == index.candidates([])
    assert index.candidates([["zzzzqqqzzzz"], [], ["zzz"]]) == [[], [], []]


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
    assert index.document_frequencies(["graphs", "loops", "graph"]) == [1, 1, 0]
    assert index.document_frequencies([]) == []


def test_many_at_once_are_as_one_by_one(index, papers):
    ids = [papers[3].id, "", "9999.99999", papers[0].id, papers[3].id]
    rows = index.rows_of_ids(ids)
    assert [row is None for row in rows] == [False, True, True, False, False]
    assert rows[0] == rows[4]
    assert [paper.id for paper in index.papers([rows[0], rows[3]])] == [papers[3].id, papers[0].id]
    titles = [words(paper.title) for paper in papers[:300]]
    assert index.rows_of_titles(titles) == [index.rows_of_titles([title])[0] for title in titles]
    assert index.candidates(titles) == [index.candidates([title])[0] for title in titles]
    assert index.titles(range(300)) == [index.paper(row).title for row in range(300)]
    assert index.titles([]) == [] == index.papers([])


def test_records_come_back_as_they_were(tmp_path):
    papers = [
        Paper("", "无标识的论文：综述", (), "", (), "2020", True),
        Paper("0801.0001", "Ünïcode é", ("Ævar Þór", "Plato", "T. N. Kipf"), "", ("cs.LG", "stat.ML"), "2008-01-02"),
        Paper("", "∎", ("Plato",), "", ("cs.LG",), "1999-12"),
    ]
    build_index(papers, tmp_path / "index")
    index = ReferenceIndex(tmp_path / "index")
    assert list(index) == papers
    assert index.papers([2, 0, 2]) == [papers[2], papers[0], papers[2]]
    assert index.rows_of_ids(["", "0801.0001"]) == [None, 1]


def test_an_id_comes_once_and_records_without_one_as_often_as_they_like(tmp_path):
    nameless = [Paper("", f"Loops {i}", published="2008") for i in range(3)]
    assert build_index(nameless, tmp_path / "index").papers == 3
    with pytest.raises(IndexUnavailableError, match="an arXiv id comes twice"):
        build_index([Paper("0801.0001", title, published="2008-01") for title in "AB"], tmp_path / "index")


def test_titles_of_symbols_only_equal_none(tmp_path):
    build_index([Paper("0801.0001", "∎ ?!", published="2008-01")], tmp_path / "index")
    index = ReferenceIndex(tmp_path / "index")
    assert words("?? ☃") == []
    assert index.rows_of_titles([[], words("?? ☃")]) == [[], []] == index.candidates([[], []])


@pytest.mark.parametrize(
    "title",
    ["图神经网络综述", "グラフニューラルネットワーク", "그래프 신경망", "Графовые нейронные сети", "שדות אקראיים"],
)
def test_titles_of_any_script_are_found(tmp_path, papers, title):
    build_index([*papers[:20], Paper("", title, published="2020")], tmp_path / "index")
    assert ReferenceIndex(tmp_path / "index").rows_of_titles([words(title), words(title[:-1])]) == [[20], []]


def _has_letters(text):
    """Unicode counts a few accents that stand alone among the letters; taken apart, they are none."""
    return any(map(str.isalpha, unicodedata.normalize("NFKD", text)))


@given(st.text(st.characters(categories=["L", "N", "Zs"]), min_size=1).filter(_has_letters))
def test_no_title_with_letters_has_the_key_of_none(title):
    assert title_key(words(title)) != title_key([])


def _misspelt(word):
    return word[:2] + word[3] + word[2] + word[4:]


def test_candidates_bear_slips_of_the_pen_and_missing_and_foreign_words(index, papers):
    long = [paper for paper in papers if sum(len(word) > 6 for word in words(paper.title)) >= 4]
    ways = {
        "misspelt": lambda title: [_misspelt(word) if len(word) > 6 else word for word in title],
        "cut": lambda title: title[: len(title) * 2 // 3],
        "replaced": lambda title: [*title[:-2], "unheard", "of"],
        "shuffled": lambda title: title[::-1],
    }
    assert len(long) > 100
    for way in ways.values():
        found = index.candidates([way(words(paper.title)) for paper in long])
        missed = [paper for paper, rows in zip(long, found, strict=True) if paper.title not in index.titles(rows)]
        assert len(missed) <= len(long) / 100


def test_the_title_meant_comes_first(index, papers):
    titles = [words(paper.title) for paper in papers]
    first = [index.titles(rows[:1]) for rows in index.candidates(titles)]
    right = sum(words(title[0]) == asked for title, asked in zip(first, titles, strict=True))
    assert right >= 0.98 * len(titles)
    assert all(len(rows) <= 3 for rows in index.candidates(titles, limit=3))


def test_a_hostile_title_is_looked_up_in_no_time(index):
    titles = [["graph", "network"] * 50_000, ["a" * 1_000_000], [f"word{i}" for i in range(20_000)]]
    started = time.process_time()
    assert len(index.candidates(titles)) == 3
    assert time.process_time() - started < 5


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
        (small / "word_postings.npy").unlink()
    elif damage == "cut array":
        (small / "title_keys.npy").write_bytes((small / "title_keys.npy").read_bytes()[:90])
    elif damage == "cut records":
        (small / "titles.txt").write_bytes((small / "titles.txt").read_bytes()[:-1])
    elif damage == "bad meta":
        (small / "index.json").write_text("{")
    else:
        np.save(small / "title_keys.npy", np.zeros(3, dtype=np.uint64))
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


def test_an_index_is_sent_to_another_process_by_name(small):
    sent = pickle.dumps(ReferenceIndex(small))
    assert len(sent) < 1000
    assert list(pickle.loads(sent)) == list(ReferenceIndex(small))


def test_an_index_may_be_moved_and_read_by_path(small, tmp_path):
    shutil.move(small, tmp_path / "elsewhere")
    assert len(ReferenceIndex(str(tmp_path / "elsewhere"))) == 50


def test_adding_keeps_what_is_there_and_lets_the_later_record_win(small, papers):
    renamed = replace(papers[3], title="Renamed", abstract="An abstract.")
    coverage = add_to_index([papers[60], papers[3], renamed, papers[61]], small)
    index = ReferenceIndex(small)
    assert coverage == index.coverage
    assert [paper.id for paper in index] == [paper.id for paper in [*papers[:50], papers[60], papers[61]]]
    assert index.by_id(renamed.id).title == "Renamed"
    assert index.rows_of_titles([words("Renamed")]) == [[3]]
    whole = build_index([*papers[:3], renamed, *papers[4:50], *papers[60:62]], small.with_name("whole"))
    assert whole == coverage


def test_adding_papers_without_ids_replaces_those_of_the_same_title_and_author(small):
    paper = Paper("", "Loops", ("A B",), published="2008")
    add_to_index([paper], small)
    assert add_to_index([replace(paper, published="2009"), replace(paper, authors=("C D",))], small).papers == 52


def test_what_else_belongs_to_the_index_is_carried_along(small, papers):
    (small / "topics").mkdir()
    (small / "topics" / "segment").write_text("old")

    def carry(new):
        assert len(ReferenceIndex(new)) == 51
        shutil.copytree(small / "topics", new / "topics")

    add_to_index(papers[50:51], small, carry)
    assert (small / "topics" / "segment").read_text() == "old"


def test_a_failed_addition_keeps_the_old_index(small, papers):
    def broken():
        yield papers[60]
        raise RuntimeError("source broke")

    def no_carry(new):
        raise RuntimeError("nothing carried")

    before = {path.name: path.read_bytes() for path in small.iterdir()}
    with pytest.raises(RuntimeError, match="source broke"):
        add_to_index(broken(), small)
    with pytest.raises(RuntimeError, match="nothing carried"):
        add_to_index(papers[60:61], small, no_carry)
    assert {path.name: path.read_bytes() for path in small.iterdir()} == before
    assert [path.name for path in small.parent.iterdir()] == ["index"]


def test_nothing_can_be_added_to_no_index(tmp_path, papers):
    with pytest.raises(IndexUnavailableError, match="no reference index here"):
        add_to_index(papers[:3], tmp_path / "nowhere")
    assert not (tmp_path / "nowhere").exists()
