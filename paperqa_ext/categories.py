"""arXiv's categories and their names in two languages (https://arxiv.org/category_taxonomy)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from .glossary import read_glossary

CATEGORIES = Path(__file__).parent / "data" / "categories.csv"


@dataclass(frozen=True, slots=True)
class Category:
    """An arXiv category.

    Attributes:
        code: as records write it: `cs.LG`, `hep-th`, `alg-geom`.
        en: arXiv's own name. Two categories may share one (`cs.LG`, `stat.ML`), so show the code beside it.
        zh: Chinese name.
    """

    code: str
    en: str
    zh: str


def load_categories(path: Path = CATEGORIES) -> dict[str, Category]:
    """Code → category, in file order.

    Args:
        path: UTF-8 CSV with the columns `category`, `name_en` and `name_zh`.

    Raises:
        SourceError: the file cannot be read, a column is missing, a cell is empty, or a code is given twice.
    """
    rows = read_glossary(path, ("category", "name_en", "name_zh"), unique=("category",))
    return {code: Category(code, en, zh) for _, (code, en, zh) in rows}
