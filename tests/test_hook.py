"""That the hook fires in LLaMA-Factory's real predict stage, once over several processes, is shown in test_journey.py."""

import subprocess
import sys

from test_metrics import answer

from paperqa_ext.hook import PREFIX, flat_metrics
from paperqa_ext.metrics import RATES, Score


def test_metrics_are_flat_and_prefixed():
    flat = flat_metrics(Score.of([answer("VX"), answer("")]))
    assert all(name.startswith(PREFIX) for name in flat)
    assert {PREFIX + rate + end for rate in RATES for end in ("", "_low", "_high")} <= flat.keys()
    assert flat["hallucination_fabrication_rate"] == 0.5
    assert flat["hallucination_metadata_error_rate"] == 0
    assert flat_metrics(Score.of([]))["hallucination_fabrication_rate"] is None


def test_explicit_way_explains_itself():
    run = [sys.executable, "-m", "paperqa_ext.hook"]
    assert (
        "example: python -m paperqa_ext.hook"
        in subprocess.run([*run, "--help"], capture_output=True, text=True, check=True).stdout
    )
    assert subprocess.run(run, capture_output=True, check=False).returncode == 2
