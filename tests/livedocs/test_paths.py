"""The ways through a site: where each page stands, how long it takes, what comes next."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from livedocs import checks, paths
from livedocs.addresses import Place
from livedocs.mkdocs import heads
from livedocs.settings import load
from livedocs.site import Site

Livedocs = Callable[..., subprocess.CompletedProcess[str]]

GROUPS = {
    "index.md": (),
    "a.md": ("Learn & do",),
    "b.md": ("Learn & do",),
    "more/c.md": ("Learn & do", "Further"),
    "d.md": ("Look up",),
    "api/e.md": ("Look up",),
}


def site(folder: Path, **texts: str) -> Site:
    settings = 'words_per_minute = 10\nunwoven = ["api/*.md"]\n'
    (folder / "pyproject.toml").write_text(f"[tool.livedocs]\n{settings}")
    for name in GROUPS:
        file = folder / "docs" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(texts.get(file.stem, f"# Title of {file.stem}\n\n{'word ' * 17}\n"))
    (folder / "snippets").mkdir()
    made = Site(load(folder), GROUPS)
    made.prepare(lambda line: None)
    made.problems += checks.problems(made)
    return made


def head_and_foot(made: Site, page: str) -> tuple[str, str]:
    place = Place(page.replace(".md", ".html"))
    head, _, foot = heads.put(made, page, (), place, "<h1>Title</h1>|").partition("|")
    return head.removeprefix("<h1>Title</h1>\n").strip(), foot.strip()


def test_pages_of_a_group_are_steps_and_those_of_groups_within_lead_further(tmp_path: Path) -> None:
    made = site(tmp_path)
    assert paths.paths(made) == {"Learn & do": ("a.md", "b.md"), "Look up": ("d.md", "api/e.md")}
    assert paths.standing(made, "index.md") is None
    places = [paths.standing(made, page) for page in GROUPS if page != "index.md"]
    assert [(at.step, at.group, at.previous, at.next) for at in places if at] == [
        (1, "Learn & do", None, "b.md"),
        (2, "Learn & do", "a.md", None),
        (0, "Further", None, None),
        (1, "Look up", None, "api/e.md"),
        (2, "Look up", "d.md", None),
    ]


def test_the_minutes_are_those_of_the_words_that_are_read(tmp_path: Path) -> None:
    unread = "<b>a</b> $a b c d e f$ [](https://a/b/c/d/e)\n\n```python\na b c d e f g h\n```\n"
    caption = "\n```source a.b\ncaption: It is words of their own.\n```\n"
    texts = {"a": "word " * 14 + unread, "b": "it's well-known " * 8 + caption, "d": "Four words."}
    made = site(tmp_path, **texts)
    assert [paths.minutes(made, page) for page in ("a.md", "b.md", "d.md")] == [2, 2, 0]
    assert paths.minutes(made, "api/e.md") == 0  # another program says what stands there


def test_a_head_says_where_a_page_stands_and_what_it_assumes(tmp_path: Path) -> None:
    made = site(tmp_path, b="---\nassumes: [a.md, more/c.md]\n---\n# Second\n")
    assert made.problems == []
    head, foot = head_and_foot(made, "b.md")
    assert head == (
        '<p class="page-head" data-search-exclude>'
        '<span class="page-steps" style="--step:2;--steps:2"></span>'
        '<a href="a.html">Learn &amp; do</a>, step 2 of 2 · '
        'assumes <a href="a.html">Title of a</a> and <a href="more/c.html">Title of c</a></p>'
    )
    assert foot == (
        '<nav class="page-foot" aria-label="Before and after, in Learn &amp; do" '
        "data-search-exclude>"
        '<a rel="prev" href="a.html"><span>Previous in Learn &amp; do</span> Title of a</a>'
        '<p>Learn &amp; do ends here. Go on with <a href="d.html">Look up</a>.</p></nav>'
    )
    assert "<span>Next in Learn &amp; do</span> Second</a>" in head_and_foot(made, "a.md")[1]
    head, foot = head_and_foot(made, "more/c.md")
    assert head == (
        '<p class="page-head" data-search-exclude>'
        '<a href="../a.html">Learn &amp; do</a> &rsaquo; Further · 2 minutes</p>'
    )
    assert foot.endswith(
        '<p>Further ends here. Go on with <a href="../a.html">Learn &amp; do</a> or '
        '<a href="../d.html">Look up</a>.</p></nav>'
    )
    assert head_and_foot(made, "index.md") == ("", "")


def test_a_chapter_lists_the_paths_with_their_pages(tmp_path: Path) -> None:
    made = site(tmp_path, index="# Home\n\n`{paths}`\n\n`{paths} Look up`\n")
    assert made.problems == []
    spans = made.chapters["docs/index.md"].spans
    everything, one = (made.text(span, "docs/index.md") for span in spans)
    assert everything == (
        '<div class="paths" markdown>\n\n'
        "- **Learn &#38; do** · 2 pages · 4 min\n\n"
        "    1. [Title of a](a.md) · 2 min\n"
        "    2. [Title of b](b.md) · 2 min\n\n"
        "- **Look up** · 2 pages · 2 min\n\n"
        "    1. [Title of d](d.md) · 2 min\n"
        "    2. [Title of e](api/e.md)\n\n"
        "</div>\n\nAt 10 words of prose a minute, not counting code."
    )
    assert one == "1. [Title of d](d.md) · 2 min\n2. [Title of e](api/e.md)"
    before = made.digests()
    (tmp_path / "docs" / "d.md").write_text("# Shorter\n")
    made.prepare(lambda line: None)
    changed = {path for path, digest in made.digests().items() if digest != before[path]}
    assert changed == {"docs/index.md", "docs/d.md"}


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        (
            {"a": "---\ntags: [x]\nassumes: [b.md, d.dm]\n---\n"},
            'docs/a.md:3: "d.dm", which this assumes, is no other chapter. Did you mean "d.md" or ',
        ),
        (
            {"a": "---\nassumes: a.md\n---\n"},
            'docs/a.md:2: "a.md", which this assumes, is no other chapter. Did you mean "',
        ),
        ({"a": "Here `{paths}`"}, "docs/a.md:1: {paths} gives a list: it must stand alone"),
    ],
)
def test_what_is_wrong_is_one_line(tmp_path: Path, texts: dict[str, str], message: str) -> None:
    (problem,) = site(tmp_path, **texts).problems
    assert str(problem).startswith(message)


def test_an_unknown_path_is_named_with_the_nearest_one(tmp_path: Path) -> None:
    made = site(tmp_path, index="`{paths} Lookup`")
    (span,) = made.chapters["docs/index.md"].spans
    with pytest.raises(ValueError, match=r'no path is called "Lookup"\. Did you mean "Look up"'):
        made.text(span, "docs/index.md")


def test_a_navigation_that_names_nothing_or_forgets_a_chapter_is_one_line(
    built_copy: Path, livedocs: Livedocs
) -> None:
    file = built_copy / "mkdocs.yml"
    text = file.read_text("utf-8")
    file.write_text(text.replace("  - Charts: charts.md", "  - Charts: chart.md"), "utf-8")
    line = text[: text.index("charts.md")].count("\n") + 1
    done = livedocs(built_copy)
    assert done.returncode == 1
    assert (
        f'mkdocs.yml:{line}: nav names "chart.md", which is no chapter. Did you mean "charts.md"?'
        in done.stderr.splitlines()
    )
    # Who wants to know is told of what nobody gets to.
    file.write_text(text.replace("  - Charts: charts.md\n", ""), "utf-8")
    assert livedocs(built_copy).returncode == 0
    with file.open("a", encoding="utf-8") as more:
        more.write("validation:\n  omitted_files: warn\n")
    done = livedocs(built_copy)
    assert done.returncode == 1
    assert "docs/charts.md: no reader gets here: name it in nav, in mkdocs.yml" in done.stderr
