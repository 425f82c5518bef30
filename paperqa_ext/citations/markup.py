r"""An answer in one plain Markdown of the same length: full-width punctuation, HTML, LaTeX, escapes and thoughts.

What means the same is written the same, padded with spaces, so that an offset holds in both: `<b>T</b>` becomes
` **T**  `, `\*\*T\*\*` becomes `  **T**  `, a row of an HTML table one with pipes; thoughts and code become spaces.
"""

from __future__ import annotations

import html
import re
from functools import lru_cache

from .html import shown
from .items import itemized, labelled, without_emoji
from .patterns import FIELD, NAME
from .record import kind_of
from .wrapped import unbroken

# Full-width punctuation to its half-width form; every sort of space to a space.
_SPACES = (
    "\u3000\u00a0\u2009\u202f\t\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"
    "\u200b\u200c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff"
)
_FLAT = dict(zip("（）：，；．［］＊｜＂〔〕«»" + _SPACES, '():,;.[]*|"[]“”' + " " * len(_SPACES), strict=True)) | {
    chr(code): chr(code - 0xFEE0)
    for block in ("０９", "ＡＺ", "ａｚ")
    for code in range(ord(block[0]), ord(block[1]) + 1)
}
# Wide room within a line, as between columns: "Title　　Ann Bell　　2021"
_GAP = re.compile(r"(?<=\S)(?:\t|\u3000\u3000)[\t\u3000]{0,8}(?=\S)")
# It ends a sentence, and neither a number nor an initial.
_WIDE_STOP = re.compile(r"(?<=[A-Za-z])(?<!\b[A-Z])．")
# --- Thoughts --------------------------------------------------------------------------------------------------------
_TAGS = r"think(?:ing)?|thoughts?|reason(?:ing)?|reflection|scratchpad|analysis"
# <think>…</think>, [THINK]…[/THINK], ◁think▷…◁/think▷; one never closed only where a line begins with it.
_OPEN_THOUGHT = re.compile(rf"[<\[◁](?P<tag>{_TAGS})[>\]▷]", re.IGNORECASE)
_CLOSE_THOUGHT = re.compile(rf"[<\[◁]/(?P<tag>{_TAGS})[>\]▷]", re.IGNORECASE)
# The channel of thoughts of models that have channels, up to their final one.
_CHANNEL = re.compile(
    r"<\|channel\|>(?:analysis|commentary)\b.*?(?:<\|channel\|>final(?:<\|message\|>)?|\Z)", re.DOTALL
)
_SPECIAL = re.compile(
    r"<\|(?:im_start|start_header_id)\|>(?:assistant|user|system)|<\|[\w▁]{1,30}\|>|<｜[\w▁]{1,30}｜>"
)
# --- Code ------------------------------------------------------------------------------------------------------------
_FENCE = re.compile(r"^[ >]{0,12}(?:```+|~~~+)[ ]{0,3}(?P<language>[\w+#.-]{0,20})[^\n]{0,200}$", re.MULTILINE)
_PROGRAMS = frozenset(
    "python py python3 java javascript js typescript ts jsx tsx c cpp c++ cs csharp go rust ruby r matlab bash sh "
    "shell zsh powershell sql php perl swift kotlin scala lua julia dockerfile makefile css scss diff mermaid".split()
)
_ENTITY = re.compile(r"&(?:#\d{1,6}|#x[0-9a-f]{1,5}|[a-z]{2,8});", re.IGNORECASE)
# --- LaTeX and escapes -----------------------------------------------------------------------------------------------
_COMMAND = re.compile(
    r"\\(?:(?P<style>emph|text(?:it|bf|sl)|href\{[^{}\n]{1,300}\})\{(?P<words>(?:[^{}\n]|\{[^{}\n]{0,40}\}){1,300})\}"
    r"|(?P<item>item(?![a-z])(?:\[[^\]\n]{0,20}\])?|bibitem(?:\[[^\]\n]{0,80}\])?\{[^{}\n]{0,80}\}(?:[ ]*\n)?))"
)
_ACCENT = re.compile(r"(?:(?<=[A-Za-z])|(?<=[A-Za-z]\{))(?<!\\n)\\[\"'`^~](?=\{?[a-z])")  # Schr\"odinger
# The answer as some reason models give it: $\boxed{\text{Title}}$
_BOXED = re.compile(r"\$?\\boxed\{(?:\\text(?:bf)?\{)?(?P<words>[^{}\n]{3,300})\}{1,2}\$?")
_TIE = re.compile(r"(?<=[A-Za-z.])~(?=[A-Za-z])")  # C.~Schwab
_TEX_QUOTES = re.compile(r"``(?=\S)(?P<words>[^`'\n]{1,300})''")
_ESCAPES = re.compile(r"(?:\\[*_\[\]()\"'#.`>&~+!|-])+")
_NEWLINE = re.compile(r"\\n(?![a-z])")
_TITLE_TAG = re.compile(r"</?[A-Za-z][A-Za-z0-9]{0,9}(?:\s[^<>]{0,600})?/?>")
_ESCAPED = re.compile(r"(?:(?<![A-Za-z])|(?!\\[\"'`^~]\{?[a-z]))\\([*_\[\]()\"'#.`>&~+!|-])")
# {"answer": "What is said
_SPOKEN = re.compile(
    r"[{,]\s{0,20}\\?\"(?:answer|response|reply|content|text|message|output|回答|答案|回复)\\?\"\s{0,4}:\s{0,4}\\?\""
)
# --- Lines ---------------------------------------------------------------------------------------------------------
# 【标题】 is the label 标题:, 【图神经网络综述】 a title in quotes.
_HEADED = re.compile(r"【[ ]?(?P<words>[^【】\n]{1,200})】:?")
# "│   ├── ", a branch of a tree
_BRANCH = re.compile(r"^[ │|]{0,40}[├└╰][─-]{1,4}[ ]", re.MULTILINE)
_DATED = re.compile(r"[,; ](?:19|20)\d\d\Z")
# 〈Title〉 of an article, where 《》 are for books; within 《》 it is the title of another work.
_ARTICLE = re.compile(r"《[^《》\n]{1,250}》|〈(?P<words>[^〈〉《》\n]{8,250})〉")
_UNDERLINED = re.compile(r"(?<!\w)__(?=[^\s_])(?P<words>[^\n]{2,300}?)(?<=\S)__(?![\w_])")
_ET_AL = re.compile(r"(?<=\s)[*_](et al\.?)[*_]")
# "by **Ann Bell** and **Bo Li**"
_BOLD_NAMES = re.compile(
    rf"(?<=\bby )\*\*(?:{NAME.pattern})(?:(?:, and |, | and | & )(?:{NAME.pattern})){{0,12}}\*\*(?:(?:,|,? and"
    rf"| &) \*\*(?:{NAME.pattern})\*\*){{0,12}}"
)
_QUOTE = re.compile(r"^[ ]{0,8}>[ >]{0,8}", re.MULTILINE)
_ENDNOTE = re.compile(r"^%[TAD] ", re.MULTILINE)
_SIGNS = {"%T ": "TI:", "%A ": "AU:", "%D ": "PY:"}


