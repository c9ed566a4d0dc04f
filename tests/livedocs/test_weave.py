"""A site woven into plain Markdown: what its pages show is there, and its links lead to files."""

import posixpath
import re
import subprocess
from collections.abc import Callable
from pathlib import Path

import markdown as python_markdown
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from livedocs import terminal, weave
from livedocs.addresses import Place
from livedocs.chapter import Block, Chapter
from livedocs.chapter import parse as parse_chapter
from livedocs.making import Made
from livedocs.record import CellResult, Record
from livedocs.scanner import Fence, scan
from livedocs.settings import Settings
from livedocs.site import Site
from livedocs.snippets import parse

Livedocs = Callable[..., subprocess.CompletedProcess[str]]
Tree = Callable[[Path], dict[str, bytes]]

CHARTS = """\
```text
# Not the title
```

# *Charts* & more

```python
import matplotlib.pyplot as plt
from toy.curves import line

figure, axes = plt.subplots(figsize=(3, 2))
axes.plot(*line(5), color="#0072B2")
print("drawn")
```

```text
drawn
```

![A line that rises from 0 to 1.](figures/charts/line/line-1.svg)

[charts/line.py](downloads/charts/line.py) · [as a notebook](downloads/charts/line.ipynb)

![A blue square.](figures/charts/drawn/square-1.svg)

![An orange circle.](figures/charts/drawn/circle-1.svg)

*Drawn by code.*

[charts/drawn.py](downloads/charts/drawn.py) · [as a notebook](downloads/charts/drawn.ipynb)

```python
from toy.table import total
from toy.words import shout

print(shout(f"{total([1, 2])}"))
```

```text
3.0!
```

[basics/both.py](downloads/basics/both.py) · [as a notebook](downloads/basics/both.ipynb)

## Once more, after `pip install toy-1.0.0-py2.py3-none-any.whl`

> ![The same line.](figures/charts/line/line-1.svg)
>
> [charts/line.py](downloads/charts/line.py) · [as a notebook](downloads/charts/line.ipynb)

<svg><path d="M0 0h9"/></svg>
"""
IN_A_LIST = """\
- A number that leads its line begins no list of its own, as in
  &#54;. So it is.

- A list may hold a block, too:

    ```python
    import sys

    from toy.table import ROWS, total

    rows = [float(line) for line in ROWS.read_text("utf-8").split()]
    print(len(rows), "rows, total", total(rows))
    print("read at once", file=sys.stderr)
    ```

    ```text
    3 rows, total 7.0
    ```

    ```text
    read at once
    ```

    [data/rows.py](downloads/data/rows.py) · [as a notebook](downloads/data/rows.ipynb)

From `toy.words.shout`:

```python
def shout(word: str) -> str:
    \"\"\"Return ``word`` in capitals. Raises ValueError for no word.\"\"\"
"""


@pytest.fixture(scope="module")
def woven(tmp_path_factory: pytest.TempPathFactory, built: Path, livedocs: Livedocs) -> Path:
    """Return the folder into which the built project was woven."""
    folder = tmp_path_factory.mktemp("woven") / "new" / "folder"
    done = livedocs(built, "weave", str(folder))
    assert done.returncode == 0, done.stderr
    assert done.stderr == f"{folder} holds 21 woven files\n"
    return folder


def test_a_page_holds_code_output_figures_and_captions_in_order(woven: Path) -> None:
    assert (woven / "charts.md").read_text("utf-8") == CHARTS


def test_a_page_keeps_its_front_matter_and_states_values(woven: Path) -> None:
    page = (woven / "index.md").read_text("utf-8")
    assert page.startswith("---\ndescription: A chapter with front matter")
    assert "A word of 6 letters; the mean is 2.33,\nexact is True and the name is three" in page
    assert "A recorded number is 1.2 ms." in page
    assert "\n\n*A greeting of 6 letters.*\n\n[basics/greet.py]" in page


def test_what_a_cell_raises_is_shown_below_what_was_printed(woven: Path) -> None:
    page = (woven / "index.md").read_text("utf-8")
    assert "```text\nHELLO!\n```\n\n```text\nValueError: a word needs letters\n```\n" in page


def test_a_block_in_a_list_and_an_excerpt_keep_their_indentation(woven: Path) -> None:
    assert IN_A_LIST in (woven / "index.md").read_text("utf-8")


def test_every_link_leads_to_a_file_of_the_folder(woven: Path) -> None:
    links = {
        posixpath.normpath(posixpath.join(page.parent.relative_to(woven).as_posix(), link))
        for page in woven.rglob("*.md")
        for link in re.findall(r"\]\(([^)]+)\)", page.read_text("utf-8"))
    }
    assert len(links) > 12
    assert not [link for link in links if not (woven / link).is_file()]


def test_a_figure_is_an_image_with_its_description(woven: Path) -> None:
    figure = (woven / "figures/charts/line/line-1.svg").read_text("utf-8")
    assert figure.startswith("<svg ")
    assert 'aria-label="A line that rises from 0 to 1."' in figure
    assert len([*woven.rglob("*.svg")]) == 3


