"""The category names, and that no category of the bundled records is without one."""

from __future__ import annotations

from pathlib import Path

import pytest

from paperqa_ext.categories import CATEGORIES, Category, load_categories
from paperqa_ext.errors import SourceError
from paperqa_ext.sources import DISTRACTORS, SAMPLE, read_papers

NAMES = load_categories()
SUBJECT_CLASSES = {
    "cs": 40, "econ": 3, "eess": 4, "math": 32, "astro-ph": 6, "cond-mat": 9, "nlin": 5, "physics": 22, "q-bio": 10,
    "q-fin": 9, "stat": 6,
}  # fmt: skip
WITHOUT_CLASSES = "gr-qc hep-ex hep-lat hep-ph hep-th math-ph nucl-ex nucl-th quant-ph".split()
HISTORIC = (
    "acc-phys adap-org alg-geom ao-sci atom-ph bayes-an chao-dyn chem-ph cmp-lg comp-gas dg-ga funct-an mtrl-th "
    "patt-sol plasm-ph q-alg solv-int supr-con"
).split()


def table(directory: Path, text: str) -> Path:
    path = directory / "categories.csv"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(("archive", "count"), SUBJECT_CLASSES.items())
def test_all_subject_classes_of_the_taxonomy(archive: str, count: int) -> None:
    assert sum(code.startswith(f"{archive}.") for code in NAMES) == count
    assert archive in NAMES


@pytest.mark.parametrize("code", WITHOUT_CLASSES + HISTORIC)
def test_archives_without_subject_classes(code: str) -> None:
    assert code in NAMES


def test_nothing_but_the_taxonomy() -> None:
    assert len(NAMES) == sum(SUBJECT_CLASSES.values()) + len(SUBJECT_CLASSES) + len(WITHOUT_CLASSES + HISTORIC)


def test_every_category_of_the_bundled_records_has_a_name() -> None:
    for paper in read_papers([SAMPLE, DISTRACTORS]):
        # Some records list MSC and ACM classes behind the categories.
        assert paper.categories[:1] == () or paper.categories[0] in NAMES, paper


@pytest.mark.parametrize(
    ("code", "en", "zh"),
    [
        ("cs.LG", "Machine Learning", "机器学习"),
        ("stat.ML", "Machine Learning", "机器学习"),
        ("hep-th", "High Energy Physics - Theory", "高能物理理论"),
        ("math.KT", "K-Theory and Homology", "K 理论与同调"),
        ("cs.CE", "Computational Engineering, Finance, and Science", "计算工程、金融与科学"),
    ],
)
def test_names(code: str, en: str, zh: str) -> None:
    assert NAMES[code] == Category(code, en, zh)


def test_each_name_is_in_its_language() -> None:
    for category in NAMES.values():
        assert category.en.isascii(), category
        assert any("\u4e00" <= character <= "\u9fff" for character in category.zh), category
        assert not set(category.zh) & set(",;()"), category


def test_one_archive_does_not_use_a_name_twice() -> None:
    for language in ("en", "zh"):
        names = [(code.partition(".")[0], getattr(category, language)) for code, category in NAMES.items()]
        assert len(set(names)) == len(names)


@pytest.mark.parametrize(
    ("text", "line", "field"),
    [
        ("", 1, "category"),
        ("category,name_en\ncs.LG,Machine Learning\n", 1, "name_zh"),
        ("category,name_en,name_zh\ncs.LG,,机器学习\n", 2, "name_en"),
        ("category,name_en,name_zh\ncs.LG,A,甲\ncs.LG,B,乙\n", 3, "category"),
        ("category,name_en,name_zh\n", None, None),
    ],
)
def test_bad_table(tmp_path: Path, text: str, line: int | None, field: str | None) -> None:
    path = table(tmp_path, text)
    with pytest.raises(SourceError) as caught:
        load_categories(path)
    assert (caught.value.path, caught.value.line, caught.value.field) == (path, line, field)
    assert caught.value.remedy


def test_two_categories_may_share_a_name(tmp_path: Path) -> None:
    path = table(tmp_path, "category,name_en,name_zh\ncs.LG,A,甲\nstat.ML,A,甲\n")
    assert list(load_categories(path)) == ["cs.LG", "stat.ML"]


def test_missing_table(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="cannot be read"):
        load_categories(tmp_path / CATEGORIES.name)
