import json

import pytest

from paperqa_ext.convert.collect import collect, collect_papers
from paperqa_ext.convert.survey import CITABLE, OTHER
from paperqa_ext.engine import open_engine
from paperqa_ext.errors import SourceError
from paperqa_ext.papers import Paper
from paperqa_ext.topics import Topic

TOPICS = [Topic("trees", "树", ("tree",)), Topic("graphs", "图", ("graph",))]
RECORD = {"id": "2201.00001", "title": "On trees", "authors": "Ada Lovelace", "abstract": "A.", "categories": "cs.LG"}


def write(path, records):
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return path


def collected(tmp_path, *files, others=(), **options):
    with open_engine("local", 1) as engine:
        return collect(files, engine, TOPICS, others=others, directory=tmp_path, **options)


def test_records_and_facts_are_of_the_same_rows(tmp_path):
    path = write(tmp_path / "a.jsonl", [RECORD, {**RECORD, "id": "2201.00002", "title": "On graphs"}])
    found = collected(tmp_path, path)
    papers = list(found.records.papers(range(len(found.records))))
    assert [paper.id for paper in papers] == ["2201.00001", "2201.00002"]
    assert found.facts.topics.tolist() == [0, 1]
    assert found.counts == {"read": 2, "kept": 2}


def test_a_record_that_comes_twice_is_kept_once(tmp_path):
    found = collected(tmp_path, write(tmp_path / "a.jsonl", [RECORD, RECORD, {**RECORD, "id": "2201.00002"}]))
    assert len(found.records) == len(found.facts) == 2
    assert found.counts == {"read": 3, "kept": 2, "merged: same id": 1}


def test_readings_of_one_id_are_merged_over_files(tmp_path):
    old = write(tmp_path / "old.jsonl", [{**RECORD, "title": "On graphs"}])
    new = write(tmp_path / "new.jsonl", [{"id": "2201.00001v2", "title": "On trees"}])
    found = collected(tmp_path, old, new)
    (paper,) = found.records.papers([0])
    assert (paper.title, paper.authors, paper.categories) == ("On trees", ("Ada Lovelace",), ("cs.LG",))
    assert found.facts.topics.tolist() == [0], "the facts are those of the merged record"
    assert found.counts["merged: same id"] == found.counts["retitled"] == 1


def test_records_without_id_are_one_if_title_and_first_author_are(tmp_path):
    record = {"title": "On trees", "year": 2020, "url": "https://example.org/1", "abstract": "A."}
    found = collected(tmp_path, write(tmp_path / "a.jsonl", [record, record, {**record, "title": "On graphs"}]))
    assert [paper.id for paper in found.records.papers(range(2))] == ["", ""]
    assert found.counts["kept"] == 2


def test_an_id_column_that_holds_none_is_an_error(tmp_path):
    records = [{**RECORD, "title": f"On {number} trees"} for number in range(9)]
    with pytest.raises(SourceError, match="stands for 9 titles") as caught:
        collected(tmp_path, write(tmp_path / "a.jsonl", records))
    assert "--map id=COLUMN" in caught.value.remedy


def test_other_records_exist_and_are_not_cited(tmp_path):
    cited = write(tmp_path / "a.jsonl", [RECORD])
    known = write(tmp_path / "b.jsonl", [{**RECORD, "id": "2201.00002", "title": "On graphs"}])
    found = collected(tmp_path, cited, others=[known])
    assert found.facts.status.tolist() == [CITABLE, OTHER]
    assert found.counts == {"read": 1, "kept": 1}


def test_a_record_of_both_kinds_is_cited(tmp_path):
    found = collected(
        tmp_path,
        write(tmp_path / "a.jsonl", [RECORD]),
        others=[write(tmp_path / "b.jsonl", [{**RECORD, "title": "On graphs", "authors": ""}])],
    )
    assert found.facts.status.tolist() == [CITABLE]
    assert len(found.records) == 1


def test_nothing_usable(tmp_path):
    with pytest.raises(SourceError, match="no usable record among 2 read") as caught:
        collected(tmp_path, write(tmp_path / "a.jsonl", [{"id": "2201.00001", "title": ""}] * 2))
    assert caught.value.remedy


def test_columns_can_be_named(tmp_path):
    path = write(tmp_path / "a.jsonl", [{"Key": "2201.00001", "Name": "On trees"}])
    found = collected(tmp_path, path, columns={"id": "Key", "title": "Name"})
    assert next(found.records.papers([0])).title == "On trees"


def test_several_processes_find_the_same(tmp_path, papers):
    from paperqa_ext.sources import DISTRACTORS, SAMPLE

    results = []
    for workers in (1, 2):
        with open_engine("local", workers) as engine:
            found = collect([SAMPLE], engine, TOPICS, others=[DISTRACTORS], directory=tmp_path)
        results.append((list(found.records.lines(range(0, len(found.records), 97))), found.facts.keys.tolist()))
    assert results[0] == results[1]


def test_papers_in_memory(tmp_path):
    papers = [
        Paper("2201.00001", "On trees", published="2022-01"),
        Paper("2201.00001", "On trees", published="2022-01"),
    ]
    found = collect_papers(papers, TOPICS, directory=tmp_path)
    assert len(found.records) == 1


@pytest.mark.slow
def test_ray_finds_the_same(tmp_path):
    pytest.importorskip("ray", reason="install the extra: pip install 'paperqa-ext[ray]'")
    from paperqa_ext.sources import DISTRACTORS, SAMPLE

    results = []
    for name in ("local", "ray"):
        with open_engine(name, 1) as engine:
            found = collect([SAMPLE, DISTRACTORS], engine, TOPICS, directory=tmp_path)
        results.append((sorted(found.records.lines(range(len(found.records)))), sorted(found.facts.keys.tolist())))
    assert results[0] == results[1]
