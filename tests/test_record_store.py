import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from paperqa_ext.index.record_store import RecordStore, RecordWriter
from paperqa_ext.papers import Paper

_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
_papers = st.builds(
    Paper,
    id=_text,
    title=_text,
    authors=st.lists(_text | st.sampled_from(["Plato", "A B", "A  B ", " "]), max_size=4).map(tuple),
    categories=st.lists(st.sampled_from(["cs.LG", "hep-th"]), max_size=3).map(tuple),
    published=st.sampled_from(["2020", "2020-01", "2020-01-02"]),
    withdrawn=st.booleans(),
)


def stored(papers, directory, step=2):
    writer = RecordWriter()
    for start in range(0, len(papers), step):
        writer.extend(papers[start : start + step])
    writer.save(directory)
    return RecordStore(directory)


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(_papers, max_size=6))
def test_records_come_back_as_they_were(tmp_path, papers):
    store = stored(papers, tmp_path)
    assert list(store) == papers
    rows = list(range(len(papers)))[::-1]
    assert store.papers(rows) == papers[::-1]
    assert store.titles(rows) == [paper.title for paper in papers[::-1]]


def test_columns_that_do_not_belong_together(tmp_path):
    stored([Paper("", "T", published="2020")] * 3, tmp_path)
    np.save(tmp_path / "record_dates.npy", np.zeros(2, dtype=np.uint8))
    with pytest.raises(ValueError, match="its columns disagree in length"):
        RecordStore(tmp_path)