def test_downloads_and_what_lies_beside_the_chapters_are_there(woven: Path, built: Path) -> None:
    for name in ("basics/greet.py", "charts/line.py"):
        published = (woven / "downloads" / name).read_bytes()
        assert published == (built / "snippets" / name).read_bytes()
    assert (woven / "downloads/chapters/index.ipynb").is_file()
    assert [*woven.glob("wheels/toy-*.whl")]
    recorded = "evidence/speed.json"
    assert (woven / recorded).read_bytes() == (built / "docs" / recorded).read_bytes()


def test_chapters_are_listed_in_the_order_of_the_navigation(woven: Path) -> None:
    assert (woven / "llms.txt").read_text("utf-8") == (
        "# Basics\n\n## Chapters\n\n- [Basics](index.md)\n- [Charts & more](charts.md)\n"
    )


def test_where_the_site_has_an_address_so_have_the_listed_chapters(
    tmp_path: Path, built: Path, livedocs: Livedocs
) -> None:
    done = livedocs(built, "weave", str(tmp_path / "woven"), SITE_URL="https://toy.example/a")
    assert done.returncode == 0, done.stderr
    assert "- [Basics](https://toy.example/a/index.md)" in (tmp_path / "woven/llms.txt").read_text()
    page = (tmp_path / "woven/index.md").read_text("utf-8")
    assert "`pip install https://toy.example/a/wheels/toy-" in page


def test_weaving_twice_gives_the_same_bytes(
    woven: Path, tmp_path: Path, built: Path, livedocs: Livedocs, tree: Tree
) -> None:
    assert livedocs(built, "weave", str(tmp_path)).returncode == 0
    assert tree(tmp_path) == tree(woven)


def test_each_page_links_to_the_same_text_beside_it(woven: Path, built: Path) -> None:
    for name in ("index", "charts"):
        text = (built / "site" / f"{name}.md").read_bytes()
        assert text == (woven / f"{name}.md").read_bytes()
        page = (built / "site" / f"{name}.html").read_text("utf-8")
        title, _, below = page.partition("</h1>")
        assert title
        assert re.match(rf'\s*<p class="chapter-links".*<a href="{name}\.md"', below)
    assert (built / "site/llms.txt").read_bytes() == (woven / "llms.txt").read_bytes()


def test_neither_a_draft_nor_what_is_excluded_or_hidden_is_woven(
    built_copy: Path, tmp_path: Path, livedocs: Livedocs
) -> None:
    for name in ("draft.md", "out.md", ".hidden.csv", "data.csv"):
        (built_copy / "docs" / name).write_text("# Text\n", "utf-8")
    with (built_copy / "mkdocs.yml").open("a") as config:
        config.write("draft_docs: draft.md\nexclude_docs: out.md\n")
    assert livedocs(built_copy, "weave", str(tmp_path / "woven")).returncode == 0
    found = {path.name for path in (tmp_path / "woven").iterdir() if path.is_file()}
    assert found == {"index.md", "charts.md", "llms.txt", "data.csv"}


def test_an_unwoven_chapter_is_copied_and_not_listed(
    built_copy: Path, tmp_path: Path, livedocs: Livedocs
) -> None:
    text = "::: toy.words\n"
    (built_copy / "docs" / "api").mkdir()
    (built_copy / "docs" / "api" / "words.md").write_text(text, "utf-8")
    assert livedocs(built_copy, "weave", str(tmp_path / "woven")).returncode == 0
    assert (tmp_path / "woven/api/words.md").read_text("utf-8") == text
    assert "api/words" not in (tmp_path / "woven/llms.txt").read_text("utf-8")


def test_a_folder_that_holds_something_is_left_as_it_is(project: Path, livedocs: Livedocs) -> None:
    done = livedocs(project, "weave", str(project / "docs"))
    assert done.returncode == 1
    assert done.stderr == f"error: {project / 'docs'} is not empty: name a new folder\n"
    assert not (project / ".cache").exists(), "no snippet ran for this"


def test_a_file_is_no_folder(project: Path, livedocs: Livedocs) -> None:
    done = livedocs(project, "weave", str(project / "mkdocs.yml"))
    assert (done.returncode, done.stderr) == (1, "error: mkdocs.yml: Not a directory\n")


FAULTS = """\
# Faults

```snippet charts/line.py
```

```figure basics/both.py
```

```snippet basics/scalars.py#scalar
```

`{wheels}` and `{value} basics/scalars.py cout` and @nobody1999.

```source toy.words.shot
```

```snippet basics/scalars.py
captoin: x
```
"""


def test_a_site_with_faults_is_not_woven_and_they_are_those_of_a_build(
    built_copy: Path, tmp_path: Path, livedocs: Livedocs
) -> None:
    (built_copy / "docs" / "faults.md").write_text(FAULTS, "utf-8")
    with (built_copy / "mkdocs.yml").open("a") as config:
        config.write("validation: {omitted_files: ignore}\n")
    folder = tmp_path / "woven"
    done, build = livedocs(built_copy, "weave", str(folder)), livedocs(built_copy)
    assert (done.returncode, build.returncode) == (1, 1)
    assert not folder.exists()
    *lines, last = done.stderr.splitlines()
    assert last == f"{len(lines)} problems; nothing was written"
    *others, _ = (line for line in build.stderr.splitlines() if line)
    assert sorted(lines) == sorted(others)
    assert {line.split(":")[1] for line in lines} >= {"3", "6", "9", "12", "14", "18"}


