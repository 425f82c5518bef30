import re
from string import Formatter

import pytest

from paperqa_ext import prompts
from paperqa_ext.papers import Paper
from paperqa_ext.prompts import LANGS, citation_line, fill, system_prompt
from paperqa_ext.tokens import count_tokens
from paperqa_ext.topics import load_topics

QUESTIONS = {
    "recommend": prompts.RECOMMEND,
    "recommend_count": prompts.RECOMMEND_COUNT,
    "describe": prompts.DESCRIBE,
    **{f"lookup_{field}": templates for field, templates in prompts.LOOKUP.items()},
}
FIELDS = {"recommend": {"topic", "year"}, "recommend_count": {"topic", "year", "count"}, "describe": {"text"}}


def paper(**fields):
    return Paper(**{"id": "2201.01234", "title": "Title", "authors": ("A",), "published": "2022-01", **fields})


@pytest.mark.parametrize(
    ("authors", "by"),
    [
        ((), ""),
        (("First Author",), " — First Author"),
        (("First Author", "Second Author"), " — First Author, Second Author"),
        (("First Author", "Second Author", "Third"), " — First Author, Second Author et al."),
    ],
)
def test_canonical_line(authors, by):
    line = f"**Title**{by} (2022). [arXiv:2201.01234](https://arxiv.org/abs/2201.01234)"
    assert citation_line(paper(authors=authors), 1) == f"1. {line}"
    assert citation_line(paper(authors=authors)) == line


@pytest.mark.parametrize("title", ["C*-algebras", "**Bold** claims", "Two\nlines\r\nor  three", "ends with *", "***"])
def test_titles_cannot_break_the_line(title):
    line = citation_line(paper(title=title), 2)
    assert "\n" not in line and "\r" not in line
    assert line.count("*") == 4
    assert re.fullmatch(r"2\. \*\*[^*]+\*\* — A \(2022\)\. \[arXiv:2201\.01234\]\(\S+\)", line)


def test_old_style_id():
    line = citation_line(paper(id="cmp-lg/9404002", published="1994-04"))
    assert line.endswith("(1994). [arXiv:cmp-lg/9404002](https://arxiv.org/abs/cmp-lg/9404002)")


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("kind", QUESTIONS)
def test_phrasings_are_several_and_distinct(kind, lang):
    templates = QUESTIONS[kind][lang]
    assert len(templates) >= (6 if kind.startswith("recommend") else 4)
    for template in templates:
        assert not any(other is not template and other.startswith(template.rstrip("。.?？")) for other in templates)
        fields = {name for _, name, _, _ in Formatter().parse(template) if name} - {"papers"}
        assert fields == FIELDS.get(kind, {"id"} if kind == "lookup_title" else {"title"})


@pytest.mark.parametrize("count", [0, 1, 2, 3])
@pytest.mark.parametrize("topic", load_topics(), ids=lambda topic: topic.en)
def test_every_topic_reads_well_in_every_phrasing(topic, count):
    for lang in LANGS:
        for template in (*prompts.RECOMMEND[lang], *prompts.RECOMMEND_COUNT[lang], *prompts.RECOMMEND_ANSWER[lang]):
            text = fill(template, lang, count=count, topic=getattr(topic, lang), year=2022)
            assert text == text.strip() and "  " not in text and "{" not in text
            if lang == "zh":
                assert not re.search(r"[一-鿿][A-Za-z]|[A-Za-z][一-鿿]", text), text
                assert not re.search(r" [，。：、？！]|[，。：、？！] ", text), text


def test_one_paper_is_no_papers():
    assert fill("Give me {count} {year} {papers} on {topic}.", "en", count=1, topic="chaos", year=2022) == (
        "Give me one 2022 paper on chaos."
    )


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("last", ["2026", "2026-06", "2026-06-30", "2026-00"])
def test_system_prompt_is_short_and_dated(last, lang):
    text = system_prompt(last, lang)
    assert "2026" in text
    assert count_tokens(text) <= 45
    assert (("June" if lang == "en" else "6 月") in text) == ("06" in last)


def test_authors_in_words():
    assert prompts.author_words(["A", "B", "C"], "en") == "A, B and C"
    assert prompts.author_words(["A"], "en") == "A"
    assert prompts.author_words(["A", "B"], "zh") == " A、B "
    assert prompts.author_words(list("ABCDEF"), "en") == "A, B, C and 3 others"


def test_years_in_words():
    assert prompts.year_words(2009, 2026, "en") == "from 2009 to 2026"
    assert prompts.year_words(2009, 2009, "zh") == " 2009 年"
