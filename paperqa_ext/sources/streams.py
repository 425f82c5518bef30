"""Sources by name to byte streams: local and remote files, patterns, directories, decompressed as they are read."""

from __future__ import annotations

import bz2
import gzip
import lzma
import zipfile
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import IO, Any, NamedTuple, cast

from ..errors import SourceError

KINDS = (".parquet", ".jsonl", ".ndjson", ".json", ".csv", ".tsv", ".xml", ".atom")
PACKED = (".gz", ".xz", ".bz2", ".zst")
SUPPORTED = f"Supported: {', '.join(KINDS)}, each also with {', '.join(PACKED)} or in a .zip."
# Files of the Hugging Face formats that describe data and hold none.
_NO_DATA = {"dataset_info.json", "dataset_infos.json", "dataset_dict.json", "state.json", "config.json"}


class Stream(NamedTuple):
    """An open file of one kind.

    Attributes:
        name: as shown in errors; a member of a zip file follows the zip file's name.
        kind: one of `KINDS`.
        file: its bytes, decompressed.
        packed: it is read from a compressed file, so that going back in it is slow.
    """

    name: str
    kind: str
    file: IO[bytes]
    packed: bool


def streams(source: str) -> Iterator[Stream]:
    """The files of a source, one after the other, each open until the next is asked for.

    Args:
        source: a file, a pattern ("data/*.parquet"), a directory (its own files; if it has none, those below), or the
            same on any file system that fsspec knows ("s3://bucket/key").

    Raises:
        SourceError: nothing is there, or it cannot be opened.
    """
    system, path = _file_system(source)
    for name in _paths(system, path, source):
        try:
            file = system.open(name, "rb")
        except Exception as error:  # remote file systems raise what their services raise
            raise SourceError(
                f"cannot be opened: {error or type(error).__name__}",
                path=name,
                remedy="Check its name and permissions.",
            ) from error
        with file:
            yield from _unpacked(source if name == path else name, file)


def kind_of(name: str) -> str:
    """The kind of a file, by its name without the ending of a compression; may be no supported one.

    >>> kind_of("a/papers.JSONL.gz")
    '.jsonl'
    """
    path = PurePosixPath(name.lower())
    return (path.with_suffix("") if path.suffix in PACKED else path).suffix


def _file_system(source: str) -> tuple[Any, str]:
    from fsspec.core import url_to_fs
    from fsspec.implementations.local import LocalFileSystem

    if "://" not in source:
        return LocalFileSystem(), source
    try:
        return cast(tuple[Any, str], url_to_fs(source))
    except ImportError as error:
        raise SourceError(
            "its file system needs a package that is not installed", path=source, remedy=f"{error}, with pip."
        ) from error
    except Exception as error:
        raise SourceError(
            f"cannot be reached: {error or type(error).__name__}",
            path=source,
            remedy="Check the address, for example s3://bucket/papers.parquet.",
        ) from error


def _paths(system: Any, path: str, source: str) -> list[str]:
    """Paths of the files of a source, in a fixed order."""
    supported = kind_of(path) in KINDS or path.lower().endswith(".zip")
    try:
        # To a web server a directory is a page, and asking whether it is one fetches the whole file.
        if supported and "http" in str(system.protocol):
            return [path]
        if system.isdir(path):
            for pattern in ("*", "**"):
                found = [found for found in system.glob(f"{path.rstrip('/')}/{pattern}") if _holds_data(found)]
                found = [file for file in found if system.isfile(file)]
                if found:
                    return sorted(found)
            raise SourceError("no file of a supported kind in this directory", path=source, remedy=SUPPORTED)
        if system.exists(path):
            if not supported:
                raise SourceError("unknown kind of file", path=source, remedy=SUPPORTED)
            return [path]
        found = sorted(found for found in system.glob(path) if _holds_data(found) and system.isfile(found))
    except SourceError:
        raise
    except Exception as error:
        raise SourceError(
            f"cannot be reached: {error or type(error).__name__}", path=source, remedy="Check address and network."
        ) from error
    if not found:
        raise SourceError("no such file or directory", path=source, remedy="Check the path.")
    return found


def _holds_data(name: str) -> bool:
    base = PurePosixPath(name).name
    if base.startswith((".", "_")) or base in _NO_DATA:
        return False
    return kind_of(name) in KINDS or base.lower().endswith(".zip")


def _unpacked(name: str, file: IO[bytes], packed: bool = False) -> Iterator[Stream]:
    suffix = PurePosixPath(name.lower()).suffix
    if suffix != ".zip":
        yield Stream(name, kind_of(name), _decompressed(file, suffix), packed or suffix in PACKED)
        return
    try:
        archive = zipfile.ZipFile(file)
        members = sorted(member for member in archive.namelist() if kind_of(member) in KINDS and _holds_data(member))
        if not members:
            raise SourceError("no file of a supported kind in this zip file", path=name, remedy=SUPPORTED)
        for member in members:
            with archive.open(member) as unzipped:
                yield from _unpacked(f"{name}/{member}", unzipped, packed=True)
    except (zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError, EOFError, ValueError) as error:
        raise SourceError(
            f"cannot be read as zip: {error}", path=name, remedy="Check that it is complete and without a password."
        ) from error


def _decompressed(file: IO[bytes], suffix: str) -> IO[bytes]:
    if suffix == ".gz":
        return cast(IO[bytes], gzip.GzipFile(fileobj=file))
    if suffix == ".xz":
        return cast(IO[bytes], lzma.LZMAFile(file))
    if suffix == ".bz2":
        return cast(IO[bytes], bz2.BZ2File(file))
    if suffix == ".zst":
        import pyarrow as pa

        # Unlike zstandard's reader it says so when the file ends too early.
        return cast(IO[bytes], pa.CompressedInputStream(pa.PythonFile(file, "r"), "zstd"))
    return file
