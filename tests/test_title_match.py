import pytest
from hypothesis import given
from hypothesis import strategies as st

from paperqa_ext.titles import words
from paperqa_ext.verify.title_match import Title, likeness

REAL = "Retrieval-Augmented Generation for Knowledge-Intensive Tasks: A Study of Dense Passages"
KNOWN = {
    "graph": 90,
    "generative": 40,
    "extensive": 30,
    "dense": 60,
    "sparse": 50,
    "task": 80,
    "study": 99,
    "without": 9,
}
SAME = {
    "itself": REAL,
    "typo": REAL.replace("Knowledge", "Knwoledge"),
    "two typos": REAL.replace("Knowledge", "Knwoledge").replace("Passages", "Pasages"),
    "joined": REAL.replace("Retrieval-Augmented", "RetrievalAugmented").replace("Dense", "Dennse"),
    "split": REAL.replace("Passages", "Pas sages").replace("Study", "Stuudy"),
    "singular": REAL.replace("Tasks", "Task"),
    "function word changed": REAL.replace(" for ", " in "),
    "function word dropped": REAL.replace(" for ", " "),
    "venue behind": f"{REAL}. In NeurIPS 2020",
    "journal and pages behind": f"{REAL}, Phys. Rev. D 98, 030001",
    "id behind": f"{REAL} [arXiv:2005.11401]",
    "author behind": f"{REAL} by Patrick Lewis",
    "author and year before": f"Lewis et al. (2020). {REAL}",
}
PART = {
    "no subtitle": "Retrieval-Augmented Generation for Knowledge-Intensive Tasks",
    "no subtitle, typo": "Retrieval-Augmented Genneration for Knowledge-Intensive Tasks",
    "no subtitle, venue": "Retrieval-Augmented Generation for Knowledge-Intensive Tasks, NeurIPS 2020",
    "subtitle only": "A Study of Dense Passages",
    "cut": "Retrieval-Augmented Generation for Knowledge-…",
    "cut within a word": "Retrieval-Augmented Generation for Knowl...",
    "cut, typo": "Retrieval-Augmented Genneration for Knowledge-Intensive…",
}
OTHER = {
    "word replaced by a known one": REAL.replace("Dense", "Sparse"),
    "word replaced by one that looks like it": REAL.replace("Generation", "Generative"),
    "word replaced by an unknown one": REAL.replace("Dense", "Quarkonic"),
    "word put in": REAL.replace("Generation", "Graph Generation"),
    "word left out": REAL.replace("Dense ", ""),
    "another subtitle": "Retrieval-Augmented Generation for Knowledge-Intensive Tasks: A Graph View",
    "words behind": f"{REAL} for Robotics",
    "without is weighty": REAL.replace(" for ", " without "),
    "beginning that is not marked as cut": "Retrieval-Augmented Generation for Knowledge",
    "somebody else behind": f"{REAL} by Yann LeCun",
    "nothing": "",
}


def compare(cited, real=REAL):
    def frequencies(asked):
        return [KNOWN.get(word, 200 if word in words(REAL) else 0) for word in asked]

    return likeness(
        Title(cited, words(cited)), Title(real, words(real)), frequencies, lambda: {"patrick", "lewis", "yih"}
    )


@pytest.mark.parametrize("name", SAME)
def test_ways_of_writing_a_title(name):
    assert compare(SAME[name]) == "same"


@pytest.mark.parametrize("name", PART)
def test_parts_of_a_title(name):
    assert compare(PART[name]) == "part"


@pytest.mark.parametrize("name", OTHER)
def test_other_titles(name):
    assert compare(OTHER[name]) == "other"


def test_numbers_are_not_misspelt():
    assert compare("Scaling Laws of GPT-3 Models", "Scaling Laws of GPT-4 Models") == "other"


def test_a_negation_is_no_slip_of_the_pen():
    assert compare("Some Unstable Thing of Note", "Some Stable Thing of Note") == "other"


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_two_titles_can_be_compared(cited, real):
    assert compare(cited, real) in ("same", "part", "other")
    assert compare(real, real) == "same"