def said(raw: str) -> str:
    """`raw` with thoughts and programs as spaces."""
    text = blank_thoughts(raw)
    if "<|" in text or "<｜" in text:
        text = _SPECIAL.sub(_spaces, text)
    if "```" in text or "~~~" in text:
        text = _without_programs(text)
    return text


def flattened(text: str) -> str:
    """`text`, without thoughts and programs, as plain Markdown of the same length."""
    flat = _GAP.sub(lambda gap: "|".ljust(len(gap[0])), text) if "\t" in text or "\u3000\u3000" in text else text
    flat = _WIDE_STOP.sub("。", flat) if "．" in flat else flat
    for sign in _FLAT.keys() & set(flat):
        flat = flat.replace(sign, _FLAT[sign])
    if '{"' in flat or '{\\"' in flat:
        flat = _SPOKEN.sub(_spaces, flat)
    if "\\" in flat:
        flat = flat.replace("\\newblock", " " * 9)
        flat = _BOXED.sub(_boxed, flat) if "boxed" in flat else flat
        flat = _ESCAPES.sub(_unescaped, _COMMAND.sub(_command, _ACCENT.sub("--", flat)))
        flat = _TIE.sub(" ", _NEWLINE.sub("\n ", flat))
    if "``" in flat:
        flat = _TEX_QUOTES.sub(lambda quoted: f' "{quoted["words"]}" ', flat)
    if "&" in flat:
        flat = _ENTITY.sub(_character, flat)
    if not flat.isascii():
        flat = without_emoji(_BRANCH.sub(_item, flat) if any(map(flat.__contains__, "├└╰")) else flat)
        flat = _HEADED.sub(_headed, flat) if "【" in flat else flat
    if "〈" in flat:
        flat = _ARTICLE.sub(lambda title: f"《{title['words']}》" if title["words"] else title[0], flat)
    if "%T " in flat:
        flat = _ENDNOTE.sub(lambda tag: _SIGNS[tag[0]], flat)
    if "<" in flat:
        flat = shown(flat)
    flat = flat.replace("`", '"')
    if "__" in flat:
        flat = _UNDERLINED.sub(lambda bold: f"**{bold['words']}**", flat)
    flat = _QUOTE.sub(_spaces, flat) if ">" in flat else flat
    flat = _BOLD_NAMES.sub(lambda names: names[0].replace("**", "  "), flat) if "by **" in flat else flat
    flat = _ET_AL.sub(r" \1 ", flat) if "*et al" in flat or "_et al" in flat else flat
    if "\n" in flat:
        flat = unbroken(labelled(flat))
    return itemized(flat)


