import json
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from paperqa_ext.citations import Citation, abstains, extract
from paperqa_ext.citations.leads import Lead, announced

CASES = [
    json.loads(line)
    for line in (Path(__file__).parent / "fixtures" / "citations.jsonl").read_text(encoding="utf-8").splitlines()
]
LINE = (
    "1. **Title of Things** — First Author, Second Author et al. (2022). "
    "[arXiv:2201.01234](https://arxiv.org/abs/2201.01234)"
)


def check_spans(answer, citations):
    end = 0
    for citation in citations:
        start, stop = citation.span
        assert end <= start < stop <= len(answer)
        assert answer[start:stop] == citation.text
        assert citation.title or citation.arxiv_id or citation.doi or citation.url
        end = stop


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_golden(case):
    found = extract(case["answer"])
    fields = [
        {
            "title": citation.title,
            "authors": list(citation.authors),
            "year": citation.year,
            "arxiv_id": citation.arxiv_id,
            "truncated": citation.truncated,
            **({"doi": citation.doi} if citation.doi else {}),
            **({"url": citation.url} if citation.url else {}),
        }
        for citation in found
    ]
    assert fields == case["expected"]
    assert abstains(case["answer"]) == case["abstains"]
    check_spans(case["answer"], found)
    # Where nothing encodes the title it stands in the text as it is.
    if not any(sign in case["answer"] for sign in ("\\", "&", "<", "{", "\n   ")):
        assert all(citation.title in citation.text for citation in found if citation.title)


def test_golden_set_is_bilingual_and_names_are_unique():
    assert len(CASES) >= 250
    assert sum(bool(re.search(r"[\u4e00-\u9fff]", case["answer"])) for case in CASES) >= 80
    assert len({case["name"] for case in CASES}) == len(CASES)


def test_canonical_line_is_cited_whole_but_for_its_number():
    assert extract(LINE) == [
        Citation(LINE[3:], (3, len(LINE)), "Title of Things", ("First Author", "Second Author"), 2022, "2201.01234")
    ]


def test_only_the_last_citation_can_be_truncated():
    answer = f"{LINE}\n2. **Other Thin\n\n{LINE}"
    assert not any(citation.truncated for citation in extract(answer))


def test_a_repetition_loop_yields_each_item():
    assert len(extract("\n".join([LINE] * 500))) == 500


WORD = st.from_regex(r"[A-Z][a-z]{2,9}", fullmatch=True)
TITLES = st.one_of(
    st.builds(" ".join, st.lists(WORD, min_size=2, max_size=12)),
    st.builds("{}: {} with {} for {}".format, WORD, WORD, WORD, WORD),
    st.builds("{} {}-{} (In {})?".format, WORD, WORD, WORD, WORD),
    st.builds('"{} {} {}": {} $O(n^2)$ {}'.format, WORD, WORD, WORD, WORD, WORD),
    st.text("图神经网络综述研究方法学习模型表示", min_size=4, max_size=20),
)
NAMES = st.one_of(
    st.builds("{} {}".format, WORD, WORD),
    st.builds("{} {}. {}-{}".format, WORD, st.sampled_from("ABJK"), WORD, WORD),
    st.builds("{} van der {}".format, WORD, WORD),
    st.sampled_from(["Petar Veličković", "Łukasz Kaiser", "张三", "Seán Ó Briain", "C. d'Ascoli", "Xu"]),
)
IDS = st.one_of(
    st.builds("{:02}{:02}.{:05}".format, st.integers(15, 26), st.integers(1, 12), st.integers(1, 99999)),
    st.builds("{:02}{:02}.{:04}".format, st.integers(8, 14), st.integers(1, 12), st.integers(1, 9999)),
    st.builds("hep-th/{:02}{:02}{:03}".format, st.integers(92, 99), st.integers(1, 12), st.integers(1, 999)),
)
RECORDS = st.tuples(TITLES, st.lists(NAMES, max_size=2, unique=True), st.booleans(), st.integers(1991, 2026), IDS)


