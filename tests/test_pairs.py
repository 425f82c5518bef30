"""Preference data: what is chosen, what is rejected, and that the two differ in nothing but what they cite."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from functools import partial
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paperqa_ext import preferences
from paperqa_ext.asked import Asked
from paperqa_ext.check import check_answers
from paperqa_ext.dataset import Constraints, Example, Publication
from paperqa_ext.errors import DatasetError, PredictionsError
from paperqa_ext.index import ReferenceIndex
from paperqa_ext.index.search import TopicIndex
from paperqa_ext.index.topic_writer import write_searchable
from paperqa_ext.metrics import CheckedAnswer
from paperqa_ext.papers import Paper
from paperqa_ext.predictions import Prediction
from paperqa_ext.preferences.card import kto_weights
from paperqa_ext.preferences.grades import grade
from paperqa_ext.preferences.matching import (
    MAX_BIAS,
    MAX_RATIO,
    Candidate,
    balanced,
    log_ratio,
    matched,
    same_but_for_layout,
)
from paperqa_ext.preferences.pairs import prefer
from paperqa_ext.preferences.questions import Question
from paperqa_ext.preferences.repair import Repairer
from paperqa_ext.preferences.sources import find_sources
from paperqa_ext.prompts import citation_line

YEAR = 2020
PAPERS = [
    Paper(f"2003.0{number}000", f"Graph neural networks for {thing} prediction", (f"Ann {name}", "Bo Li"), "", ("cs.LG",),
          f"{YEAR}-03-0{number}")
    for number, (thing, name) in enumerate([("molecule", "Adams"), ("traffic", "Baker"), ("weather", "Clark"),
                                            ("protein", "Davis"), ("crystal", "Evans")], 1)
]  # fmt: skip
OTHER = Paper("1905.00001", "Boundary layers of compressible fluids", ("Cy Diaz",), "", ("physics.flu-dyn",), "2019-05")
FAKE = [
    "**Sourdough Teapot Rotations under Umbrella Tariffs** — Jo Mare, Al Quill (2020). "
    "[arXiv:2003.99991](https://arxiv.org/abs/2003.99991)",
    "**Whispering Lighthouse Dynamics of Marmalade Sonnets** — Ed Wick, Flo Nash (2020). "
    "[arXiv:2003.99992](https://arxiv.org/abs/2003.99992)",
]
ASKED = Asked(
    id="recommend-en-1", kind="recommend", lang="en", cell="seen_paper", variant="", twin="", paper_ids=("2003.01000",),
    topic="graph neural networks", years=(YEAR, YEAR), category=None, author=None, n=2,
    instruction="Two papers on graph neural networks from 2020?", output="",
)  # fmt: skip
QUESTION = Question(ASKED, "S", ())
UNANSWERABLE = replace(ASKED, id="u", kind="unanswerable", paper_ids=(), n=None, years=(2031, 2031))


@pytest.fixture(scope="module")
def directory(tmp_path_factory):
    directory = tmp_path_factory.mktemp("pairs") / "index"
    directory.mkdir()
    write_searchable([*PAPERS, OTHER], directory)
    return directory


@pytest.fixture(scope="module")
def check(directory):
    index = ReferenceIndex(directory)

    def checked(text, asked=ASKED):
        return check_answers([Prediction(1, asked.instruction, text, "")], index, asked=[asked])[0]

    return checked


@pytest.fixture(scope="module")
def repairer(directory, check):
    return Repairer(ReferenceIndex(directory), TopicIndex(directory), check, frozenset())


def listed(*lines, opening="Two papers:"):
    return "\n".join([opening, *(f"{number}. {line}" for number, line in enumerate(lines, 1))])


def real(*places):
    return [citation_line(PAPERS[place]) for place in places]


def answer_of(text):
    """An answer without citations, for what looks at the text alone."""
    return CheckedAnswer(0, "", text, (), False)


# -------------------------------------------------------------------------------------------------- grades


@pytest.mark.parametrize(
    ("text", "asked", "expected"),
    [
        (listed(*real(0, 1)), ASKED, "clean"),
        (listed(*real(0), FAKE[0]), ASKED, "fabricated"),
        (listed(*real(0)), ASKED, "count"),
        (listed(*real(0, 0)), ASKED, "count"),
        (listed(*real(0), citation_line(OTHER)), ASKED, "off_target"),
        (listed(*real(0), citation_line(replace(PAPERS[1], published="1999-01"))), ASKED, "wrong_details"),
        (listed(*real(0), "**On It** (2019)."), ASKED, "undecided"),
        ("I do not know any such paper.", ASKED, "refusal"),
        ("Graphs are sets of nodes and edges.", ASKED, "silent"),
        ("I do not know any such paper.", UNANSWERABLE, "clean"),
        (listed(*real(0)), UNANSWERABLE, "off_target"),
        (listed(*real(0)), replace(ASKED, kind="lookup"), "detail"),
        (f"This is it:\n{real(0)[0]}", replace(ASKED, kind="describe", topic=None, years=None, n=None), "clean"),
        (f"This is it:\n{real(1)[0]}", replace(ASKED, kind="describe", topic=None, years=None, n=None), "off_target"),
    ],
)
def test_grades(check, text, asked, expected):
    assert grade(check(text, asked), asked) == expected


# ------------------------------------------------------------------------------------------------- matching


@given(st.lists(st.integers(1, 400), max_size=8), st.lists(st.integers(1, 400), max_size=8), st.floats(1, 2))
def test_pairs_are_within_the_band_and_use_each_answer_once(chosen, rejected, ratio):
    sides = [[Candidate(answer_of(f"{side}{n}"), tokens) for n, tokens in enumerate(lengths)]
             for side, lengths in (("c", chosen), ("r", rejected))]  # fmt: skip
    pairs = matched(*sides, ratio)
    for one, other in pairs:
        assert max(one.tokens, other.tokens) <= min(one.tokens, other.tokens) * ratio * (1 + 1e-6)
    for place, side in enumerate(sides):
        used = [pair[place].answer.predict for pair in pairs]
        assert len(set(used)) == len(used)
        left = [one for one in side if one.answer.predict not in used]
        if place == 0:  # nothing that still fits was left over
            rest = [
                other for other in sides[1] if other.answer.predict not in {pair[1].answer.predict for pair in pairs}
            ]
            assert not matched(left, rest, ratio)


@given(st.lists(st.floats(-0.22, 0.22), max_size=60))
def test_balance_leaves_neither_side_longer_and_drops_nothing_without_need(ratios):
    kept = balanced(ratios)
    assert kept == sorted(set(kept))
    mean = abs(sum(ratios[place] for place in kept)) / max(1, len(kept))
    assert mean <= math.log(MAX_BIAS) + math.log(MAX_RATIO) / math.sqrt(max(1, len(kept))) + 1e-9
    if abs(sum(ratios)) <= math.log(MAX_BIAS) * len(ratios):
        assert kept == list(range(len(ratios)))


def test_balance_drops_the_most_one_sided_pairs():
    ratios = [0.2, 0.01] * 200
    kept = balanced(ratios)
    assert 200 < len(kept) < 400
    assert set(range(1, 400, 2)) < set(kept)


def test_layout_alone_makes_no_pair(check):
    marked, plain = check(listed(*real(0, 1))), check(f"- {PAPERS[0].title} (2020)\n- {PAPERS[1].title} (2020)")
    bulleted = check("\n".join(["Two papers", *(f"- {line.replace('**', '_')}" for line in real(0, 1))]))
    assert same_but_for_layout(marked, bulleted)  # the same words
    assert same_but_for_layout(marked, plain)  # the same titles
    assert not same_but_for_layout(marked, check(listed(*real(0), FAKE[0])))
    assert not same_but_for_layout(answer_of("I know none."), answer_of("There is none."))


# --------------------------------------------------------------------------------------------------- repair


def test_repair_replaces_inventions_and_keeps_the_frame(check, repairer):
    text = listed(*real(0), f"{FAKE[0]}\n   It brews tea in graphs.", opening="你好，两篇：") + "\n\nEnjoy!"
    repaired = repairer(check(text))
    assert grade(repaired, ASKED) == "clean"
    first, kept, new, *rest = repaired.predict.splitlines()
    assert (first, kept, rest) == ("你好，两篇：", f"1. {real(0)[0]}", ["", "Enjoy!"])
    assert new in {f"2. {line}" for line in real(1, 2, 3, 4)}
    assert repairer(check(text)).predict == repaired.predict


def test_repair_drops_what_an_item_says_of_an_invented_paper(check, repairer):
    text = (
        "Here:\n- **Title:** Sourdough Teapot Rotations under Umbrella Tariffs\n  **Authors:** Jo Mare\n"
        f"  **Year:** 2020\n- {FAKE[1]}\nBye."
    )
    lines = repairer(check(text)).predict.splitlines()
    assert [lines[0], lines[-1]] == ["Here:", "Bye."]
    assert set(lines[1:-1]) < {f"- {line}" for line in real(0, 1, 2, 3, 4)}
    assert len(lines) == 4


def test_repair_gives_up_rather_than_guess(check, repairer, directory):
    running = f'As "{PAPERS[0].title}" (2020) and "Sourdough Teapot Rotations under Umbrella Tariffs" (2020) show, …'
    assert repairer(check(running)) is None
    invented = listed(*FAKE)
    assert repairer(check(invented, replace(ASKED, kind="describe"))) is None
    assert repairer(check(invented, replace(ASKED, years=(1990, 1990)))) is None
    assert repairer(check(invented, replace(ASKED, n=3))) is None
    all_but_one = frozenset(paper.key for paper in PAPERS[1:])
    assert replace(repairer, avoid=all_but_one)(check(invented)) is None


def test_repair_never_names_a_paper_that_is_kept_for_tests(check, repairer):
    careful = replace(repairer, avoid=frozenset({PAPERS[0].key, PAPERS[1].key, PAPERS[2].key}))
    repaired = careful(check(listed(*FAKE)))
    assert {one.verdict.matched_id for one in repaired.citations} == {PAPERS[3].id, PAPERS[4].id}


# -------------------------------------------------------------------------------------------------- choosing


def test_pairs_and_judged_answers_of_a_question(check, repairer):
    answers = [listed(*real(0, 1)), listed(*real(0), FAKE[0]), listed(*real(0), FAKE[0]), listed(*real(2))]
    made = prefer([(QUESTION, list(map(check, answers)))], repairer)
    [pair] = made.pairs
    assert (pair.chosen.answer.predict, pair.rejected.answer.predict) == (answers[0], answers[1])
    assert not pair.chosen.repaired
    assert [(one.candidate.answer.predict, one.desirable) for one in made.judged] == [
        (answers[0], True),
        (answers[1], False),
    ]
    assert made.grades == {"clean": 1, "fabricated": 2, "count": 1}
    assert made.answers_dropped == {"same": 1}


def test_repair_is_only_for_questions_without_a_clean_answer(check, repairer):
    invented = check(listed(*FAKE))
    [pair] = prefer([(QUESTION, [invented])], repairer).pairs
    assert pair.chosen.repaired
    assert grade(pair.chosen.answer, ASKED) == "clean"
    assert prefer([(QUESTION, [invented])]).questions_dropped == {"no_clean": 1}
    short = check("I suggest:\n1. " + real(0)[0], replace(ASKED, n=1))
    assert not prefer([(replace(QUESTION, asked=replace(ASKED, n=1)), [short, invented])], repairer).pairs


def test_why_questions_make_no_pair_is_counted(check):
    clean, invented = check(listed(*real(0, 1))), check(listed(*FAKE))
    long = check(listed(*FAKE, opening="Well, " * 60))
    samples = [(QUESTION, [clean]), (QUESTION, [invented]), (QUESTION, [clean, long])]
    dropped = prefer(samples).questions_dropped
    assert dropped == {"no_fabrication": 1, "no_clean": 1, "length": 1}


def test_answers_that_name_test_papers_or_are_too_long_are_dropped(check):
    clean, mixed = check(listed(*real(0, 1))), check(listed(*real(1), FAKE[0]))
    made = prefer([(QUESTION, [clean, mixed])], held_out=frozenset({PAPERS[1].key}))
    assert (made.pairs, made.judged, made.answers_dropped) == ([], [], {"held_out": 2})
    endless = check(listed(*real(0, 1)) + "\n" + "more " * 800)
    assert prefer([(QUESTION, [endless])]).answers_dropped == {"long": 1}


def test_no_two_neighbours_for_kto_are_of_one_question(check):
    answers = [check(listed(*real(0, 1))), check(listed(*FAKE)), check(listed(*real(0), FAKE[0]))]
    questions = [replace(QUESTION, asked=replace(ASKED, id=str(number))) for number in range(4)]
    judged = prefer([(question, answers) for question in questions]).judged
    assert len(judged) == 12
    assert all(one.question != other.question for one, other in pairwise(judged))


@given(st.integers(1, 10_000), st.integers(1, 10_000))
def test_kto_weights_balance_both_kinds(desirable, undesirable):
    chosen, rejected = kto_weights(desirable, undesirable)
    assert min(chosen, rejected) == 1
    assert 0.99 <= chosen * desirable / (rejected * undesirable) <= 4 / 3 * 1.01


# ------------------------------------------------------------------------------------------------ publishing


def example(number, **fields):
    return Example(
        f"recommend-en-{number}", "recommend", "en", f"Question {number}: two papers on graph neural networks from 2020?",
        "Reference.", "S", (), ("2003.01000",), Constraints(topic="graph neural networks", year=YEAR, n=2), **fields,
    )  # fmt: skip


def write_samples(path, number, texts):
    path.write_text(
        "".join(
            json.dumps({"prompt": f"<|im_start|>user\n{example(row).instruction}<|im_end|>", "predict": texts[row % len(texts)],
                        "label": "Reference.\n"}) + "\n"
            for row in range(number)
        )
    )  # fmt: skip


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A directory with a registered train and test set, and two samples of the former."""
    monkeypatch.chdir(tmp_path)
    with Publication(tmp_path / "data", tmp_path / "dataset_info.json") as publication:
        for number in range(4):
            publication.split("train").write(example(number))
        publication.split("test").write(replace(example(9), paper_ids=(PAPERS[4].id,)))
        publication.commit()
    (tmp_path / "runs").mkdir()
    write_samples(tmp_path / "runs" / "a.jsonl", 4, [listed(*real(0, 1)), listed(*FAKE)])
    write_samples(tmp_path / "runs" / "b.jsonl", 4, [listed(*real(1), FAKE[0])])
    return tmp_path


