import json
import os
import pickle
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from paperqa_ext.errors import IndexUnavailableError, PaperQAError
from paperqa_ext.index import ReferenceIndex, add_to_index, build_index
from paperqa_ext.index.search import TopicIndex
from paperqa_ext.index.topic_writer import DIRECTORY, FORMAT, carry_topics, name_parts, write_searchable
from paperqa_ext.papers import Paper
from paperqa_ext.prompts import MAX_ABSTRACT

PAPERS = [
    Paper("1609.02907", "Semi-Supervised Classification with Graph Convolutional Networks", ("Thomas N. Kipf", "M. Welling"),
          "Convolutions on graphs.", ("cs.LG", "stat.ML"), "2016-09"),
    Paper("2201.00001", "Graph neural networks for molecules", ("Jane Kipf",), "Drug discovery.", ("cs.LG",), "2022-01"),
    Paper("2212.00001", "Molecules as graphs", ("Wei Wang",), "Neural networks and a graph for drug discovery.",
          ("q-bio.BM",), "2022-12-31"),
    Paper("2301.00001", "On neural coding", ("T. Kipf",), "A network of cells.", ("q-bio.NC",), "2023-01"),
    Paper("2301.00002", "Graph neural networks, withdrawn", ("Eve",), "", ("cs.LG",), "2023-01", withdrawn=True),
    Paper("2301.00003", "图论与群", ("张伟",), "", ("math.CO",), "2023-01"),
    Paper("", "Learning α-decay with neural networks", ("Ådne Ø. Björk",), "", ("nucl-th",), "1999"),
]  # fmt: skip


def write(papers, directory):
    directory.mkdir(parents=True)
    write_searchable(papers, directory)
    return directory


@pytest.fixture(scope="module")
def directory(tmp_path_factory):
    return write(PAPERS, tmp_path_factory.mktemp("search") / "index")


@pytest.fixture(scope="module")
def topics(directory):
    return TopicIndex(directory)


@pytest.fixture(scope="module")
def found(directory, topics):
    index = ReferenceIndex(directory)
    return lambda *query, **filters: [
        paper.id for paper in index.papers([hit.row for hit in topics.search(*query, **filters)])
    ]


@pytest.fixture(scope="module")
def sample(tmp_path_factory, papers):
    return write(papers, tmp_path_factory.mktemp("sample") / "index")


def test_titles_that_name_the_topic_come_first(found):
    assert found("graph neural networks")[0] == "2201.00001"
    assert set(found("graph neural networks")) == {"2201.00001", "2212.00001", "1609.02907"}


def test_chinese_finds_what_english_finds(found):
    assert found("图神经网络") == found("graph neural networks")
    assert set(found("图神经网络 药物发现 2022")) == {"2201.00001", "2212.00001"}


def test_withdrawn_papers_are_not_found(found, topics):
    assert topics.read("withdrawn").unused == ("withdrawn",)
    assert "2301.00002" not in found("graph neural networks", years=(2023, 2023))
    assert len(topics) == len(PAPERS) - 1


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({"years": (2022, 2022)}, ["2212.00001", "2201.00001"]),
        ({"years": (2016, 2022)}, ["2212.00001", "2201.00001", "1609.02907"]),
        ({"years": (1999, 1999)}, [""]),
        ({"categories": ["cs.LG"]}, ["2201.00001", "1609.02907"]),
        ({"categories": ["stat.ML"]}, ["1609.02907"]),
        ({"categories": ["q-bio"]}, ["2301.00001", "2212.00001"]),
        ({"categories": ["CS", "math.co"]}, ["2301.00003", "2201.00001", "1609.02907"]),
        ({"authors": ["Kipf"]}, ["2301.00001", "2201.00001", "1609.02907"]),
        ({"authors": ["Thomas Kipf"]}, ["2301.00001", "1609.02907"]),
        ({"authors": ["Kipf, Thomas"]}, ["2301.00001", "1609.02907"]),
        ({"authors": ["T.N. Kipf"]}, ["2301.00001", "1609.02907"]),
        ({"authors": ["Max Welling", "Kipf"]}, ["1609.02907"]),
        ({"authors": ["Adne Bjork"]}, [""]),
        ({"authors": ["张伟"]}, ["2301.00003"]),
        ({"authors": ["Kipf"], "years": (2022, 2022), "categories": ["cs"]}, ["2201.00001"]),
        ({"authors": ["Nobody"]}, []),
        ({"authors": ["K.*"]}, []),
        ({"authors": [""]}, []),
    ],
    ids=str,
)
def test_filters_alone_give_the_latest_first(found, filters, expected):
    assert found("", **filters) == expected