@given(st.lists(RECORDS, min_size=1, max_size=4), st.booleans())
@settings(deadline=None)
def test_canonical_lines_round_trip(records, numbered):
    lines = []
    for number, (title, authors, more, year, arxiv_id) in enumerate(records, 1):
        by = f" — {', '.join(authors)}{' et al.' if more and len(authors) == 2 else ''}" if authors else ""
        line = f"**{title}**{by} ({year}). [arXiv:{arxiv_id}](https://arxiv.org/abs/{arxiv_id})"
        lines.append(f"{number}. {line}" if numbered else line)
    found = extract("I recommend:\n\n" + "\n".join(lines))
    assert [(c.title, c.authors, c.year, c.arxiv_id, c.truncated) for c in found] == [
        (title, tuple(authors), year, arxiv_id, False) for title, authors, _, year, arxiv_id in records
    ]
    assert [c.text for c in found] == [line.removeprefix(f"{n}. ") for n, line in enumerate(lines, 1)]


PIECES = [
    *"*_\"'“”‘’「」《》【】[](){}（）<>|#-—–.,:;，。、：；/\\`~$@&= \n\t\r\0",
    "**", "1. ", "- ", "[1] ", "(1) ", "①", "Title: ", "标题：", "作者：", "Year: ", "by ", "et al.", "等", "由", "(2020)", "2021 年", "arXiv:",
    "2201.01234", "2213.99999", "hep-th/9901001", "https://arxiv.org/abs/", "https://a.org/b", "10.1038/a", "doi:", "<think>", "</think>",
    "A. Smith", "Graph Attention Networks", "图神经网络综述", "论文", "张三", "[J]", "](", "| a |", "|---|", "<td>", "<tr>", "<li>", "<b>", "</b>",
    '<a href="https://a.org/b">', "</a>", "&amp;", '{"title": "', '"authors": [', '"year": 2020}', "@article{a,", "title={", "```json\n", "```",
    "\\*\\*", "\\textbf{", "I found no ", "没有找到", "\u2028", "\U0001f600", "İ", "ß",
    "title,authors,year\n", "TY  - JOUR\n", "TI  - ", "\nER  - ", "**1.** ", "[Title] ",
]  # fmt: skip


@given(st.one_of(st.text(), st.lists(st.sampled_from(PIECES), max_size=40).map("".join)))
@example("0标题:00000000;")  # a list is announced, and nothing stands in it
@example('title,year\n"' + "a" * 140_000 + '",2020')  # longer than what the csv module reads
@example("title,authors,year\nLearning\ron Graphs,Ann Bell,2020")
@settings(deadline=None, max_examples=500)
def test_any_text_gives_ordered_spans(answer):
    check_spans(answer, extract(answer))
    abstains(answer)


@given(st.lists(st.sampled_from([case["answer"] for case in CASES]), max_size=4).map("\n\n".join))
@settings(deadline=None)
def test_joined_answers_give_ordered_spans(answer):
    check_spans(answer, extract(answer))


@given(
    st.sampled_from([case["answer"] for case in CASES]),
    st.integers(0, 400),
    st.integers(0, 20),
    st.sampled_from(PIECES),
)
@settings(deadline=None, max_examples=500)
def test_a_damaged_answer_gives_ordered_spans(answer, place, lost, piece):
    damaged = answer[:place] + piece + answer[place + lost :]
    check_spans(damaged, extract(damaged))
    check_spans(answer[:place], extract(answer[:place]))


def test_abstains_takes_citations_that_are_known():
    assert not abstains("I know of no such paper.", extract(LINE))
    assert abstains("I know of no such paper.", [])


def test_a_title_that_is_only_denied_is_no_citation():
    assert extract('I am not aware of a paper titled "Quantum Soup Attention Networks".') == []
    assert extract("《量子汤注意力网络》（2020）并不存在。") == []
    assert extract("I have no record of arXiv:2301.99999.") == []


@pytest.mark.parametrize("whole", [1, 2])
def test_a_cut_off_json_array_keeps_its_whole_items(whole):
    items = ['{"title": "Learning on Graphs", "year": 2020}', '{"title": "Message Passing Revisited", "year": 2021}']
    found = extract("[" + ", ".join(items[:whole]) + ', {"title": "Attention for Sets", "authors": ["Ann B')
    assert [citation.truncated for citation in found] == [False] * whole + [True]
    assert found[-1].title == "Attention for Sets"


