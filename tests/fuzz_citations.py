"""Fuzzes `extract` and `abstains` with atheris: `python tests/fuzz_citations.py -max_total_time=60`.

Every input, mutated bytes or pieces of answers strung together, must give spans in order and inside the text, in time.
"""

import sys
import time

import atheris

with atheris.instrument_imports(include=["paperqa_ext"]):
    from paperqa_ext.citations import abstains, extract

PIECES = [
    *"*_\"'“”‘’「」《》【】[](){}（）<>|#-—–.,:;，。、：；/\\`~$@&^= \n\t\r\0aA0",
    "**", "1. ", "- ", "[1] ", "(1) ", "①", "## ", "> ", "Title: ", "标题：", "作者：", "Year: ", "by ", "et al.", "等", "由", "(2020)",
    "2021 年", "arXiv:", "2201.01234", "2213.99999", "hep-th/9901001", "https://arxiv.org/abs/", "https://a.org/b", "10.1038/a", "doi:",
    "<think>", "</think>", "<|channel|>analysis", "A. Smith", "Smith, A.", "Graph Attention Networks", "图神经网络综述", "论文", "张三",
    "[J]", "](", "| a |", "|---|", "<td>", "</td>", "<tr>", "<li>", "<b>", "</b>", '<a href="https://a.org/b">', "</a>", "&amp;", "&#8220;",
    '{"title": "', '"authors": [', '"year": 2020}', "@article{a,", "title={", "```json\n", "```", "\\*\\*", "\\textbf{", "\\item ",
    "I found no ", "does not exist", "没有找到", "I recommend ", "推荐", " and ", "\u2028", "\U0001f600", "İ", "ß",
]  # fmt: skip
SECONDS_PER_KILOBYTE = 0.02  # instrumented code on a busy machine


def answer_of(data: bytes) -> str:
    """Bytes as text or, if the first is even, as places in `PIECES`."""
    if data[:1] and data[0] % 2 == 0:
        return "".join(PIECES[byte % len(PIECES)] for byte in data[1:])
    return data[1:].decode("utf-8", errors="replace")


def check(answer: str) -> None:
    started = time.process_time()
    citations = extract(answer)
    abstains(answer, citations)
    taken = time.process_time() - started
    assert taken < 0.5 + SECONDS_PER_KILOBYTE * len(answer) / 1000, f"{taken:.2f} s for {len(answer)} characters"
    end = 0
    for citation in citations:
        start, stop = citation.span
        assert end <= start < stop <= len(answer), citation
        assert answer[start:stop] == citation.text, citation
        assert citation.title is None or citation.title.strip() == citation.title != "", citation
        assert citation.title or citation.arxiv_id or citation.doi or citation.url, citation
        end = stop
    assert not any(citation.truncated for citation in citations[:-1])


def test_one_input(data: bytes) -> None:
    check(answer_of(data))


if __name__ == "__main__":
    atheris.Setup(sys.argv, test_one_input)
    atheris.Fuzz()
