"""Text → Markdown that shows it as it is, whatever is in it (https://github.github.com/gfm/)."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence

Cell = str | int

_PLAIN = re.compile(r"[\w .,:+/()-]+", re.ASCII)
# Within a word an underscore is just that.
_SPECIAL = re.compile(r"[\\`*\[\]|~$#]|(?<!\w)_|_(?!\w)")


def table(head: Sequence[str], rows: Sequence[Sequence[Cell]]) -> str:
    """A Markdown table; texts must be Markdown without `|` and line ends, numbers are set to the right."""
    number = [bool(rows) and all(isinstance(row[column], int) for row in rows) for column in range(len(head))]
    lines = [head, ["--:" if right else "---" for right in number]]
    lines += [[f"{value:,}" if isinstance(value, int) else value for value in row] for row in rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def escape(text: str) -> str:
    """`text` as Markdown that shows it as it is, on one line, also in a table.

    >>> escape("a|b <i>*c*")
    'a&#124;b &lt;i&gt;&#42;c&#42;'
    """
    text = html.escape(" ".join(visible(text).split()), quote=False)
    return _SPECIAL.sub(lambda match: f"&#{ord(match[0])};", text)


def code(text: str) -> str:
    """`text` as a code span, on one line, also in a table."""
    text = " ".join(visible(text).split())
    return f"`{text}`" if _PLAIN.fullmatch(text) else f"<code>{escape(text)}</code>"


def fenced(text: str, language: str = "text") -> str:
    """`text` as a code block that nothing in it can end."""
    text = visible(text)
    fence = "`" * max(3, 1 + max((len(run) for run in re.findall("`+", text)), default=0))
    return f"{fence}{language}\n{text}\n{fence}"


def visible(text: str) -> str:
    """Characters that hide or reorder text become their code points, other white space becomes spaces.

    >>> visible("a\\u202eb\\n")
    'a⟨U+202E⟩b\\n'
    """
    return "".join(map(_shown, text))


def _shown(char: str) -> str:
    if char.isprintable() or char == "\n":
        return char
    return " " if char.isspace() else f"⟨U+{ord(char):04X}⟩"
