import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from paperqa_ext.engine import cores, open_engine
from paperqa_ext.errors import EngineError, SourceError


def square(number):
    return number * number, os.getpid()


def fail(number):
    if number == 11:
        raise SourceError("bad", path="papers.csv", line=3, remedy="Mend it.")
    return number


def die(number):
    if number == 11:
        os._exit(1)
    return number


def endless():
    number = 0
    while True:
        yield number
        number += 1


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("items", [0, 1, 7, 8, 40])
def test_results_come_in_order(workers, items):
    with open_engine("local", workers) as engine:
        assert [value for value, _ in engine.map(square, range(items))] == [number**2 for number in range(items)]


def test_many_items_go_to_other_processes_and_a_few_do_not():
    with open_engine("local", 2) as engine:
        assert {process for _, process in engine.map(square, range(5))} == {os.getpid()}
        assert os.getpid() not in {process for _, process in engine.map(square, range(40))}


def test_a_stream_is_read_a_few_items_ahead_only():
    read = []
    with open_engine("local", 2) as engine:
        results = engine.map(square, (read.append(number) or number for number in endless()))
        assert [next(results)[0] for _ in range(3)] == [0, 1, 4]
        assert len(read) < 30


@pytest.mark.parametrize("workers", [1, 2])
def test_errors_of_workers_arrive_whole(workers):
    with open_engine("local", workers) as engine, pytest.raises(SourceError) as caught:
        list(engine.map(fail, range(40)))
    assert str(caught.value) == "papers.csv:3: bad.\n  Mend it."


def test_a_worker_that_dies_is_an_error_with_a_remedy():
    with open_engine("local", 2) as engine, pytest.raises(EngineError, match="a worker process died"):
        list(engine.map(die, range(40)))


def test_workers_end_with_a_parent_that_is_killed(tmp_path):
    program = """
import os, time
from paperqa_ext.engine import open_engine
from test_engine import square
if __name__ == "__main__":
    with open_engine("local", 2) as engine:
        results = engine.map(square, range(1000))
        print(*{next(results)[1] for _ in range(40)}, flush=True)
        time.sleep(60)
"""
    (tmp_path / "program.py").write_text(program)
    parent = subprocess.Popen(
        [sys.executable, tmp_path / "program.py"], stdout=subprocess.PIPE, text=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parent)},
    )  # fmt: skip
    workers = [int(process) for process in parent.stdout.readline().split()]
    assert workers
    parent.kill()
    parent.wait()
    for _ in range(100):
        if not any(Path(f"/proc/{worker}/cmdline").exists() for worker in workers):
            break
        time.sleep(0.1)
    assert not any(Path(f"/proc/{worker}/cmdline").exists() for worker in workers)


def test_cores():
    assert cores() >= 1


def test_ray_that_is_not_installed(monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "ray", None)
    with pytest.raises(EngineError, match=r"paperqa-ext\[ray\]"):
        open_engine("ray")


@pytest.mark.slow
def test_ray_gives_the_same_in_the_same_order(monkeypatch):
    pytest.importorskip("ray", reason="install the extra: pip install 'paperqa-ext[ray]'")
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent))  # where its workers find this module
    with open_engine("ray") as engine:
        results = list(engine.map(square, range(150)))
        assert [value for value, _ in results] == [number**2 for number in range(150)]
        assert os.getpid() not in {process for _, process in results}
        with pytest.raises(SourceError, match="bad"):
            list(engine.map(fail, range(40)))
