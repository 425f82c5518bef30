import pytest

from paperqa_ext.citations import Citation
from paperqa_ext.verify.other_works import other_work


def cite(text, url=None):
    return Citation(text, (0, len(text)), "Deep Learning of Things", url=url)


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("Goodfellow. Deep Learning of Things. MIT Press, 2016.", "MIT Press"),
        ("Deep Learning of Things, ISBN 978-0-262-03561-3", "ISBN"),
        ("Deep Learning of Things. Springer-Verlag, 2006", "Springer-Verlag"),
        ("Deep Learning of Things, 2nd edition", "2nd edition"),
        ("周志华. Deep Learning of Things[M]. 北京, 2016", "[M]"),
        ("《Deep Learning of Things》，清华大学出版社，2016 年", "出版社"),
        ("A. Lee. Deep Learning of Things. PhD thesis, 2019", "PhD thesis"),
        ("@book{x, title = {Deep Learning of Things}}", "@book{"),
    ],
)
def test_books_and_theses(text, sign):
    assert other_work(cite(text)) == sign


@pytest.mark.parametrize(
    "text",
    [
        "Deep Learning of Things. NeurIPS, 2020",
        "Deep Learning of Things. In Proceedings of ECCV, Springer, 2020",
        "Deep Learning of Things. Journal of Things, Elsevier, 2020",
        "Deep Learning of Things[J]. 2020",
    ],
)
def test_papers(text):
    assert other_work(cite(text)) is None


def test_a_title_may_speak_of_books():
    title = "Reading ISBN from a Textbook"
    assert other_work(Citation(title, (0, len(title)), title)) is None


def test_links_to_software_and_web_pages():
    assert other_work(cite("Deep Learning of Things", "https://github.com/a/b")) == "github.com"
    assert other_work(cite("Deep Learning of Things", "https://openreview.net/forum?id=1")) is None