def test_data_sets_are_published_registered_and_described(place, directory):
    info = place / "dataset_info.json"
    before = json.loads(info.read_text())
    sources = find_sources([place / "runs"], info, ["arxiv_paperqa_train"])
    preferences.make(sources, place / "data", index=directory, dataset_info=info)
    entries = json.loads(info.read_text())
    assert {name: entries[name] for name in before} == before
    assert entries["arxiv_paperqa_dpo"]["ranking"] is True
    assert entries["arxiv_paperqa_kto"]["columns"]["kto_tag"] == "kto_tag"

    pairs = json.loads((place / "data" / "arxiv_paperqa_dpo.json").read_text())
    assert [row["origin"] for row in pairs] == ["sampled", "repaired", "sampled", "repaired"]
    assert all("Sourdough" in row["rejected"] or "Whispering" in row["rejected"] for row in pairs)
    assert not any(word in row["chosen"] for row in pairs for word in ("Sourdough", "Whispering", PAPERS[4].title))
    assert all(row["faults"] and len(row["paper_ids"]) == 2 for row in pairs)
    assert len({row["id"] for row in pairs}) == 4
    judged = json.loads((place / "data" / "arxiv_paperqa_kto.json").read_text())
    assert [row["kto_tag"] for row in judged].count(True) == 4
    assert all(row["faults"] == [] for row in judged if row["kto_tag"])

    card = (place / "data" / "PREFERENCES.md").read_text()
    assert "4 pairs on 4 questions (recommend 4). In 2 of them" in card
    assert "| `predictions` | 2 | 8 | 16 | 0.500 " in card
    assert "4 desirable answers, 2 of them repaired, and 6 undesirable ones" in card


