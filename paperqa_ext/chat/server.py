"""LLaMA-Factory's OpenAI-style API with verified answers, and what a server needs that stays up.

Of LLaMA-Factory's app `/v1/chat/completions` is replaced: by the same answers with `citations`, the verdict on each
citation, in the response or in the last chunk of a stream; with a bounded queue, a time limit, and an end to every
generation that nobody waits for.
"""

# No `from __future__ import annotations`: FastAPI reads the annotations of a function that is made in another.
import asyncio
import json
import logging
import os
import socket
import time
from collections.abc import AsyncIterator, Coroutine
from dataclasses import dataclass, field
from typing import Any

from ..errors import ChatError
from .model import Verdicts

COMPLETIONS = "/v1/chat/completions"
MODEL_NAME = "paperqa"  # unless API_MODEL_NAME is set
RETRY_AFTER = 5  # seconds, told to clients when the queue is full
_READ_SECONDS = 30  # for the body of a request
_SHUTDOWN_SECONDS = 10  # for the answers that are under way; streams end at once
_LOGGER = logging.getLogger("uvicorn.error")


@dataclass(frozen=True, slots=True)
class Limits:
    """What clients may ask of a server.

    Attributes:
        queue: questions answered or waiting at a time; what comes on top gets status 429.
        seconds: from a question to the end of its answer; then it gets status 504, or an error ends its stream.
        body: bytes of a request; a larger one gets status 413.
    """

    queue: int
    seconds: float
    body: int


@dataclass(slots=True)
class _Slots:
    """The places in the queue."""

    free: int

    def take(self) -> None:
        from fastapi import HTTPException

        if not self.free:
            raise HTTPException(429, "Too many questions are waiting.", {"Retry-After": str(RETRY_AFTER)})
        self.free -= 1

    def give_back(self) -> None:
        self.free += 1


@dataclass(slots=True)
class _Asking:
    """A model as LLaMA-Factory's API asks it for one request; it keeps the verdicts and ends what it began."""

    model: Any
    verdicts: Verdicts = field(default_factory=list)
    answer: Any = None

    @property
    def engine(self) -> Any:
        return self.model.engine

    async def achat(self, *arguments: Any, **options: Any) -> list[Any]:
        return await self.model.achat(*arguments, **options, verdicts=self.verdicts)

    async def astream_chat(self, *arguments: Any, **options: Any) -> AsyncIterator[str]:
        self.answer = self.model.astream_chat(*arguments, **options, verdicts=self.verdicts)
        async for piece in self.answer:
            yield piece

    async def aclose(self) -> None:
        if self.answer is not None:
            await self.answer.aclose()


def create_app(model: Any, limits: Limits) -> Any:
    """The FastAPI app for a model of `model.load`; `API_KEY`, if set, is asked for, as LLaMA-Factory does."""
    from fastapi import HTTPException, Request
    from fastapi.responses import JSONResponse, Response
    from llamafactory.api import app as theirs
    from llamafactory.api.protocol import ChatCompletionRequest

    app = theirs.create_app(model)
    [replaced] = [route for route in app.routes if getattr(route, "path", None) == COMPLETIONS]
    app.router.routes.remove(replaced)
    slots = _Slots(limits.queue)

    async def complete(question: ChatCompletionRequest, request: Request) -> Response:
        if any(message.content is None and not message.tool_calls for message in question.messages):
            raise HTTPException(400, "A message has no content.")
        asking = _Asking(model)
        slots.take()
        if question.stream:
            chunks = theirs.create_stream_chat_completion_response(question, asking)
            try:
                first = await anext(chunks)  # what is wrong with the question is raised here, before the status is sent
            except BaseException:
                slots.give_back()
                raise
            events = _events(first, chunks, asking, time.monotonic() + limits.seconds)
            return _stream(events, slots)
        try:
            answer = await _unless_gone(
                theirs.create_chat_completion_response(question, asking), request, limits.seconds
            )
        except ValueError as error:  # of the engine, on options that it cannot take
            raise HTTPException(400, str(error)) from error
        except TimeoutError:
            raise HTTPException(504, f"There is no answer after {limits.seconds:g} seconds.") from None
        finally:
            slots.give_back()
        if answer is None:
            return Response(status_code=499)  # nobody reads it
        return JSONResponse({**answer.model_dump(mode="json"), "citations": asking.verdicts})

    app.post(COMPLETIONS, dependencies=replaced.dependencies)(complete)
    app.add_middleware(_BodyLimit, limit=limits.body)
    return app


