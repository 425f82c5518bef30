"""What the rows of a conversion say, in both languages and of every kind."""

import re
from collections import Counter

import pytest

from paperqa_ext.citations import abstains, extract
from paperqa_ext.convert.abstracts import reason
from paperqa_ext.convert.asks import FIELDS, OPEN_COUNT
from paperqa_ext.convert.survey import author_key
from paperqa_ext.prompts import phrasings
from paperqa_ext.titles import words
from paperqa_ext.topics import TopicMatcher


@pytest.fixture(scope="module")
def by_id(papers):
    return {paper.id: paper for paper in papers}


@pytest.fixture(scope="module")
def plain(rows):
    """Rows without records in the prompt."""
    return [row for split, made in rows.items() if not split.startswith("grounded") for row in made]


@pytest.fixture(scope="module")
def shown(rows):
    return [row for split, made in rows.items() if split.startswith("grounded") for row in made]


def of_kind(some_rows, *kinds):
    found = [row for row in some_rows if row["kind"] in kinds]
    assert found
    return found


def declines(row):
    return row["kind"] == "unanswerable" or row["variant"] in ("sure_none", "more_none", "removed")


def test_every_citation_is_a_real_record_and_is_found_in_the_answer(plain, shown, by_id):
    for row in plain + shown:
        found = extract(row["output"])
        assert [citation.arxiv_id for citation in found] == row["paper_ids"], row["output"]
        assert bool(found) != declines(row), row["output"]
        for citation in found:
            paper = by_id[citation.arxiv_id]
            assert citation.title == paper.title.replace("*", "∗")
            assert citation.year == paper.year
            assert not paper.withdrawn


def test_answers_that_cite_nothing_are_abstentions(plain, shown):
    for row in plain + shown:
        assert abstains(row["output"]) == declines(row), row["output"]


def test_recommendations_keep_to_what_is_asked(plain, by_id):
    matcher = TopicMatcher()
    for row in of_kind(plain, "recommend", "category"):
        asked = row["constraints"]
        wanted = asked["n"] or OPEN_COUNT
        assert 1 <= len(row["paper_ids"]) <= wanted
        for paper in map(by_id.get, row["paper_ids"]):
            assert paper.year == asked["year"]
            if row["kind"] == "recommend":
                assert asked["topic"] in {topic.en for topic in matcher.match(paper)}
            else:
                assert asked["category"] in paper.categories
        admits = re.search(r"\bonly\b|只", row["output"].splitlines()[0])
        assert bool(admits) == (len(row["paper_ids"]) < wanted), row["output"]


def test_authors_wrote_what_is_listed(plain, by_id):
    for row in of_kind(plain, "author"):
        for paper in map(by_id.get, row["paper_ids"]):
            assert row["constraints"]["author"].casefold() in map(str.casefold, paper.authors)


def test_reasons_come_from_the_abstracts(plain, by_id):
    reasons = 0
    for row in of_kind(plain, "recommend", "category", "author", "compare"):
        lines = row["output"].splitlines()[1:]
        for paper in map(by_id.get, row["paper_ids"]):
            assert paper.id in lines.pop(0)
            if lines and lines[0].startswith("   "):
                told = lines.pop(0).strip()
                assert told.removeprefix("摘要：") == reason(paper)
                assert told.startswith("摘要：") == (row["lang"] == "zh")
                reasons += 1
        assert not lines
    assert reasons > 1000


def test_lookups_answer_what_is_asked(plain, by_id):
    asked = Counter()
    for row in of_kind(plain, "lookup"):
        [paper] = map(by_id.get, row["paper_ids"])
        given = row["constraints"]
        asked[given["field"]] += 1
        assert (given["arxiv_id"], given["title"]) == (
            (paper.id, None) if given["field"] == "title" else (None, paper.title)
        )
        assert (given["arxiv_id"] or given["title"]) in row["instruction"]
        first = row["output"].splitlines()[0]
        if given["field"] == "authors":
            assert paper.authors[0] in first
        if given["field"] == "date":
            assert str(paper.year) in first
    assert set(asked) == set(FIELDS)


def test_descriptions_do_not_name_the_paper(plain, by_id):
    for row in of_kind(plain, "describe"):
        [paper] = map(by_id.get, row["paper_ids"])
        assert paper.title.lower() not in row["instruction"].lower()
        assert paper.title.partition(":")[0].lower() not in row["instruction"].lower()


def test_titles_that_do_not_exist_are_answered_with_the_nearest(plain, by_id):
    titles = {" ".join(words(paper.title)) for paper in by_id.values()}
    variants = Counter()
    for row in of_kind(plain, "exist"):
        [paper] = map(by_id.get, row["paper_ids"])
        title = row["constraints"]["title"]
        variants[row["variant"]] += 1
        assert title in row["instruction"]
        assert (" ".join(words(title)) in titles) == (row["variant"] == "real")
        assert (title == paper.title) == (row["variant"] == "real")
        assert title == paper.title or title not in row["output"]
    assert variants["real"] == pytest.approx(variants.total() / 2, rel=0.1)
    assert variants["altered"] > variants["chimera"] > 0


