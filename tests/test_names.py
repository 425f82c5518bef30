import time
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from paperqa_ext.verify.names import agreement, first_agrees, strangers

REAL = (
    "Thomas N. Kipf",
    "Max Welling",
    "Petar Veličković",
    "Wen-tau Yih",
    "Jürgen Müller",
    "Rasmus Ørsted",
    "Łukasz Kaiser",
    "Anna van der Berg",
    "Gabriel García Márquez",
    "Martin Luther King Jr.",
    "Christopher D. Manning",
    "Brian O'Shea",
    "Abhijit Das",
)
ON_THE_PAPER = {
    "as they are": ["Thomas N. Kipf", "Max Welling"],
    "initials": ["T. N. Kipf", "M.Welling"],
    "last, first": ["Kipf, Thomas N.", "Welling, M."],
    "GB/T 7714": ["KIPF T N", "WELLING M"],
    "PubMed": ["Kipf TN", "Welling M", "Garcia Marquez G"],
    "other order": ["Max Welling", "Thomas Kipf"],
    "family names": ["Kipf", "Welling", "van der Berg", "Das"],
    "one string": ["Thomas Kipf, Max Welling and Petar Velickovic"],
    "one string of initials": ["Kipf, T. N., Welling, M., & Veličković, P."],
    "one string, last first": ["Kipf, Thomas; Welling, Max"],
    "one string of pairs": ["Kipf, Thomas, Welling, Max"],
    "one string of family names": ["Kipf, Welling"],
    "Chinese separators": ["Thomas Kipf、Max Welling，Wen-tau Yih"],
    "BibTeX": ["Kipf, Thomas and Veli{\\v{c}}kovi{\\'c}, Petar and others"],
    "et al.": ["Thomas Kipf et al."],
    "et al. alone": ["Kipf", "et al."],
    "nobody known": ["Anonymous authors"],
    "unknown": ["Unknown"],
    "various": ["Various Authors"],
    "佚名": ["佚名"],
    "n/a": ["N/A"],
    "等": ["Thomas Kipf", "Max Welling 等", "等人"],
    "accents dropped": ["Petar Velickovic", "Rasmus Orsted", "Lukasz Kaiser"],
    "accents apart": [unicodedata.normalize("NFD", "Petar Veličković")],
    "umlauts written out": ["Juergen Mueller", "R. Oersted"],
    "hyphens": ["Wentau Yih"],
    "hyphens as spaces": ["Wen Tau Yih"],
    "hyphens with initials": ["W.-T. Yih"],
    "middle name added": ["Max Ernst Welling"],
    "other middle initial": ["Thomas A. Kipf"],
    "particles dropped": ["Anna Berg"],
    "particles joined": ["Anna Vanderberg"],
    "one of two family names": ["G. García"],
    "two family names joined": ["García-Márquez, Gabriel"],
    "junior": ["M. L. King, Jr."],
    "short forename": ["Chris Manning"],
    "slip in a long family name": ["Petar Velickovc", "Max Weling"],
    "apostrophe": ["Brian O’Shea"],
    "apostrophe left out": ["B. OShea"],
    "honorific": ["Dr. Thomas Kipf", "Prof. Max Welling"],
    "degree": ["Thomas Kipf, Ph.D."],
    "affiliation": ["Thomas Kipf (University of Amsterdam, NL)", "Max Welling（阿姆斯特丹大学）"],
    "footnote marks": ["Thomas Kipf¹,*", "Max Welling2†"],
    "ORCID": ["Thomas Kipf 0000-0002-1825-009X"],
    "upper case": ["THOMAS KIPF"],
    "the same twice": ["Thomas Kipf", "Thomas Kipf"],
    "Chinese spelling of a foreign name": ["托马斯·基普夫"],
    "Cyrillic": ["Томас Кипф"],
    "members stand for their collaboration": ["ATLAS Collaboration", "Max Welling"],
    "nobody": [],
    "nothing": ["", " ", "*", "—"],
}
STRANGERS = {
    "another name": (["Thomas Kipf", "Yann LeCun"], ["Yann LeCun"]),
    "another forename": (["Wilma Kipf"], ["Wilma Kipf"]),
    "another initial": (["W. Kipf"], ["W. Kipf"]),
    "another family name": (["Thomas Knopf"], ["Thomas Knopf"]),
    "one person twice": (["Thomas Kipf", "T. N. Kipf"], ["T. N. Kipf"]),
    "within one string": (["Thomas Kipf, Yann LeCun, Max Welling"], ["Yann LeCun"]),
    "last, first": (["LeCun, Yann"], ["LeCun, Yann"]),
    "all of them": (["Yann LeCun", "Geoffrey Hinton"], ["Yann LeCun", "Geoffrey Hinton"]),
}
CHINESE = ("San Zhang", "Zeng Guofan", "Xiaoming Wang", "W. Li", "Lyu Wei")
CHINESE_CASES = {
    "family name first": (["Zhang San"], []),
    "in Han": (["张三", "王小明"], []),
    "read otherwise in names": (["曾国藩"], []),
    "initials that look like lü": (["Wang LV"], ["Wang LV"]),
    "ü": (["吕伟"], []),
    "both": (["张三 (San Zhang)"], []),
    "initials": (["X.-M. Wang", "LI W"], []),
    "initial of a forename": (["Wei Li"], []),
    "a common family name": (["Wei Wang"], ["Wei Wang"]),
    "one letter is another family": (["San Zheng"], ["San Zheng"]),
    "part of a forename": (["Xiao Wang"], ["Xiao Wang"]),
    "a stranger in Han": (["李四光", "赵六"], ["李四光", "赵六"]),
}


