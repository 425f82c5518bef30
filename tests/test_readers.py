import codecs
import gzip
import json
import zipfile

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from paperqa_ext.errors import SourceError
from paperqa_ext.sources.readers import blocks, column_key
from paperqa_ext.sources.streams import kind_of, streams

WANTED = frozenset({"id", "title"})


def record(number):
    return {"id": f"2201.{number:05}", "title": f"Title {number}"}


def lines(*numbers):
    return "".join(json.dumps(record(number)) + "\n" for number in numbers)


def rows(*sources):
    """The records in all blocks, with their lines, checked to be consecutive and in order."""
    found = []
    for block in blocks(sources, WANTED):
        if isinstance(block.payload, bytes):
            numbered = enumerate(block.payload.split(b"\n"), block.first)
            found += [(line, json.loads(text)) for line, text in numbered if text.strip()]
        elif isinstance(block.payload, list):
            named = [dict(zip(block.columns, row, strict=True)) if block.columns else row for row in block.payload]
            found += zip(block.lines, named, strict=True)
        else:
            found += enumerate(block.payload.to_pylist(), block.first)
    return found


def records(*sources):
    return [row for _, row in rows(*sources)]


def failure(*sources):
    with pytest.raises(SourceError) as caught:
        list(blocks(sources, WANTED))
    assert caught.value.remedy
    return str(caught.value)


def test_large_files_come_as_several_blocks_and_no_record_is_lost(tmp_path):
    many = [{**record(number), "abstract": "x" * 900} for number in range(10_000)]
    pq.write_table(pa.Table.from_pylist(many), tmp_path / "a.parquet")
    (tmp_path / "b.jsonl").write_text("\n\n".join(map(json.dumps, many)))
    (tmp_path / "c.json").write_text(json.dumps(many, indent=1))
    for path in sorted(tmp_path.iterdir()):
        assert len(list(blocks([path], WANTED))) >= 3
        found = rows(path)
        assert [row["id"] for _, row in found] == [row["id"] for row in many]
        assert found[-1][0] == (19_999 if path.suffix == ".jsonl" else 10_000)


def test_only_the_columns_that_are_needed_are_loaded(tmp_path):
    pq.write_table(pa.table({"Title": ["T"], "id": ["2201.00001"], "pdf": [b"x" * 999]}), tmp_path / "a.parquet")
    (block,) = blocks([tmp_path / "a.parquet"], WANTED)
    assert block.payload.schema.names == ["Title", "id"]
    assert block.columns == ("Title", "id", "pdf")


def test_lines_of_csv_are_lines_of_the_file(tmp_path):
    (tmp_path / "a.csv").write_text('id,title\n1,"two\nlines"\n\n2,next,surplus\n3\n')
    assert rows(tmp_path / "a.csv") == [
        (3, {"id": "1", "title": "two\nlines"}),
        (5, {"id": "2", "title": "next"}),
        (6, {"id": "3", "title": ""}),
    ]


def test_an_unclosed_quote_does_not_swallow_the_rest(tmp_path):
    (tmp_path / "a.tsv").write_text('id\ttitle\n1\t"open\n2\tnext\n')
    assert "a.tsv:3: not valid TSV" in failure(tmp_path / "a.tsv")


@pytest.mark.parametrize("name", ["a.json", "a.jsonl", "a.csv"])
def test_a_byte_order_mark_is_no_text(tmp_path, name):
    text = "id,title\n2201.00001,Title 1\n" if name == "a.csv" else lines(1)
    (tmp_path / name).write_bytes(codecs.BOM_UTF8 + text.encode())
    assert records(tmp_path / name) == [record(1)]


@pytest.mark.parametrize(
    "text",
    [
        json.dumps([record(1), record(2)]),
        json.dumps([record(1), record(2)], indent=2),
        "\n [ \n" + json.dumps(record(1)) + " ,\n\t" + json.dumps(record(2)) + "\n]\n\n",
        lines(1, 2),
        "\n" + lines(1) + "\n\n" + lines(2).strip(),
    ],
)
def test_json_in_any_layout(tmp_path, text):
    (tmp_path / "a.json").write_text(text)
    assert records(tmp_path / "a.json") == [record(1), record(2)]


@pytest.mark.parametrize("indent", [None, 2])
def test_a_single_json_object(tmp_path, indent):
    (tmp_path / "a.json").write_text(json.dumps(record(1), indent=indent))
    assert records(tmp_path / "a.json") == [record(1)]


