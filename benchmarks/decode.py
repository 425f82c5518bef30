"""What constrained citing costs: compiling, size, memory, time per step; beside transformers' own way with a dict trie.

Steps are timed on one core. Answers are written with random scores, so that any title is met. Peer: transformers'
`PrefixConstrainedLogitsProcessor` with a trie of Python dicts over the tokens of whole lines, which starts within a
citation, as it knows no free text.

Examples:
  python benchmarks/decode.py RECORDS.parquet                       SmolLM2's tokenizer
  python benchmarks/decode.py RECORDS.parquet --tokenizer DIR --records 3000000 --no-peer
"""

from __future__ import annotations

import argparse
import gc
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import torch
from made_records import made
from transformers import AutoModelForCausalLM, AutoTokenizer
from transformers.generation.logits_process import PrefixConstrainedLogitsProcessor

from paperqa_ext.decode import citing_processor, open_trie
from paperqa_ext.decode.states import InText
from paperqa_ext.demo.models import small_model
from paperqa_ext.index import ReferenceIndex, build_index
from paperqa_ext.prompts import citation_line
from paperqa_ext.sources import SAMPLE, read_papers

STEP_BAR, SIZE_BAR, MEMORY_BAR, COMPILE_BAR = 50, 1.5, 300, 600  # µs a sequence, GB, MB, seconds
SLOWDOWN_BAR = 0.03
_STEPS = 150  # about two lines
_PAIRS, _TOGETHER, _WRITTEN = 5, 8, 64  # generations without and with, answers, tokens
_END = -1  # key of the dict trie


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    add = parser.add_argument
    add("real", type=Path, nargs="?", default=SAMPLE, metavar="RECORDS.parquet",
        help="real records, with the columns of the bundled sample (default: that)")  # fmt: skip
    add("--records", type=int, metavar="N", help="fill the index up to N with made-up ones (default: real ones only)")
    add("--tokenizer", type=Path, metavar="DIR", help="of a model (default: SmolLM2-135M's)")
    add("--no-peer", action="store_true", help="leave out the dict trie, which takes 2 kB a record")
    add("--directory", type=Path, default=Path(tempfile.gettempdir()) / "paperqa-benchmark", metavar="DIR",
        help="where made-up records are kept (default: %(default)s)")  # fmt: skip
    args = parser.parse_args()
    torch.set_num_threads(1)
    tokenizer = AutoTokenizer.from_pretrained(args.tokenizer or small_model())
    source = made(args.real, args.records, "parquet", args.directory) if args.records else args.real
    with tempfile.TemporaryDirectory() as scratch:
        build_index(read_papers([source]), Path(scratch) / "index")
        index = ReferenceIndex(Path(scratch) / "index")
        _, compiled, _ = _measured(lambda: open_trie(index, tokenizer))
        gc.collect()
        trie, opened, held = _measured(lambda: open_trie(index, tokenizer))
        size = sum(file.stat().st_size for file in (index.path / "tries").rglob("*") if file.is_file())
        print(f"{len(index):,} records, {len(tokenizer):,} tokens")
        print(f"compiled in {compiled:.0f} s (bar {COMPILE_BAR}), {size / 1e9:.3f} GB on disk (bar {SIZE_BAR}), "
              f"opened in {opened:.1f} s")  # fmt: skip
        for batch in (1, 4, 16):
            print(f"batch {batch}: {_ours(trie, tokenizer, batch)}", flush=True)
        mapped = _mapped(index.path)
        of_trie = sum(pages for path, pages in mapped.items() if "tries" in path.parts)
        print(f"memory: {held / 1e6:.0f} MB of its own, {of_trie / 1e6:.0f} MB of mapped pages (bar {MEMORY_BAR}); "
              f"{(sum(mapped.values()) - of_trie) / 1e6:.0f} MB of pages of the records that were cited")  # fmt: skip
        _, narrowed, _ = _measured(lambda: trie.subset(np.arange(0, len(index), 7)))
        print(f"a seventh of the records as candidates: {narrowed * 1e3:.1f} ms a question")
        if args.tokenizer is None:
            print(_generation(trie, tokenizer))
        if not args.no_peer:
            print(_peer(index, trie, tokenizer))


def _measured(call: Callable[[], Any]) -> tuple[Any, float, int]:
    """A result, the seconds it took, and the resident memory that came with it in bytes."""
    before, started = _memory(), time.perf_counter()
    return call(), time.perf_counter() - started, _memory() - before


def _memory() -> int:
    return psutil.Process().memory_info().rss


def _mapped(directory: Path) -> dict[Path, int]:
    """Bytes in memory of each file in `directory` that is mapped; the processes that map a file share them."""
    maps = psutil.Process().memory_maps()
    return {path: one.rss for one in maps if (path := Path(one.path)).is_relative_to(directory)}