def test_filters_narrow_a_search(found):
    assert found("neural networks", categories=["q-bio"], years=(2022, 2022)) == ["2212.00001"]
    assert found("图神经网络 2022", years=(2016, 2016)) == ["1609.02907"]  # a filter overrules the query


def test_papers_that_lack_something_come_last_and_are_marked(topics):
    hits = topics.search("graph discovery")
    assert {hit.row for hit in hits if hit.whole} == {1, 2}
    assert [hit.row for hit in hits if not hit.whole] == [0]
    assert [hit.whole for hit in hits] == [True, True, False]


def test_limit(found):
    assert found("neural", limit=2) == found("neural")[:2]


def test_other_scripts_and_signs(found):
    assert found("图论与群") == ["2301.00003"]
    assert found("图论") == ["2301.00003"]
    assert found("alpha-decay") == found("α decay") == [""]


def test_what_nothing_is_found_for_is_said(topics):
    assert topics.read("graph 魑魅魍魉 zzzz").unused == ("魑魅魍魉", "zzzz")
    assert topics.search("graph 魑魅魍魉 zzzz") == topics.search("graph")


@pytest.mark.parametrize("query", ["魑魅魍魉", "zzzz", "", " ", "的"])
def test_nothing_to_search_for(topics, query):
    with pytest.raises(PaperQAError) as error:
        topics.search(query)
    assert error.value.remedy


@pytest.mark.parametrize(
    "query", ['"', "title:x OR (", "a" * 5000, "AND OR NOT", "\\", "x\0y", "*", "图" * 2000, "neural " * 500]
)
def test_hostile_queries_are_only_words(topics, query):
    try:
        hits = topics.search(query)
    except PaperQAError:
        hits = []
    assert len(hits) <= 10


def test_topics_near_what_is_unknown_are_named(topics):
    with pytest.raises(PaperQAError) as error:
        topics.search("拓扑绝缘")
    assert "拓扑绝缘体" in error.value.remedy
    with pytest.raises(PaperQAError) as error:
        topics.search("魑魅魍魉")
    assert error.value.remedy == "Ask in English, or for a topic of the glossary."


def test_name_parts():
    assert name_parts("Thomas N. Kipf") == ("kipf", "thomas")
    assert name_parts("J.-P. Serre") == ("serre", "j")
    assert name_parts("Ge-Wei Yáng") == ("yang", "gewei")
    assert name_parts("John Smith Jr.") == ("smith", "john")
    assert name_parts("Plato") == ("plato", "")
    assert name_parts("") == ("", "")


def test_rows_are_those_of_the_reference_index(sample, papers):
    index, topics = ReferenceIndex(sample), TopicIndex(sample)
    for paper in papers[::500]:
        assert index.titles([topics.search(paper.title, limit=1)[0].row]) == [paper.title]


def test_topics_are_found_in_the_sample_in_both_languages(sample):
    index, topics = ReferenceIndex(sample), TopicIndex(sample)
    hits = topics.search("图神经网络", years=(2022, 2022), limit=20)
    found = index.papers([hit.row for hit in hits])
    assert len(found) == 20
    assert all(paper.year == 2022 and "graph" in paper.title.lower() for paper in found)
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)


def test_many_threads_and_processes_at_once(topics):
    expected = topics.search("graph neural networks")
    with ThreadPoolExecutor(8) as pool:
        assert all(hits == expected for hits in pool.map(topics.search, ["graph neural networks"] * 200))
    assert pickle.loads(pickle.dumps(topics)).search("graph neural networks") == expected


def test_an_index_may_be_moved(directory, tmp_path):
    shutil.copytree(directory, tmp_path / "copy")
    assert TopicIndex(tmp_path / "copy").search("graph")


