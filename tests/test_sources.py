import bz2
import contextlib
import csv
import gzip
import io
import json
import lzma
import pickle
import zipfile
from collections import Counter
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from paperqa_ext.errors import SourceError
from paperqa_ext.papers import Paper, parse_arxiv_id
from paperqa_ext.sources import parse, read_papers, wanted_columns
from paperqa_ext.sources.readers import blocks


def zstd(data):
    with pa.CompressedOutputStream(file := pa.BufferOutputStream(), "zstd") as packed:
        packed.write(data)
    return file.getvalue().to_pybytes()


FIXTURES = Path(__file__).parent / "fixtures" / "sources"

RECORDS = [
    {"id": "2201.01234", "title": "On  graphs", "authors": "A. One, B. Two and C. Three", "abstract": "Some\ntext."},
    {"id": "cmp-lg/9404002", "title": "Old style", "authors": "D. Four", "abstract": ""},
]
PAPERS = [
    Paper("2201.01234", "On graphs", ("A. One", "B. Two", "C. Three"), "Some text.", (), "2022-01"),
    Paper("cmp-lg/9404002", "Old style", ("D. Four",), "", (), "1994-04"),
]


PACK = {".gz": gzip.compress, ".xz": lzma.compress, ".bz2": bz2.compress, ".zst": zstd}


def write(path, records):
    """`records` as the kind of file that the name of `path` says."""
    name, packed = path.name, PACK.get(path.suffix)
    path.write_bytes(content(name.removesuffix(path.suffix) if packed else name, records))
    if packed:
        path.write_bytes(packed(path.read_bytes()))
    return path


