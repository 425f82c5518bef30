"""Readable text from LaTeX and HTML entities, by pylatexenc (https://pylatexenc.readthedocs.io) and `html`."""

from __future__ import annotations

import html
import logging
import re
import unicodedata
from collections.abc import Callable
from functools import cache, lru_cache
from typing import Any

LONGEST = 2000  # characters; no title has more, and reading LaTeX takes more than linear time
_MARKED = re.compile(r"[\\${}&~^]")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")
# `$` opens mathematics unless it reads as money ("$5 to $10", "US$ and A$") or nothing closes it.
_DOLLAR = re.compile(
    r"\\.|(?P<math>\$\$[^$]+\$\$|\$(?!\d[^$\\^_={}]*(?:\s\$|\$\d))(?!\s[^$\\^_={}]*[^\s$]\$)(?:[^$\\]|\\.)+\$)|\$",
    re.DOTALL,
)
_BRACE = re.compile(r"(?<!\\)[{}]")
# Between words a space that does not break; "T~120 K" says "about".
_TIE = re.compile(r"(?<=[^\s~\\])~(?=[^\s~])(?!(?<=\b[A-Za-z]~)\d)")
_PRIME = re.compile(r"\^\s*(?:\\prime(?![A-Za-z])|\{\s*\\prime\s*\})")
_LITERAL = re.compile(r"(?<!\\)[%&#]")  # to TeX a comment, a column, an argument; to authors a sign
# A longer index is set off by its size in print, by parentheses here: x^{n+1} is "x^(n+1)".
_INDEX = re.compile(r"([\^_])\{((?:[^{}$]|\{[^{}$]*\})+?[-+,/=<> ](?:[^{}$]|\{[^{}$]*\})+)\}")
# Changes of type and size, with the space that ends their names.
_SWITCH = re.compile(
    r"\\(?:bf|it|rm|sf|tt|sc|em|sl|cal|tiny|small|large|Large|LARGE|huge|displaystyle|textstyle|scriptstyle|left|right"
    r"|big|Big|bigl|bigr|limits|nolimits|protect|ensuremath|smash|!)(?![A-Za-z])\s*"
)
# pylatexenc would write letters beyond the basic plane, 𝒪 for \mathcal{O}, or not know the command.
_ALPHABETS = (
    "mathcal mathfrak mathscr mathbf mathsf mathtt mathit bm boldsymbol pmb Cal frak mathbbm mbox hbox texttt textsf "
    "textmd textup textsl operatorname mathop ce"
).split()
_DEGREE = re.compile(r"\^\s*(?:\\circ(?![A-Za-z])|\{\s*\\circ\s*\})|(?<=\d)\{\\deg\}")
# Over one letter: \"{od} is "öd". The macron composes, which pylatexenc's overline does not.
_ACCENTS = {
    "'": "\u0301", "`": "\u0300", "^": "\u0302", '"': "\u0308", "~": "\u0303", "=": "\u0304", ".": "\u0307",
    "u": "\u0306", "v": "\u030c", "H": "\u030b", "c": "\u0327", "d": "\u0323", "b": "\u0331", "k": "\u0328",
    "r": "\u030a", "acute": "\u0301", "grave": "\u0300", "hat": "\u0302", "ddot": "\u0308", "tilde": "\u0303",
    "bar": "\u0304", "dot": "\u0307", "breve": "\u0306", "check": "\u030c", "vec": "\u20d7",
}  # fmt: skip
# The most frequent commands by far, resolved without a parser.
_ACCENTED = re.compile(r"\\(?P<accent>[`'^\"~=.])(?:\{(?P<braced>[A-Za-z])\}|(?P<letter>[A-Za-z]))")
_FRACTIONS = ("frac", "tfrac", "dfrac", "nicefrac")
_OPERATORS = (
    "arccos arcsin arctan arg cos cosh cot coth csc deg det dim exp gcd hom inf ker lg lim liminf limsup ln log max "
    "min Pr sec sin sinh sup tan tanh"
).split()


def readable(text: str) -> str:
    r"""`text` with LaTeX and HTML entities resolved, in Unicode NFC, white space folded.

    Commands without a known meaning keep their name; what cannot be read, or is longer than `LONGEST`, stays as it is.

    >>> readable(r"Schr\"odinger  operators on $L^2(\mathbb{R}^d)$ &amp; $\gl_\infty$")
    'Schrödinger operators on L^2(ℝ^d) & gl_∞'
    """
    if len(text) <= LONGEST and _MARKED.search(text):
        text = _resolved(text)
    if text.isascii():
        return " ".join(text.split())
    if not unicodedata.is_normalized("NFC", text):
        text = unicodedata.normalize("NFC", text)
    return " ".join(text.split())


