"""Whatever a chapter holds: it is rendered, or what is wrong with it is said with file and line."""

import re
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import markdown
import nbformat
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mkdocs.utils.yaml import yaml_load

from livedocs import checks
from livedocs.addresses import Place
from livedocs.books import book
from livedocs.mkdocs import chapters
from livedocs.notebooks import notebook
from livedocs.problems import Failed, Problem
from livedocs.settings import load
from livedocs.site import Site

ROOT = Path(__file__).parents[2]
SNIPPETS = {
    "good.py": "# %% say, then draw\nimport drawsvg\n\nx = 1.5\nprint(x)\n"
    "drawing = drawsvg.Drawing(9, 9)\n\n# %% remark\n# Nothing but a comment.\n\n"
    '# %% fail raises="ZeroDivisionError"\nx / 0\n',
    "checks.py": "# %% one check=true\nassert True\n",
    "broken.py": "# %% one\nprint(\n",
    "never.py": "# %% one\nprint('This ran.')\n",
}
TARGETS = [
    "good.py",
    "good.py#say, then draw",
    "good.py#say, then draw,remark",
    "good.py#remark",
    "good.py#fail",
    "good.py#sya",
    "good.py#",
    "checks.py",
    "broken.py",
    "gone.py",
    "../good.py",
    "toy.words.shout",
    "toy.words.shuot",
    "toy",
    "toy.words",
    "/toy/words",
    f"{'long' * 99}.py",
    "nul\0.py",
    "",
]
OPTIONS = [
    "alt: A square.",
    "alt: [A square., Another.]",
    "alt:\n  - >-\n    A square.",
    "alt: ' '",
    "caption: Gate # 2 opens: `x`",
    "caption: It is `{value} good.py x:.1f`.",
    "caption: It is `{value} good.py y`.",
    "caption: In 3.5 ms.",
    "caption: As said.[^1]",
    "caption: By @cho2014 in [there](index.md)",
    "caption: $x_1$ < <b>",
    "captoin: Misspelled",
    "words",
]
PROSE = [
    "Plain text.",
    "# Title of `{value} good.py x`",
    "# Install `{wheel}`",
    "Underlined\n==========",
    "It is `{value} good.py x:.2f`, `{value} good.py x:q`, `{value} good.py y`.",
    "`{value} good.py\nx`",
    "It is `{value} gone.py x` {value} and `{val}`.",
    "`{value} evidence/speed.json toy.ms:.1f`",
    f"`{{value}} {'long' * 99}.json x` `{{value}} nul\0.json x` `{{value}} /x/y.json x`",
    "`{value} evidence/speed.json toy.ms:.9999999999f` `{value} evidence/speed.json :`",
    "`{wheel}`",
    "`{claims}`",
    "`{references}`",
    "A claim of @cho2014, and 3.5 ms.[^1]",
    "[^1]: A note with `{value} good.py x` and @cho2014.",
    "| a | b |\n| - | - |\n| `{value} good.py x` | `c |",
    "<svg></svg>",
    "<svg><path d='M0 0'/></svg>",
    "<!-- an open comment",
    "An ` open mark, and ``` three.",
    "```python\nx = '`{value} never.py x`'\n```",
    "~~~text\n```snippet never.py\n```\n~~~",
    "````markdown\n```snippet never.py\n```\n````",
    "``` text\nnever closed",
    "---",
    "***",
    "$$\nx\n$$",
    '<pre markdown="0">\n```snippet never.py\n```\n</pre>',
    "- one\n- two\n    - three",
]


def _fence(kind: str, target: str, options: list[str], closing: str) -> str:
    return "\n".join([f"```{kind} {target}", *options, closing])


def _item(text: str) -> str:
    return f"- An item.\n\n{textwrap.indent(text, '    ')}"


def _tight(text: str) -> str:
    return f"1. An item.\n{textwrap.indent(text, '    ')}\n2. Another."


def _directly(text: str) -> str:
    return f"- {text}"


def _shallow(text: str) -> str:
    return f"- An item.\n\n{textwrap.indent(text, '  ')}"


def _quoted(text: str) -> str:
    return textwrap.indent(text, "> ", lambda line: True)


def _in(opening: str) -> Callable[[str], str]:
    return lambda text: f"{opening}\n\n{textwrap.indent(text, '    ')}"


def _within(start: str, end: str) -> Callable[[str], str]:
    return lambda text: f"{start}\n\n{text}\n\n{end}"