@pytest.mark.parametrize("case", ON_THE_PAPER)
def test_ways_to_write_a_name_are_no_errors(case):
    assert strangers(ON_THE_PAPER[case], REAL) == []


@pytest.mark.parametrize("case", STRANGERS)
def test_strangers_are_named(case):
    stated, expected = STRANGERS[case]
    assert strangers(stated, REAL) == expected


@pytest.mark.parametrize("case", CHINESE_CASES)
def test_chinese_names(case):
    stated, expected = CHINESE_CASES[case]
    assert strangers(stated, CHINESE) == expected


def test_each_author_answers_to_one_name():
    assert strangers(["W. Zhang", "Wei Zhang"], ["Wei Zhang", "Wen Zhang"]) == []
    assert strangers(["Zhang", "W. Zhang"], ["Wei Zhang", "Lei Zhang"]) == []
    assert strangers(["Wei Zhang", "W. Zhang"], ["Wei Zhang"]) == ["W. Zhang"]


def test_collaborations():
    assert strangers(["ATLAS Collaboration"], ["The ATLAS Collaboration: G. Aad", "B. Abbott"]) == []
    assert strangers(["CMS Collaboration"], ["ATLAS Collaboration"]) == ["CMS Collaboration"]


def test_records_without_authors_contradict_nobody():
    assert strangers(["Anyone At All"], []) == []
    assert agreement(["Anyone At All"], []) == 0


def test_agreement_is_the_share_of_stated_authors_on_the_paper():
    assert agreement(["T. Kipf", "M. Welling"], REAL) == 1
    assert agreement(["T. Kipf", "Yann LeCun", "et al."], REAL) == 0.5
    assert agreement(["托马斯·基普夫"], REAL) == 0
    assert agreement([], REAL) == 0


def test_first_author():
    assert first_agrees(["Kipf, T.", "Yann LeCun"], REAL)
    assert first_agrees(["Kipf, Thomas, Welling, Max"], REAL)
    assert not first_agrees(["Max Welling", "Thomas Kipf"], REAL)
    assert not first_agrees([], REAL)


def test_a_large_collaboration_takes_no_quadratic_time():
    letters = "abcdefghijklmno"
    real = [f"{a.upper()}{b}{c}na Fam{c}{a}{b}son" for a in letters for b in letters for c in letters[:13]]
    start = time.process_time()
    assert strangers([f"{name[0]}. {name.split()[1]}" for name in reversed(real)], real) == []
    assert time.process_time() - start < 10


@pytest.mark.parametrize("text", ["(", " ", "a,", "x@", "A. ", " and ", "Wei Zhang;", "张"])
def test_hostile_entries_take_linear_time(text):
    start = time.process_time()
    strangers([text * 100_000], REAL)
    assert time.process_time() - start < 10


@settings(max_examples=300, deadline=None)
@given(st.lists(st.text(max_size=40), max_size=5), st.lists(st.text(max_size=40), max_size=5))
def test_any_strings_are_compared(stated, real):
    assert len(strangers(stated, real)) <= sum(len(name) + 1 for name in stated)
    assert 0 <= agreement(stated, real) <= 1
    assert strangers(real, real) == []
    first_agrees(stated, real)


FORENAMES = st.sampled_from("Anna Bo Christopher Wei Xiaoming Jean-Luc José Zoë Mohammed Łucja".split())
FAMILIES = st.sampled_from("Kipf Müller Zhang Ørsted García Das Ng Velickovic O'Neill Berg-Hansen".split())
FORMS = (
    lambda first, last: f"{first} {last}",
    lambda first, last: f"{first[0]}. {last}",
    lambda first, last: f"{last} {first[0]}".upper(),
    lambda first, last: f"{last}, {first}",
    lambda first, last: f"{last}, {first[0]}.",
    lambda first, last: last,
    lambda first, last: f"Dr. {first} Q. {last}",
    lambda first, last: f"{first} {last} et al.",
)


@settings(max_examples=300, deadline=None)
@given(
    people=st.lists(st.tuples(FORENAMES, FAMILIES), min_size=1, max_size=6, unique=True),
    form=st.sampled_from(FORMS),
    data=st.data(),
)
def test_authors_in_any_form_and_order_are_never_strangers(people, form, data):
    stated = [form(*person) for person in data.draw(st.permutations(people))]
    assert strangers(stated, [" ".join(person) for person in people]) == []
