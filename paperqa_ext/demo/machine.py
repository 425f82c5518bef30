"""What this machine computes fast: the demo fits its work and its number types to it."""

from __future__ import annotations

import time
from dataclasses import dataclass

_SHAPE = (1024, 576, 1536)  # tokens × the layers of the demo's model
_REPEATS = 5


@dataclass(frozen=True, slots=True)
class Machine:
    """A measured machine.

    Attributes:
        gpu: CUDA is available.
        gflops: float32 matrix products on the CPU, 10⁹ operations a second.
        bf16: bfloat16 is faster than float32. CPUs without AVX-512 or AMX emulate it, up to 70 times slower.
    """

    gpu: bool
    gflops: float
    bf16: bool


def probe() -> Machine:
    """Measure this machine, in about a second."""
    import torch

    if torch.cuda.is_available():
        return Machine(gpu=True, gflops=float("inf"), bf16=torch.cuda.is_bf16_supported())
    single = _seconds(torch.float32)
    rows, inner, columns = _SHAPE
    return Machine(gpu=False, gflops=2e-9 * rows * inner * columns / single, bf16=_seconds(torch.bfloat16) < single)


def _seconds(dtype: object) -> float:
    """Of one product without a transpose: the backward pass's kind, the slowest where the type is emulated."""
    import torch

    rows, inner, columns = _SHAPE
    left = torch.ones(rows, inner, dtype=dtype)
    right = torch.ones(inner, columns, dtype=dtype)
    best = float("inf")
    for _ in range(_REPEATS):
        started = time.perf_counter()
        torch.matmul(left, right)
        best = min(best, time.perf_counter() - started)
        if best > 0.2:
            break
    return best
