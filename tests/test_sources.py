import csv
import gzip
import json
from collections import Counter

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from paperqa_ext.errors import SourceError
from paperqa_ext.papers import Paper, parse_arxiv_id, parse_authors
from paperqa_ext.sources import read_papers

RECORDS = [
    {"id": "2201.01234", "title": "On  graphs", "authors": "A. One, B. Two and C. Three", "abstract": "Some\ntext."},
    {"id": "cmp-lg/9404002", "title": "Old style", "authors": "D. Four", "abstract": ""},
]
PAPERS = [
    Paper("2201.01234", "On graphs", ("A. One", "B. Two", "C. Three"), "Some text.", (), "2022-01"),
    Paper("cmp-lg/9404002", "Old style", ("D. Four",), "", (), "1994-04"),
]


def write(path, records):
    """`records` as the kind of file that the name of `path` says."""
    kind = path.name.removesuffix(".gz").rpartition(".")[2]
    if kind == "parquet":
        pq.write_table(pa.Table.from_pylist(records), path)
        data = path.read_bytes()
    elif kind in ("csv", "tsv"):
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, list(records[0]), delimiter="\t" if kind == "tsv" else ",")
            writer.writeheader()
            writer.writerows(records)
        data = path.read_bytes()
    else:
        text = json.dumps(records) if kind == "json" else "\n".join(map(json.dumps, records)) + "\n"
        data = text.encode()
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


def one(path, record):
    counts = Counter()
    return next(read_papers([write(path, [record])], counts), None)


@pytest.fixture
def jsonl(tmp_path):
    return tmp_path / "papers.jsonl"


@pytest.mark.parametrize("packed", ["", ".gz"])
@pytest.mark.parametrize("kind", ["parquet", "jsonl", "json", "csv", "tsv"])
def test_every_format_gives_the_same_papers(tmp_path, kind, packed):
    counts = Counter()
    assert list(read_papers([write(tmp_path / f"papers.{kind}{packed}", RECORDS)], counts)) == PAPERS
    assert counts == {"read": 2, "kept": 2}


def test_a_directory_is_read_file_by_file_and_other_files_are_left_alone(tmp_path):
    write(tmp_path / "b.json", RECORDS[:1])
    write(tmp_path / "a.jsonl", RECORDS[1:])
    (tmp_path / "README.md").write_text("not a source")
    assert [paper.id for paper in read_papers([tmp_path])] == ["cmp-lg/9404002", "2201.01234"]


def test_json_lines_under_a_json_name(tmp_path):
    path = tmp_path / "arxiv-metadata-oai-snapshot.json"
    path.write_text("\n".join(map(json.dumps, RECORDS)))
    assert list(read_papers([path])) == PAPERS


@pytest.mark.parametrize("id_column", ["id", "arxiv_id", "paper_id", "entry_id", "url", "pdf_url", "link", "doi"])
@pytest.mark.parametrize("title_column", ["title", "paper_title"])
def test_aliases(jsonl, id_column, title_column):
    record = {id_column: "https://arxiv.org/abs/2201.01234v2", title_column: "T", "summary": "S", "label": "cs.LG"}
    paper = one(jsonl, record)
    assert (paper.id, paper.title, paper.abstract, paper.categories) == ("2201.01234", "T", "S", ("cs.LG",))


def test_a_kaggle_snapshot_record(jsonl):
    record = {
        "id": "0704.0001",
        "authors": "C. Bal\\'azs, E. L. Berger",
        "authors_parsed": [["Balázs", "C.", ""], ["Berger", "E. L.", "Jr"]],
        "title": "Calculation of prompt\n  diphoton production",
        "comments": "37 pages",
        "doi": "10.1103/PhysRevD.76.013009",
        "categories": "hep-ph hep-ex",
        "abstract": "  A fully differential calculation.\n",
        "versions": [{"version": "v1", "created": "Mon, 2 Apr 2007 19:18:42 GMT"}, {"version": "v2", "created": "x"}],
        "update_date": "2008-11-26",
    }
    assert one(jsonl, record) == Paper(
        "0704.0001",
        "Calculation of prompt diphoton production",
        ("C. Balázs", "E. L. Berger Jr"),
        "A fully differential calculation.",
        ("hep-ph", "hep-ex"),
        "2007-04-02",
    )