def test_nothing_is_published_when_a_data_set_would_be_empty(place, directory):
    info = place / "dataset_info.json"
    before = info.read_bytes()
    write_samples(place / "runs" / "a.jsonl", 4, [listed(*real(0, 1))])
    (place / "runs" / "b.jsonl").unlink()
    sources = find_sources([place / "runs"], info, ["arxiv_paperqa_train"])
    with pytest.raises(
        DatasetError, match=r"no pair in 4 questions; questions: 4 × no answer has .*answers: 4 × clean"
    ):
        preferences.make(sources, place / "data", index=directory, dataset_info=info)
    assert info.read_bytes() == before
    assert not (place / "data" / "PREFERENCES.md").exists()


def test_samples_must_belong_to_questions_that_may_be_trained_on(place, directory):
    info = place / "dataset_info.json"
    run = partial(preferences.make, output=place / "data", index=directory, dataset_info=info)
    with pytest.raises(DatasetError, match="does not say which questions it answers"):
        find_sources([place / "runs"], info)
    with pytest.raises(DatasetError, match="arxiv_paperqa_test is kept for measuring"):
        run(find_sources([place / "runs"], info, ["arxiv_paperqa_test"]))
    write_samples(place / "runs" / "b.jsonl", 3, [listed(*FAKE)])
    with pytest.raises(PredictionsError, match="answers other questions than"):
        run(find_sources([place / "runs"], info, ["arxiv_paperqa_train"]))
    write_samples(place / "runs" / "b.jsonl", 5, [listed(*FAKE)])
    with pytest.raises(PredictionsError, match="does not answer the questions in order"):
        run(find_sources([place / "runs"], info, ["arxiv_paperqa_train"]))


def test_longer_than_allowed_is_no_pair(check):
    pair = [Candidate.of(check(listed(*real(0, 1)))), Candidate.of(check(listed(*FAKE)))]
    band = math.exp(abs(log_ratio(*pair)))
    assert prefer([(QUESTION, [one.answer for one in pair])], max_ratio=band * 1.001).pairs
    assert not prefer([(QUESTION, [one.answer for one in pair])], max_ratio=max(1.0, band * 0.999)).pairs