def test_an_array_element_longer_than_the_buffer(tmp_path):
    long = [{**record(1), "title": "ü" * 3_000_000}, record(2)]
    (tmp_path / "a.json").write_text(json.dumps(long, ensure_ascii=False), encoding="utf-8")
    assert records(tmp_path / "a.json") == long


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[{"id": 1}', "a.json:1: not valid JSON"),
        ('[\n{"id": 1}\n{"id": 2}]', "a.json:3: not valid JSON"),
        ('[{"id": 1}] trailing', "text after the end"),
        ('{"id": 1', "a.json:1: not valid JSON"),
        ("[]", "holds no records"),
        ("  \n", "holds no records"),
    ],
)
def test_malformed_json(tmp_path, text, message):
    (tmp_path / "a.json").write_text(text)
    assert message in failure(tmp_path / "a.json")


def test_a_pattern_finds_files_at_any_depth(tmp_path):
    for name in ("b/x.jsonl", "a/deep/er/x.jsonl", "a/y.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(lines(len(name)))
    assert records(tmp_path / "**" / "*.jsonl") == [record(17), record(9)]
    assert records(tmp_path / "b" / "*") == [record(9)]
    assert "no such file" in failure(tmp_path / "*.csv")


def test_a_name_with_signs_of_a_pattern_is_still_a_file(tmp_path):
    (tmp_path / "a[1].jsonl").write_text(lines(1))
    assert records(tmp_path / "a[1].jsonl") == [record(1)]


def test_a_directory_in_the_layout_of_the_hub(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "README.md").write_text("---\nlicense: cc0-1.0\n---\n")
    (tmp_path / "dataset_infos.json").write_text("{}")
    pq.write_table(pa.table({"id": ["2201.00001"], "title": ["Title 1"]}), tmp_path / "data" / "train-00000.parquet")
    (tmp_path / "data" / "_SUCCESS").write_text("")
    assert records(tmp_path) == [record(1)]


def test_members_of_a_zip_file_are_read_in_order_and_named_in_errors(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("z.jsonl.gz", gzip.compress(lines(2).encode()))
        archive.writestr("deep/a.csv", "id,title\n2201.00001,Title 1\n")
        archive.writestr("__MACOSX/._a.csv", b"\xff")
    assert records(tmp_path / "a.zip") == [record(1), record(2)]
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as archive:
        archive.writestr("bad.csv", b"id\n\xff\n")
    assert "b.zip/bad.csv: cannot be read as csv" in failure(tmp_path / "b.zip")
    with zipfile.ZipFile(tmp_path / "c.zip", "w") as archive:
        archive.writestr("a.txt", "")
    assert "no file of a supported kind in this zip file" in failure(tmp_path / "c.zip")


def test_remote_files_directories_and_patterns(tmp_path):
    with fsspec.open("memory://bucket/papers/a.jsonl.gz", "wb") as file:
        file.write(gzip.compress(lines(1).encode()))
    with fsspec.open("memory://bucket/papers/b.jsonl", "wb") as file:
        file.write(lines(2).encode())
    (tmp_path / "c.jsonl").write_text(lines(3))
    both = [record(1), record(2)]
    assert records("memory://bucket/papers") == records("memory://bucket/papers/*") == both
    assert records("memory://bucket/papers/b.jsonl", f"file://{tmp_path}/c.jsonl") == [record(2), record(3)]
    assert "memory://bucket/none.jsonl: no such file" in failure("memory://bucket/none.jsonl")


def test_a_missing_driver_is_named():
    assert "s3fs" in failure("s3://bucket/papers.parquet")
    assert "gcsfs" in failure("gs://bucket/papers.parquet")
    assert "cannot be reached" in failure("nonsense://bucket/papers.parquet")


def test_kinds_and_keys():
    assert (kind_of("papers.v2.JSONL.GZ"), kind_of("a.b/papers"), kind_of("x.zip")) == (".jsonl", "", ".zip")
    assert column_key(" arXiv-ID ") == "arxiv_id"


def test_a_stream_is_open_while_it_is_looked_at_and_closed_after(tmp_path):
    (tmp_path / "a.jsonl").write_text(lines(1))
    found = streams(str(tmp_path / "a.jsonl"))
    stream = next(found)
    assert stream.file.read(1) == b"{"
    assert next(found, None) is None
    assert stream.file.closed
