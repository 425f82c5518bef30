import re
from itertools import cycle, permutations

import pytest

from paperqa_ext.citations import abstains, extract
from paperqa_ext.citations.abstention import declines, declines_at_once
from paperqa_ext.convert.tokens import count_tokens
from paperqa_ext.errors import SourceError
from paperqa_ext.papers import Paper
from paperqa_ext.prompts import (
    LANGS,
    MAX_ABSTRACT,
    answers,
    author_words,
    citation_line,
    date_words,
    fill,
    grounded_prompt,
    load_phrasings,
    phrasings,
    system_prompt,
    year_words,
)
from paperqa_ext.topics import load_topics

QUESTIONS = {  # how many phrasings a language has, new wordings included
    "recommend": 16,
    "recommend_count": 14,
    "category": 12,
    "category_count": 8,
    "author": 12,
    "author_count": 6,
    "describe": 10,
    "lookup_authors": 8,
    "lookup_date": 8,
    "lookup_id": 8,
    "lookup_title": 8,
    "compare": 10,
    "exist": 12,
    "refine_year": 8,
    "refine_count": 6,
    "sure": 8,
    "sure_none": 8,
    "more": 8,
}
DECLINING = (
    "future empty future_category empty_category unknown_topic unknown_author more_none sure_none grounded_none nothing "
    "nothing_asked"
).split()
CITING = (
    "recommend recommend_fewer category category_fewer author author_fewer describe lookup_authors lookup_date "
    "lookup_id lookup_title compare exist_yes more sure_yes"
).split()
AUTHORS = ["Yann LeCun", "J. Smith", "María de la Cruz", "Jean-Pierre Serre", "Robert Doe Jr.", "O. D'Angelo-Łoś III"]
CATEGORIES = {
    "en": ["Machine Learning (cs.LG)", "High Energy Physics - Theory (hep-th)", "K-Theory and Homology (math.KT)"],
    "zh": ["机器学习（cs.LG）", "高能物理 - 理论（hep-th）", "K 理论与同调（math.KT）"],
}
TITLES = ["Is Attention All You Need?", "C*-algebras of graphs", "GPU Sorting II.", "And Then There Were None!"]
SENTENCE = "The authors propose a lattice of 3 kinds, and show that it is fast."


def paper(**fields):
    return Paper(**{"id": "2201.01234", "title": "Title", "authors": ("A",), "published": "2022-01", **fields})