@lru_cache(maxsize=4096)
def _resolved(text: str) -> str:
    if "&" in text:
        text = _ENTITY.sub(_character, text)
    if text.count("{") != text.count("}") or len(_BRACE.findall(text)) % 2:
        text = _BRACE.sub(r"\\\g<0>", text)
    text = _INDEX.sub(
        lambda found: found[0] if found[2][0] == "\\" and " " in found[2] else f"{found[1]}({found[2]})", text
    )
    if "\\" in text:
        text = _ACCENTED.sub(lambda found: found[found.lastgroup or 0] + _ACCENTS[found["accent"]], text)
    if "\\" not in text:
        text = _DOLLAR.sub(lambda found: found["math"].strip("$") if found["math"] else found[0], text)
        return _TIE.sub(" ", text).replace("{", "").replace("}", "")
    marked = _DOLLAR.sub(lambda found: r"\$" if found[0] == "$" else found[0], text)
    marked = _SWITCH.sub("", _LITERAL.sub(r"\\\g<0>", _TIE.sub(" ", _PRIME.sub("'", _DEGREE.sub("°", marked)))))
    try:
        return _converter()(marked) or text
    except Exception:  # pylatexenc raises many kinds; one title must not end a run over millions
        return text


def _character(entity: re.Match[str]) -> str:
    """The character of an HTML entity; an unknown one stays, of which `html` would resolve the first letters."""
    resolved = html.unescape(entity[0])
    return entity[0] if resolved.endswith(";") else resolved


@cache
def _converter() -> Callable[[str], str]:
    from pylatexenc import latex2text, latexwalker, macrospec

    logging.getLogger("pylatexenc").setLevel(logging.ERROR)  # it reports each title it has to guess at

    def name(node: Any, l2tobj: Any) -> str:
        """A command's name as a word apart, with its arguments."""
        source, end = node.parsing_state.s, node.pos + node.len
        arguments = (node.nodeargd and node.nodeargd.argnlist) or []
        before = " " if re.search(r"[\w})\]]\s*$", source[: node.pos]) else ""
        after = " " if node.macro_post_space or arguments or re.match(r"[^\W_]|[{\\]", source[end:]) else ""
        return f"{before}{node.macroname}{after}" + l2tobj.nodelist_to_text([node for node in arguments if node])

    def accented(node: Any, l2tobj: Any) -> str:
        letter = l2tobj.node_arg_to_text(node, 0).strip().replace("ı", "i").replace("ȷ", "j")
        return letter[:1] + _ACCENTS[node.macroname] + letter[1:] if letter else node.macroname

    def character(node: Any, l2tobj: Any) -> str:
        character = chr(int(l2tobj.node_arg_to_text(node, 0).lstrip("xX"), 16))
        return character.encode().decode()  # half a surrogate pair is none

    def fraction(node: Any, l2tobj: Any) -> str:
        parts = [l2tobj.node_arg_to_text(node, place).strip() for place in (0, 1)]
        if not any(parts):
            return str(node.macroname)
        quotient = "/".join(f"({part})" if re.search(r".[-+ ]", part) else part for part in parts)
        return f" {quotient}" if node.parsing_state.s[: node.pos][-1:].isdigit() else quotient

    # Quotes and dashes stay as they are, since those of titles without LaTeX do.
    grammar = latexwalker.get_default_latex_context_db().filter_context(
        exclude_categories=["nonascii-specials", "verbatim", "latex-ethuebung"]
    )
    grammar.add_context_category(
        "titles",
        prepend=True,
        macros=[
            *(macrospec.std_macro(macro, False, 1) for macro in (*_ALPHABETS, "unicode")),
            *(macrospec.std_macro(macro, False, 2) for macro in _FRACTIONS),
        ],
    )
    meaning = latex2text.get_default_latex_context_db().filter_context(
        exclude_categories=["nonascii-specials", "latex-placeholders", "latex-ethuebung", "nonstandard-qit"]
    )
    meaning.add_context_category(
        "titles",
        prepend=True,
        macros=[
            *(latex2text.MacroTextSpec(macro, "%s") for macro in _ALPHABETS),
            *(latex2text.MacroTextSpec(space, " ") for space in ("\\", " ", ",", ";", ":", "quad", "qquad")),
            *(latex2text.MacroTextSpec(operator, name) for operator in _OPERATORS),
            *(latex2text.MacroTextSpec(accent, accented) for accent in _ACCENTS),
            *(latex2text.MacroTextSpec(macro, fraction) for macro in _FRACTIONS),
            latex2text.MacroTextSpec("unicode", character),
        ],
    )
    meaning.set_unknown_macro_spec(latex2text.MacroTextSpec("", name))
    converter = latex2text.LatexNodes2Text(latex_context=meaning, keep_comments=True)

    def convert(text: str) -> str:
        nodes, _, _ = latexwalker.LatexWalker(text, latex_context=grammar, tolerant_parsing=True).get_latex_nodes()
        return str(converter.nodelist_to_text(nodes))

    return convert