def content(name, records):
    kind = name.rpartition(".")[2]
    if kind == "parquet":
        pq.write_table(pa.Table.from_pylist(records), file := io.BytesIO())
        return file.getvalue()
    if kind in ("csv", "tsv"):
        writer = csv.DictWriter(text := io.StringIO(), list(records[0]), delimiter="\t" if kind == "tsv" else ",")
        writer.writeheader()
        writer.writerows(records)
        return text.getvalue().encode()
    if kind in ("xml", "atom"):
        return (FIXTURES / {"xml": "oai_arxiv.xml", "atom": "api.atom"}[kind]).read_bytes()
    if kind == "zip":
        with zipfile.ZipFile(file := io.BytesIO(), "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("README.md", "not a source")
            archive.writestr("a/first.csv", content("first.csv", records[:1]))
            archive.writestr("b/second.jsonl.gz", gzip.compress(content("second.jsonl", records[1:])))
        return file.getvalue()
    return (
        json.dumps(records) if kind == "json" else "".join(json.dumps(record) + "\n" for record in records)
    ).encode()


def one(path, record):
    counts = Counter()
    return next(read_papers([write(path, [record])], counts), None)


@pytest.fixture
def jsonl(tmp_path):
    return tmp_path / "papers.jsonl"


@pytest.mark.parametrize("packed", ["", *PACK])
@pytest.mark.parametrize("kind", ["parquet", "jsonl", "ndjson", "json", "csv", "tsv"])
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


DIPHOTON = "Calculation of prompt diphoton production cross sections at Tevatron and LHC energies"


def test_the_kaggle_snapshot():
    counts = Counter()
    papers = list(read_papers([FIXTURES / "arxiv-metadata-oai-snapshot.json"], counts))
    assert papers == [
        Paper(
            "0704.0001",
            DIPHOTON,
            ("C. Balázs", "E. L. Berger", "P. M. Nadolsky", "C.-P. Yuan"),
            "A fully differential calculation in perturbative quantum chromodynamics is presented for the production of "
            "massive photon pairs at hadron colliders.",
            ("hep-ph",),
            "2007-04-02",
        ),
        Paper(
            "0704.0010",
            "Partial cubes: structures, characterizations, and constructions",
            ("Sergei Ovchinnikov",),
            "Partial cubes are isometric subgraphs of hypercubes.",
            ("math.CO",),
            "2007-03-31",
        ),
        Paper(
            "math/0309136",
            "On L^p spaces over ℝ^d and the Erdős--Rényi model",
            ("Hans Hölder", "J. P. King Jr."),
            "We study $L^p$ spaces.",
            ("math.FA", "math.PR"),
            "2003-09-07",
            withdrawn=True,
            original_title=r"On $L^p$ spaces over $\mathbb{R}^d$ and the Erd\H{o}s--R\'enyi model",
        ),
    ]
    assert counts == {"read": 3, "kept": 3}


def test_the_tab_separated_archive():
    streinu, grass = read_papers([FIXTURES / "arxiv_archive.tsv"])
    assert streinu == Paper(
        "0704.0002",
        "Sparsity-certifying Graph Decompositions",
        ("Ileana Streinu", "Louis Theran"),
        'We give an algorithm, "the pebble game", for sparse graphs. It is fast.',
        ("math.CO", "cs.CG"),
        "2007-03-30",
    )
    assert (grass.title, grass.authors) == ("Bank runs at 5% & more", ("Günter Grass", "Ana María López"))


def test_oai_pmh_of_all_formats_and_atom():
    counts = Counter()
    diphoton, dublin = read_papers([FIXTURES / "oai_arxiv.xml", FIXTURES / "oai_dc.xml"], counts)
    assert diphoton == Paper(
        "0704.0001",
        DIPHOTON,
        ("C. Balázs", "J. P. King Jr."),
        "A fully differential calculation for p < q.",
        ("hep-ph", "hep-ex"),
        "2007-04-02",
    )
    assert (dublin.id, dublin.authors, dublin.published) == ("0704.0001", ("C. Balázs", "E. L. Berger"), "2007-04-02")
    assert (dublin.abstract, dublin.categories) == ("A fully differential calculation.", ("hep-ph",))
    assert counts == {"read": 3, "kept": 2, "dropped: deleted": 1}
    (raw,) = read_papers([FIXTURES / "oai_arxiv_raw.xml"])
    assert raw == Paper(
        "cs/0001001",
        "Learning with Gödel machines",
        ("Jane Roe", "Kurt Gödel", "J. Doe"),
        "We learn.",
        ("cs.LG", "cs.AI"),
        "2000-01-07",
        withdrawn=True,
        original_title='Learning with G\\"odel machines',
    )
    (atom,) = read_papers([FIXTURES / "api.atom"])
    assert (atom.id, atom.authors) == ("hep-ex/0307015", ("H1 Collaboration", "Émilie Dupont"))
    assert (atom.categories, atom.published) == (("hep-ex", "hep-ph"), "2003-07-07")


def test_column_names_match_in_any_case(tmp_path):
    record = {"ArXiv ID": "2201.01234", "Title": "T", "Author-Text": "A. One", "SUMMARY": "S", "Year": "2022"}
    assert list(read_papers([write(tmp_path / "papers.csv", [record])])) == [
        Paper("2201.01234", "T", ("A. One",), "S", (), "2022-01")
    ]


def test_an_override_wins_over_aliases(tmp_path):
    record = {"id": "2201.00001", "paper": "https://arxiv.org/abs/2201.01234", "title": "short", "Name": "Long title"}
    for name in ("papers.csv", "papers.jsonl", "papers.parquet"):
        path = write(tmp_path / name, [record])
        (paper,) = read_papers([path], overrides={"title": "Name", "id": "paper"})
        assert (paper.id, paper.title) == ("2201.01234", "Long title")


def test_an_override_of_an_unknown_field_or_column_says_what_there_is(tmp_path):
    path = write(tmp_path / "papers.parquet", [{"id": "2201.00001", "title": "T", "venue": "V"}])
    with pytest.raises(SourceError, match="field 'titel': no such field") as caught:
        list(read_papers([path], overrides={"titel": "title"}))
    assert "title, authors" in caught.value.remedy
    with pytest.raises(SourceError, match="no column 'Name'; columns found: id, title, venue"):
        list(read_papers([path], overrides={"title": "Name"}))


def test_title_abstract_year_and_url_are_enough(jsonl):
    records = [
        {"title": "A", "abstract": "S", "year": 2022, "url": "https://arxiv.org/abs/2201.01234v2"},
        {"title": "B", "abstract": "S", "year": 2020, "url": "https://example.org/b"},
        {"title": "C", "abstract": "S", "year": None, "url": "https://example.org/c"},
    ]
    counts = Counter()
    assert list(read_papers([write(jsonl, records)], counts)) == [
        Paper("2201.01234", "A", (), "S", (), "2022-01"),
        Paper("", "B", (), "S", (), "2020"),
    ]
    assert counts == {"read": 3, "kept": 2, "dropped: no id and no date": 1}


@pytest.mark.parametrize("number", [704.001, "704.001"])
def test_an_id_stored_as_a_number_is_repaired(jsonl, number):
    counts = Counter()
    (paper,) = read_papers([write(jsonl, [{"id": number, "title": "T"}])], counts)
    assert (paper.id, paper.published) == ("0704.0010", "2007-04")
    assert counts == {"read": 1, "kept": 1, "repaired: id stored as a number": 1}


def test_a_number_in_another_column_or_a_journals_doi_is_no_id(jsonl):
    assert one(jsonl, {"url": 704.001, "title": "T"}) is None
    assert one(jsonl, {"doi": "10.1016/j.aop.2007.04010", "title": "T"}) is None
    assert one(jsonl, {"doi": "10.48550/arXiv.2201.01234", "title": "T"}).id == "2201.01234"


def test_of_several_id_columns_the_first_with_an_arxiv_id_counts(jsonl):
    assert one(jsonl, {"id": 17, "url": "http://arxiv.org/pdf/cs/0701001v1", "title": "T"}).id == "cs/0701001"


def test_categories_are_told_from_other_subjects(jsonl):
    record = {"id": "2201.01234", "title": "T", "categories": "Machine Learning (cs.LG); math.AG, 68T05; I.2.7 cs.LG"}
    assert one(jsonl, record).categories == ("cs.LG", "math.AG")


def test_a_block_survives_pickling_and_parses_alike_anywhere(tmp_path):
    paths = [write(tmp_path / f"papers.{kind}", RECORDS) for kind in ("parquet", "jsonl", "json", "csv")]
    for block in blocks(paths, wanted_columns()):
        assert parse(pickle.loads(pickle.dumps(block))) == parse(block)
        assert parse(block).papers == PAPERS


@pytest.mark.parametrize(
    ("record", "published"),
    [
        ({}, "2022-01"),
        ({"year": 2022}, "2022-01"),
        ({"year": 2019.0, "published": "2021-03-04"}, "2019"),
        ({"published": "2021-12-31T10:00:00Z"}, "2021-12-31"),
        ({"published": "2021-13-01"}, "2021"),
        ({"year": 2022, "published": "2022-03-04"}, "2022-03-04"),
        ({"versions": "[{'version': 'v1', 'created': 'Fri, 31 Dec 2021 19:18:42 GMT'}]"}, "2021-12-31"),
        ({"created": "yesterday", "update_date": "2025-01-01"}, "2022-01"),
        ({"versions": [{"created": "nonsense"}], "year": "n/a"}, "2022-01"),
    ],
)
def test_the_date_is_that_of_the_first_version(jsonl, record, published):
    assert one(jsonl, {"id": "2201.01234", "title": "T", **record}).published == published


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
        {"id": "not from arXiv", "title": "T"},
    ]
    counts = Counter()
    papers = list(read_papers([write(jsonl, records)], counts))
    assert papers == [*PAPERS, Paper("2201.01234", "On Graphs", published="2022-01")]
    assert counts == {"read": 6, "kept": 3, "dropped: no title": 1, "dropped: no id and no date": 2}


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


