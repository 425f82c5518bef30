import os
import signal
import stat
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from paperqa_ext.errors import OutputError
from paperqa_ext.files import Staged

unprivileged = pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="root may write anywhere")
posix = pytest.mark.skipif(os.name == "nt", reason="signals and modes of POSIX")


def contents(directory):
    """Every file under a directory with its text."""
    return {str(path.relative_to(directory)): path.read_text() for path in directory.rglob("*") if path.is_file()}


def publish(directory, version, commit=True):
    """Two files, a directory and a file elsewhere."""
    with Staged() as staged:
        for name in ("a.txt", "b.txt", "other/c.txt"):
            staged.path(directory / name).write_text(version)
        index = staged.path(directory / "index")
        index.mkdir()
        (index / f"{version}.bin").write_text(version)
        if commit:
            staged.commit()


def publish_files(directory, version):
    with Staged() as staged:
        for name in ("a.txt", "b.txt"):
            staged.path(directory / "out" / name).write_text(version)
        staged.commit()


def published(version):
    return dict.fromkeys(("a.txt", "b.txt", "other/c.txt", f"index/{version}.bin"), version)


def test_everything_takes_its_name_at_once(tmp_path):
    with Staged() as staged:
        staged.path(tmp_path / "out" / "a.txt").write_text("new")
        assert not (tmp_path / "out" / "a.txt").exists()
        staged.commit()
        assert contents(tmp_path / "out")["a.txt"] == "new"
    assert contents(tmp_path) == {"out/a.txt": "new"}


def test_files_and_whole_directories_are_replaced(tmp_path):
    publish(tmp_path, "one")
    publish(tmp_path, "two")
    assert contents(tmp_path) == published("two")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.txt", "b.txt", "index", "other"]


def test_without_commit_no_trace_is_left(tmp_path):
    publish(tmp_path / "new" / "place", "one", commit=False)
    assert list(tmp_path.iterdir()) == []
    publish(tmp_path, "one")
    publish(tmp_path, "two", commit=False)
    assert contents(tmp_path) == published("one")


def test_an_error_in_the_block_leaves_no_trace(tmp_path):
    with pytest.raises(ZeroDivisionError), Staged() as staged:
        staged.path(tmp_path / "deep" / "a.txt").write_text("half")
        raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("linked", [True, False], ids=["hard links", "no hard links"])
@pytest.mark.parametrize("failing", range(1, 8))
def test_a_failed_renaming_takes_the_others_back(tmp_path, monkeypatch, failing, linked):
    publish(tmp_path, "one")
    original, calls = Path.replace, []

    def replace(self, target):
        calls.append(target)
        if len(calls) == failing:
            raise OSError(28, "No space left on device")
        return original(self, target)

    def refuse(self, target):
        raise OSError(1, "Operation not permitted")

    if not linked:
        monkeypatch.setattr(Path, "hardlink_to", refuse)
    monkeypatch.setattr(Path, "replace", replace)
    if linked and failing > 5:  # three files and a directory are five renamings
        publish(tmp_path, "two")
        assert contents(tmp_path) == published("two")
        return
    with pytest.raises(OutputError, match="No space left") as caught:
        publish(tmp_path, "two")
    assert str(caught.value.path).startswith(str(tmp_path)) and caught.value.remedy
    assert contents(tmp_path) == published("one")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.txt", "b.txt", "index", "other"]


def test_what_was_not_there_is_not_there_after_a_failure(tmp_path, monkeypatch):
    original = Path.replace

    def replace(self, target):
        if Path(target).name == "index":
            raise OSError(5, "Input/output error")
        return original(self, target)

    monkeypatch.setattr(Path, "replace", replace)
    with pytest.raises(OutputError):
        publish(tmp_path, "one")
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_fails_to_synchronize_moves_nothing(tmp_path, monkeypatch):
    publish(tmp_path, "one")

    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("paperqa_ext.files.os.fsync", full)
    with pytest.raises(OutputError, match="No space left"):
        publish(tmp_path, "two")
    assert contents(tmp_path) == published("one")


@pytest.mark.parametrize("in_place", ["file", "directory"])
def test_a_file_does_not_replace_a_directory_nor_a_directory_a_file(tmp_path, in_place):
    target = tmp_path / "index"
    with pytest.raises(OutputError) as caught, Staged() as staged:
        staged.path(tmp_path / "a.txt").write_text("new")
        if in_place == "file":
            target.write_text("mine")
            staged.path(target).mkdir()
        else:
            target.mkdir()
            (target / "mine.txt").write_text("mine")
            staged.path(target).write_text("new")
        staged.commit()
    assert caught.value.path == target
    assert contents(tmp_path) in ({"index": "mine"}, {"index/mine.txt": "mine"})


