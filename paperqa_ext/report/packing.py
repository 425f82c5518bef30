"""Items of a page, packed so that tens of thousands travel in one file and a browser unpacks what it shows.

A page holds *blocks*: each a JSON array of items, compressed (RFC 1950) and in base64, which no text in it can end.
Beside them an index says by what the items are filtered, so that filtering unpacks nothing.
"""

from __future__ import annotations

import json
import zlib
from base64 import b64encode
from collections.abc import Collection, Iterator, Mapping, Sequence
from tempfile import SpooledTemporaryFile
from typing import Any

import orjson

from .items import visible
from .wording import Words

BLOCK = 50  # items that are packed together: as many as the page shows at once
_IN_MEMORY = 1 << 25  # bytes of items kept in memory before they go to a temporary file


class Facet:
    """What items are filtered by: one value of each, or several out of few."""

    def __init__(self, title: Words, values: Mapping[str, Words] | None = None) -> None:
        """Values given are offered in their order, and an item may have several; others as they come, one an item."""
        self.title = title
        self._several = values is not None
        self._names: dict[str, Words] = dict(values or {})
        self._places = {value: place for place, value in enumerate(self._names)}
        self._column: list[int] = []

    def add(self, value: str, name: Words) -> None:
        """The next item's value and what it is called."""
        self._names.setdefault(value, name)
        self._column.append(self._places.setdefault(value, len(self._places)))

    def add_all(self, values: Collection[str]) -> None:
        """The next item's values, of those given at first."""
        self._column.append(sum(1 << self._places[value] for value in values))

    def to_dict(self, order: Sequence[int]) -> dict[str, Any]:
        """As `report.js` reads it. The column holds places of values, or their bits where there may be several."""
        column, names = [self._column[place] for place in order], list(self._names.values())
        if not self._several:  # what only items that are left out have is not offered
            places = {place: new for new, place in enumerate(sorted(set(column)))}
            column, names = [places[place] for place in column], [names[place] for place in places]
        return {"several": self._several, "values": [[*map(visible, name)] for name in names], "column": column}

    def differs(self, order: Sequence[int]) -> bool:
        """Whether there is anything to choose between these items."""
        return len({self._column[place] for place in order}) > 1


class Pack:
    """Items, added one by one and packed in another order; memory does not grow with what is in them."""

    def __init__(self, facets: Mapping[str, Facet]) -> None:
        """The caller adds each item's values to `facets`."""
        self.facets = facets
        self._file: SpooledTemporaryFile[bytes] = SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115
        self._ends = [0]
        self._numbers: list[int] = []

    def __len__(self) -> int:
        return len(self._numbers)

    def add(self, number: int, item: bytes) -> None:
        """The next item, as JSON."""
        self._file.write(item)
        self._ends.append(self._ends[-1] + len(item))
        self._numbers.append(number)

    def read(self, places: Sequence[int]) -> list[Any]:
        """Items by their places, as they were added."""
        return [orjson.loads(line) for line in self._lines(places)]

    def index(self, order: Sequence[int], **more: Any) -> str:
        """JSON for a script element: facets and numbers of the items in the order in which they are shown, and more."""
        facets = {name: facet.to_dict(order) for name, facet in self.facets.items() if facet.differs(order)}
        numbers = [self._numbers[place] for place in order]
        index = {"block": BLOCK, "numbers": numbers, "facets": facets, **more}
        return json.dumps(index, separators=(",", ":")).replace("<", "\\u003c")

    def blocks(self, order: Sequence[int]) -> Iterator[str]:
        """All items in this order, `BLOCK` in each block, in base64."""
        for start in range(0, len(order), BLOCK):
            text = b"[%b]" % b",".join(self._lines(order[start : start + BLOCK]))
            yield b64encode(zlib.compress(text)).decode()

    def _lines(self, places: Sequence[int]) -> Iterator[bytes]:
        for place in places:
            self._file.seek(self._ends[place])
            yield self._file.read(self._ends[place + 1] - self._ends[place])