_KINDS = st.sampled_from(["snippet", "figure", "source", "Snippet", "snip"])
FENCES = st.builds(
    _fence,
    _KINDS,
    st.sampled_from(TARGETS),
    st.lists(st.sampled_from(OPTIONS), max_size=2),
    st.sampled_from(["```", "```", "```", "````", "~~~", ""]),
)
GOOD = st.builds(
    _fence,
    st.sampled_from(["snippet", "figure"]),
    st.just("good.py#say, then draw"),
    st.just(["alt: A square."]),
    st.just("```"),
)
NOT_RUN = (
    st.just("```snippet never.py\n```")
    .map(lambda fence: st.sampled_from([fence]))
    .flatmap(lambda one: one)
)
HIDING = st.sampled_from(
    [
        lambda text: f"<!--\n{text}\n-->",
        lambda text: f"<!-- One.\n\n{text}\n\n--> Text.",
        lambda text: f"Text.\n\n{textwrap.indent(text, '    ')}",
        lambda text: f"# Title\n{textwrap.indent(text, '    ')}",
    ]
)
HIDDEN = st.builds(lambda hide, text: hide(text), HIDING, NOT_RUN)
WRAPPERS = st.sampled_from(
    [
        _item,
        _tight,
        _directly,
        _shallow,
        _quoted,
        _in("!!! note"),
        _in('??? question "Why?"'),
        _in('=== "Tab"'),
        _in("[^1]: A note."),
        _in(":"),
        _within("<div markdown>", "</div>"),
        _within("<div>", "</div>"),
        _within("<details><summary>More</summary>", "</details>"),
        lambda text: f"Text before.\n{text}\nText after.",
    ]
)
PIECES = st.recursive(
    FENCES | GOOD | HIDDEN | st.sampled_from(PROSE),
    lambda inner: st.builds(lambda wrap, text: wrap(text), WRAPPERS, inner),
    max_leaves=3,
)
HEADS = st.sampled_from(
    [
        "",
        "",
        "# A chapter\n\n",
        "---\ntitle: A *title*\n---\n",
        "---\nx: `{value} a`\n---\n",
        "\n\n",
    ]
)
CHAPTERS = st.builds(
    lambda head, pieces, between: head + between.join(pieces),
    HEADS,
    st.lists(PIECES, max_size=6),
    st.sampled_from(["\n\n", "\n\n", "\n", "\r\n\r\n"]),
)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory, new_project: Callable[[Path], Path]) -> Path:
    root = new_project(tmp_path_factory.mktemp("any") / "project")
    for file in [*root.glob("docs/*.md"), *root.glob("snippets/*/*.py")]:
        file.unlink()
    for name, text in SNIPPETS.items():
        (root / "snippets" / name).write_text(text, "utf-8")
    return root


def _extensions() -> tuple[list[str], dict[str, Any]]:
    """Return the extensions of the real site, less the one that adds its abbreviations."""
    with (ROOT / "mkdocs.yml").open("rb") as file:
        given = yaml_load(file)["markdown_extensions"]
    configs = {k: v for one in given if isinstance(one, dict) for k, v in one.items()}
    names = [next(iter(one)) if isinstance(one, dict) else one for one in given]
    return [name for name in names if name != "pymdownx.snippets"], configs


EXTENSIONS, CONFIGS = _extensions()


def problems_or_page(root: Path, text: str) -> tuple[list[Problem], str, Site]:
    (root / "docs" / "index.md").write_bytes(text.encode())
    site = Site(load(root))
    site.prepare(lambda line: None)
    site.problems += checks.problems(site)
    place = Place("index.html", wheel_url="wheels/toy.whl")
    rendered = chapters.render(site, "docs/index.md", text, 1, place)
    page = markdown.markdown(rendered.markdown, extensions=EXTENSIONS, extension_configs=CONFIGS)
    page = chapters.put_in(site, rendered, page)
    return [one for one in site.problems if one.path != "snippets/never.py"], page, site


def check(root: Path, text: str) -> None:
    problems, page, site = problems_or_page(root, text)
    assert "LIVEDOCS" not in page
    assert problems or "never.py" not in site.snippets
    lines = len(re.findall(r"\r\n|\r|\n", text)) + 1
    for problem in problems:
        if problem.path.startswith("docs/"):
            assert problem.line in range(1, lines + 1)
        assert "\n" not in str(problem)
    titles = [site.title("docs/index.md")]
    for name, record in site.records.items():
        nbformat.validate(nbformat.reads(notebook(site.snippets[name], record, {}, titles), 4))
    try:
        written = book(site, "docs/index.md", Place("", wheel_url="wheels/toy.whl"))
    except (Failed, Problem, ValueError):
        assert problems
        return
    assert "LIVEDOCS" not in written
    cells = nbformat.reads(written, 4).cells
    blocks = [one for one in site.chapters["docs/index.md"].blocks if one.kind != "source"]
    assert sum(cell.cell_type == "code" for cell in cells) == len(blocks)
    if not problems:
        assert page.count('<div class="snippet') - page.count('<div class="snippet-') == len(blocks)


@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(CHAPTERS)
def test_any_chapter_is_rendered_or_its_problems_are_said(root: Path, text: str) -> None:
    check(root, text)