@pytest.mark.parametrize(
    "name", ["e.jsonl", "e.json", "e.csv", "e.tsv", "e.parquet", "e.jsonl.gz", "e.xml", "e.zip", "e.json.zst"]
)
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


@pytest.mark.parametrize("packed", [*PACK, ".zip"])
def test_a_truncated_compressed_file_is_named(tmp_path, packed):
    path = write(tmp_path / ("papers.zip" if packed == ".zip" else f"papers.jsonl{packed}"), RECORDS)
    path.write_bytes(path.read_bytes()[:-9])
    assert f"{path.name}: cannot be read" in failure(path)


def test_not_utf8(tmp_path):
    path = tmp_path / "papers.csv"
    path.write_bytes(b"id,title\n2201.01234,caf\xe9\n")
    assert "papers.csv: cannot be read as csv" in failure(path)


def test_deeply_nested_json(jsonl):
    jsonl.write_bytes(b"[" * 100_000)
    assert "papers.jsonl" in failure(jsonl)


KINDS = [
    *("parquet", "jsonl", "json", "csv", "tsv", "xml", "atom", "zip"),
    *("jsonl.gz", "parquet.gz", "jsonl.xz", "csv.zst", "json.bz2"),
]
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12) | st.just("2201.01234"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
COLUMNS = st.sampled_from(
    [
        "id",
        "url",
        "title",
        "Authors",
        "authors_parsed",
        "abstract",
        "categories",
        "year",
        "versions",
        "date",
        "comments",
    ]
)
LATEX = st.text(alphabet="\\${}&~^_%#\"'`=.abcHouvmthbfrn123 é\u0301\n", max_size=30)
fuzz = settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])


