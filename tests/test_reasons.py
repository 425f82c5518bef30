from paperqa_ext.citations import Citation
from paperqa_ext.papers import Paper
from paperqa_ext.verify import reasons

PAPER = Paper("2001.00001", "On Things", ("A. Lee", "B. Chen", "C. Diaz", "D. Eliot"), published="2020-01")
OF_FEW = Paper("", "On Things", ("A. Lee",), published="2020")


def test_a_record_is_named_with_year_and_id():
    assert reasons.name(PAPER) == ('"On Things" (2020, arXiv:2001.00001)', "《On Things》（2020，arXiv:2001.00001）")
    assert reasons.name(OF_FEW) == ('"On Things" (2020)', "《On Things》（2020）")


def test_every_wrong_field_is_named_with_what_the_record_says():
    cited = Citation("", (0, 0), "On Things", ("X. Y", "张三"), 2015, "1501.00001")
    assert reasons.wrong_fields(cited, PAPER, {"year": [], "authors": ["X. Y", "张三"], "arxiv_id": []}) == (
        '"On Things" (2020, arXiv:2001.00001) exists, but year 2015 is stated, the record says 2020; X. Y, 张三 are not '
        "among its authors (A. Lee, B. Chen, C. Diaz et al.); arXiv:1501.00001 is stated, the record is arXiv:2001.00001.",
        "《On Things》（2020，arXiv:2001.00001）确实存在，但所写年份为 2015，记录为 2020；所写作者（X. Y、张三）不在其作者"
        "（A. Lee、B. Chen、C. Diaz 等）之列；所写编号为 arXiv:1501.00001，记录为 arXiv:2001.00001。",
    )
    assert reasons.wrong_fields(cited, OF_FEW, {"authors": ["X. Y"], "arxiv_id": []}) == (
        '"On Things" (2020) exists, but X. Y is not among its authors (A. Lee); arXiv:1501.00001 is stated, the record '
        "has another.",
        "《On Things》（2020）确实存在，但所写作者（X. Y）不在其作者（A. Lee）之列；所写编号为 arXiv:1501.00001，与记录不符。",
    )


def test_an_id_without_record_is_explained():
    assert reasons.unknown_id("2213.00001", None, "2024-06") == (
        "arXiv cannot have issued 2213.00001: it names month 13.",
        "arXiv 不可能有编号 2213.00001：其中的月份是 13。",
    )
    assert reasons.unknown_id("2501.00001v2", "2501.00001", "2024-06") == (
        "arXiv:2501.00001 is newer than the index, which ends in 2024-06.",
        "arXiv:2501.00001 晚于索引的收录范围（止于 2024-06）。",
    )
    assert reasons.unknown_id("2401.00001", "2401.00001", "2024-06") == (
        "The index has no arXiv:2401.00001.",
        "索引中没有 arXiv:2401.00001。",
    )


def test_a_note_follows_a_reason():
    assert reasons.then(reasons.newer("2024"), None) == reasons.newer("2024")
    assert reasons.then(reasons.nothing_like_it(None), reasons.known_id(PAPER)) == (
        'Nothing in the index resembles this title. arXiv:2001.00001 is "On Things" (2020, arXiv:2001.00001).',
        "索引中没有与这个标题相似的论文。arXiv:2001.00001 是《On Things》（2020，arXiv:2001.00001）。",
    )
