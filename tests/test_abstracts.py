import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paperqa_ext.convert.abstracts import MAX_LENGTH, MIN_LENGTH, description, reason, statement
from paperqa_ext.papers import Paper

FILLER = "a fast way to prune large decision trees on graphics cards."


def paper(abstract, title="Treecut: pruning trees"):
    return Paper("2201.01234", title, abstract=abstract)


@pytest.mark.parametrize(
    ("abstract", "expected"),
    [
        (f"Trees are old. In this paper, we propose {FILLER} It works.", f"The authors propose {FILLER}"),
        (f"Here we propose {FILLER}", f"The authors propose {FILLER}"),
        (f"This article reviews {FILLER}", f"The article reviews {FILLER}"),
        (f"By looking at them, we find {FILLER}", f"By looking at them, the authors find {FILLER}"),
        (f"Our method is {FILLER}", f"The authors' method is {FILLER}"),
        (
            "We propose a method for trees and show that our trees are the smallest known to us.",
            "The authors propose a method for trees and show that their trees are the smallest known to them.",
        ),
        (f"In this paper {FILLER.rstrip('.')} is presented.", f"{FILLER.capitalize().rstrip('.')} is presented."),
        (f"We follow Smith et al. who prune trees. We propose {FILLER}", f"The authors propose {FILLER}"),
        (f"We propose {FILLER} See Fig. 3 for {FILLER}", f"The authors propose {FILLER}"),
    ],
)
def test_what_a_paper_does_is_said_in_the_third_person(abstract, expected):
    assert reason(paper(abstract)) == expected


@pytest.mark.parametrize(
    "abstract",
    [
        "",
        "We prune.",
        "Trees have been of great interest to many people for quite a number of years.",
        "We prove that $x^2$ is at most the size of the largest of all the pruned trees.",
        "We solve this problem by pruning the largest of all the decision trees that were grown.",
        "We prove it by pruning the largest of all the decision trees that were grown.",
        "This paper proposes trees that we prune until there is nothing left to prune of them.",
        "However, the pruning of large decision trees is studied in a great number of papers.",
        "We propose a fast way to prune large decision trees on gra...",
        "We propose " + "trees and " * 40 + "trees.",
    ],
)
def test_what_cannot_stand_alone_is_no_reason(abstract):
    assert reason(paper(abstract)) is None


def test_of_a_long_sentence_the_further_clause_is_left_out():
    long = f"We propose {FILLER[:-1]}, which {'often and again ' * 20}grow."
    assert reason(paper(long)) == f"The authors propose {FILLER}"


def test_a_statement_is_not_in_the_passive():
    passive = paper(f"{FILLER.capitalize()[:-1]} is presented.")
    assert reason(passive) is not None and statement(passive) is None


def test_a_description_does_not_name_the_paper():
    assert description(paper(f"We propose Treecut, {FILLER}")) is None
    assert description(paper("We show that TreeCut is faster than all others there are.", "Search by TreeCut")) is None
    assert description(paper(f"We propose Treecut, {FILLER} We also show {FILLER}")) == f"The authors show {FILLER}"


def test_of_real_abstracts_most_give_a_reason_and_all_reasons_are_sound(papers):
    reasons = [found for found in map(reason, papers) if found]
    assert len(reasons) > 0.65 * len(papers)
    for text in reasons:
        assert MIN_LENGTH <= len(text) <= MAX_LENGTH + 1
        assert text[0].isupper() and text.endswith(".")
        assert not re.search(r"\b(?:[Ww]e|[Oo]ur|this|these)\b|\$|\\", text), text


@given(st.text(max_size=300))
def test_any_abstract_is_taken(abstract):
    for found in (reason(paper(abstract)), description(paper(abstract))):
        assert found is None or found.endswith(".")
