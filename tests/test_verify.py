import random
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from paperqa_ext.citations import Citation
from paperqa_ext.citations.patterns import HAN_CHAR
from paperqa_ext.index import ReferenceIndex, build_index
from paperqa_ext.papers import Paper
from paperqa_ext.verify import LABELS, verify, verify_all

PAPERS = [
    Paper(
        "1609.02907",
        "Semi-Supervised Classification with Graph Convolutional Networks",
        ("Thomas N. Kipf", "Max Welling"),
        published="2016-09",
    ),
    Paper(
        "1710.10903",
        "Graph Attention Networks",
        ("Petar Veličković", "Guillem Cucurull", "Yoshua Bengio"),
        published="2017-10",
    ),
    Paper(
        "2005.11401",
        "Retrieval-Augmented Generation for Knowledge-Intensive NLP Tasks: A Benchmark Study",
        ("Patrick Lewis", "Wen-tau Yih"),
        published="2020-05",
    ),
    Paper("0801.0001", "Notes on Differential Geometry of Loop Spaces", ("Anna Berg",), published="2008-01"),
    Paper("1501.00001", "Notes on Differential Geometry of Loop Spaces", ("Carl Dietrich",), published="2015-01"),
    Paper("2406.00001", "Measuring Rare Things in $\\alpha$-Decay of Heavy Nuclei", (), published="2024-06"),
]


@pytest.fixture(scope="module")
def few(tmp_path_factory):
    directory = tmp_path_factory.mktemp("few") / "index"
    build_index(PAPERS, directory)
    return ReferenceIndex(directory)


def cite(title=None, authors=(), year=None, arxiv_id=None, **more):
    return Citation(
        text=title or "",
        span=(0, len(title or "")),
        title=title,
        authors=tuple(authors),
        year=year,
        arxiv_id=arxiv_id,
        **more,
    )