@pytest.mark.parametrize(
    ("record", "published"),
    [
        ({}, "2022-01"),
        ({"year": 2022}, "2022-01"),
        ({"year": 2019.0, "published": "2021-03-04"}, "2019"),
        ({"published": "2021-12-31T10:00:00Z"}, "2021-12-31"),
        ({"published": "2021-13-01"}, "2021"),
        ({"created": "yesterday", "update_date": "2025-01-01"}, "2022-01"),
        ({"versions": [{"created": "nonsense"}], "year": "n/a"}, "2022-01"),
    ],
)
def test_the_date_is_that_of_the_first_version(jsonl, record, published):
    assert one(jsonl, {"id": "2201.01234", "title": "T", **record}).published == published


@pytest.mark.parametrize(
    ("given_authors", "authors"),
    [
        ("A. Vaswani, N. Shazeer and N. Parmar", ("A. Vaswani", "N. Shazeer", "N. Parmar")),
        ("A. Vaswani, N. Shazeer, and N. Parmar", ("A. Vaswani", "N. Shazeer", "N. Parmar")),
        ("Vaswani, A., Shazeer, N. M., and Parmar, N.", ("A. Vaswani", "N. M. Shazeer", "N. Parmar")),
        ("Vaswani, Ashish; Shazeer, Noam", ("Ashish Vaswani", "Noam Shazeer")),
        ("Anderson Sand and Sandy Andersson", ("Anderson Sand", "Sandy Andersson")),
        ("王伟、李娜", ("王伟", "李娜")),
        (["Vaswani, Ashish", "Noam  Shazeer", ""], ("Ashish Vaswani", "Noam Shazeer")),
        ([["Vaswani", "Ashish", ""], ["King", "Martin", "Jr."]], ("Ashish Vaswani", "Martin King Jr.")),
        ([{"name": "Ashish Vaswani"}, {"keyname": "Shazeer", "forenames": "Noam"}], ("Ashish Vaswani", "Noam Shazeer")),
        ('["Ashish Vaswani", "Noam Shazeer"]', ("Ashish Vaswani", "Noam Shazeer")),
        ("['Ashish Vaswani', 'Noam Shazeer']", ("Ashish Vaswani", "Noam Shazeer")),
        ("[Collaboration]", ("[Collaboration]",)),
        ({"name": "Ashish Vaswani"}, ("Ashish Vaswani",)),
        (None, ()),
        ("", ()),
        (5, ()),
    ],
)
def test_authors(given_authors, authors):
    assert parse_authors(given_authors) == authors


@pytest.mark.parametrize(
    "record",
    [
        {"comments": "This paper has been withdrawn by the author"},
        {"abstract": "This paper was withdrawn due to an error in Lemma 2."},
        {"abstract": "Withdrawn."},
    ],
)
def test_withdrawn(jsonl, record):
    assert one(jsonl, {"id": "2201.01234", "title": "T", **record}).withdrawn


def test_not_withdrawn(jsonl):
    assert not one(jsonl, {"id": "2201.01234", "title": "T", "abstract": "Money withdrawn from banks."}).withdrawn


def test_reasons_for_dropping_are_counted(jsonl):
    records = [
        *RECORDS,
        {"id": "2201.01234v3", "title": "On Graphs"},
        {"id": "2201.00002", "title": " "},
        {"id": "", "title": "T"},
        {"id": 2201.1, "title": "A number that was an id"},
    ]
    counts = Counter()
    assert list(read_papers([write(jsonl, records)], counts)) == PAPERS
    assert counts == {
        "read": 6,
        "kept": 2,
        "dropped: duplicate": 1,
        "dropped: no title": 1,
        "dropped: no id": 1,
        "dropped: no valid arXiv id": 1,
    }


def test_a_repeated_record_with_a_title_of_one_letter_is_a_duplicate(jsonl):
    write(jsonl, [{"id": "2201.01234", "title": "A"}] * 2)
    assert len(list(read_papers([jsonl]))) == 1


def failure(*sources):
    with pytest.raises(SourceError) as caught:
        list(read_papers(sources))
    assert caught.value.remedy
    return str(caught.value)


def test_missing_source(tmp_path):
    assert "nowhere.jsonl: no such file" in failure(tmp_path / "nowhere.jsonl")


def test_directory_without_sources(tmp_path):
    assert "no file of a supported kind" in failure(tmp_path)