@posix
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signals_wait_until_everything_is_renamed(tmp_path, monkeypatch, number):
    publish(tmp_path, "one")
    original, seen = Path.replace, []
    before = signal.signal(number, lambda number, _: seen.append(contents(tmp_path)))

    def replace(self, target):
        signal.raise_signal(number)
        return original(self, target)

    monkeypatch.setattr(Path, "replace", replace)
    try:
        publish(tmp_path, "two")
    finally:
        after = signal.signal(number, before)
    assert seen and all(published("two").items() <= state.items() for state in seen)
    assert after.__name__ == "<lambda>" and contents(tmp_path) == published("two")


def test_works_outside_the_main_thread(tmp_path):
    worker = threading.Thread(target=publish, args=(tmp_path, "one"))
    worker.start()
    worker.join()
    assert contents(tmp_path) == published("one")


@posix
def test_modes_follow_the_umask(tmp_path):
    before = os.umask(0o027)
    try:
        publish(tmp_path, "one")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a.txt").stat().st_mode) == 0o640
    assert stat.S_IMODE((tmp_path / "index").stat().st_mode) == 0o750


def killed_run(directory, killing):
    """Run `publish(…, "two")` in a process that kills itself before the renaming that `killing` numbers, from 1."""
    script = (
        "import os, signal, sys\nfrom pathlib import Path\nfrom tests.test_files import publish\n"
        "original, calls = Path.replace, []\n"
        "def replace(self, target):\n"
        "    calls.append(target)\n"
        f"    len(calls) == {killing} and os.kill(os.getpid(), signal.SIGKILL)\n"
        "    return original(self, target)\n"
        "Path.replace = replace\n"
        f"publish(Path({str(directory)!r}), 'two')\n"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=Path(__file__).parents[1], check=False)
    assert done.returncode == -signal.SIGKILL


def leftovers(directory):
    return list(directory.rglob(".paperqa-*"))


@posix
@pytest.mark.parametrize("killing", [1, 2, 3, 4, 5])
def test_a_killed_run_leaves_whole_files_and_the_next_one_clears_up(tmp_path, killing):
    publish(tmp_path, "one")
    killed_run(tmp_path, killing)
    assert leftovers(tmp_path)
    for name in ("a.txt", "b.txt", "other/c.txt"):
        assert (tmp_path / name).read_text() in ("one", "two")
    publish(tmp_path, "three", commit=False)
    assert not leftovers(tmp_path)
    # The directory was away for a moment: what a kill left there is back.
    assert contents(tmp_path / "index") == {"one.bin": "one"}
    publish(tmp_path, "three")
    assert contents(tmp_path) == published("three")


def test_what_is_in_use_is_no_leftover(tmp_path):
    with Staged() as first:
        first.path(tmp_path / "a.txt").write_text("first")
        publish(tmp_path, "second")
        script = (
            f"from pathlib import Path; from tests.test_files import publish; publish(Path({str(tmp_path)!r}), 'x')"
        )
        subprocess.run([sys.executable, "-c", script], cwd=Path(__file__).parents[1], check=True)
        first.commit()
    assert contents(tmp_path) == {**published("x"), "a.txt": "first"}
    assert not leftovers(tmp_path)


def test_many_at_once(tmp_path):
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(publish_files, [tmp_path] * 80, map(str, range(80))))
    assert not leftovers(tmp_path)
    assert {text.isdigit() for text in contents(tmp_path).values()} == {True}


def test_the_empty_stage_of_a_killed_run_goes_when_it_is_old(tmp_path):
    (tmp_path / ".paperqa-starting").mkdir()
    (tmp_path / ".paperqa-killed").mkdir()
    os.utime(tmp_path / ".paperqa-killed", (0, 0))
    publish(tmp_path, "one")
    assert [path.name for path in leftovers(tmp_path)] == [".paperqa-starting"]


@unprivileged
def test_a_place_without_permission(tmp_path):
    (tmp_path / "out").mkdir(mode=0o555)
    with pytest.raises(OutputError, match="Permission denied"):
        publish(tmp_path / "out", "one")


def test_a_place_below_a_file(tmp_path):
    (tmp_path / "file").write_text("mine")
    with pytest.raises(OutputError, match="cannot be written"):
        publish(tmp_path / "file" / "out", "one")
    assert contents(tmp_path) == {"file": "mine"}


@posix
def test_a_directory_that_is_a_link_to_elsewhere(tmp_path):
    (tmp_path / "disk").mkdir()
    (tmp_path / "data").symlink_to(tmp_path / "disk")
    publish(tmp_path / "data", "one")
    assert (tmp_path / "data").is_symlink()
    assert contents(tmp_path / "disk") == published("one")