GCN = "Semi-Supervised Classification with Graph Convolutional Networks"
VERIFIED = {
    "everything right": cite(GCN, ["Thomas N. Kipf", "Max Welling"], 2016, "1609.02907"),
    "journal version a year later": cite(GCN, ["Kipf"], 2017),
    "initials": cite(GCN, ["T. N. Kipf", "M. Welling"]),
    "last, first": cite(GCN, ["Kipf, T. N.", "Welling, Max"]),
    "GB/T names": cite(GCN, ["KIPF T N", "WELLING M"]),
    "accents dropped": cite("Graph Attention Networks", ["Petar Velickovic"]),
    "middle name dropped": cite(GCN, ["Thomas Kipf"]),
    "hyphenated forename": cite("Retrieval-Augmented Generation for Knowledge-Intensive NLP Tasks", ["Wen-Tau Yih"]),
    "case and punctuation": cite("SEMI SUPERVISED CLASSIFICATION WITH GRAPH CONVOLUTIONAL NETWORKS."),
    "a typo": cite("Semi-Supervised Clasification with Graph Convolutional Networks"),
    "joined word": cite("Semisupervised Classification with Graph Convolutional Networks"),
    "plural": cite("Semi-Supervised Classification with Graph Convolutional Network"),
    "subtitle dropped": cite("Retrieval-Augmented Generation for Knowledge-Intensive NLP Tasks"),
    "shortened with dots": cite("Retrieval-Augmented Generation for Knowledge-Intensive …"),
    "short subtitle with an author": cite("A Benchmark Study", ["Patrick Lewis"]),
    "title and translation": cite("Graph Attention Networks（图注意力网络）", ["P. Veličković"]),
    "venue in the title": cite(f"{GCN}. In ICLR 2017"),
    "plural of another word": cite("Notes on Differential Geometry of Loops Space"),
    "version of an id": cite(GCN, arxiv_id="1609.02907v4"),
    "Greek letter": cite("Measuring rare things in α-decay of heavy nuclei"),
    "record without authors": cite("Measuring rare things in alpha-decay of heavy nuclei", ["Anyone At All"]),
    "Chinese spelling of a name": cite(GCN, ["托马斯·基普夫"]),
    "bare id": cite(None, arxiv_id="1609.02907"),
    "shared title, first paper": cite(PAPERS[3].title, ["Anna Berg"], 2008),
    "shared title, second paper": cite(PAPERS[3].title, ["C. Dietrich"], 2015),
}
FLAGGED = {
    "wrong year": (cite(GCN, year=2019), "metadata_error", ("year",)),
    "stranger among the authors": (cite(GCN, ["Thomas Kipf", "Yann LeCun"]), "metadata_error", ("authors",)),
    "authors of another paper": (cite(GCN, ["Petar Veličković", "Yoshua Bengio"]), "metadata_error", ("authors",)),
    "other forename": (cite(GCN, ["Wilma Kipf"]), "metadata_error", ("authors",)),
    "id of another paper": (cite(GCN, arxiv_id="1710.10903"), "metadata_error", ("arxiv_id",)),
    "id of no paper": (cite(GCN, arxiv_id="1609.99999"), "metadata_error", ("arxiv_id",)),
    "everything wrong": (
        cite(GCN, ["A. Nobody"], 2003, "1710.10903"),
        "metadata_error",
        ("year", "authors", "arxiv_id"),
    ),
    "bare id, wrong year": (cite(None, year=2001, arxiv_id="1609.02907"), "metadata_error", ("year",)),
    "shared title, third author": (cite(PAPERS[3].title, ["Eve Fox"], 2015), "metadata_error", ("authors",)),
    "one content word changed": (
        cite("Semi-Supervised Regression with Graph Convolutional Networks"),
        "altered_title",
        (),
    ),
    "a word put in": (
        cite("Semi-Supervised Node Classification with Graph Convolutional Networks"),
        "altered_title",
        (),
    ),
    "a word left out": (cite("Semi-Supervised Classification with Graph Networks"), "altered_title", ()),
    "earlier title": (
        cite("Semi-Supervised Learning with Graph Networks", ["Thomas Kipf", "Max Welling"]),
        "altered_title",
        (),
    ),
    "unrelated title, own id and authors": (
        cite("Hierarchical Prompt Distillation for Underwater Acoustics", ["T. Kipf"], 2016, "1609.02907"),
        "altered_title",
        (),
    ),
    "short part of a title, other author": (
        cite("A Benchmark Study", ["Yann LeCun"]),
        "unverifiable",
        (),
    ),
    "invented, with a translation": (
        cite("Hierarchical Prompt Distillation for Underwater Acoustics（水声的层次提示蒸馏）", year=2021),
        "fabricated",
        (),
    ),
    "short part of a title": (cite("Retrieval-Augmented …"), "unverifiable", ()),
    "book": (
        Citation("Underwater Acoustics for Everybody. MIT Press, 2012", (0, 51), "Underwater Acoustics for Everybody"),
        "unverifiable",
        (),
    ),
    "older than the index": (
        cite("Hierarchical Prompt Distillation for Underwater Acoustics", year=1975),
        "unverifiable",
        (),
    ),
    "right title, id newer than the index": (cite(GCN, arxiv_id="2501.00001"), "metadata_error", ("arxiv_id",)),
    "right title, impossible id": (cite(GCN, arxiv_id="1613.02907"), "metadata_error", ("arxiv_id",)),
    "short title, author and year": (cite("Underwater Prompts", ["J. Smith"], 2015), "fabricated", ()),
    "invented": (
        cite("Hierarchical Prompt Distillation for Underwater Acoustic Tomography", ["J. Smith"], 2021),
        "fabricated",
        (),
    ),
    "invented title on a real id": (
        cite("Hierarchical Prompt Distillation for Underwater Acoustics", arxiv_id="1609.02907"),
        "fabricated",
        (),
    ),
    "bare id of no paper": (cite(None, arxiv_id="1609.99999"), "fabricated", ()),
    "impossible id": (cite(None, arxiv_id="1613.00001"), "fabricated", ()),
    "newer than the index": (
        cite("Hierarchical Prompt Distillation for Underwater Acoustics", year=2025),
        "unverifiable",
        (),
    ),
    "bare id newer than the index": (cite(None, arxiv_id="2501.00001"), "unverifiable", ()),
    "too short": (cite("Deep Learning", year=2015), "unverifiable", ()),
    "Chinese title without id": (cite("面向水声层析的层次提示蒸馏", year=2021), "unverifiable", ()),
    "Chinese title with an id of no paper": (
        cite("面向水声层析的层次提示蒸馏", arxiv_id="1609.99999"),
        "fabricated",
        (),
    ),
    "cut off": (cite("Hierarchical Prompt Distillation for", truncated=True), "unverifiable", ()),
    "nothing at all": (cite(), "unverifiable", ()),
}


@pytest.mark.parametrize("name", VERIFIED)
def test_verified(few, name):
    verdict = verify(VERIFIED[name], few)
    assert (verdict.label, verdict.wrong_fields) == ("verified", ()), verdict


@pytest.mark.parametrize("name", FLAGGED)
def test_flagged(few, name):
    citation, label, wrong = FLAGGED[name]
    verdict = verify(citation, few)
    assert (verdict.label, verdict.wrong_fields) == (label, wrong), verdict
    assert verdict.reason.endswith(".")


