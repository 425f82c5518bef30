import json
import re

import pytest

from paperqa_ext import cli
from paperqa_ext.index import ReferenceIndex, build_index
from paperqa_ext.prompts import citation_line


def records(path, papers):
    rows = [
        {
            "id": paper.id,
            "title": paper.title,
            "authors": list(paper.authors),
            "abstract": paper.abstract,
            "categories": list(paper.categories),
            "published": paper.published,
        }
        for paper in papers
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def some(papers):
    return papers[::4]


@pytest.fixture(scope="module")
def place(tmp_path_factory, some):
    directory = tmp_path_factory.mktemp("commands")
    source = records(directory / "records.jsonl", some)
    assert cli.main(["index", "build", str(source), "--output", str(directory / "index")]) == 0
    return directory / "index"


@pytest.fixture
def run(place, capsys):
    def run(action, *arguments, index=place):
        capsys.readouterr()
        code = cli.main(["index", action, *map(str, arguments), "--index", str(index)])
        return code, *capsys.readouterr()

    return run


def test_search_prints_citation_lines(run, place):
    code, out, err = run("search", "图神经网络", "--year", "2022", "--limit", "3")
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert len(lines) == 3
    index = ReferenceIndex(place)
    for number, line in enumerate(lines, 1):
        paper = index.by_id(re.search(r"arXiv:([^]]+)]", line)[1])
        assert line == citation_line(paper, number)
        assert paper.year == 2022


def test_search_as_json(run):
    code, out, _ = run("search", "图神经网络", "zzzz", "2022", "--limit", "2", "--json")
    found = json.loads(out)
    assert code == 0
    assert (found["concepts"], found["years"], found["unused"]) == (["图神经网络"], [2022, 2022], ["zzzz"])
    assert "图神经网络" in out  # not escaped
    assert [set(paper) for paper in found["papers"]] == 2 * [
        {"id", "title", "authors", "categories", "published", "withdrawn", "url", "score", "whole"}
    ]


def test_search_says_what_it_could_not_use(run):
    code, out, err = run("search", "graph neural networks zzzz")
    assert code == 0
    assert "zzzz" in err
    assert out.startswith("1. **")


def test_search_sets_apart_what_lacks_something(run):
    _, out, _ = run("search", "图神经网络 石墨烯 宇宙学", "--limit", "5")
    assert "all of: 图神经网络, 石墨烯, 宇宙学" in out


def test_search_by_filters_alone(run):
    code, out, _ = run("search", "--category", "cs.lg", "--year", "2020-", "--limit", "4", "--json")
    papers = json.loads(out)["papers"]
    assert code == 0
    assert all("cs.LG" in paper["categories"] and paper["published"] >= "2020" for paper in papers)
    assert [paper["published"][:7] for paper in papers] == sorted((p["published"][:7] for p in papers), reverse=True)


def test_search_by_author(run, some):
    author = some[700].authors[0]
    _, out, _ = run("search", "--author", author, "--json")
    assert some[700].id in {paper["id"] for paper in json.loads(out)["papers"]}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["魑魅魍魉"], "no paper has anything of: 魑魅魍魉"),
        ([], "nothing to search for"),
        (["graph", "--year", "1950"], "no paper fits"),
    ],
    ids=["unknown", "empty", "no hit"],
)
def test_search_without_result_exits_with_1_and_a_remedy(run, arguments, message):
    code, out, err = run("search", *arguments)
    assert (code, out) == (1, "")
    assert message in err
    assert len(err.splitlines()) == 2


@pytest.mark.parametrize(
    "option", [["--year", "22"], ["--year", "2023-2020"], ["--category", "cs.XX"], ["--limit", "0"]]
)
def test_search_refuses_wrong_filters(option, place):
    with pytest.raises(SystemExit) as stop:
        cli.main(["index", "search", "x", "--index", str(place), *option])
    assert stop.value.code == 2