def test_links_are_told_apart():
    (citation,) = extract("- **Learning on Graphs** (2020). https://doi.org/10.1145/3292500.3330925")
    assert (citation.doi, citation.url, citation.arxiv_id) == ("10.1145/3292500.3330925", None, None)
    (citation,) = extract("- **Learning on Graphs** (2020). https://openreview.net/forum?id=rJXMpikCZ")
    assert (citation.doi, citation.url) == (None, "https://openreview.net/forum?id=rJXMpikCZ")
    (citation,) = extract("- **Learning on Graphs** (2020). https://doi.org/10.48550/arXiv.2001.01234")
    assert (citation.doi, citation.url, citation.arxiv_id) == (None, None, "2001.01234")


HOSTILE = [
    "**", '"', "[", "1", " ", "1. ", '**"《[', "《", "<think>", "**a b ", "(2020 ", "A. Bc, ", " by A", "arXiv:", "\n", "作者：", "Year: ", "20:",
    "10.1234/a ", "@misc{a,", "@misc{a, title={", '{"title": "', 'A{"a":', '{"title": "A B C", "year": 2020},', "x“A B C” ", "2020\\```",
    "A B C D (E, 2020) ", "(Aaaa Bbbb Cccc Dddd Eeee, 2020) ", "paper Abc Def Ghi ", "1. A\n- b\n", "A B (2020)\n", "|a|\n", "| a | b\n", "<tr><td>a", "<b>", "<a href=", "\\*", "&amp;", "《图》（2020）", "a\n", "①", "张三、",
    '"A B" (2020) ', "I found no ", "|”</think>\nhep-th/9901001)", "Title – x\n", "🥇 Title of a Thing\n", "  a\n", "by A", "| Title | A | B |\n",
    '@misc{a, title="', "论文标题是：", "标题：", "【标题】x\n", "URL: https://a.org/b\n", f"{'A b ' * 60}\n", "Bell's “A B C” ", "A Title\n  with\n",
]  # fmt: skip


