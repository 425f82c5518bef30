"""Templates → HTML, piece by piece. Every value that a template prints is escaped and made visible."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .. import __version__
from ..metrics import UNBOUNDED
from .items import visible
from .wording import FIELDS, ITEM, QUALITY, VERDICTS, format_difference, format_interval, format_p, format_value, term

if TYPE_CHECKING:
    import jinja2

OPEN_ANSWERS = 8  # as in report.js
_TEMPLATES = Path(__file__).parent.parent / "templates"


def render(template: str, **context: Any) -> Iterator[str]:
    """The page that a template makes of `context`."""
    return _environment().get_template(template).generate(context)


def flatten(signature: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """A signature as names and values."""
    for key, value in signature.items():
        name = f"{prefix}{key}".replace("_", " ")
        if isinstance(value, Mapping):
            yield from flatten(value, f"{name}, ")
        else:
            yield name, str(value)


@cache
def _environment() -> jinja2.Environment:
    import jinja2
    from markupsafe import Markup, escape

    def both(en: str, zh: str, n: int | None = None) -> Markup:
        """A text in both languages, one of which the page shows; `{n}` in it is a number."""
        texts = (en, zh) if n is None else (text.replace("{n}", f"{n:,}") for text in (en, zh))
        spans = zip(("en", "zh"), texts, strict=True)
        return Markup("").join(Markup(f'<span class="{lang}">{escape(visible(text))}</span>') for lang, text in spans)

    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        # On every value that a template prints, so that no template can forget it.
        finalize=lambda value: visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value,
    )
    script = (_TEMPLATES / "report.js").read_text(encoding="utf-8")
    digest = b64encode(hashlib.sha256(script.encode()).digest()).decode()
    environment.filters |= {
        "value": format_value,
        "interval": format_interval,
        "difference": format_difference,
        "p": format_p,
    }
    environment.globals |= {
        "FIELDS": FIELDS, "ITEM": ITEM, "OPEN_ANSWERS": OPEN_ANSWERS, "QUALITY": QUALITY, "UNBOUNDED": UNBOUNDED,
        "VERDICTS": VERDICTS, "VERSION": __version__, "SCRIPT": Markup(script), "SCRIPT_HASH": f"sha256-{digest}",
        "t": both, "term": term,
    }  # fmt: skip
    return environment
