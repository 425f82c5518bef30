"""`paperqa chat`, `paperqa serve` and `paperqa webchat`: answers with real citations."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..settings import MODES, load_settings
from ..values import positive
from .index_arguments import NewParser

if TYPE_CHECKING:
    from ..chat.grounding import Grounding

EXAMPLES: dict[str | None, str] = {
    "chat": """examples:
  paperqa chat examples/infer.yaml
  paperqa chat examples/infer.yaml --mode free              what the model cites by itself, verified
  echo "请推荐三篇 2022 年图神经网络的论文" | paperqa chat examples/infer.yaml""",
    "serve": """examples:
  paperqa serve examples/infer.yaml                         at http://127.0.0.1:8000/v1
  API_KEY=secret paperqa serve examples/infer.yaml --host 0.0.0.0 --port 80
  MAX_CONCURRENT=4 paperqa serve examples/infer.yaml        four answers at a time""",
    "webchat": """examples:
  paperqa webchat examples/infer.yaml                       at http://127.0.0.1:7860""",
}


def add_parsers(commands: Any, new: NewParser) -> None:
    """Give `paperqa` its commands `chat`, `serve` and `webchat`."""
    chat = new(commands.add_parser, "chat", help="ask for papers in the terminal")
    takes_model(chat)
    chat.set_defaults(run=_chat)

    serve = new(
        commands.add_parser,
        "serve",
        help="answer through an OpenAI-style API",
        description="Answer through an OpenAI-style API.",
    )
    takes_model(serve)
    _takes_address(serve, "API_HOST", "API_PORT", 8000)
    serve.add_argument(
        "--queue", type=positive, default=32, metavar="N", help="questions waiting or answered (default: %(default)s)"
    )
    serve.add_argument(
        "--timeout", type=positive, default=600, metavar="SECONDS", help="for an answer (default: %(default)s)"
    )
    serve.add_argument(
        "--max-bytes", type=positive, default=1 << 20, metavar="N", help="of a request (default: %(default)s)"
    )
    serve.set_defaults(run=_serve)

    webchat = new(commands.add_parser, "webchat", help="ask for papers in the browser")
    takes_model(webchat)
    _takes_address(webchat, "GRADIO_SERVER_NAME", "GRADIO_SERVER_PORT", 7860)
    webchat.set_defaults(run=_webchat)


def takes_model(parser: argparse.ArgumentParser) -> None:
    """Options for a model and what grounds its answers."""
    parser.add_argument("config", type=Path, metavar="CONFIG.yaml", help="of `llamafactory-cli chat`")
    parser.add_argument("overrides", nargs="*", metavar="KEY=VALUE", help="LLaMA-Factory's options, over the config's")
    parser.add_argument("--index", type=Path, help="reference index (default: that of paperqa.yaml, or data/index)")
    parser.add_argument("--mode", choices=MODES, help="how to answer (default: that of paperqa.yaml, or grounded)")
    parser.add_argument(
        "--reranker",
        metavar="MODEL",
        help="of embeddings, for what is retrieved (default: as paperqa.yaml says)",
    )


def _takes_address(parser: argparse.ArgumentParser, host: str, port: str, usual: int) -> None:
    parser.add_argument("--host", default=os.environ.get(host, "127.0.0.1"), help=f"(default: ${host}, or 127.0.0.1)")
    parser.add_argument(
        "--port", type=int, default=os.environ.get(port, str(usual)), help=f"(default: ${port}, or {usual})"
    )


def grounding_of(args: argparse.Namespace) -> Grounding:
    """What these options ground answers in."""
    from ..chat.grounding import Grounding
    from ..chat.rerank import open_reranker

    settings = load_settings(args.config)
    index, mode = args.index or settings.index, args.mode or settings.mode
    return Grounding(index, mode, open_reranker(args.reranker or settings.reranker))


def _chat(args: argparse.Namespace) -> None:
    os.environ.setdefault("LLAMAFACTORY_VERBOSITY", "WARNING")
    from ..chat.model import load
    from ..chat.terminal import converse

    converse(load(args.config, args.overrides, grounding_of(args)))


def _serve(args: argparse.Namespace) -> None:
    from ..chat.model import load
    from ..chat.server import Limits, listen, serve

    with listen(args.host, args.port) as at:
        model = load(args.config, args.overrides, grounding_of(args))
        serve(model, at, Limits(args.queue, args.timeout, args.max_bytes))


def _webchat(args: argparse.Namespace) -> None:
    from ..chat.model import load
    from ..chat.server import listen
    from ..chat.web import show, web_model

    with listen(args.host, args.port):
        pass  # taken ports are found before a model is loaded
    show(load(args.config, args.overrides, grounding_of(args), web_model()), args.host, args.port)
