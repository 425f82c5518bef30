"""LLaMA-Factory's web chat with verified answers: each ends with how many of its citations are verified."""

from __future__ import annotations

import os
import re
from collections.abc import AsyncIterator, Sequence
from typing import Any

from .grounding import Message
from .model import Verdicts, grounded
from .verified import language, summary

_SUMMARY = re.compile(r"\n\n[✓✗] [^\n]*\Z")  # as `summary` writes it


def web_model() -> type[Any]:
    """The class of a model for `model.load` that LLaMA-Factory's web chat can show."""
    from llamafactory.webui.chatter import WebChatModel

    class WebChat(grounded(WebChatModel)):  # type: ignore[misc]
        demo_mode = False

        async def astream_chat(
            self, messages: Sequence[Message], *more: Any, verdicts: Verdicts | None = None, **options: Any
        ) -> AsyncIterator[str]:
            found: Verdicts = [] if verdicts is None else verdicts
            # A model that reads such a sentence learns to write one.
            told = [{**message, "content": _SUMMARY.sub("", message["content"])} for message in messages]
            answer = super().astream_chat(told, *more, verdicts=found, **options)
            try:
                async for piece in answer:
                    yield piece
            finally:
                await answer.aclose()
            if text := summary([row["verdict"] for row in found], language(messages[-1]["content"])):
                yield f"\n\n{text}"

    return WebChat


def create_page(model: Any) -> Any:
    """LLaMA-Factory's page for a model of `web_model`, as Gradio's `Blocks`."""
    from llamafactory.webui import engine, interface
    from llamafactory.webui.common import load_config

    def made(manager: Any, *_: Any, **__: Any) -> Any:
        model.manager = manager
        return model

    def labelled() -> Any:
        # Of itself the method uses nothing but the manager.
        return engine.Engine.change_lang(model, load_config().get("lang") or "en")

    theirs = engine.WebChatModel
    engine.WebChatModel = made  # the page makes its own model
    try:
        page = interface.create_web_demo()
    finally:
        engine.WebChatModel = theirs
    with page:  # it has no labels until another language is chosen
        page.load(labelled, outputs=model.manager.get_elem_list())
    return page


def show(model: Any, host: str, port: int) -> None:
    """Show the page until the process is told to stop."""
    from llamafactory.extras.misc import fix_proxy

    os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
    fix_proxy()
    create_page(model).queue().launch(server_name=host, server_port=port)
