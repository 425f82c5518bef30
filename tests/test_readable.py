import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paperqa_ext.sources.readable import readable
from paperqa_ext.titles import words


@pytest.mark.parametrize(
    ("latex", "text"),
    [
        (r"Schr\"odinger, Schr\"{o}dinger, Schr{\"o}dinger, Schr\"{od}inger", "Schrödinger, " * 3 + "Schrödinger"),
        (
            r"Poincar\'e, Erd\H{o}s, \v{C}ech, \c{C}e, Na\"{\i}ve, \'\i, Szeg\H o",
            "Poincaré, Erdős, Čech, Çe, Naïve, í, Szegő",
        ),
        (r"{\L}ukasiewicz, S{\o}ren, Weierstra{\ss}, {\AA}ngstr\"om", "Łukasiewicz, Søren, Weierstraß, Ångström"),
        (r"Szeg$\ddot{o}$ and Calder$\acute{\rm o}$n", "Szegö and Calderón"),
        (r"$C^*$-algebras and $L^{p}$ in $\mathbb{R}^d$", "C^*-algebras and L^p in ℝ^d"),
        (r"$\alpha$-$\beta$ and {\pi}-systems", "α-β and π-systems"),
        (r"$\mathcal{O}(n\log n)$ time", "O(n log n) time"),
        (r"$\frac{3n-2}{2n-1}$, $T_{3\frac{1}{2}}$", "(3n-2)/(2n-1), T_3 1/2"),
        (r"$\mathbb{R}^{n+1}$ and $x^{13}$", "ℝ^(n+1) and x^13"),
        (r"30$^\circ$, 360{\deg}, $q^\prime$", "30°, 360°, q'"),
        (r"H$_2$O at $T_{\rm eff}$", "H_2O at T_eff"),
        (r"\textit{In vivo} {\bf bold} \texttt{b\_c} \emph{x}", "In vivo bold b_c x"),
        (r"\R^d, \gl_\infty, \PSL(2,\Z), $\Spec R$, \foo{bar}", "R^d, gl_∞, PSL(2,Z), Spec R, foo bar"),
        (r"Navier\unicode{x2013}Stokes", "Navier–Stokes"),
        (r"Q\&A with 99\% \#1", "Q&A with 99% #1"),
        ("Dr.~RTL on Cr~VIII at T~120 K", "Dr. RTL on Cr VIII at T~120 K"),
        ("R&amp;D &lt;3 &eacute;t&#233; &#x3b1;", "R&D <3 été α"),
        ("Jose\u0301", "José"),
        ("  white \t space\u00a0here \n", "white space here"),
    ],
)
def test_latex_and_entities_become_text(latex, text):
    assert readable(latex) == text


@pytest.mark.parametrize(
    "title",
    [
        "Plain title",
        "From $5 to $10 and ~5 more",
        "A $5 fee",
        "US$ and A$",
        "100% of Q&A, AT&T & co_op #1",
        "Set {a",
        "x^2 and a_b",
        "“Quotes” – and —dashes ``as'' they -- are",
        "图神经网络综述",
        "$",
        "&notanentity;",
    ],
)
def test_what_is_readable_stays(title):
    assert readable(title) == title


@pytest.mark.parametrize(
    "title", ["A\\B", "C:\\temp", r"\mathbb{R", r"$\mathrm{a", r"\begin{x} a", r"\frac", r"\unicode{xd800} a"]
)
def test_what_cannot_be_read_keeps_its_letters(title):
    kept = "".join(words(readable(title)))
    assert kept and set(kept) <= set(title.lower())


@pytest.mark.parametrize(
    "latex",
    [
        r"Ab-initio $\alpha$-D\'ecay: A \textbf{Survey}",
        r"Global well-posedness for $H^{s}(\mathbb{T}^2)$ data",
        r"Ramanujan's $\tau$-function and $\mathrm{SL}_2(\mathbb{Z})$",
        r"{\it Ab initio} study of MoS$_2$",
    ],
)
def test_words_of_a_title_stay_comparable(latex):
    assert words(readable(latex)) == words(latex)


MARKS = st.text(alphabet="\\${}&~^_%#\"'`=.;abcHouvmthbfrnRZx123 é\u0301\n", max_size=40)
COMMANDS = st.sampled_from(
    ["\\frac", "\\'", "\\mathbb{", "\\unicode{x", "\\sqrt[", "\\begin{a}", "$", "\\rm ", "\\\\", "&amp;", "\\bar"]
)


@pytest.mark.parametrize("piece", ["x^{- ", "$", "\\'", "{", "&amp", "~", "\\frac{", "x_{a,{b}} "])
def test_long_texts_take_no_long_time(piece):
    for length in (300, 1_000_000):
        assert readable(piece * (length // len(piece)))


@given(st.lists(MARKS | COMMANDS, max_size=6).map("".join) | st.text(max_size=30))
def test_any_text_is_answered_in_normal_form(text):
    converted = readable(text)
    assert converted == " ".join(converted.split())
    assert unicodedata.is_normalized("NFC", converted)


@given(st.text(alphabet=st.characters(blacklist_characters="\\${}&~^", blacklist_categories=["Cs"]), max_size=40))
def test_without_marks_only_space_and_normal_form_change(text):
    assert readable(text) == " ".join(unicodedata.normalize("NFC", text).split())
