"""Data sets of the Hugging Face hub, streamed; also local ones in the hub's layout or written by `save_to_disk`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..errors import SourceError

DEFAULT_HUB = "almanach/arxiv_abstracts_2025"
_NAME = re.compile(r"(?:hub:|hf://datasets/)(?P<name>[^@]*)(?:@(?P<config>[^:]*)(?::(?P<split>.+))?)?")
_ROWS = 4096


def is_hub(source: str) -> bool:
    """Whether a source names a data set of the hub: `hub:NAME`, `hub:NAME@CONFIG:SPLIT`, `hf://datasets/OWNER/NAME`.

    A file below `hf://datasets/OWNER/NAME/` is a file like any other.
    """
    return source.startswith("hub:") or re.fullmatch(r"hf://datasets/[^/]+/[^/]+/?", source) is not None


def is_saved(source: str) -> bool:
    """Whether a directory was written by `datasets.Dataset.save_to_disk`."""
    return any((Path(source) / name).is_file() for name in ("state.json", "dataset_dict.json"))


def hub_batches(source: str) -> Iterator[Any]:
    """The rows of every split, or of the one named, as `pyarrow.RecordBatch`es of at most 4,096 rows.

    Args:
        source: what `is_hub` or `is_saved` accepts; NAME may be a directory; without NAME it is `DEFAULT_HUB`.

    Raises:
        SourceError: the data set cannot be reached or read.
    """
    try:
        data = _saved(source) if is_saved(source) else _streamed(source)
        for split in data.values() if isinstance(data, dict) else [data]:
            for table in split.with_format("arrow").iter(batch_size=_ROWS):
                yield from table.combine_chunks().to_batches()
    except Exception as error:  # the hub's client raises what network, cache and file formats raise
        reason = " ".join(str(error).split()) or type(error).__name__
        raise SourceError(
            f"this data set cannot be read: {reason[:300]}",
            path=source,
            remedy="Check its name and the network. Where the hub is out of reach, set HF_ENDPOINT to a mirror, set "
            "HF_HUB_OFFLINE=1 to use the cache, or name a local copy of the data set's directory.",
        ) from error


def _saved(directory: str) -> Any:
    from datasets import load_from_disk

    return load_from_disk(directory)


def _streamed(source: str) -> Any:
    from datasets import load_dataset

    match = _NAME.fullmatch(source)
    if match is None:
        raise ValueError("the name reads hub:NAME, hub:NAME@CONFIG or hub:NAME@CONFIG:SPLIT")
    name = match["name"].strip("/") if source.startswith("hf:") else match["name"]
    return load_dataset(name or DEFAULT_HUB, match["config"] or None, split=match["split"] or None, streaming=True)
