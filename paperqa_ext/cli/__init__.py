"""The `paperqa` command: parses, calls, prints."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from .. import __version__
from ..engine import ENGINES
from ..errors import PaperQAError
from . import index_arguments

_EXAMPLES = index_arguments.EXAMPLES | {
    None: """examples:
  paperqa demo                                  the whole journey on bundled data and a small model
  paperqa convert                               arXiv records -> training data and reference index
  paperqa check saves/qwen3-4b/predict          check every citation that LLaMA-Factory predicted
  paperqa index build my_records.jsonl --output my_index
  paperqa index search "图神经网络" --year 2022      real papers on a topic""",
    "check": """examples:
  paperqa check saves/qwen3-4b/predict
  paperqa check generated_predictions.jsonl --index my_index --output reports
  paperqa check saves --engine ray              every predictions file below, on a Ray cluster""",
    "demo": """examples:
  paperqa demo                                  about 15 minutes on 2 CPU cores
  paperqa demo --steps 20 --questions 16        a quick look
  paperqa demo --model Qwen/Qwen3-0.6B --out qwen_demo""",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code: 0, 1 for an error it explains, 2 for wrong usage."""
    argv = list(sys.argv[1:] if argv is None else argv)
    if argv[:1] == ["convert"]:  # one parser for this and `python -m paperqa_ext.convert`
        from .. import convert

        return convert.main(argv[1:], prog="paperqa convert")
    args = _parser().parse_args(argv)
    try:
        return args.run(args) or 0
    except PaperQAError as error:
        print(f"paperqa: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("paperqa: interrupted", file=sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = _new(argparse.ArgumentParser, None, prog="paperqa", description="Paper recommendations that are real.")
    parser.add_argument("--version", action="version", version=f"paperqa-ext {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    commands.add_parser("convert", help="arXiv records to training data and reference index", add_help=False)

    check = _new(commands.add_parser, "check", help="check the citations in LLaMA-Factory's predictions")
    check.add_argument(
        "paths", metavar="FILE_OR_DIR", nargs="+", type=Path, help="predictions, or directories with them or above them"
    )
    check.add_argument("--index", type=Path, default=Path("data/index"), help="reference index (default: %(default)s)")
    check.add_argument("--output", type=Path, help="directory for the reports (default: beside the predictions)")
    check.add_argument("--engine", choices=ENGINES, default="local", help="where to work (default: %(default)s)")
    check.add_argument(
        "--workers", type=_positive, metavar="N", help="processes of the local engine (default: the cores)"
    )
    check.set_defaults(run=_check)

    index = _new(commands.add_parser, "index", help="build, search and look up the real records")
    index_arguments.add_parsers(index.add_subparsers(title="actions", metavar="ACTION", required=True), _new)

    demo = _new(commands.add_parser, "demo", help="the whole journey on bundled data and a small model")
    demo.add_argument("--out", type=Path, default=Path("paperqa_demo"), help="where (default: %(default)s)")
    demo.add_argument("--steps", type=_positive, help="training steps of 8 rows (default: fit 6 minutes, at most 120)")
    demo.add_argument("--questions", type=_positive, default=48, help="test questions (default: %(default)s)")
    demo.add_argument("--model", help="local path or hub id (default: SmolLM2-135M-Instruct, fetched once)")
    demo.add_argument("--template", help="LLaMA-Factory's chat template for --model (default: by its name)")
    demo.add_argument("--seed", type=int, default=0, help="(default: %(default)s)")
    demo.set_defaults(run=_demo)
    return parser


def _new(
    make: Callable[..., argparse.ArgumentParser], examples: str | None, *, name: str | None = None, **options: object
) -> argparse.ArgumentParser:
    """A parser that shows examples and refuses abbreviated options."""
    positional = () if examples is None else (name or examples,)
    if positional:
        options.setdefault("description", str(options["help"]).capitalize() + ".")
    return make(
        *positional,
        epilog=_EXAMPLES[examples],
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
        **options,
    )


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a positive number")
    return number


def _check(args: argparse.Namespace) -> None:
    from ..check import check_paths
    from ..engine import open_engine
    from ..report import Arm, comparison_table, summary

    arms = []
    with open_engine(args.engine, args.workers) as engine:
        for name, result in check_paths(args.paths, args.index, args.output, engine=engine, progress=True):
            print(f"{summary(result.score)}\n\nReport: {result.files['html']}\n", flush=True)
            arms.append(Arm(name, result.score, ()))
    if len(arms) > 1:
        print(comparison_table(arms))


def _demo(args: argparse.Namespace) -> None:
    from .. import demo

    print(
        demo.run(
            demo.Settings(
                out=args.out,
                model=args.model,
                template=args.template,
                steps=args.steps,
                questions=args.questions,
                seed=args.seed,
            )
        )
    )