# What a sentence names, in whatever language it has: titles, signs, people, years and ids.
NAMED = re.compile(r"《.*?》|“.*?”|（.*?）|arXiv(?::[\w./-]+)?")
NUMBER = re.compile(r"\d+")


@pytest.mark.parametrize("name", [*VERIFIED, *FLAGGED])
def test_a_reason_is_as_good_in_chinese(few, name):
    citation = VERIFIED[name] if name in VERIFIED else FLAGGED[name][0]
    verdict = verify(citation, few)
    assert sorted(NUMBER.findall(verdict.reason_zh)) == sorted(NUMBER.findall(verdict.reason))
    sentence = NAMED.sub("0", verdict.reason_zh)
    assert HAN_CHAR.search(sentence) and sentence.endswith("。")
    assert not re.search(r"[A-Za-z,;:!?()\"]| [，。；：、]|[，。；：、] ", sentence), sentence
    assert not HAN_CHAR.search(verdict.reason)


def test_the_papers_of_a_shared_title_are_told_apart(few):
    assert verify(VERIFIED["shared title, first paper"], few).matched_id == "0801.0001"
    assert verify(VERIFIED["shared title, second paper"], few).matched_id == "1501.00001"


def test_reasons_name_the_right_record(few):
    wrong_id = verify(FLAGGED["id of another paper"][0], few)
    assert wrong_id.matched_id == "1609.02907"
    assert "Graph Attention Networks" in wrong_id.reason
    altered = verify(FLAGGED["one content word changed"][0], few)
    assert altered.matched_id == "1609.02907"
    assert 0.66 <= altered.similarity < 1
    assert "Thomas" in verify(FLAGGED["stranger among the authors"][0], few).reason
    assert "arXiv:1609.02907 is" in verify(FLAGGED["invented title on a real id"][0], few).reason
    assert "month 13" in verify(FLAGGED["right title, impossible id"][0], few).reason
    assert "month 13" in verify(FLAGGED["impossible id"][0], few).reason
    assert "newer than the index" in verify(FLAGGED["right title, id newer than the index"][0], few).reason
    assert "the record is arXiv:1609.02907" in wrong_id.reason
    assert "MIT Press" in verify(FLAGGED["book"][0], few).reason


@pytest.mark.parametrize("name", ["earlier title", "unrelated title, own id and authors"])
def test_what_may_be_an_earlier_title_is_said_to_be(few, name):
    verdict = verify(FLAGGED[name][0], few)
    assert "may be an earlier title" in verdict.reason
    assert verdict.matched_id == "1609.02907"


def test_many_are_judged_as_one_at_a_time(few):
    citations = [*VERIFIED.values(), *(citation for citation, *_ in FLAGGED.values())]
    assert verify_all(citations, few) == [verify(citation, few) for citation in citations]
    assert verify_all([], few) == []


def test_real_records_verify_and_their_chimeras_do_not(index, papers):
    """Accuracy on real records."""
    draw = random.Random(0)
    sample = draw.sample(papers, 300)
    exact = [verify(cite(p.title, p.authors[:2], p.year, p.id), index).label for p in sample]
    assert exact.count("verified") == len(sample)

    def chimera(a, b):
        left, right = a.title.split(), b.title.split()
        return " ".join(left[: len(left) // 2 + 1] + right[len(right) // 2 :])

    halves = [
        verify(cite(chimera(a, b)), index).label for a, b in zip(sample, reversed(sample), strict=True) if a is not b
    ]
    assert halves.count("verified") <= 3
    swapped = [
        verify(cite(a.title, b.authors[:2]), index).label
        for a, b in zip(sample, reversed(sample), strict=True)
        if a.authors and not set(a.authors) & set(b.authors)
    ]
    assert swapped.count("metadata_error") >= 0.97 * len(swapped)


@settings(max_examples=150, deadline=None)
@given(
    title=st.none() | st.text(max_size=80),
    authors=st.lists(st.text(max_size=20), max_size=3),
    year=st.none() | st.integers(0, 3000),
    arxiv_id=st.none() | st.sampled_from(["1609.02907", "1613.00001", "2501.00001", "x", "cs/9901001"]),
)
def test_any_citation_gets_a_verdict_with_a_reason(few, title, authors, year, arxiv_id):
    verdict = verify(cite(title, authors, year, arxiv_id), few)
    assert verdict.label in LABELS
    assert verdict.reason and HAN_CHAR.search(verdict.reason_zh)
    assert (verdict.label == "metadata_error") == bool(verdict.wrong_fields)