@pytest.mark.parametrize("form", ["{}", "{}v3", "arXiv:{}", "https://arxiv.org/abs/{}v1", "https://arxiv.org/pdf/{}"])
def test_lookup_by_id(run, some, form):
    code, out, _ = run("lookup", form.format(some[100].id))
    assert code == 0
    assert out.startswith(citation_line(some[100]))
    assert ", ".join(some[100].authors) in out


def test_lookup_by_title_in_any_case(run, some):
    code, out, _ = run("lookup", some[100].title.upper(), "--json")
    found = json.loads(out)
    assert code == 0
    assert [paper["id"] for paper in found["papers"]] == [some[100].id]
    assert found["nearest"] == []


def test_lookup_shows_the_nearest_titles_and_says_so(run, some):
    title = f"{some[100].title} Revisited"
    code, out, _ = run("lookup", title)
    assert code == 1
    assert out.startswith("No paper has exactly this title. Nearest:\n\n" + citation_line(some[100]))
    code, out, _ = run("lookup", title, "--json")
    assert code == 1
    assert json.loads(out)["nearest"][0]["id"] == some[100].id


@pytest.mark.parametrize("text", ["2201.99999", "Zzzz qqqq", "", "???"])
def test_lookup_of_what_is_not_there(run, text):
    code, out, err = run("lookup", text)
    assert (code, out) == (1, "")
    assert "The index covers" in err


def test_info(run, place, some):
    code, out, _ = run("info")
    assert code == 0
    assert f"{len(some):,}" in out
    info = json.loads(run("info", "--json")[1])
    index = ReferenceIndex(place)
    assert (info["papers"], info["hash"], info["searchable_papers"]) == (
        len(some),
        index.coverage.hash,
        len(some),
    )
    assert info["bytes"] > 0 < info["topics_bytes"]


def test_an_index_for_checking_only(run, tmp_path, papers):
    source = records(tmp_path / "records.jsonl", papers[:20])
    index = tmp_path / "index"
    assert cli.main(["index", "build", str(source), "--output", str(index), "--no-search"]) == 0
    assert run("lookup", papers[3].id, index=index)[0] == 0
    assert "no; `paperqa index build`" in run("info", index=index)[1]
    code, _, err = run("search", "graph", index=index)
    assert code == 1
    assert "paperqa index build SOURCE --output" in err
    more = records(tmp_path / "more.jsonl", papers[15:25])
    assert run("add", more, index=index)[0] == 0
    assert len(ReferenceIndex(index)) == 25


def test_add_extends_checking_and_search(run, tmp_path, papers):
    source = records(tmp_path / "records.jsonl", papers[:300])
    index = tmp_path / "index"
    assert cli.main(["index", "build", str(source), "--output", str(index)]) == 0
    more = records(tmp_path / "more.jsonl", papers[290:320])
    code, out, _ = run("add", more, index=index)
    assert code == 0
    assert re.search(r"new in the index +20\n", out)
    assert re.search(r"replaced in the index +10\n", out)
    assert len(ReferenceIndex(index)) == 320
    for paper in (papers[0], papers[295], papers[319]):
        _, out, _ = run("search", paper.title, "--limit", "1", "--json", index=index)
        assert json.loads(out)["papers"][0]["id"] == paper.id
    assert json.loads(run("info", "--json", index=index)[1])["searchable_papers"] == 320
    assert sorted(path.name for path in tmp_path.iterdir()) == ["index", "more.jsonl", "records.jsonl"]


def test_add_to_nothing(run, tmp_path, papers):
    source = records(tmp_path / "records.jsonl", papers[:3])
    code, _, err = run("add", source, index=tmp_path / "nowhere")
    assert code == 1
    assert "no reference index here" in err
    assert not (tmp_path / "nowhere").exists()


def test_a_failed_build_leaves_the_old_index(run, tmp_path, papers):
    index = tmp_path / "index"
    build_index(papers[:5], index)
    assert cli.main(["index", "build", str(tmp_path / "nowhere.jsonl"), "--output", str(index)]) == 1
    assert len(ReferenceIndex(index)) == 5