def filled(templates, lang):
    """Every template with every topic, and with one or another of everything else."""
    topics = [getattr(topic, lang) for topic in load_topics()] + {"en": ["chaos"], "zh": ["GPU 计算", "6G"]}[lang]
    others = zip(
        cycle(permutations(AUTHORS, 2)), cycle(CATEGORIES[lang]), cycle(permutations(TITLES, 2)), cycle(range(1, 6))
    )
    for template in templates:
        for topic, ((author, twin), category, (first, second), count) in zip(topics, others, strict=False):
            yield fill(
                template,
                lang,
                count=count,
                topic=topic,
                twin=twin if "{author}" in template else topics[count],
                year=2022,
                category=category,
                author=author,
                authors=author_words(AUTHORS[: count + 1], lang),
                text=SENTENCE,
                title=first,
                first=first,
                second=second,
                id="2201.01234",
                date=date_words("2022-03-01", lang),
                last=date_words("2026-06", lang),
                span=year_words(2009, 2009 + count // 2, lang),
            )


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


def test_paper_without_arxiv_id_has_no_link():
    assert citation_line(paper(id=""), 1) == "1. **Title** — A (2022)."
    assert citation_line(paper(id="", authors=())) == "**Title** (2022)."


def test_every_entry_is_one_of_those_tested_here():
    entries = {(section, name) for section, name, _ in load_phrasings()}
    assert {name for section, name in entries if section == "questions"} == set(QUESTIONS)
    assert {name for section, name in entries if section == "answers"} == {*DECLINING, *CITING, "exist_no", "reason"}
    assert {name for section, name in entries if section == "prompts"} == {"system", "grounded", "grounded_record"}


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize(("name", "number"), QUESTIONS.items())
def test_two_wordings_are_kept_from_training(name, number, lang):
    usual, new = phrasings(name, lang), phrasings(name, lang, new=True)
    assert (len(usual), len(new)) == (number - 2, 2)
    assert not set(usual) & set(new)


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("name", QUESTIONS)
def test_no_phrasing_begins_another(name, lang):
    templates = [text.rstrip("。.?？!") for text in (*phrasings(name, lang), *phrasings(name, lang, new=True))]
    assert not [(one, other) for one, other in permutations(templates, 2) if other.startswith(one)]


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("name", [*DECLINING, *CITING, "exist_no"])
def test_answers_have_several_openings(name, lang):
    assert 2 <= len(answers(name, lang)) <= 4


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize(
    ("section", "name"), [key[:2] for key in load_phrasings() if key[2] == "en" and key[0] != "prompts"]
)
def test_every_phrasing_reads_well_whatever_fills_it(section, name, lang):
    for text in filled(load_phrasings()[section, name, lang], lang):
        if name != "reason":
            assert text == text.strip() and "  " not in text, text
        assert not re.search(r"[{}]|\.\.|\?\?|[.?!]\"\.| [,.;:?!]", text), text
        if lang == "zh":
            assert not re.search(r"[一-鿿][A-Za-z0-9]|[A-Za-z0-9.)][一-鿿]", text), text
            assert not re.search(r" [，。：、？！；（）《》“”—]|[，。：、？！；（）《》“”—] ", text), text
        else:
            assert text[0] == text[0].upper(), text
            assert not re.search(r"\bone (?:\w+ )?papers\b|\b(?:two|three|four|five) (?:\w+ )?paper\b", text), text


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("name", [*DECLINING, "exist_no"])
def test_an_answer_that_has_no_such_paper_says_so_at_once(name, lang):
    for text in filled(answers(name, lang), lang):
        assert declines_at_once(text), text


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("name", CITING)
def test_an_answer_that_cites_declines_nowhere(name, lang):
    for text in filled(answers(name, lang), lang):
        assert not declines(text), text


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("name", [*DECLINING, *CITING, "exist_no"])
def test_an_answer_cites_its_papers_and_nothing_else(name, lang):
    cited = [paper(title="Sparse Lattices of Trees", authors=("Ann Lee", "Bo Li")), paper(id="", title="A Fast Sieve")]
    reason = fill(answers("reason", lang)[0], lang, text=SENTENCE)
    lines = [f"{citation_line(one, number)}\n{reason}" for number, one in enumerate(cited, 1)]
    for opening in filled(answers(name, lang), lang):
        answer = opening if name in DECLINING else "\n".join([opening, *lines])
        titles = [] if name in DECLINING else [one.title for one in cited]
        assert [citation.title for citation in extract(answer)] == titles, answer
        assert abstains(answer) == (name in DECLINING), answer


@pytest.mark.parametrize(
    ("template", "fields", "text"),
    [
        ("关于{topic}的论文", {"topic": "混沌"}, "关于混沌的论文"),
        ("关于{topic}的论文", {"topic": "GPU 计算"}, "关于 GPU 计算的论文"),
        ("关于 {topic} 的论文", {"topic": "GPU"}, "关于 GPU 的论文"),
        ("{topic}，{year}年", {"topic": "大规模 MIMO", "year": 2022}, "大规模 MIMO，2022 年"),
        ("请看{author}的论文。", {"author": "J. Doe Jr."}, "请看 J. Doe Jr. 的论文。"),
        ("作者是{author}：", {"author": "A. Łoś"}, "作者是 A. Łoś："),
        ("作者是{authors}：", {"authors": author_words(list("ABCDE"), "zh")}, "作者是 A、B、C 等 5 人："),
        ("想看{category}的论文", {"category": "K 理论（math.KT）"}, "想看 K 理论（math.KT）的论文"),
        ("比较《{title}》与“{title}”", {"title": "β-Decay"}, "比较《β-Decay》与“β-Decay”"),
        ("大意是“{text}”。", {"text": "It works."}, "大意是“It works”。"),
        ("摘要：{text}", {"text": "It works."}, "摘要：It works."),
        ("{count}篇 {papers}", {"count": 5}, "五篇 papers"),
    ],
)
def test_latin_is_set_off_in_chinese(template, fields, text):
    assert fill(template, "zh", **fields) == text


@pytest.mark.parametrize(
    ("template", "fields", "text"),
    [
        ("Give me {count} {year} {papers}.", {"count": 1, "year": 2022}, "Give me one 2022 paper."),
        ("{Count} {papers} on {topic}", {"count": 3, "topic": "chaos"}, "Three papers on chaos"),
        ("{Topic}, please.", {"topic": "k-means clustering"}, "K-means clustering, please."),
        ("Papers by {author}.", {"author": "J. Doe Jr."}, "Papers by J. Doe Jr."),
        ("Papers by {author}?", {"author": "J. Doe Jr."}, "Papers by J. Doe Jr.?"),
        ('Who wrote "{title}"?', {"title": "Why?"}, 'Who wrote "Why?"'),
        ('Who wrote "{title}"?', {"title": "Why!"}, 'Who wrote "Why!"?'),
        ('Read "{title}". Now.', {"title": "Why?"}, 'Read "Why?" Now.'),
        ('Read "{title}"', {"title": "{topic} and {{braces}}"}, 'Read "{topic} and {{braces}}"'),
    ],
)
def test_english_agrees_and_ends_once(template, fields, text):
    assert fill(template, "en", **fields) == text


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("last", ["2026", "2026-06", "2026-06-30", "2026-00"])
def test_system_prompt_is_short_and_dated(last, lang):
    text = system_prompt(last, lang)
    assert "2026" in text
    assert count_tokens(text) <= 45
    assert (("June" if lang == "en" else "6 月") in text) == ("06" in last)


def test_authors_in_words():
    assert author_words(["A", "B", "C"], "en") == "A, B and C"
    assert author_words(["A"], "en") == "A"
    assert author_words(["A", "B"], "zh") == "A、B"
    assert author_words(list("ABCDEF"), "en") == "A, B, C and 3 others"
    assert author_words((), "en") == author_words((), "zh") == ""


def test_years_in_words():
    assert year_words(2009, 2026, "en") == "from 2009 to 2026"
    assert year_words(2009, 2009, "zh") == "2009 年"


def test_grounded_prompt_numbers_the_records_and_ends_with_the_question():
    text = grounded_prompt("Which one?", [paper(abstract="Short."), paper(id="", title="T {x}", authors=())], "en")
    assert text == (
        "Answer from the records below and nothing else. If they do not contain the answer, say so.\n\n"
        "[1] Title\nAuthors: A\nYear: 2022\narXiv: 2201.01234\nAbstract: Short.\n\n"
        "[2] T {x}\nYear: 2022\n\n"
        "Question: Which one?"
    )
    assert grounded_prompt("是哪一篇？", [paper(authors=("A", "B"))], "zh") == (
        "请只根据以下记录回答问题。如果记录中没有答案，请直说。\n\n"
        "[1] Title\n作者：A、B\n年份：2022\narXiv：2201.01234\n\n问题：是哪一篇？"
    )


@pytest.mark.parametrize("abstract", ["word, " * 200, "字" * 900, "a " * 149 + "bcd efg"])
def test_long_abstract_is_cut_after_a_word(abstract):
    said = grounded_prompt("?", [paper(abstract=abstract)], "en").split("Abstract: ")[1].split("\n")[0]
    assert said.endswith("…") and MAX_ABSTRACT - 10 <= len(said) <= MAX_ABSTRACT + 1
    kept, rest = said[:-1], abstract[len(said) - 1 :]
    assert abstract.startswith(kept) and not (kept[-1].isascii() and rest[0].isalnum())


def test_abstract_that_fits_is_not_cut():
    abstract = "x" * (MAX_ABSTRACT - 1) + "."
    assert f"Abstract: {abstract}\n" in grounded_prompt("?", [paper(abstract=abstract)], "en")


@pytest.mark.parametrize("look_up", [phrasings, answers])
def test_unknown_entry_is_named(look_up):
    with pytest.raises(SourceError, match="'astrology'"):
        look_up("astrology", "en")


GOOD = {"slots": ["year"], "en": ["A {year}", "B {year}", "C {year}"], "zh": ["甲{year}", "乙{year}", "丙{year}"]}


def written(path, section="questions", **changes):
    entry = {key: value for key, value in {**GOOD, **changes}.items() if value is not None}
    path.write_text("\n".join([f"[{section}.one]", *(f"{key} = {value!r}" for key, value in entry.items())]), "utf-8")
    return path


def test_own_phrasings_load(tmp_path):
    loaded = load_phrasings(written(tmp_path / "own.toml"))
    assert loaded["questions", "one", "zh"] == ("甲{year}", "乙{year}", "丙{year}")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"en": ["A {topic}", "B {year}", "C {year}"]}, "unknown slot topic"),
        ({"en": ["A {papers} {year}", "B {year}", "C {year}"]}, "unknown slot papers"),
        ({"en": ["A {} {year}", "B {year}", "C {year}"]}, "unknown slot"),
        ({"en": ["A", "B {year}", "C {year}"]}, "does not use year"),
        ({"en": ["A {year", "B {year}", "C {year}"]}, "in 'A {year'"),
        ({"en": ["A {year}", "A {year}", "C {year}"]}, "given twice"),
        ({"en": ["A {year}", "B {year}"]}, "too few"),
        ({"en": ["A {year}", " ", "C {year}"]}, "empty"),
        ({"en": [1, 2, 3]}, "no list of templates in 'en'"),
        ({"zh": []}, "too few templates in 'zh'"),
        ({"zh": None}, "no list of templates in 'zh'"),
        ({"zh": "甲{year}"}, "no list of templates in 'zh'"),
        ({"slots": None}, "`slots` is missing"),
        ({"slots": [["year"]]}, "`slots` is missing"),
        ({"fr": ["A"]}, "fr is neither"),
        ({"section": "answers", "en": []}, "too few templates in 'en'"),
    ],
)
def test_faulty_entry_is_named(tmp_path, changes, said):
    path = written(tmp_path / "own.toml", **changes)
    with pytest.raises(SourceError) as raised:
        load_phrasings(path)
    assert said in str(raised.value) and f"{changes.get('section', 'questions')}.one" in str(raised.value)
    assert str(path) in str(raised.value)


