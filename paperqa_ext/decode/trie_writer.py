"""Compiles the titles of an index into a `TokenTrie` and keeps it beside the index."""

from __future__ import annotations

import json
from array import array
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from ..errors import IndexUnavailableError
from ..files import Staged, writing
from ..index import ReferenceIndex
from ..index.arrays import load, offsets, save
from ..prompts import line_title
from .free_text import BOLD
from .spelling import Spelling
from .trie import END, TokenTrie

DIRECTORY = "tries"  # in that of the index; in it a directory for each tokenizer
FORMAT = 1
_META = "trie.json"
_BATCH = 8192  # titles encoded at a time


def open_trie(index: ReferenceIndex, tokenizer: Any, progress: bool = False) -> TokenTrie:
    """The titles of `index` for `tokenizer`, compiled at the first call and then kept in the index's directory.

    Args:
        index: of the papers that may be cited.
        tokenizer: of transformers, with a `tokenizers` backend.
        progress: show a bar while it compiles.

    Raises:
        PaperQAError: the tokenizer is of a kind that might not give back every title.
        OutputError: the directory of the index cannot be written.
        IndexUnavailableError: what is kept there is damaged.
    """
    spelling = Spelling(tokenizer)
    directory = index.path / DIRECTORY / spelling.hash
    meta = {"format": FORMAT, "index": index.coverage.hash}
    if _kept(directory) != meta:
        with Staged() as staged, writing(directory):
            temporary = staged.path(directory)
            temporary.mkdir()
            write_trie(index, spelling, temporary, progress)
            (temporary / _META).write_text(json.dumps(meta, indent=2) + "\n", encoding="utf-8")
            staged.commit()
    try:
        return TokenTrie(directory, index, spelling)
    except (OSError, ValueError, EOFError) as error:
        raise IndexUnavailableError(
            f"the compiled titles are damaged: {error}", path=directory, remedy="Delete this directory."
        ) from error


def _kept(directory: Path) -> object:
    try:
        return json.loads((directory / _META).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def write_trie(index: ReferenceIndex, spelling: Spelling, directory: Path, progress: bool = False) -> None:
    """Write the arrays of a `TokenTrie` into an existing directory; about 6 bytes a token of memory are needed.

    Raises:
        PaperQAError: the tokenizer cannot spell a title.
    """
    stored, lengths = array("I"), array("I")
    with tqdm(total=len(index), desc="titles", unit="", unit_scale=True, disable=None if progress else True) as bar:
        for start in range(0, len(index), _BATCH):
            rows = range(start, min(start + _BATCH, len(index)))
            for ids in spelling.encode(list(map(line_title, index.titles(rows))), after=BOLD):
                stored.extend([token + 1 for token in ids])
                stored.append(END)
                lengths.append(len(ids) + 1)
            bar.update(len(rows))
    save(directory, "tokens", stored)
    del stored
    tokens = load(directory, "tokens")
    starts = offsets(lengths)[:-1].astype(np.int64)
    titled = np.flatnonzero(np.frombuffer(lengths, dtype=np.uint32) > 1)
    rows_in_order = titled[_order(tokens, starts[titled])]
    starts = starts[rows_in_order]
    places = np.full(len(index), len(rows_in_order), dtype=np.uint32)
    places[rows_in_order] = np.arange(len(rows_in_order))
    save(directory, "starts", starts)
    save(directory, "rows", rows_in_order)
    save(directory, "shared", _shared(tokens, starts))
    save(directory, "places", places)


def _order(tokens: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """The order of the sequences that begin at `starts`: two tokens at a time, while some have been alike so far."""
    order = np.arange(len(starts))
    places = np.arange(len(starts))  # of those that are not in order yet; the like ones are neighbours
    groups = np.zeros(len(starts), dtype=np.int64)
    depth = 0
    while len(places):
        begin = starts[order[places]] + depth
        first = tokens[begin].astype(np.uint64)
        second = np.where(first == END, END, tokens[np.minimum(begin + 1, len(tokens) - 1)])
        key = first << np.uint64(32) | second.astype(np.uint64)
        sorting = np.lexsort((key, groups))
        order[places] = order[places[sorting]]
        key, groups = key[sorting], groups[sorting]
        differs = np.concatenate(([True], (key[1:] != key[:-1]) | (groups[1:] != groups[:-1]), [True]))
        alike = ~(differs[1:] & differs[:-1]) & (key & np.uint64(2**32 - 1) != END)
        places, groups = places[alike], np.cumsum(differs[:-1])[alike]
        depth += 2
    return order


def _shared(tokens: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """(n,) how many tokens, `END` among them, each sequence shares with the one before it."""
    shared = np.zeros(len(starts), dtype=np.uint32)
    places = np.arange(1, len(starts))  # whose sequences have been like the one before so far
    depth = 0
    while len(places):
        token = tokens[starts[places] + depth]
        alike = token == tokens[starts[places - 1] + depth]
        shared[places[alike]] += 1
        places = places[alike & (token != END)]
        depth += 1
    return shared