def test_unknown_kind(tmp_path):
    (tmp_path / "papers.docx").write_text("x")
    assert "unknown kind of file" in failure(tmp_path / "papers.docx")


@pytest.mark.parametrize("name", ["e.jsonl", "e.json", "e.csv", "e.tsv", "e.parquet", "e.jsonl.gz"])
def test_empty_file(tmp_path, name):
    (tmp_path / name).write_bytes(b"")
    assert name in failure(tmp_path / name)


def test_malformed_json_lines_name_the_line(jsonl):
    jsonl.write_text(json.dumps(RECORDS[0]) + "\n\n{'id': 1}\n")
    assert "papers.jsonl:3: not valid JSON" in failure(jsonl)


def test_malformed_json_names_the_line(tmp_path):
    path = tmp_path / "papers.json"
    path.write_text('[\n{"id": "2201.01234",\n"title": }\n]')
    assert "papers.json:3: not valid JSON" in failure(path)


def test_a_row_that_is_no_object_names_its_line(jsonl):
    jsonl.write_text(json.dumps(RECORDS[0]) + '\n"2201.01235"\n')
    assert "papers.jsonl:2: expected an object" in failure(jsonl)


@pytest.mark.parametrize("missing", ["title", "id"])
def test_missing_columns_are_answered_with_those_found(tmp_path, missing):
    record = {"id": "2201.01234", "title": "T", "venue": "X"}
    del record[missing]
    message = failure(write(tmp_path / "papers.csv", [record]))
    assert f"field '{missing}'" in message
    assert f"columns found: {', '.join(record)}" in message
    assert f"Rename the column that holds it to '{missing}'" in message


def test_one_id_with_two_titles(jsonl):
    write(jsonl, [RECORDS[0], {"id": "2201.01234v2", "title": "Another"}])
    message = failure(jsonl)
    assert "papers.jsonl:2" in message
    assert "'On graphs' and 'Another'" in message


def test_truncated_gzip(tmp_path):
    path = write(tmp_path / "papers.jsonl.gz", RECORDS)
    path.write_bytes(path.read_bytes()[:-9])
    assert "papers.jsonl.gz: cannot be read" in failure(path)


def test_not_utf8(tmp_path):
    path = tmp_path / "papers.csv"
    path.write_bytes(b"id,title\n2201.01234,caf\xe9\n")
    assert "papers.csv: cannot be read as csv" in failure(path)


def test_deeply_nested_json(jsonl):
    jsonl.write_bytes(b"[" * 100_000)
    assert "papers.jsonl" in failure(jsonl)


KINDS = ["parquet", "jsonl", "json", "csv", "tsv", "jsonl.gz", "parquet.gz"]
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12) | st.just("2201.01234"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
COLUMNS = st.sampled_from(
    ["id", "title", "authors", "authors_parsed", "abstract", "categories", "year", "versions", "published", "comments"]
)


def clean_or_named_error(path):
    try:
        papers = list(read_papers([path]))
    except SourceError as error:
        assert str(error.path)
    else:
        for paper in papers:
            assert parse_arxiv_id(paper.id) == paper.id
            assert 1900 <= paper.year < 2100
            assert paper.title == " ".join(paper.title.split()) != ""
            " ".join([paper.title, paper.abstract, *paper.authors, *paper.categories]).encode()


@settings(deadline=None, max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=200), st.sampled_from(KINDS))
def test_random_bytes_are_read_or_refused(tmp_path, data, kind):
    path = tmp_path / f"random.{kind}"
    path.write_bytes(data)
    clean_or_named_error(path)


@settings(deadline=None, max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.dictionaries(COLUMNS, VALUES, max_size=8), min_size=1, max_size=4))
def test_random_records_are_read_or_refused(tmp_path, records):
    path = tmp_path / "random.jsonl"
    path.write_text("\n".join(json.dumps({"id": "2201.01234", "title": "T", **record}) for record in records))
    clean_or_named_error(path)


@settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 4000), st.integers(0, 255))
def test_damaged_parquet_is_read_or_refused(tmp_path, place, byte):
    path = tmp_path / "damaged.parquet"
    data = bytearray(write(path, RECORDS).read_bytes())
    data[place % len(data)] = byte
    path.write_bytes(data)
    clean_or_named_error(path)
