from collections import Counter

import pytest

from paperqa_ext.convert import convert, glossary
from paperqa_ext.convert.build import SHARES, Options
from paperqa_ext.convert.collect import collect_papers
from paperqa_ext.convert.splits import SPLITS
from paperqa_ext.engine import open_engine
from paperqa_ext.errors import DatasetError
from paperqa_ext.prompts import LANGS

PLAIN = (*SPLITS, "seen")


def built(collection, scratch, workers=1, **options):
    with open_engine("local", workers) as engine:
        made = convert(
            collection, Options(**{"size": 200, "test_size": 40, "seen_size": 20, **options}), engine, scratch
        )
        return {split: list(made.lines(split)) for split in made.rows}


def test_sizes_languages_and_kinds(conversion):
    assert {split: len(conversion.rows[split]) for split in PLAIN} == {
        "train": 2320,
        "val": 580,
        "test": 240,
        "seen": 120,
    }
    for split in PLAIN:
        langs = Counter(row.ask.lang for row in conversion.rows[split])
        assert langs["en"] == langs["zh"]
    for split in SPLITS:
        kinds = Counter(row.ask.kind for row in conversion.rows[split])
        for kind, share in SHARES.items():
            assert kinds[kind] == pytest.approx(len(conversion.rows[split]) * share / 100, abs=2.1), (split, kind)


def test_no_question_is_asked_twice(rows):
    asked = Counter(
        (*(pair[0] for pair in row["history"]), row["instruction"]) for made in rows.values() for row in made
    )
    assert max(asked.values()) == 1
    assert max(Counter(row["id"] for made in rows.values() for row in made).values()) == 1


def test_no_paper_is_in_two_splits(conversion):
    used = {
        split: {paper for row in conversion.rows[split] for paper in (*row.ask.gold, *row.ask.shown)}
        | {paper for row in conversion.rows[f"grounded_{split}"] for paper in (*row.ask.gold, *row.ask.shown)}
        for split in SPLITS
    }
    assert all(used.values())
    assert not used["train"] & used["val"] and not used["train"] & used["test"] and not used["val"] & used["test"]


def test_no_question_of_one_split_is_asked_of_another_in_other_words(rows):
    def asked(split):
        return {
            (c["topic"], c["category"], c["year"]) if c["year"] else (c["author"],)
            for row in rows[split]
            for c in [row["constraints"]]
            if c["year"] or c["author"]
        }

    assert not asked("train") & asked("val")
    assert not asked("train") & asked("test")
    assert not asked("val") & asked("test")


def test_seen_asks_what_train_asks(conversion, rows):
    assert {row["cell"] for row in rows["seen"]} == {"seen_paper"}
    train = {row.ask for row in conversion.rows["train"]}
    assert all(row.ask in train for row in conversion.rows["seen"])
    assert not {row["instruction"] for row in rows["seen"]} & {
        row["instruction"] for row in rows["train"] if not row["history"]
    }


def test_test_holds_every_cell(rows):
    cells = Counter(row["cell"] for row in rows["test"])
    assert set(cells) == {"unseen_paper", "unseen_topic", "unseen_year", "unanswerable"}
    assert min(cells.values()) >= 20


def test_several_processes_make_the_same(collection, scratch):
    assert built(collection, scratch, workers=1) == built(collection, scratch, workers=2, size=200)


def test_another_seed_makes_others(collection, scratch):
    assert not set(built(collection, scratch)["train"]) & set(built(collection, scratch, seed=1)["train"])


@pytest.mark.parametrize("lang", LANGS)
def test_one_language(collection, scratch, lang):
    made = built(collection, scratch, langs=(lang,))
    assert all(f'"lang":"{lang}"'.encode() in line.replace(b" ", b"") for lines in made.values() for line in lines)


def test_shares(collection, scratch):
    made = built(collection, scratch, shares={**dict.fromkeys(SHARES, 0.0), "lookup": 3, "compare": 1})
    kinds = Counter(b"lookup" if b'"lookup"' in line else b"compare" for line in made["train"])
    assert kinds == {b"lookup": 120, b"compare": 40}


def test_reasons_can_be_left_out(collection, scratch):
    assert b"The authors" in b"".join(
        built(collection, scratch, shares={**dict.fromkeys(SHARES, 0.0), "recommend": 1})["train"]
    )
    without = built(collection, scratch, shares={**dict.fromkeys(SHARES, 0.0), "recommend": 1}, reasons=False)
    assert b"The authors" not in b"".join(without["train"])


def test_too_few_papers(papers, scratch):
    few = collect_papers(papers[::9], glossary(), directory=scratch)
    with pytest.raises(DatasetError, match="the records are enough for") as caught:
        built(few, scratch, size=20_000)
    assert "run with --size" in caught.value.remedy
