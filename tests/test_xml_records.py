import io

import pytest

from paperqa_ext.errors import SourceError
from paperqa_ext.sources.xml_records import xml_rows

BOMB = b"""<?xml version="1.0"?>
<!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>
<feed><entry><title>&b;</title></entry></feed>"""


def rows(data):
    return list(xml_rows(io.BytesIO(data), "papers.xml"))


def test_entities_cannot_expand():
    with pytest.raises(SourceError, match=r"papers\.xml: a document type is declared"):
        rows(BOMB)


def test_malformed_xml_names_the_line():
    with pytest.raises(SourceError, match=r"papers\.xml:3: not valid XML: mismatched tag"):
        rows(b"<feed>\n<entry>\n</feed>")
    with pytest.raises(SourceError, match="no element found"):
        rows(b"<feed>\n<entry>")


def test_a_stream_of_many_records_is_cut_where_it_is_read():
    entries = b"".join(b"<entry><id>%d</id><title>%s</title></entry>" % (n, b"x" * 300) for n in range(2000))
    found = rows(b"<feed xmlns='http://www.w3.org/2005/Atom'>" + entries + b"</feed>")
    assert [row["id"] for row in found] == [str(number) for number in range(2000)]
    assert {row["title"] for row in found} == {"x" * 300}


def test_a_record_without_metadata_has_its_id_and_no_title():
    record = b"<record><header><identifier>oai:arXiv.org:cs/0001001</identifier></header></record>"
    assert rows(b"<x>" + record + b"</x>") == [{"id": "cs/0001001", "title": ""}]


def test_an_answer_without_records_has_none():
    assert rows(b'<OAI-PMH><error code="noRecordsMatch">none</error></OAI-PMH>') == []


def test_encodings_that_xml_declares():
    data = '<?xml version="1.0" encoding="ISO-8859-1"?><feed><entry><id>1</id><title>Müller</title></entry></feed>'
    assert rows(data.encode("latin-1"))[0]["title"] == "Müller"
