"""arXiv's XML: records of OAI-PMH (formats `arXiv`, `arXivRaw`, `oai_dc`) and entries of the Atom API.

Formats: https://info.arxiv.org/help/oa/index.html, https://info.arxiv.org/help/api/user-manual.html.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, Any
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from ..errors import SourceError

Row = dict[str, Any] | None


def xml_rows(file: IO[bytes], name: str) -> Iterator[Row]:
    """The records of an XML file, one after the other, under the column names of other sources; None for a deleted one.

    Raises:
        SourceError: the file is malformed or declares a document type, by which entities could expand without end.
    """
    reader = _RecordReader(name)
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    parser.StartDoctypeDeclHandler = reader.refuse
    while True:
        data = file.read(1 << 18)
        try:
            parser.Parse(data, not data)
        except expat.ExpatError as error:
            raise SourceError(
                f"not valid XML: {expat.errors.messages.get(error.code, error)}",
                path=name,
                line=error.lineno,
                remedy="Check that the file is complete, and mend this line.",
            ) from error
        for element in reader.take():
            yield _row(element)
        if not data:
            return


class _RecordReader:
    """Collects complete `record` and `entry` elements, and nothing outside them."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._done: list[Element] = []
        self._builder: TreeBuilder | None = None
        self._depth = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        tag = tag.rpartition(" ")[2]
        if self._builder is None and tag in ("record", "entry"):
            self._builder, self._depth = TreeBuilder(), 0
        if self._builder is not None:
            self._builder.start(tag, attributes)
            self._depth += 1

    def text(self, text: str) -> None:
        if self._builder is not None:
            self._builder.data(text)

    def end(self, tag: str) -> None:
        if self._builder is not None:
            self._builder.end(tag.rpartition(" ")[2])
            self._depth -= 1
            if not self._depth:
                self._done.append(self._builder.close())
                self._builder = None

    def refuse(self, *_: Any) -> None:
        raise SourceError(
            "a document type is declared, which arXiv's XML has not",
            path=self._name,
            remedy="Remove the <!DOCTYPE …> declaration if you trust the file.",
        )

    def take(self) -> list[Element]:
        done, self._done = self._done, []
        return done


def _row(element: Element) -> Row:
    if element.tag == "entry":
        return _atom(element)
    header = element.find("header")
    if header is not None and header.get("status") == "deleted":
        return None
    identifier = _text(element, "header/identifier").rpartition(":")[2]
    for kind, read in (("arXiv", _arxiv), ("arXivRaw", _arxiv_raw), ("dc", _dublin_core)):
        metadata = element.find(f"metadata/{kind}")
        if metadata is not None:
            row = read(metadata)
            if kind == "dc":
                row["categories"] = [_category(part.text or "") for part in element.iterfind("header/setSpec")]
            return {"id": identifier, **row}
    return {"id": identifier, "title": ""}


def _text(element: Element, path: str) -> str:
    found = element.find(path)
    return "" if found is None else "".join(found.itertext())


def _texts(element: Element, path: str) -> list[str]:
    return ["".join(found.itertext()) for found in element.iterfind(path)]


def _arxiv(metadata: Element) -> dict[str, Any]:
    authors = [
        [_text(author, "keyname"), _text(author, "forenames"), _text(author, "suffix")]
        for author in metadata.iterfind("authors/author")
    ]
    return {
        **{name: _text(metadata, name) for name in ("id", "title", "abstract", "categories", "created", "comments")},
        "authors_parsed": authors,
    }


def _arxiv_raw(metadata: Element) -> dict[str, Any]:
    return {
        **{name: _text(metadata, name) for name in ("id", "title", "abstract", "categories", "authors", "comments")},
        "versions": [{"created": date} for date in _texts(metadata, "version/date")],
    }


def _dublin_core(metadata: Element) -> dict[str, Any]:
    descriptions = _texts(metadata, "description")  # the abstract, then "Comment: …"
    return {
        "url": next(iter(_texts(metadata, "identifier")), ""),
        "title": _text(metadata, "title"),
        "authors": _texts(metadata, "creator"),
        "abstract": next(iter(descriptions), ""),
        "comments": " ".join(descriptions[1:]),
        "created": min(_texts(metadata, "date"), default=""),  # one date a version
    }


def _category(name: str) -> str:
    """The category that a set of OAI-PMH stands for: `cs:cs:LG`, `physics:hep-ph`."""
    _, *rest = name.split(":")
    return ".".join(rest) if rest else name


def _atom(entry: Element) -> dict[str, Any]:
    categories = [found.get("term", "") for found in entry.iterfind("category")]
    primary = entry.find("primary_category")
    return {
        "id": _text(entry, "id"),
        "title": _text(entry, "title"),
        "abstract": _text(entry, "summary"),
        "authors": _texts(entry, "author/name"),
        "categories": categories if primary is None else [primary.get("term", ""), *categories],
        "published": _text(entry, "published"),
        "comments": _text(entry, "comment"),
    }