async def _unless_gone(answer: Coroutine[Any, Any, Any], request: Any, seconds: float) -> Any:
    """The answer, or None if the client leaves before.

    Raises:
        TimeoutError: it takes longer than `seconds`.
    """

    async def leaving() -> None:
        while (await request.receive())["type"] != "http.disconnect":
            pass

    tasks = [asyncio.ensure_future(answer), asyncio.ensure_future(leaving())]
    try:
        done, _ = await asyncio.wait(tasks, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    if not done:
        raise TimeoutError
    return tasks[0].result() if tasks[0] in done else None


async def _events(first: str, chunks: Any, asking: _Asking, deadline: float) -> AsyncIterator[str]:
    """The chunks of a stream, the last one with the verdicts; an error ends it."""
    created = int(time.time())
    chunk = first
    try:
        while chunk != "[DONE]":
            # LLaMA-Factory leaves out what every chunk of the protocol has.
            content = {"object": "chat.completion.chunk", "created": created, **json.loads(chunk)}
            if content["choices"][0].get("finish_reason"):
                content["citations"] = asking.verdicts
            yield json.dumps(content, ensure_ascii=False)
            async with asyncio.timeout(deadline - time.monotonic()):
                chunk = await anext(chunks)
        yield chunk
    except TimeoutError:
        yield _error("The answer took too long.", "timeout")
    except Exception as error:
        _LOGGER.exception("An answer failed")
        yield _error(str(error), "server_error")
    finally:
        await chunks.aclose()
        await asking.aclose()


def _error(message: str, kind: str) -> str:
    return json.dumps({"error": {"message": message, "type": kind, "code": None, "param": None}})


def _stream(events: AsyncIterator[str], slots: _Slots) -> Any:
    from sse_starlette import EventSourceResponse

    class Stream(EventSourceResponse):
        async def __call__(self, *arguments: Any) -> None:
            try:
                await super().__call__(*arguments)
            finally:
                slots.give_back()
                await events.aclose()  # type: ignore[attr-defined]

    return Stream(events, media_type="text/event-stream", sep="\n")


class _BodyLimit:
    """ASGI middleware that reads the body of a request before the app sees it, if it is small and comes in time."""

    def __init__(self, app: Any, limit: int) -> None:
        self.app, self.limit = app, limit

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        from fastapi.responses import JSONResponse

        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        try:
            async with asyncio.timeout(_READ_SECONDS):
                body = await self._read(receive)
        except TimeoutError:
            await JSONResponse({"detail": "The request did not come in time."}, 408)(scope, receive, send)
            return
        if body is None:
            detail = f"The request has more than {self.limit} bytes."
            await JSONResponse({"detail": detail}, 413)(scope, receive, send)
            return
        messages = [{"type": "http.request", "body": body, "more_body": False}]

        async def replay() -> Any:
            return messages.pop() if messages else await receive()

        await self.app(scope, replay, send)

    async def _read(self, receive: Any) -> bytes | None:
        """The body; None if it is too large."""
        body = bytearray()
        while True:
            message = await receive()
            body += message.get("body", b"")
            if len(body) > self.limit:
                return None
            if not message.get("more_body"):
                return bytes(body)


def listen(host: str, port: int) -> socket.socket:
    """A socket to serve at, taken before a model is loaded for it.

    Raises:
        ChatError: the address cannot be used.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except (OSError, OverflowError) as error:
        raise ChatError(
            f"cannot listen at {host}, port {port}: {str(error).rstrip('.')}",
            remedy="Name another --port, or --host 127.0.0.1.",
        ) from error


def serve(model: Any, at: socket.socket, limits: Limits) -> None:
    """Answer at a socket of `listen` until the process is told to stop (SIGINT, SIGTERM)."""
    import uvicorn

    os.environ.setdefault("API_MODEL_NAME", MODEL_NAME)
    app = create_app(model, limits)
    config = uvicorn.Config(app, timeout_graceful_shutdown=_SHUTDOWN_SECONDS)
    uvicorn.Server(config).run([at])
