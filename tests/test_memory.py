import psutil

from paperqa_ext.memory import give_back


def test_what_was_freed_is_given_back():
    blocks = [bytearray(100_000) for _ in range(1000)]
    kept = blocks[::50]  # scattered, so that the C library keeps what lies between
    del blocks
    before = psutil.Process().memory_info().rss
    give_back()
    assert psutil.Process().memory_info().rss <= before
    assert len(kept) == 20