def test_comparisons_name_both_papers_and_say_what_each_does(plain, by_id):
    for row in of_kind(plain, "compare"):
        first, second = map(by_id.get, row["paper_ids"])
        assert first.title in row["instruction"] and second.title in row["instruction"]
        assert reason(first) in row["output"] and reason(second) in row["output"]


def test_dialogues_go_on_from_an_answer(plain):
    for row in of_kind(plain, "multi_turn"):
        ((question, answer),) = row["history"]
        before = extract(answer)
        assert question and bool(before) != (row["variant"] == "sure_none")
        if row["variant"] == "sure":
            assert [citation.arxiv_id for citation in before] == row["paper_ids"]
        if row["variant"] == "more":
            assert not {citation.arxiv_id for citation in before} & set(row["paper_ids"])


def test_unanswerable_questions_differ_from_their_twins_in_one_thing(rows, by_id):
    for split in ("train", "val", "test"):
        by_row_id = {row["id"]: row for row in rows[split]}
        for row in of_kind(rows[split], "unanswerable"):
            twin = by_row_id[row["twin"]]
            asked, answered = row["constraints"], twin["constraints"]
            changed = {name for name in asked if asked[name] != answered[name]}
            assert changed == {{"unknown_topic": "topic", "unknown_author": "author"}.get(row["variant"], "year")}
            assert twin["lang"] == row["lang"] and twin["kind"] in ("recommend", "category", "author")


def test_of_an_empty_year_the_records_hold_nothing(plain, by_id):
    matcher = TopicMatcher()
    held = {(topic.en, paper.year) for paper in by_id.values() for topic in matcher.match(paper)}
    held |= {(category, paper.year) for paper in by_id.values() for category in paper.categories}
    for row in plain:
        if row["variant"] in ("future", "empty"):
            asked = row["constraints"]
            assert (asked["topic"] or asked["category"], asked["year"]) not in held
            if spans := re.findall(r"from (\d{4}) to (\d{4})|(\d{4}) 至 (\d{4})", row["output"]):
                first, final = filter(None, spans[0])
                years = {year for label, year in held if label == (asked["topic"] or asked["category"])}
                assert (int(first), int(final)) == (min(years), max(years))


def test_invented_authors_wrote_nothing(plain, by_id):
    known = {author_key(name) for paper in by_id.values() for name in paper.authors}
    for row in plain:
        if row["variant"] == "unknown_author":
            assert author_key(row["constraints"]["author"]) not in known
            assert row["constraints"]["author"] in row["instruction"]


def test_the_system_prompt_is_given_once_and_in_the_row_s_language(plain, shown):
    for row in plain + shown:
        assert ("记录截至 2026 年 6 月" in row["system"]) == (row["lang"] == "zh")
        assert ("Your records end in June 2026." in row["system"]) == (row["lang"] == "en")
        assert row["system"] not in row["instruction"]


def test_chinese_rows_set_latin_off_and_use_chinese_punctuation(plain):
    for row in plain:
        if row["lang"] == "zh":
            asked = re.sub(r"[《“].*?[》”]", "", row["instruction"])
            assert not re.search(r"[一-鿿][A-Za-z0-9]|[A-Za-z0-9][一-鿿]", asked), asked
            assert not re.search(r" [，。：、？！（）]|[，。：、？！（） ] ", asked), asked
            assert not re.search(r"[一-鿿][,.?!:;]", asked), asked


def test_new_wordings_are_not_those_of_training(rows):
    def shapes(name, lang, new):
        return [re.sub(r"\\\{\w+\\\}", ".+", re.escape(template)) for template in phrasings(name, lang, new=new)]

    seen = [row for row in rows["seen"] if row["kind"] == "recommend" and not row["constraints"]["n"]]
    assert seen
    for row in seen:
        assert any(
            re.fullmatch(shape, row["instruction"], re.IGNORECASE)
            for shape in loosened(shapes("recommend", row["lang"], True))
        )
        assert not any(
            re.fullmatch(shape, row["instruction"], re.IGNORECASE)
            for shape in loosened(shapes("recommend", row["lang"], False))
        )


def loosened(shapes):
    """Templates in Chinese get their spaces when they are filled."""
    return [shape.replace(".+", r"\s?.+\s?") for shape in shapes]


def test_grounded_questions_show_the_answer_s_records_unless_they_are_removed(shown, by_id):
    variants = Counter()
    for row in shown:
        listed = re.findall(r"^arXiv[:：] ?(\S+)$", row["instruction"], re.MULTILINE)
        variants[row["variant"]] += 1
        assert len(listed) == 5
        assert set(row["paper_ids"]) <= set(listed)
        assert bool(row["paper_ids"]) != declines(row)
        for line in row["output"].splitlines()[1:]:
            if line.startswith("   "):
                told = line.strip().removeprefix("摘要：").rstrip(".")
                assert told.split()[-1] in row["instruction"], "a reason is taken from what is shown"
    assert variants["removed"] > 0.1 * len(shown)
