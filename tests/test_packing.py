"""Items packed into a page and unpacked again, whatever is in them."""

from __future__ import annotations

import base64
import json
import zlib

from hypothesis import given, settings
from hypothesis import strategies as st

from paperqa_ext.report.packing import BLOCK, Facet, Pack
from paperqa_ext.report.wording import Words

WORDS = Words("run", "运行")


def add(pack, item):
    pack.add(item["number"], json.dumps(item).encode())


def unpacked(blocks):
    return [json.loads(zlib.decompress(base64.b64decode(block, validate=True))) for block in blocks]


@settings(max_examples=40)
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]))), st.randoms(use_true_random=False))
def test_items_come_back_in_the_order_asked_for(texts, random):
    pack = Pack({})
    items = [{"number": 10 * place, "text": text} for place, text in enumerate(texts)]
    for item in items:
        add(pack, item)
    order = list(range(len(items)))
    random.shuffle(order)
    wanted = [items[place] for place in order]
    assert [item for block in unpacked(pack.blocks(order)) for item in block] == wanted
    assert pack.read(order[:3]) == wanted[:3] and len(pack) == len(items)
    assert json.loads(pack.index(order))["numbers"] == [item["number"] for item in wanted]


def test_blocks_hold_as_many_as_the_index_says():
    pack = Pack({})
    for number in range(2 * BLOCK + 1):
        add(pack, {"number": number})
    blocks = unpacked(pack.blocks(range(2 * BLOCK + 1)))
    assert [len(block) for block in blocks] == [BLOCK, BLOCK, 1]
    assert json.loads(pack.index([0]))["block"] == BLOCK


def test_many_items_leave_memory(monkeypatch):
    monkeypatch.setattr("paperqa_ext.report.packing._IN_MEMORY", 1000)
    pack = Pack({})
    for number in range(100):
        add(pack, {"number": number, "text": "x" * 100})
    assert pack._file._rolled
    assert pack.read([99, 0])[0]["number"] == 99


def test_facets_of_one_value_and_of_several():
    one = Facet(WORDS)
    for value in ("b", "a", "b"):
        one.add(value, Words(value.upper(), value))
    assert one.to_dict([2, 1, 0]) == {"several": False, "values": [["B", "b"], ["A", "a"]], "column": [0, 1, 0]}
    several = Facet(WORDS, {"x": WORDS, "y": WORDS})
    several.add_all([])
    several.add_all(["y", "x"])
    assert several.to_dict([0, 1])["column"] == [0, 3]
    assert one.differs([0, 1]) and several.differs([0, 1]) and not one.differs([0, 2]) and not one.differs([])
    assert one.to_dict([1]) == {"several": False, "values": [["A", "a"]], "column": [0]}  # what nothing shown has


def test_nothing_in_the_index_ends_its_element():
    facet = Facet(WORDS)
    for value in ("</script><script>alert(1)</script>", "<!--"):
        facet.add(value, Words(value, value + "\u202e"))
    pack = Pack({"kind": facet})
    for number in range(2):
        add(pack, {"number": number})
    index = pack.index([0, 1], more="</script>")
    assert "<" not in index and "\u202e" not in index
    assert json.loads(index)["more"] == "</script>"
