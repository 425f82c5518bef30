"""The `paperqa` command: parses, calls, prints. Each command is a module of this room."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence

from .. import __version__
from ..errors import PaperQAError
from . import answer, chat, check, compare, demo, index_arguments, preferences

# Each has EXAMPLES and add_parsers(commands, new).
_COMMANDS = (check, compare, index_arguments, chat, answer, preferences, demo)
_EXAMPLES = {
    None: """examples:
  paperqa demo                                  the whole journey on bundled data and a small model
  paperqa convert                               arXiv records -> training data and reference index
  paperqa check saves/qwen3-4b/predict          check every citation that LLaMA-Factory predicted
  paperqa compare saves/qwen3-4b/predict_base saves/qwen3-4b/predict
  paperqa index search "图神经网络" --year 2022      real papers on a topic
  paperqa chat examples/infer.yaml              answers that cite nothing but real papers""",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code: 0, 1 for an error it explains, 2 for wrong usage."""
    argv = list(sys.argv[1:] if argv is None else argv)
    if argv[:1] == ["convert"]:  # one parser for this and `python -m paperqa_ext.convert`
        from .. import convert

        return convert.main(argv[1:], prog="paperqa convert")
    args = _parsed(argv)
    try:
        return args.run(args) or 0
    except PaperQAError as error:
        print(f"paperqa: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("paperqa: interrupted", file=sys.stderr)
        return 130


def _parsed(argv: Sequence[str]) -> argparse.Namespace:
    """The arguments; overrides of LLaMA-Factory's options, `key=value`, may stand after ours, too."""
    parser = _parser()
    args, rest = parser.parse_known_args(argv)
    overrides = [one for one in rest if "=" in one and not one.startswith("-")]
    if rest and not (hasattr(args, "overrides") and overrides == rest):
        parser.error(f"unrecognized arguments: {' '.join(rest)}")
    if overrides:
        args.overrides = [*args.overrides, *overrides]
    return args


def _parser() -> argparse.ArgumentParser:
    parser = _new(argparse.ArgumentParser, None, prog="paperqa", description="Paper recommendations that are real.")
    parser.add_argument("--version", action="version", version=f"paperqa-ext {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    commands.add_parser("convert", help="arXiv records to training data and reference index", add_help=False)
    for command in _COMMANDS:
        command.add_parsers(commands, _new)
    return parser


def _new(
    make: Callable[..., argparse.ArgumentParser], examples: str | None, *, name: str | None = None, **options: object
) -> argparse.ArgumentParser:
    """A parser that shows examples and refuses abbreviated options."""
    positional = () if examples is None else (name or examples,)
    if positional:
        options.setdefault("description", str(options["help"]).capitalize() + ".")
    shown = _EXAMPLES | {key: text for command in _COMMANDS for key, text in command.EXAMPLES.items()}
    return make(
        *positional,
        epilog=shown[examples],
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
        **options,
    )
