"""The ways in which LLMs and people write the title of a real paper, right or nearly so.

Written without a look at how titles are matched, so that what is measured with it is not what was built for it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Container, Mapping
from random import Random

from citation_names import UMLAUTS, bare

from paperqa_ext.papers import Paper

Noise = Callable[[Paper, Random, Container[str]], str]

_BRITISH = """analyse analyze|behaviour behavior|colour color|centre center|modelling modeling|labelled labeled
optimisation optimization|generalisation generalization|regularisation regularization|localisation localization
characterisation characterization|quantisation quantization|synchronisation synchronization|neighbour neighbor
normalisation normalization|discretisation discretization|organisation organization|polarisation polarization
ionisation ionization|factorisation factorization|visualisation visualization|magnetisation magnetization
realisation realization|stabilisation stabilization|parametrisation parametrization|linearisation linearization
fibre fiber|catalogue catalog|grey gray|vapour vapor|defence defense|signalling signaling|travelling traveling
tunnelling tunneling|randomised randomized|generalised generalized|optimised optimized|localised localized
polarised polarized|minimising minimizing|maximising maximizing|recognising recognizing|summarisation summarization
tokenisation tokenization|initialisation initialization|utilising utilizing|aluminium aluminum|sulphur sulfur"""
_SPELLINGS = dict(pair.split() for pair in re.split(r"[|\n]", _BRITISH))
_SPELLINGS |= {american: british for british, american in _SPELLINGS.items()}
_LETTERS = "alpha beta gamma delta epsilon eta theta kappa mu nu xi pi rho sigma tau phi chi psi omega"
_GREEK = {unicodedata.lookup(f"GREEK SMALL LETTER {name.upper()}"): name for name in _LETTERS.split()}
_GREEK["λ"] = "lambda"
_ACCENTS = {"\u0300": "`", "\u0301": "'", "\u0302": "^", "\u0303": "~", "\u0308": '"', "\u030c": "v ", "\u0327": "c "}
_VENUES = """{}, NeurIPS {}
{}. In Proceedings of CVPR {}
{} (ICLR {})
{}. ICML {}
{}, Physical Review Letters
{} [PDF]
{}. arXiv preprint
{}, arXiv {}
{} - arXiv
{}. Nature Physics
{}, JHEP
{}. In ACL {}
{} | IEEE Xplore
{}. IEEE Transactions on Information Theory
{}. Astrophysical Journal, {}
{} — ICCV {}""".splitlines()


def _case(paper: Paper, random: Random, known: Container[str]) -> str:
    return random.choice((str.upper, str.lower, str.title, str.capitalize))(paper.title)


def _punctuation(paper: Paper, random: Random, known: Container[str]) -> str:
    title = paper.title
    ways = (
        lambda: re.sub(r"[!\"'(),.:;?\[\]{}“”‘’]", "", title),
        lambda: title.replace(": ", random.choice((" - ", ". ", ", ", " — ", " ", "; "))),
        lambda: title + random.choice(".;:,!?"),
        lambda: f'"{title}"',
        lambda: re.sub(r"[,?!;]", "", title),
        lambda: re.sub(r"[()]", "", title),
        lambda: title.replace(" ", "  ").replace("-", " - "),
    )
    return random.choice(ways)()


def _latex(paper: Paper, random: Random, known: Container[str]) -> str:
    title = paper.title
    ways = (
        lambda: re.sub(r"\b([A-Z])", r"{\1}", title),
        lambda: re.sub(r"\b(\w*[A-Z]\w*[A-Z]\w*)\b", r"{\1}", title),
        lambda: f"{{{title}}}",
        lambda: re.sub(r"(\w{6,})", random.choice((r"\\emph{\1}", r"\\textit{\1}", r"\\textbf{\1}")), title, count=1),
        lambda: title.replace("&", "\\&").replace("-", "--").replace("%", "\\%"),
        lambda: title.replace(" ", "~", 2),
        lambda: "".join(_in_latex(c, random) for c in title),
    )
    return random.choice(ways)()


def _in_latex(letter: str, random: Random) -> str:
    if letter in _GREEK:
        return f"$\\{_GREEK[letter]}$"
    base, *marks = unicodedata.normalize("NFD", letter)
    if len(marks) == 1 and marks[0] in _ACCENTS:
        accented = f"\\{_ACCENTS[marks[0]]}{base}"
        return f"{{{accented}}}" if random.random() < 0.5 or accented[1].isalpha() else accented
    return letter


def _source(paper: Paper, random: Random, known: Container[str]) -> str:
    return paper.original_title or paper.title


def _unicode(paper: Paper, random: Random, known: Container[str]) -> str:
    title = paper.title
    ways = (
        lambda: title.replace("fi", "ﬁ").replace("fl", "ﬂ").replace("ff", "ﬀ"),
        lambda: unicodedata.normalize("NFD", title),
        lambda: title.replace(" ", "\u00a0"),
        lambda: title.replace("-", "\u2010").replace(": ", "："),
        lambda: re.sub(r"(\w{4})(\w{4})", "\\1\u00ad\\2", title),
        lambda: re.sub(r"[A-Za-z0-9]", lambda m: chr(ord(m[0]) + 0xFEE0), title),
        lambda: title.replace("&", "&amp;").replace("<", "&lt;").replace("'", "&#39;"),
        lambda: re.sub(r"\b(\w+)\b", "\u200b\\1", title, count=2),
    )
    return random.choice(ways)()


def _accents(paper: Paper, random: Random, known: Container[str]) -> str:
    return bare(paper.title)


def _umlauts(paper: Paper, random: Random, known: Container[str]) -> str:
    return "".join(UMLAUTS.get(c, c) for c in paper.title)


def _hyphens(paper: Paper, random: Random, known: Container[str]) -> str:
    return re.sub(r"(?<=[a-z])-(?=[A-Za-z]{2})", " ", paper.title)


def _joined(paper: Paper, random: Random, known: Container[str]) -> str:
    if random.random() < 0.5 and "-" in paper.title:
        return re.sub(r"(?<=\w)-(?=[a-z]{2})", "", paper.title)
    return _one(r"(?<=[a-z]{3}) (?=[a-z]{4})", lambda match: "", paper.title, random)


def _split(paper: Paper, random: Random, known: Container[str]) -> str:
    prefixes = r"(?i)\b(?:non|multi|pre|semi|sub|super|inter|over|micro|meta|auto|cross|hyper|spatio|data)(?=[a-z]{4,})"
    if random.random() < 0.5 and re.search(prefixes, paper.title):
        return _one(prefixes, lambda match: match[0] + random.choice("- "), paper.title, random)
    broken = random.choice(("-", "- ", "-\n", " "))  # a line's end in a PDF
    return _one(r"\b[A-Za-z]{3,5}(?=[a-z]{4})", lambda match: match[0] + broken, paper.title, random)


def _quotes(paper: Paper, random: Random, known: Container[str]) -> str:
    title = re.sub(r'"([^"]*)"', r"“\1”", paper.title).replace("'", "’")
    title = re.sub(r"(?<=\w)-(?=\w)", random.choice("–‑‐−"), title).replace(" - ", " — ").replace("--", "–")
    return f"‘{title}’" if random.random() < 0.1 else title


def _one(pattern: str, change: Callable[[re.Match[str]], str], title: str, random: Random) -> str:
    """With one occurrence changed."""
    found = list(re.finditer(pattern, title))
    if not found:
        return title
    match = random.choice(found)
    return title[: match.start()] + change(match) + title[match.end() :]


def _misspelt(word: str, random: Random, edits: int) -> str:
    for _ in range(edits):
        place = random.randrange(1, len(word))
        letter = random.choice("abcdefghijklmnopqrstuvwxyz")
        rest = word[place + 1 :]
        word = word[:place] + random.choice((letter + rest, rest, letter + word[place:]))
    return word


def _typo(pattern: str, change: Callable[[str, Random], str]) -> Noise:
    """The word written wrongly is no other word: that would be a change of content."""

    def noise(paper: Paper, random: Random, known: Container[str]) -> str:
        def wrong(match: re.Match[str]) -> str:
            word = change(match[0], random)
            return match[0] if word.lower() in known else word

        return _one(pattern, wrong, paper.title, random)

    return noise


def _transposed(word: str, random: Random) -> str:
    place = random.randrange(1, len(word) - 1)
    return word[:place] + word[place + 1] + word[place] + word[place + 2 :]


def _doubled(word: str, random: Random) -> str:
    place = random.randrange(1, len(word))
    return word[:place] + word[place] + word[place:]


def _subtitle(paper: Paper, random: Random, known: Container[str]) -> str:
    head = re.split(r"[:?!] | [-–—]+ |\. ", paper.title, maxsplit=1)[0]
    return head if len(head.split()) > 1 else paper.title


def _truncated(paper: Paper, random: Random, known: Container[str]) -> str:
    words = paper.title.split()
    kept = round(len(words) * random.uniform(0.55, 0.85))
    if not 4 <= kept < len(words):
        return paper.title
    last = words[kept][: random.randrange(5)]
    return " ".join([*words[:kept], last]).rstrip(" :,") + random.choice(("…", "...", " …", " ..."))


def _spelling(paper: Paper, random: Random, known: Container[str]) -> str:
    def other(match: re.Match[str]) -> str:
        word = _SPELLINGS.get(match[0].lower(), match[0])
        return word.capitalize() if match[0][0].isupper() and word != match[0] else word

    return re.sub(r"[A-Za-z]+", other, paper.title)


def _plural(paper: Paper, random: Random, known: Container[str]) -> str:
    def other(match: re.Match[str]) -> str:
        word = match[0]
        if word.endswith("s"):
            changed = re.sub(r"(?<=[sx])es$|(?<=[cs]h)es$|(?<![sui])s$", "", re.sub(r"ies$", "y", word))
        else:
            changed = word if word.endswith(("ing", "ic", "al")) else re.sub(r"(?<![aeo])y$", "ie", word) + "s"
        return changed if changed.lower() in known else word

    nouns = r"(?<!\bA )(?<!\bAn )\b[A-Za-z]{5,}(?=$|:| (?:of|for|in|on|with|and|via|using|by|from|under)\b)"
    return _one(nouns, other, paper.title, random)


def _ampersand(paper: Paper, random: Random, known: Container[str]) -> str:
    return paper.title.replace("&", "and") if "&" in paper.title else paper.title.replace(" and ", " & ")


def _article(paper: Paper, random: Random, known: Container[str]) -> str:
    without = re.sub(r"^(The|A|An) ", "", paper.title)
    return without if without != paper.title else f"{random.choice(('The', 'The', 'A'))} {paper.title}"


def _venue(paper: Paper, random: Random, known: Container[str]) -> str:
    return random.choice(_VENUES).format(paper.title, paper.year + random.randrange(2))


def _author(paper: Paper, random: Random, known: Container[str]) -> str:
    first, family = paper.authors[0], paper.authors[0].split()[-1]
    ways = ("{}, {}", "{}. {}", "{} by {}", "{} ({})", "{} — {}", "{}, {} et al.", "{} / {}")
    return random.choice(ways).format(paper.title, random.choice((first, family)))


LONG, SHORT = r"\b[A-Za-z]{8,}\b", r"\b[a-z]{3,5}\b"
SAME: Mapping[str, Noise] = {
    "exact": lambda paper, random, known: paper.title,
    "case": _case,
    "punctuation": _punctuation,
    "LaTeX": _latex,
    "LaTeX of the source": _source,
    "Unicode": _unicode,
    "accents dropped": _accents,
    "hyphen or space": _hyphens,
    "quotes, dashes": _quotes,
}
VARIANTS: Mapping[str, Noise] = {
    "typo, long word": _typo(LONG, lambda word, random: _misspelt(word, random, 1)),
    "two edits, long word": _typo(LONG, lambda word, random: _misspelt(word, random, 2)),
    "letters transposed": _typo(r"\b[A-Za-z]{6,}\b", _transposed),
    "letter doubled": _typo(r"\b[A-Za-z]{5,}\b", _doubled),
    "typo, short word": _typo(SHORT, lambda word, random: _misspelt(word, random, 1)),
    "words joined": _joined,
    "word split": _split,
    "subtitle dropped": _subtitle,
    "truncated with …": _truncated,
    "umlauts written out": _umlauts,
    "British, American": _spelling,
    "plural, singular": _plural,
    "& for and": _ampersand,
    "leading article": _article,
    "venue leaked": _venue,
    "author leaked": _author,
}
