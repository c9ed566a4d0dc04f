"""A citation becomes a link to its work; what is wrong with one names the file and the line."""

from pathlib import Path

import pytest

from livedocs import checks, works
from livedocs.addresses import Place
from livedocs.mkdocs import chapters
from livedocs.settings import load
from livedocs.site import Site

CHO = """\
cho2014:
  authors: [Kyunghyun Cho, Bart van Merriënboer, Caglar Gulcehre]
  title: Learning phrase representations
  year: 2014
  venue: EMNLP 2014
  version: arXiv 1406.1078v3
  url: https://arxiv.org/abs/1406.1078
"""
TWO = """\
gers2000:
  authors: [Felix Gers, Jürgen Schmidhuber]
  title: Recurrent nets that time and count
  year: 2000
  url: https://example.org/count
"""
LIST = "# References\n\n`{references}`\n"


def site(folder: Path, entries: str, **chapters: str) -> Site:
    (folder / "pyproject.toml").write_text('[tool.livedocs]\nreferences = "docs/works.yml"\n')
    (folder / "snippets").mkdir()
    (folder / "docs" / "more").mkdir(parents=True)
    (folder / "docs" / "works.yml").write_text(entries, "utf-8")
    for name, text in chapters.items():
        (folder / "docs" / f"{name.replace('__', '/')}.md").write_text(text, "utf-8")
    made = Site(load(folder))
    made.prepare(lambda line: None)
    made.problems += checks.problems(made)
    return made


def rendered(made: Site, path: str) -> str:
    text = (made.settings.root / path).read_text("utf-8")
    return chapters.render(made, path, text, 1, Place("page.html")).markdown


def test_a_citation_names_the_work_and_leads_to_it(tmp_path: Path) -> None:
    chapter = "Gates[^1] of @cho2014.\n\n[^1]: @gers2000, section 2; see @cho2014\n"
    made = site(tmp_path, CHO + TWO, a=chapter, more__b="@cho2014", works=LIST)
    assert made.problems == []
    assert rendered(made, "docs/a.md") == (
        "Gates[^1] of [Cho et al., 2014](works.md#cho2014).\n\n"
        "[^1]: [Gers and Schmidhuber, 2000](works.md#gers2000), section 2; "
        "see [Cho et al., 2014](works.md#cho2014)\n"
    )
    assert rendered(made, "docs/more/b.md") == "[Cho et al., 2014](../works.md#cho2014)"
    assert rendered(made, "docs/works.md") == (
        "# References\n\n"
        '- <a id="cho2014"></a>Kyunghyun Cho, Bart van Merriënboer and Caglar Gulcehre (2014). '
        "[Learning phrase representations](https://arxiv.org/abs/1406.1078). EMNLP 2014. "
        "arXiv 1406.1078v3.\n"
        '- <a id="gers2000"></a>Felix Gers and Jürgen Schmidhuber (2000). '
        "[Recurrent nets that time and count](https://example.org/count).\n"
    )


@pytest.mark.parametrize(
    "text", ["`@cho2014`", "```\n@cho2014\n```\n", "mail@cho2014", "@fontsource", "npm/@x2014b1"]
)
def test_what_is_no_citation_stays(tmp_path: Path, text: str) -> None:
    made = site(tmp_path, "", a=text)
    assert rendered(made, "docs/a.md") == text


@pytest.mark.parametrize(
    ("works", "chapter", "message"),
    [
        (
            CHO,
            "One\n\n@cho2014 and @chu2014",
            'docs/a.md:3: no work is called "chu2014". Did you mean "cho2014"?',
        ),
        (CHO + TWO, "@cho2014", 'docs/works.yml:8: no chapter cites "gers2000"'),
        (CHO + CHO, "@cho2014", 'docs/works.yml:8: "cho2014" stands here twice'),
        (
            CHO.replace("title", "titles"),
            "@cho2014",
            'docs/works.yml:1: "cho2014" has no "titles". Did you mean "title"?',
        ),
        (
            CHO.replace("  year: 2014\n", ""),
            "@cho2014",
            'docs/works.yml:1: "cho2014" needs "year"',
        ),
        (
            CHO.replace("year: 2014", "year: soon"),
            "@cho2014",
            'docs/works.yml:1: "cho2014" "year" must be a number',
        ),
        (
            CHO.replace("https", "http"),
            "@cho2014",
            'docs/works.yml:1: "cho2014" "url" must begin with https://',
        ),
        (
            TWO + CHO.replace("[Kyunghyun Cho, Bart van Merriënboer, Caglar Gulcehre]", "Cho"),
            "@cho2014 @gers2000",
            'docs/works.yml:6: "cho2014" "authors" must be a list of names',
        ),
        ("cho2014: x", "@cho2014", 'docs/works.yml:1: "cho2014" must be lines of "name: value"'),
        ("- a", "", "docs/works.yml: must hold a work for each key"),
        (
            "a: [",
            "",
            "docs/works.yml:1: not YAML: expected the node content, but found '<stream end>'; a "
            'text that begins with a mark or holds ": " or " #" needs quotation marks',
        ),
    ],
)
def test_a_fault_names_file_and_line(
    tmp_path: Path, works: str, chapter: str, message: str
) -> None:
    made = site(tmp_path, works, a=chapter, works=LIST)
    rendered(made, "docs/a.md")
    assert message in map(str, made.problems)


def test_works_that_no_chapter_lists_are_a_fault(tmp_path: Path) -> None:
    made = site(tmp_path, CHO, a="@cho2014")
    assert list(map(str, made.problems)) == [
        "docs/works.yml: no chapter lists the works: write `{references}` where they belong"
    ]


def test_a_caption_cites_nothing(tmp_path: Path) -> None:
    made = site(tmp_path, "", a="```source gated.x\ncaption: By @cho2014.\n```\n")
    assert list(map(str, made.problems)) == [
        "docs/a.md:1: a caption may hold {value} spans, and nothing else of the engine's"
    ]


def test_a_project_needs_no_works(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("")
    assert works.load(load(tmp_path)) == {}
