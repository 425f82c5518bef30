"""The `paperqa` command: parses, calls, prints."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from . import __version__
from .errors import PaperQAError

_EXAMPLES = {
    None: """examples:
  paperqa demo                                  the whole journey on bundled data and a small model
  paperqa convert                               arXiv records -> training data and reference index
  paperqa check saves/qwen3-4b/predict          check every citation that LLaMA-Factory predicted
  paperqa index build my_records.jsonl --output my_index""",
    "check": """examples:
  paperqa check saves/qwen3-4b/predict
  paperqa check generated_predictions.jsonl --index my_index --output reports""",
    "index": """examples:
  paperqa index build arxiv-metadata.parquet --output my_index
  paperqa index build records.jsonl more.csv.gz --output my_index""",
    "demo": """examples:
  paperqa demo                                  about 15 minutes on 2 CPU cores
  paperqa demo --steps 20 --questions 16        a quick look
  paperqa demo --model Qwen/Qwen3-0.6B --out qwen_demo""",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code: 0, 1 for an error it explains, 2 for wrong usage."""
    argv = list(sys.argv[1:] if argv is None else argv)
    if argv[:1] == ["convert"]:  # one parser for this and `python -m paperqa_ext.convert`
        from . import convert

        return convert.main(argv[1:], prog="paperqa convert")
    args = _parser().parse_args(argv)
    try:
        args.run(args)
    except PaperQAError as error:
        print(f"paperqa: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("paperqa: interrupted", file=sys.stderr)
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = _new(argparse.ArgumentParser, None, prog="paperqa", description="Paper recommendations that are real.")
    parser.add_argument("--version", action="version", version=f"paperqa-ext {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    commands.add_parser("convert", help="arXiv records to training data and reference index", add_help=False)

    check = _new(commands.add_parser, "check", help="check the citations in LLaMA-Factory's predictions")
    check.add_argument("path", metavar="FILE_OR_DIR", type=Path, help="generated_predictions.jsonl or its directory")
    check.add_argument("--index", type=Path, default=Path("data/index"), help="reference index (default: %(default)s)")
    check.add_argument("--output", type=Path, help="directory for the reports (default: beside the predictions)")
    check.set_defaults(run=_check)

    index = _new(commands.add_parser, "index", help="build a reference index")
    actions = index.add_subparsers(title="actions", metavar="ACTION", required=True)
    build = _new(actions.add_parser, "index", name="build", help="build an index from arXiv records")
    build.add_argument(
        "sources", metavar="SOURCE", nargs="+", help="files, directories, globs, addresses, hub:NAME, as for convert"
    )
    build.add_argument(
        "--map", type=_mapped, action="append", default=[], metavar="FIELD=COLUMN", help="the column that holds a field"
    )
    build.add_argument("--output", type=Path, required=True, help="directory of the index")
    build.set_defaults(run=_index_build)

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


def _mapped(text: str) -> tuple[str, str]:
    from .arguments import mapped

    return mapped(text)


def _check(args: argparse.Namespace) -> None:
    from .check import check_file
    from .report import summary

    result = check_file(args.path, args.index, args.output, progress=True)
    print(summary(result.score))
    print(f"\nReport: {result.files['html']}")


def _index_build(args: argparse.Namespace) -> None:
    from .collect import collect
    from .engine import open_engine
    from .files import nearest_existing
    from .index import build_index, check_replaceable

    check_replaceable(args.output)
    with open_engine("local") as engine:
        found = collect(args.sources, engine, (), columns=dict(args.map), directory=nearest_existing(args.output))
    coverage = build_index(found.records.every("indexing"), args.output)
    print("\n".join(f"{name:<32}{count:>12,}" for name, count in found.counts.items()))
    print(f"Index of {coverage.papers:,} papers, {coverage.first} to {coverage.last}: {args.output}")


def _demo(args: argparse.Namespace) -> None:
    from . import demo

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


if __name__ == "__main__":
    sys.exit(main())