def plain_title(raw: str) -> str:
    r"""A title as it reads: without HTML tags, its entities and escapes (`\*`, `&amp;`) resolved, on one line."""
    if "<" in raw:
        raw = _TITLE_TAG.sub("", raw)
    if "&" in raw:
        raw = html.unescape(raw)
    if "\\" in raw:
        raw = _ESCAPED.sub(r"\1", raw)
    return raw.strip() if "\n" not in raw else " ".join(raw.split())


def plain_name(raw: str) -> str:
    """A name as it reads: as a title, and with spaces for the ties of LaTeX."""
    return plain_title(raw).replace("~", " ")


def blank_thoughts(raw: str) -> str:
    """`raw` with its thoughts as spaces: what a reasoning model says to itself before, or between, what it answers."""
    if "<|channel|>" in raw:
        raw = _CHANNEL.sub(_spaces, raw)
    if not (_OPEN_THOUGHT.search(raw) or _CLOSE_THOUGHT.search(raw)):
        return raw
    closes = list(_CLOSE_THOUGHT.finditer(raw))
    parts, at, following = [], 0, 0
    opening = _OPEN_THOUGHT.search(raw)
    # The chat template may open the block in the prompt, so that the answer only closes it.
    if closes and (opening is None or closes[0].start() < opening.start()):
        at, following = closes[0].end(), 1
        parts.append(" " * (at - 1) + "\n")
    while opening := _OPEN_THOUGHT.search(raw, at):
        while following < len(closes) and closes[following].start() < opening.end():
            following += 1
        if following < len(closes):
            end = closes[following].end()
        elif not raw[max(0, opening.start() - 40) : opening.start()].rpartition("\n")[2].strip():
            end = len(raw)
        else:
            parts.append(raw[at : opening.end()])
            at = opening.end()
            continue
        parts += [raw[at : opening.start()], " " * (end - opening.start() - 1), "\n"]
        at = end
    return "".join([*parts, raw[at:]])


def _item(match: re.Match[str]) -> str:
    return "- ".rjust(len(match[0]))


def _spaces(match: re.Match[str]) -> str:
    return " " * len(match[0])


def _without_programs(flat: str) -> str:
    """Fences become empty lines; so does what stands between those that name a programming language."""
    parts, at, program, opened = [], 0, False, False
    for fence in _FENCE.finditer(flat):
        inside = flat[at : fence.start()]
        parts += [" " * len(inside) if program else inside, " " * len(fence[0])]
        at = fence.end()
        opened = not opened
        program = opened and fence["language"].lower() in _PROGRAMS
    rest = flat[at:]
    return "".join([*parts, " " * len(rest) if program else rest])


_unescape = lru_cache(maxsize=256)(html.unescape)


def _unescaped(match: re.Match[str]) -> str:
    r"""`\*\*` without backslashes, set close to the word that it marks."""
    signs = match[0][1::2]
    if signs == "-" and match.string[match.start() - 1 : match.start()].isalpha():
        return "--"  # Amoussou\-Guenou
    if signs[0] == ")" and len(signs) > 1:  # it ends a title: `U\_q\(sl\(N\)\)\*\*`
        rest = signs.lstrip(")")
        return " )" * (len(signs) - len(rest)) + rest.ljust(2 * len(rest))
    if signs == "." and match.string[match.start() - 1 : match.start()].isupper():
        return ". "  # Diederik P\. Kingma
    pad = " " * len(signs)
    following = match.string[match.end() : match.end() + 1]
    return pad + signs if following.strip() and signs[0] not in ".)" else signs + pad


def _command(match: re.Match[str]) -> str:
    if match["words"] is None:
        return "\n- ".ljust(len(match[0]))
    words, style = match["words"], match["style"]
    url = f"{style[5:-1]} " if style.startswith("href") else ""
    return f"{url}*{words}*".rjust(len(match[0]))


def _boxed(match: re.Match[str]) -> str:
    before = match.start("words") - match.start()
    return f"{'**':>{before}}{match['words']}**".ljust(len(match[0]))[: len(match[0])]


def _headed(match: re.Match[str]) -> str:
    words = match["words"]
    following = match.string[match.end() : match.end() + 1]
    label = _is_label(words)
    if len(words) < 7 and not label and not words.isdigit() and following.strip():  # 【必读】Title
        return " " * len(match[0])
    opening, closing = (" ", ":") if label else ("[", "]") if words.isdigit() else ('"', '"')
    if opening == '"' and _DATED.search(words):  # Title 【Ann Bell，2021】
        opening, closing = "(", ")"
    return f"{opening}{words}{closing}".ljust(len(match[0]))


@lru_cache(maxsize=256)
def _is_label(words: str) -> bool:
    return kind_of(words) is not None or FIELD.match(f"{words}:") is not None


def _character(match: re.Match[str]) -> str:
    character = _unescape(match[0])
    character = _FLAT.get(character, character)
    if len(character) != 1 or character == "\n":
        return match[0]
    following = match.string[match.end() : match.end() + 1]
    return character.rjust(len(match[0])) if following.strip() else character.ljust(len(match[0]))