def clean_or_named_error(path):
    try:
        papers = list(read_papers([path]))
    except SourceError as error:
        assert str(error.path) and error.remedy
    else:
        for paper in papers:
            assert paper.id == "" or parse_arxiv_id(paper.id) == paper.id
            assert 1900 <= paper.year < 2100
            for title in (paper.title, paper.original_title):
                assert title == " ".join(title.split())
            assert paper.title != ""
            " ".join([paper.title, paper.abstract, *paper.authors, *paper.categories]).encode()


@fuzz
@given(st.binary(max_size=200), st.sampled_from(KINDS))
def test_random_bytes_are_read_or_refused(tmp_path, data, kind):
    path = tmp_path / f"random.{kind}"
    path.write_bytes(data)
    clean_or_named_error(path)


@fuzz
@given(
    st.lists(st.dictionaries(COLUMNS, VALUES | LATEX, max_size=8), min_size=1, max_size=4),
    st.sampled_from(["jsonl", "json"]),
)
def test_random_records_are_read_or_refused(tmp_path, records, kind):
    path = tmp_path / f"random.{kind}"
    records = [{"id": "2201.01234", "title": "T", **record} for record in records]
    path.write_text(json.dumps(records) if kind == "json" else "\n".join(map(json.dumps, records)))
    clean_or_named_error(path)


@fuzz
@given(
    st.sampled_from([pa.string(), pa.binary(), pa.int64(), pa.float64(), pa.date32(), pa.list_(pa.string())]), st.data()
)
def test_random_column_types_are_read_or_refused(tmp_path, kind, data):
    name = data.draw(COLUMNS)
    value = {"id": ["2201.01234"], "title": ["T"], name: pa.array([None], kind)}
    drawn = data.draw(st.none() | st.integers(-(2**31), 2**31) | st.text(max_size=9) | st.lists(st.text(max_size=5)))
    with contextlib.suppress(pa.ArrowException, TypeError, OverflowError):
        value[name] = pa.array([drawn], kind)
    pq.write_table(pa.table(value), tmp_path / "types.parquet")
    clean_or_named_error(tmp_path / "types.parquet")


@fuzz
@given(st.integers(0, 4000), st.integers(0, 255), st.sampled_from(KINDS), st.booleans())
def test_damaged_and_truncated_files_are_read_or_refused(tmp_path, place, byte, kind, cut):
    path, whole = tmp_path / f"damaged.{kind}", tmp_path / f"whole.{kind}"
    data = bytearray((whole if whole.exists() else write(whole, RECORDS)).read_bytes())
    place %= len(data)
    data[place] = byte
    path.write_bytes(data[:place] if cut else data)
    clean_or_named_error(path)