def test_answer_may_leave_a_slot_out(tmp_path):
    path = written(tmp_path / "own.toml", section="answers", en=["I recommend:"])
    assert load_phrasings(path)["answers", "one", "en"] == ("I recommend:",)


@pytest.mark.parametrize("content", [b"\xff\xfe", b"[questions", b"[prayers.one]\nslots = []", b"questions = 1"])
def test_file_that_is_no_phrasings_is_named(tmp_path, content):
    path = tmp_path / "own.toml"
    path.write_bytes(content)
    with pytest.raises(SourceError, match=re.escape(str(path))):
        load_phrasings(path)


def test_missing_file_and_entry_that_is_no_table_are_named(tmp_path):
    with pytest.raises(SourceError, match="cannot be read as TOML"):
        load_phrasings(tmp_path / "none.toml")
    (tmp_path / "own.toml").write_text("[answers]\none = 1\n", "utf-8")
    with pytest.raises(SourceError, match=r"answers\.one"):
        load_phrasings(tmp_path / "own.toml")


def test_marks_in_a_name_neither_end_the_title_nor_begin_a_link():
    line = citation_line(Paper("2201.01234", "A Title", ("A. **Bold**", "[B](https://b.example)"), published="2022"))
    assert line.count("**") == 2
    assert line.count("](") == 1
