import pytest
from test_metrics import answer

from paperqa_ext.limits import over_limit
from paperqa_ext.metrics import Score


@pytest.mark.parametrize(
    ("verdicts", "limit", "over"), [("VX", 0.5, False), ("VX", 0.49, True), ("VX", None, False), ("", 0.0, False)]
)
def test_only_a_rate_above_the_limit_is_over_it(verdicts, limit, over):
    sentence = over_limit(Score.of([answer(verdicts)]), limit)
    assert (sentence is not None) == over
    if sentence:
        assert sentence == "The fabrication rate of 50.0% is above the limit of 49.0% (fail_over)."
