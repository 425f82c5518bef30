from array import array

import numpy as np
import pytest

from paperqa_ext.index.keys import Keys, save_keys

LARGE = 2**64 - 1


@pytest.fixture
def keys(tmp_path):
    assert save_keys(tmp_path, "some", array("Q", [7, LARGE, 7, 0])).tolist() == [0, 7, 7, LARGE]
    return tmp_path


def test_rows_of_keys(keys):
    assert Keys(keys, "some").rows([LARGE, 7, 1, 0, 7]) == [[1], [0, 2], [], [3], [0, 2]]
    assert Keys(keys, "some").rows([]) == []


def test_keys_without_their_rows(keys):
    np.save(keys / "some_rows.npy", np.zeros(3, dtype=np.uint8))
    with pytest.raises(ValueError, match="its some keys disagree in length"):
        Keys(keys, "some")