def _ours(trie: Any, tokenizer: Any, batch: int) -> str:
    """Microseconds a step and sequence, in citations and in free text."""
    opening = tokenizer.encode("x **", add_special_tokens=False)
    text = tokenizer.encode("x", add_special_tokens=False)
    inside = _steps(citing_processor(trie, tokenizer), opening, batch, tokenizer, leave=False)
    outside = _steps(citing_processor(trie, tokenizer), text, batch, tokenizer, leave=True)
    return (
        f"{np.mean(inside):.0f} µs a step and sequence in citations (median {np.median(inside):.0f}, bar {STEP_BAR}), "
        f"{np.mean(outside):.0f} µs in free text"
    )


def _steps(processor: Any, prompt: list[int], batch: int, tokenizer: Any, leave: bool) -> list[float]:
    """Times of the steps of answers with random scores: in citations, or (`leave`) in free text."""
    ids = torch.tensor([prompt[:1]] * batch)
    scores = torch.empty(batch, len(tokenizer))
    random = torch.Generator().manual_seed(0)
    pending, times = prompt[1:], []
    for step in range(_STEPS):
        scores.normal_(generator=random)
        started = time.perf_counter()
        processor(ids, scores)
        took = (time.perf_counter() - started) / batch * 1e6
        tokens = scores.argmax(-1, keepdim=True)
        if step < len(pending):
            tokens[:] = pending[step]
        else:
            in_text = all(isinstance(state, InText) for state in processor._states.values())
            if in_text == leave:
                times.append(took)
            if in_text and not leave:  # the next citation opens
                tokens[:] = prompt[-1]
        ids = torch.cat([ids, tokens], dim=1)
    return times


def _generation(trie: Any, tokenizer: Any) -> str:
    """How much longer the small model takes to write when every answer is one citation after the other."""
    model = AutoModelForCausalLM.from_pretrained(small_model()).eval()
    asked = tokenizer(["1. **"] * _TOGETHER, return_tensors="pt", add_special_tokens=False)
    ratios = []
    for _ in range(_PAIRS):  # side by side, since the machine is not the same from one minute to the next
        seconds = []
        for processors in ([], [citing_processor(trie, tokenizer)]):
            started = time.perf_counter()
            model.generate(**asked, max_new_tokens=_WRITTEN, min_new_tokens=_WRITTEN, do_sample=False,
                           logits_processor=processors, pad_token_id=tokenizer.eos_token_id)  # fmt: skip
            seconds.append(time.perf_counter() - started)
        ratios.append(seconds[1] / seconds[0])
    return (
        f"generation, {_TOGETHER} answers at once: {np.median(ratios) - 1:+.1%} time (bar {SLOWDOWN_BAR:.0%}, "
        f"{_PAIRS} pairs: {', '.join(f'{ratio - 1:+.1%}' for ratio in ratios)})"
    )


def _peer(index: Any, trie: Any, tokenizer: Any) -> str:
    """The same with transformers' `prefix_allowed_tokens_fn`."""
    root: dict[int, Any] = {}

    def build() -> None:
        papers = iter(index)
        while lines := [citation_line(paper)[2:] for _, paper in zip(range(8192), papers)]:  # noqa: B905
            for ids in trie.spelling.encode(lines, after="**"):
                node = root
                for token in ids:
                    node = node.setdefault(token, {})
                node[_END] = {}

    gc.disable()  # millions of dicts
    _, seconds, held = _measured(build)
    gc.enable()
    results = []
    for batch in (1, 4, 16):
        nodes = [root] * batch

        def allowed(number: int, ids: torch.Tensor, nodes: list[Any] = nodes) -> list[int]:
            if len(ids) > 1:
                nodes[number] = nodes[number].get(int(ids[-1]), root)
            if _END in nodes[number]:
                nodes[number] = root
            return list(nodes[number])

        processor = PrefixConstrainedLogitsProcessor(allowed, num_beams=1)
        times = _peer_steps(processor, batch, tokenizer)
        results.append(f"batch {batch}: {np.mean(times):.0f} µs (median {np.median(times):.0f})")
    return f"dict trie: built in {seconds:.0f} s, {held / 1e6:,.0f} MB of memory; {', '.join(results)}"


def _peer_steps(processor: Any, batch: int, tokenizer: Any) -> list[float]:
    ids = torch.zeros((batch, 1), dtype=torch.long)
    given = torch.empty(batch, len(tokenizer))
    random = torch.Generator().manual_seed(0)
    times = []
    for _ in range(_STEPS):
        given.normal_(generator=random)
        started = time.perf_counter()
        scores = processor(ids, given)
        times.append((time.perf_counter() - started) / batch * 1e6)
        ids = torch.cat([ids, scores.argmax(-1, keepdim=True)], dim=1)
    return times


if __name__ == "__main__":
    main()