def seconds_of(unit, size):
    answer = (unit * (size // len(unit) + 1))[:size]
    started = time.process_time()
    extract(answer)
    return time.process_time() - started


@pytest.mark.parametrize("unit", HOSTILE)
def test_time_is_linear(unit):
    most = 3 * seconds_of(unit, 150_000) + 0.3  # it would be four times as long if it grew with the square
    assert any(seconds_of(unit, 300_000) < most for _ in range(3))  # on a busy machine one run may take long


@pytest.mark.slow
def test_atheris_finds_nothing():
    pytest.importorskip("atheris")
    harness = Path(__file__).parent / "fuzz_citations.py"
    with tempfile.TemporaryDirectory() as directory:
        done = subprocess.run(
            [sys.executable, harness, "-max_total_time=10"],
            cwd=directory, env={**os.environ, "PYTHONPATH": str(harness.parents[1])}, capture_output=True, text=True, check=False,
        )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]


def test_a_number_within_a_title_begins_no_item():
    title = "Natural convection in a vertical channel. Part 2. Oblique solutions"
    for line in (f"1. **{title}** — Zheng Zheng (2024).", f'1. "{title}" (Zheng, 2024)'):
        assert [citation.title for citation in extract(line)] == [title]


@pytest.mark.parametrize("heading", ["2022 年关于数据库系统的论文：", "Papers on graph databases:"])
def test_a_topic_of_papers_is_no_list_of_such_things(heading):
    assert [citation.title for citation in extract(f"{heading}\n\n1. **A Fast Sieve** — A (2022).")] == ["A Fast Sieve"]


@pytest.mark.parametrize(
    ("answer", "authors", "year"),
    [
        ('Akerlof\'s 1970 paper "The Market for Lemons in Theory" is a classic.', ("Akerlof",), 1970),
        ('It goes back to Bahdanau, Cho and Bengio, whose paper "Learning to Align" came in 2014.',
         ("Bahdanau", "Cho", "Bengio"), 2014),
        ('As Tibshirani showed in "Regression Shrinkage via the Lasso" (1996), sparsity helps.', ("Tibshirani",), 1996),
        ('In "Mastering the Game of Go" (Nature, 2017), Silver et al. use no data.', ("Silver",), 2017),
        ("George Boole published \"An Investigation of the Laws of Thought\" in 1854.", ("George Boole",), 1854),
        ('Nowak, Martin A. "Five Rules for the Evolution of Cooperation." 2006.', ("Nowak, Martin A.",), 2006),
        ('Gebru, Timnit. 2019. "A Handbook Chapter on Race and Gender."', ("Gebru, Timnit",), 2019),
        ("Papyan, Vardan. (2020). Neural collapse in deep networks. *PNAS*, 117.", ("Papyan, Vardan",), 2020),
        ("1. Implicit Diffusion Models (2021, Jiaming Song et al.)", ("Jiaming Song",), 2021),
        ("1. **Range Expansions**, M. J. I. Muller, A. W. Murray, PNAS (2014)", ("M. J. I. Muller", "A. W. Murray"), 2014),
        ("1. **Cascade Processes** by M. Yu. Reshetnyak and O. Pokhotelov (2018)",
         ("M. Yu. Reshetnyak", "O. Pokhotelov"), 2018),
        ("姚期智早在 1982 年的《安全计算协议研究》中就提出了百万富翁问题。", ("姚期智",), 1982),
        ("随后，Huang 等人在《稠密连接网络研究》（2017）中改进了它。", ("Huang",), 2017),
        ("我会选周明等人的《自然语言处理研究进展》（2020）。", ("周明",), 2020),
        ("近年来张量分解受到关注，Kolda 和 Bader 的综述《张量分解及其应用》（2009）是必读文献。", ("Kolda", "Bader"), 2009),
        ("清华大学张长水团队的《半监督学习中的图方法》（2010）讨论了标签传播。", ("张长水",), 2010),
        ("1. 《量子计算研究进展》，郭光灿，发表于《中国科学》，2018", ("郭光灿",), 2018),
        ("[1] 庄福振, 罗平, 何清, 等. 迁移学习研究进展[J]. 软件学报, 2015, 26(1): 26-39.", ("庄福振", "罗平", "何清"), 2015),
        ("1. 去噪扩散模型研究（2020 年，王强等）", ("王强",), 2020),
        ("1. **《多目标优化综述》**\n   该文由公茂果、焦李成等人撰写，2009 年发表。", ("公茂果", "焦李成"), 2009),
    ],
)  # fmt: skip
def test_authors_and_year_are_those_said_of_the_title(answer, authors, year):
    first = extract(answer)[0]
    assert (first.authors, first.year) == (authors, year)


def test_what_is_said_of_one_title_is_not_said_of_its_neighbour():
    answer = "2017 年，Zaheer 等人提出了《集合学习研究》；2018 年，Xu 等人发表了《图神经网络综述》。"
    assert [(one.authors, one.year) for one in extract(answer)] == [(("Zaheer",), 2017), (("Xu",), 2018)]
    answer = "先看 [知识图谱综述研究](https://arxiv.org/abs/2002.00388)，作者 Shaoxiong Ji 等（2021）；再看《关系嵌入方法研究》。"
    assert [(one.authors, one.year) for one in extract(answer)] == [(("Shaoxiong Ji",), 2021), ((), None)]


@pytest.mark.parametrize(
    ("end", "is_cut"),
    [
        ("(Kitaev et", True),
        ("— Ann Bell, Bo", True),
        ("— Ann Bell, Bo Li (2020). [arXiv:2001.01234](https://arxiv.org/ab", False),
        ("(Bell, 2020) — what it is about", False),
        ("（贝尔，2020）——轴子的理论起源", False),
        ("，作者：", True),
    ],
)
def test_an_answer_is_cut_inside_authors_but_not_inside_a_link_or_a_note(end, is_cut):
    assert extract(f"- **Deep Learning on Large Graphs** {end}")[-1].truncated == is_cut


def test_an_item_that_ends_as_the_others_do_is_not_cut():
    items = ["- **Deep Learning on Graphs** by Ann Bell, Bo Li", "- **Attention for Large Sets** by Jo Ray, Al Fox"]
    assert [citation.truncated for citation in extract("\n".join(items))] == [False, False]


def test_a_block_of_labels_that_ends_with_its_title_is_cut():
    answer = "Title: Learning on Large Graphs\nAuthors: Ann Bell\nYear: 2020\n\nTitle: Blockchain Challenges and Oppor"
    assert [citation.truncated for citation in extract(answer)] == [False, True]


@pytest.mark.parametrize(
    ("line", "lead"),
    [
        ("Here are some influential papers on graph databases:", Lead.PAPERS),
        ("Over the past two decades, two papers stood out:", Lead.PAPERS),
        ("2022 年关于数据库系统的论文：", Lead.PAPERS),
        ("Tips for reading papers", Lead.OTHER),
        ("The three datasets most people use:", Lead.OTHER),
        ("I know of no such papers:", Lead.OTHER),
        ("论文写作建议：", Lead.OTHER),
        ("推荐几部关于数学家的电影：", Lead.OTHER),
        ("Your title could be:", Lead.OTHER),
        ("You should be comfortable with:", Lead.OTHER),
        ("研究热点主要集中在：", Lead.OTHER),
        ("Here you go:", Lead.NONE),
    ],
)
def test_a_line_announces_papers_or_other_things(line, lead):
    assert announced(line) is lead


@pytest.mark.parametrize(
    ("answer", "titles"),
    [
        ("Songs:\n1. **Starman** by David Bowie (1972)\n2. **Yellow** by Coldplay (2000)", []),
        ("- He, Ren, Sun: Deep nets for images\n- Hu, Shen, Sun: Squeezing and exciting",
         ["Deep nets for images", "Squeezing and exciting"]),
        ("- **Theory**\n  - Robust Convex Optimization (Ben-Tal, 1998)\n- **Advice**\n  - Start with the linear case",
         ["Robust Convex Optimization"]),
        ("See [Attention Is All You Need][1].\n\n[1]: https://arxiv.org/abs/1706.03762", ["Attention Is All You Need"]),
        ("| | A | B |\n|---|---|---|\n| Title | Learning from radiographs | Tracking of single cells |\n| Year | 2020 | 2021 |",
         ["Learning from radiographs", "Tracking of single cells"]),
        ('<p class="ref"><span class="title">Flow Matching on Spheres</span> <span class="year">2023</span></p>',
         ["Flow Matching on Spheres"]),
        ('["Neural Ordinary Differential Equations", "Augmented Neural ODEs on Graphs"]',
         ["Neural Ordinary Differential Equations", "Augmented Neural ODEs on Graphs"]),
        ("残差连接见何恺明等人的论文（Deep Residual Learning for Image Recognition，CVPR 2016）。",
         ["Deep Residual Learning for Image Recognition"]),
        ("Sure, look at Uncertainty relations in spectral theory (Veselic, 2021).",
         ["Uncertainty relations in spectral theory"]),
        ("3. Lee K. Deep learning for chest radiographs. Radiology. 2020.", ["Deep learning for chest radiographs"]),
        ("• Li, A., Bell, B.: Broadcasting in Radio Networks (2017)", ["Broadcasting in Radio Networks"]),
        ("- **Ann Bell, Bo Li**，On Model Selection with Summary Statistics，**2018**。",
         ["On Model Selection with Summary Statistics"]),
        ("[2] S. Ray *et al.*, “Attention to warp: Deep metrics,” in *Proc. ICDAR*, 2021.",
         ["Attention to warp: Deep metrics"]),
        ("- [arXiv:1011.3790](https://arxiv.org/abs/1011.3790)（求和公式）", [None]),
        ("小说：刘慈欣的《三体》（2008）、阿来的《尘埃落定》（1998）。", []),
        ("您提到的《量子纠缠的自动推理研究》，我查不到任何出处。", []),
        ("雷明今年（2026）的〈Kronecker Embeddings for Language Models〉值得一讀。",
         ["Kronecker Embeddings for Language Models"]),
        ("Paper 1 - Title: Efficient French Language Models | Authors: Ann Bell, Bo Li | Year: 2025",
         ["Efficient French Language Models"]),
    ],
)  # fmt: skip
def test_titles_are_told_from_what_stands_beside_them(answer, titles):
    assert [citation.title for citation in extract(answer)] == titles