@pytest.mark.skipif(os.name == "nt", reason="directories have no such right there")
def test_a_directory_that_may_not_be_written_to(tmp_path):
    place = write(PAPERS, tmp_path / "index") / DIRECTORY
    for directory in (tmp_path, *tmp_path.parents[:3]):
        directory.chmod(0o755)
    place.chmod(0o555)
    program = (
        "import os, sys\n"
        "from paperqa_ext.index.search import TopicIndex\n"
        "query = TopicIndex(sys.argv[2]).read('graph')\n"
        "os.geteuid() or os.setgid(65534) or os.setuid(65534)\n"  # root may write anywhere
        "assert TopicIndex(sys.argv[1]).search(query)"
    )
    shutil.copytree(tmp_path / "index", tmp_path / "own")
    done = subprocess.run(
        [sys.executable, "-c", program, tmp_path / "index", tmp_path / "own"],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    place.chmod(0o755)
    assert done.returncode == 0, done.stderr


def test_an_index_without_topics_says_how_to_get_them(tmp_path, papers):
    build_index(papers[:5], tmp_path / "index")
    with pytest.raises(IndexUnavailableError, match="cannot be searched by topic") as error:
        TopicIndex(tmp_path / "index")
    assert f"paperqa index build SOURCE --output {tmp_path / 'index'}" in str(error.value)


@pytest.mark.parametrize("damage", ["meta", "format", "segment", "size"])
def test_damaged_topics(directory, tmp_path, damage):
    shutil.copytree(directory, tmp_path / "index")
    part = tmp_path / "index" / DIRECTORY
    meta = json.loads((part / "topics.json").read_text())
    if damage == "meta":
        (part / "topics.json").write_text("{")
    elif damage == "format":
        (part / "topics.json").write_text(json.dumps({**meta, "format": FORMAT + 1}))
    elif damage == "segment":
        next(part.glob("*.term")).unlink()
    else:
        (part / "topics.json").write_text(json.dumps({**meta, "papers": 1}))
    with pytest.raises(IndexUnavailableError, match=r"damaged|has format"):
        TopicIndex(tmp_path / "index")


def test_adding_carries_the_topics_along(directory, tmp_path):
    place = tmp_path / "index"
    shutil.copytree(directory, place)
    changed = [
        replace(PAPERS[1], title="Trees for molecules", abstract=""),
        replace(PAPERS[3], withdrawn=True),
        replace(PAPERS[6], categories=("cs.LG",)),
        Paper("2401.00001", "Graph neural networks anew", ("New Author",), "", ("cs.LG",), "2024-01"),
    ]
    add_to_index(changed, place, lambda new: carry_topics(changed, place, new))
    index, topics = ReferenceIndex(place), TopicIndex(place)

    def titles(*query, **filters):
        return [index.paper(hit.row).title for hit in topics.search(*query, **filters)]

    assert titles("graph neural networks")[0] == "Graph neural networks anew"
    assert "Graph neural networks for molecules" not in titles("molecules")
    assert "Trees for molecules" in titles("molecules")
    assert titles("", authors=["Kipf"]) == ["Trees for molecules", PAPERS[0].title]
    assert titles("", categories=["nucl-th"]) == []
    assert titles("alpha decay", categories=["cs.LG"]) == [PAPERS[6].title]
    assert len(topics) == len(PAPERS) - 1
    assert len(TopicIndex(directory)) == len(PAPERS) - 1  # whose files are linked, and stay as they were


def test_a_strict_search_finds_only_what_is_about_all_of_it(topics, found):
    assert set(found("graph neural networks", strict=True)) == {"2201.00001", "1609.02907"}
    assert found("graph neural networks molecules", strict=True) == ["2201.00001"]
    assert found("graph discovery", strict=True) == []  # in an abstract only
    assert found("neural coding", strict=True) == ["2301.00001"]
    assert topics.search("graph neural networks zzzz", strict=True) == []


def test_years_of_what_a_strict_search_finds(topics):
    assert topics.years(topics.read("图神经网络 2022")) == [2016, 2022]
    assert topics.years(topics.read("neural"), categories=["q-bio"]) == [2023]
    assert topics.years(topics.read(""), categories=["q-bio.BM"]) == [2022]
    assert topics.years(topics.read("")) == topics.years(topics.read("zzzz")) == []


def test_rows_of_a_family_name_or_one_a_letter_off(topics):
    assert topics.of_family("Tom Kipf") == topics.of_family("kipff") == [3, 1, 0]
    assert topics.of_family("Nobody") == topics.of_family("") == []


def test_openings_of_abstracts_are_kept_if_asked_for(directory, tmp_path):
    long = replace(PAPERS[0], abstract="Word " * 200)
    (tmp_path / "index").mkdir()
    write_searchable([long, *PAPERS[1:]], tmp_path / "index", abstracts=True)
    kept, without = TopicIndex(tmp_path / "index"), TopicIndex(directory)
    first, second, none = kept.openings([0, 2, 5])
    assert long.abstract.startswith(first) and len(first) == MAX_ABSTRACT + 1
    assert (second, none) == (PAPERS[2].abstract, "")
    assert without.openings([0, 2, 5]) == ["", "", ""] and kept.openings([]) == []


def test_openings_are_carried_along_if_they_were_kept(tmp_path):
    place = tmp_path / "index"
    place.mkdir()
    write_searchable(PAPERS[:2], place, abstracts=True)
    new = Paper("2401.00001", "Anew", (), "An abstract.", ("cs.LG",), "2024-01")
    add_to_index([new], place, lambda other: carry_topics([new], place, other))
    assert TopicIndex(place).openings([0, 1, 2]) == [PAPERS[0].abstract, PAPERS[1].abstract, "An abstract."]