def test_an_asset_that_is_missing_leaves_nothing_behind(
    built_copy: Path, tmp_path: Path, livedocs: Livedocs
) -> None:
    with (built_copy / "pyproject.toml").open("a") as settings:
        settings.write('\n[tool.livedocs.assets]\n"assets/" = "nowhere/*.css"\n')
    done = livedocs(built_copy, "weave", str(tmp_path / "woven"))
    assert done.returncode == 1
    assert 'no file matches "nowhere/*.css"' in done.stderr
    assert not (tmp_path / "woven").exists()


def site_of(text: str, source: str, *cells: CellResult) -> Site:
    """Return a site of one chapter and one snippet, whose cells left what is given."""
    site = Site(Settings(Path("/nowhere")))
    site.snippets = {"a.py": parse("snippets/a.py", source)}
    site.records = {"a.py": Record("snippets/a.py", cells)}
    site.chapters = {"docs/in/a.md": parse_chapter("docs/in/a.md", text)}
    return site


def of_records(text: str, source: str, *cells: CellResult) -> str:
    """Return the chapter of such a site woven."""
    return weave.markdown(site_of(text, source, *cells), "docs/in/a.md", Place(""))


def test_only_what_changes_is_woven_again(tmp_path: Path) -> None:
    site = site_of("```snippet a.py\n```\n", "# %% one\nx = 1\n", CellResult("one"))
    site.settings = Settings(tmp_path)
    weaver = weave.Weaver()

    def page() -> str | bytes:
        return weaver.files(site, Place(""), Made())["in/a.md"]

    before = page()
    assert page() is before
    site.snippets["a.py"] = parse("snippets/a.py", "# %% one\nx = 1  # one\n")
    assert "x = 1  # one\n" in str(page())


FOLDS = """\
# %% data hide="code"
x = "data"
print(x)

# %% fit fold="code" hide="output"
y = "fit"
print(y)

# %% draw fold="output"
z = "draw"
print(z)
"""


def test_what_a_page_folds_is_shown_and_what_it_hides_is_not() -> None:
    cells = [CellResult(name, f"{name} printed\n") for name in ("data", "fit", "draw")]
    assert of_records("```snippet a.py\n```\n", FOLDS, *cells) == (
        '```python\ny = "fit"\nprint(y)\n\nz = "draw"\nprint(z)\n```\n\n'
        "```text\ndata printed\ndraw printed\n```\n\n"
        "[a.py](../downloads/a.py) · [as a notebook](../downloads/a.ipynb)\n"
    )


def test_code_that_holds_a_fence_does_not_end_its_own() -> None:
    source = 'x = """\n```\n~~~\n`````\n"""\n'
    woven = of_records("```snippet a.py\n```\n", f"# %% one\n{source}", CellResult("one"))
    assert woven.startswith(f"``````python\n{source}``````\n\n[a.py]")


def shown(text: str) -> str:
    """Return what a terminal shows of a text; Markdown has no tabs, so there are none."""
    return terminal.shown(text).expandtabs().encode(errors="replace").decode()


ALONE = {"": "", "    ": "- Item\n\n", "> ": "", ">     ": "> - Item\n>\n"}


@pytest.mark.parametrize("prefix", ALONE)
@example("```\n````\n~~~\n")
@example("\n\n  \n    x\n  y\n")
@example("```text\n> `\n")
@given(st.text(st.sampled_from("`~> \n-#xé1.<") | st.characters()).map(shown))
def test_whatever_was_printed_comes_out_of_its_fence(prefix: str, printed: str) -> None:
    fence = f"{prefix}```snippet a.py\n{prefix}```\n"
    woven = of_records(
        f"{ALONE[prefix]}{fence}After.\n", "# %% one\n1\n", CellResult("one", printed)
    )
    fences = [part for part in scan(woven) if isinstance(part, Fence)]
    assert all(one.closed and one.prefix == prefix for one in fences)
    texts = [one.body for one in fences if one.info == "text"]
    assert texts == ([f"{printed.rstrip()}\n"] if printed.strip() else [])
    assert woven.endswith("\nAfter.\n")


@given(
    st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]) | st.just(" "), min_size=1)
)
def test_a_description_stays_one_whatever_it_holds(alt: str) -> None:
    svg = "<svg xmlns='http://www.w3.org/2000/svg'/>"
    site = site_of("", "# %% one\n1\n", CellResult("one", figures=((svg,),)))
    block = Block("figure", "a.py", 1, "", alts=(alt,))
    site.chapters = {"docs/in/a.md": Chapter("docs/in/a.md", pieces=[block])}
    page = python_markdown.markdown(weave.markdown(site, "docs/in/a.md", Place("")))
    assert page.count('src="../figures/a/one-1.svg"') == 1
