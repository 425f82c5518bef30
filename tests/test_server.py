"""The API as its clients meet it: the official OpenAI client, and some that ask too much or leave too soon."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import httpx
import openai
import psutil
import pytest
import uvicorn
from chatting import FAKE

from paperqa_ext.chat.server import COMPLETIONS, MODEL_NAME, Limits, create_app, listen
from paperqa_ext.errors import ChatError

QUESTION = [{"role": "user", "content": "Recommend 2022 papers on graph neural networks."}]
FEW = 90  # tokens: more than a citation
ENDLESS = 100_000


@contextmanager
def serving(model: Any, limits: Limits) -> Iterator[str]:
    """The address of a server in a thread of its own, shut down as by a signal."""
    server = uvicorn.Server(uvicorn.Config(create_app(model, limits), log_level="warning", timeout_graceful_shutdown=1))
    with listen("127.0.0.1", 0) as at:
        thread = threading.Thread(target=server.run, args=([at],))
        thread.start()
        try:
            yield f"http://127.0.0.1:{at.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(30)
            assert not thread.is_alive()


@pytest.fixture(scope="module")
def address(loaded: Any) -> Iterator[str]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("API_MODEL_NAME", MODEL_NAME)
        patch.setenv("API_VERBOSE", "0")
        patch.setenv("API_KEY", "secret")
        with serving(loaded, Limits(queue=16, seconds=600, body=10_000)) as address:
            yield address


@pytest.fixture
def client(address: str, model: Any) -> openai.OpenAI:
    return openai.OpenAI(base_url=f"{address}/v1", api_key="secret", max_retries=0, timeout=600)


def post(address: str, **request: Any) -> httpx.Response:
    question = {"model": MODEL_NAME, "messages": QUESTION, "max_tokens": 2, **request}
    return httpx.post(address + COMPLETIONS, json=question, headers={"Authorization": "Bearer secret"}, timeout=120)


def wait_until(true: Any, seconds: float = 30) -> bool:
    stop = time.monotonic() + seconds
    while not true() and time.monotonic() < stop:
        time.sleep(0.05)
    return bool(true())


def generating() -> list[str]:
    return [thread.name for thread in threading.enumerate() if "(generate)" in thread.name]


def test_the_models_are_listed(client):
    assert [model.id for model in client.models.list()] == [MODEL_NAME]


def test_an_answer_comes_with_its_verdicts(client):
    answer = client.chat.completions.create(model=MODEL_NAME, messages=QUESTION, max_tokens=FEW)
    assert answer.choices[0].message.content.startswith("1. **")
    assert answer.choices[0].finish_reason == "length" and answer.usage.completion_tokens == FEW
    first = answer.model_extra["citations"][0]
    assert (first["verdict"], first["choice"]) == ("verified", 0) and first["text"] in answer.choices[0].message.content


def test_a_stream_has_them_in_its_last_chunk(client):
    *chunks, last = client.chat.completions.create(model=MODEL_NAME, messages=QUESTION, max_tokens=FEW, stream=True)
    answer = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
    assert answer.startswith("1. **") and len(chunks) > 20
    assert {chunk.object for chunk in chunks} == {"chat.completion.chunk"}
    assert last.choices[0].finish_reason == "stop"
    assert last.model_extra["citations"][0]["verdict"] == "verified"
    assert not any("citations" in chunk.model_extra for chunk in chunks)


def test_what_is_not_verified_is_struck_through(client, model):
    model.grounding.mode = "free"
    answer = client.chat.completions.create(model=MODEL_NAME, messages=QUESTION, max_tokens=30)
    assert answer.choices[0].message.content.startswith(f"1. ~~**{FAKE}**~~ (no such paper found; ")
    assert answer.model_extra["citations"][0]["verdict"] == "fabricated"


def test_a_key_is_asked_for(address):
    stranger = openai.OpenAI(base_url=f"{address}/v1", api_key="wrong", max_retries=0)
    with pytest.raises(openai.AuthenticationError):
        stranger.models.list()
    with pytest.raises(openai.AuthenticationError):
        stranger.chat.completions.create(model=MODEL_NAME, messages=QUESTION)


@pytest.mark.parametrize(
    ("request_", "says"),
    [
        ({"messages": []}, "Invalid length"),
        ({"messages": [{"role": "user"}]}, "no content"),
        ({"messages": [*QUESTION, *QUESTION]}, "Only supports"),
        ({"presence_penalty": -1.0}, "strictly positive"),
        ({"n": 2, "stream": True}, "Cannot stream multiple"),
    ],
)
def test_a_bad_question_gets_status_400(address, model, request_, says):
    response = post(address, **request_)
    assert (response.status_code, says in response.json()["detail"]) == (400, True)


def test_an_error_within_a_stream_is_told_to_the_client(client):
    with pytest.raises(openai.APIError, match="strictly positive"):
        list(client.chat.completions.create(model=MODEL_NAME, messages=QUESTION, presence_penalty=-1.0, stream=True))


def test_a_large_request_gets_status_413_however_it_comes(address):
    large = json.dumps({"model": MODEL_NAME, "messages": [{"role": "user", "content": "a" * 20_000}]}).encode()
    assert httpx.post(address + COMPLETIONS, content=large).status_code == 413
    assert httpx.post(address + COMPLETIONS, content=iter([large[:9_000], large[9_000:]])).status_code == 413


def test_sixteen_clients_of_whom_half_leave_leak_nothing(client, address):
    def ask(number: int) -> str:
        stream = client.chat.completions.create(
            model=MODEL_NAME, messages=QUESTION, max_tokens=ENDLESS if number % 2 else 20, stream=True
        )
        with stream:
            text = ""
            for chunk in stream:
                text += chunk.choices[0].delta.content or ""
                if number % 2 and len(text) > 10:
                    return "left"
            return text

    process = psutil.Process()
    with ThreadPoolExecutor(16) as clients:
        answers = list(clients.map(ask, range(16)))
    assert answers[1::2] == ["left"] * 8
    assert len(set(answers[::2])) == 1 and answers[0].startswith("1. **")
    assert wait_until(lambda: not generating())
    descriptors, threads = process.num_fds(), threading.active_count()
    with ThreadPoolExecutor(16) as clients:
        assert list(clients.map(ask, range(16))) == answers
    assert wait_until(lambda: not generating())
    assert wait_until(lambda: process.num_fds() <= descriptors + 2), "sockets are left open"
    assert wait_until(lambda: threading.active_count() <= threads + 2), "threads are left"
    assert post(address).status_code == 200  # every place in the queue is free again


def test_a_client_that_leaves_without_its_answer_ends_it(address, model, monkeypatch):
    model.grounding.mode = "free"
    ended = threading.Event()
    generate = model.engine.model.generate

    def watched(**arguments: Any) -> Any:
        try:
            return generate(**arguments)
        finally:
            ended.set()

    monkeypatch.setattr(model.engine.model, "generate", watched)
    with pytest.raises(httpx.ReadTimeout):
        httpx.post(
            address + COMPLETIONS,
            json={"model": MODEL_NAME, "messages": QUESTION, "max_tokens": ENDLESS},
            headers={"Authorization": "Bearer secret"},
            timeout=1,
        )
    assert ended.wait(30)


def test_a_full_queue_and_a_slow_answer(model, monkeypatch):
    monkeypatch.setenv("API_VERBOSE", "0")
    model.grounding.mode = "free"
    with serving(model, Limits(queue=1, seconds=3, body=10_000)) as address:
        client = openai.OpenAI(base_url=f"{address}/v1", api_key="secret", max_retries=0)
        stream = client.chat.completions.create(model=MODEL_NAME, messages=QUESTION, max_tokens=ENDLESS, stream=True)
        assert next(stream)
        full = post(address)
        assert (full.status_code, full.headers["Retry-After"]) == (429, "5")
        with pytest.raises(openai.APIError, match="too long"):
            list(stream)
        assert wait_until(lambda: not generating())
        assert post(address, max_tokens=ENDLESS).status_code == 504
        assert post(address).status_code == 200


def test_shutting_down_ends_what_is_under_way(model, monkeypatch):
    monkeypatch.setenv("API_VERBOSE", "0")
    model.grounding.mode = "free"
    with serving(model, Limits(queue=1, seconds=60, body=10_000)) as address:
        client = openai.OpenAI(base_url=f"{address}/v1", api_key="secret", max_retries=0)
        stream = client.chat.completions.create(model=MODEL_NAME, messages=QUESTION, max_tokens=ENDLESS, stream=True)
        assert next(stream)
    assert wait_until(lambda: not generating())
    stream.close()


def test_a_taken_port_is_found_before_a_model_is_loaded():
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(ChatError, match="cannot listen at 127"):
        listen("127.0.0.1", taken.getsockname()[1])
