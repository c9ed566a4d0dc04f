"""Percent scripts are divided as jupytext divides them; each fault names its line."""

from pathlib import Path

import jupytext
import pytest
from hypothesis import given
from hypothesis import strategies as st

from livedocs.problems import Problem
from livedocs.settings import Settings
from livedocs.snippets import Cell, padded, parse, read

ROOT = Path(__file__).parents[2]
SNIPPETS = [
    path.relative_to(ROOT).as_posix()
    for folder in (ROOT / "snippets", ROOT / "tests" / "toy_site" / "snippets")
    for path in sorted(folder.rglob("*.py"))
]

SCRIPT = """\
# pip install drawsvg
#   and a remark

# %% first cell

import math

kept = math.pi

# %% wrong, again raises="ValueError"
int("x")

# %% holds check=true
assert kept > 3
# %% last
kept
"""


def test_a_script_is_divided_into_titled_cells() -> None:
    snippet = parse("snippets/a.py", SCRIPT)
    assert snippet.preamble == "# pip install drawsvg\n#   and a remark"
    assert snippet.text == SCRIPT
    assert snippet.cells == (
        Cell("first cell", 6, "import math\n\nkept = math.pi"),
        Cell("wrong, again", 11, 'int("x")', raises="ValueError"),
        Cell("holds", 14, "assert kept > 3", check=True),
        Cell("last", 16, "kept"),
    )
    assert [cell.title for cell in snippet.shown] == ["first cell", "wrong, again", "last"]


def test_each_cell_names_the_line_where_its_code_stands() -> None:
    lines = SCRIPT.splitlines()
    for cell in parse("snippets/a.py", SCRIPT).cells:
        first = cell.source.splitlines()[0]
        assert lines[cell.line - 1] == first
        assert padded(cell).splitlines()[cell.line - 1] == first


def test_a_header_inside_a_line_is_none() -> None:
    snippet = parse("a.py", '# %% one\nx = "# %% not this"  # %% nor this\n')
    assert [cell.title for cell in snippet.cells] == ["one"]


def test_windows_line_ends_are_line_ends() -> None:
    plain = parse("a.py", SCRIPT)
    windows = parse("a.py", SCRIPT.replace("\n", "\r\n"))
    assert windows.cells == plain.cells
    assert windows.preamble == plain.preamble


def test_rare_separators_are_no_line_ends() -> None:
    """What only str.splitlines takes for an end of line, Python and editors do not."""
    snippet = parse("a.py", '# %% one\nx = "a\u2028b"\n\x0c\n# %% two\ny = 1\n')
    assert snippet.cells[0].source.startswith('x = "a\u2028b"')
    assert snippet.cells[1].line == 5


@pytest.mark.parametrize("path", SNIPPETS)
def test_every_snippet_reads_as_jupytext_reads_it(path: str) -> None:
    _read_alike((ROOT / path).read_text("utf-8"))


_TITLES = st.from_regex(r"[a-zé][a-z0-9]*( [a-zé0-9,()'+*/-]+)*", fullmatch=True)
_OPTIONS = st.sampled_from(
    [
        "",
        ' raises="ValueError"',
        " check=true",
        ' stderr=true fold="code"',
        ' hide="output" raises="KeyError"',
    ]
)
_LINES = st.sampled_from(["", "x = 1", "# a comment", "if x:\n    y = '# %%'", 'z = """\n\n"""'])
_CELLS = st.tuples(_TITLES, _OPTIONS, st.lists(_LINES, max_size=5).map(lambda body: [*body, "x"]))


@given(
    preamble=st.sampled_from(["", "# pip install drawsvg\n\n", '"""One.\n\nTwo."""\n# three\n']),
    cells=st.lists(_CELLS, min_size=1, max_size=4, unique_by=lambda cell: cell[0]),
)
def test_any_script_reads_as_jupytext_reads_it(
    preamble: str, cells: list[tuple[str, str, list[str]]]
) -> None:
    made = [f"# %% {title}{option}\n" + "\n".join(body) for title, option, body in cells]
    _read_alike(preamble + "\n".join(made) + "\n")


def _read_alike(text: str) -> None:
    ours = parse("snippets/a.py", text)
    theirs = jupytext.reads(text, fmt="py:percent").cells
    if ours.preamble:
        assert theirs[0].source == ours.preamble
        theirs = theirs[1:]
    assert len(ours.cells) == len(theirs)
    for cell, other in zip(ours.cells, theirs, strict=True):
        assert cell.source == other.source.lstrip("\n")
        assert cell.title == other.metadata.get("title")
        assert cell.raises == other.metadata.get("raises")
        assert cell.check == other.metadata.get("check", False)
        assert cell.stderr == other.metadata.get("stderr", False)
        assert cell.fold == other.metadata.get("fold")
        assert cell.hide == other.metadata.get("hide")


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("", 1, 'no cells: start the first one with "# %% title"'),
        ("import math\n", 1, 'no cells: start the first one with "# %% title"'),
        ("# a\n\nimport math\n# %% one\n1\n", 3, "only comments and a docstring may stand before"),
        ("'a'\n\n'b'\n# %% one\n1\n", 3, "only comments and a docstring may stand before"),
        ("f'a'\n# %% one\n1\n", 1, "only comments and a docstring may stand before"),
        ("7\n# %% one\n1\n", 1, "only comments and a docstring may stand before"),
        ('"""a\n# %% one\n1\n', 1, "SyntaxError: unterminated triple-quoted string"),
        ("# %% one\n1\n# %% [markdown]\n# Text.\n", 3, "a snippet holds code: write the text of"),
        ("# %% one\n1\n# %%\n2\n", 3, "a cell needs a title"),
        ("# %% check=true\n1\n", 1, "a cell needs a title"),
        ("# %% one\n1\n# %% two\n2\n# %% one\n3\n", 5, 'two cells are titled "one"'),
        ("# %% one\n\n\n1\nif\n", 5, "SyntaxError: invalid syntax"),
        ("# %% one\nprint('a'\n# %% two\n2\n", 2, "SyntaxError: '(' was never closed"),
        ("# %% one\n1\n# %% two\n return\n", 4, "SyntaxError: unexpected indent"),
        (
            "# %% one\n1\n# %% two\nfrom __future__ import annotations\n",
            4,
            "SyntaxError: from __fut",
        ),
        ("# %% one\nx = '\0'\n", None, "source code string cannot contain null bytes"),
        ("# %% one\n1\n#%% two\n2\n", 3, 'write "# %% title", from the start of the line'),
        ("# %% one\nif 1:\n    # %% two\n    2\n", 3, 'write "# %% title", from the start'),
        ('# %% one rases="ValueError"\n1\n', 1, 'no option "rases". Did you mean "raises"?'),
        ('# %% one raises="not a name"\n1\n', 1, 'raises="not a name" is not the name of an'),
        ("# %% one raises=ValueError\n1\n", 1, 'an exception, as in raises="ValueError"'),
        ("# %% one fold=code\n1\n", 1, 'fold=code: write fold="code" or fold="output", or leave'),
        ('# %% one hide="all"\n1\n', 1, 'hide="all": write hide="code" or hide="output", or'),
        ('# %% one stderr="true"\n1\n', 1, 'stderr="true": write stderr=true, or leave it out'),
        ("# %% one check=true stderr=true\n1\n", 1, "no page shows a check: leave stderr out"),
        ('# %% one fold="code" hide="code"\n1\n', 1, "what is hidden cannot be folded"),
        ("# %% h = c\n1\n", 1, 'a title holds no "=", which jupytext takes for an option'),
        ("# %% one check=false\n1\n", 1, "check=false: write check=true, or leave it out"),
    ],
)
def test_a_fault_names_its_line(text: str, line: int | None, message: str) -> None:
    with pytest.raises(Problem) as caught:
        parse("snippets/a.py", text)
    assert (caught.value.path, caught.value.line) == ("snippets/a.py", line)
    assert message in caught.value.message
    assert "\n" not in str(caught.value)


def test_a_byte_order_mark_is_no_part_of_a_script() -> None:
    assert parse("a.py", f"\ufeff{SCRIPT}") == parse("a.py", SCRIPT)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    folder = tmp_path / "snippets" / "gru"
    folder.mkdir(parents=True)
    (folder / "step.py").write_text("# %% one\n1\n", "utf-8")
    (tmp_path / "outside.py").write_text("# %% one\n1\n", "utf-8")
    return Settings(tmp_path)


def test_a_snippet_is_read_by_its_name(settings: Settings) -> None:
    assert read(settings, "gru/step.py").path == "snippets/gru/step.py"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("gru/steps.py", 'no snippet "gru/steps.py" in snippets/. Did you mean "gru/step.py"?'),
        ("gru", 'no snippet "gru" in snippets/.'),
        ("../outside.py", 'snippet "../outside.py" lies outside snippets/'),
        ("/etc/passwd", 'snippet "/etc/passwd" lies outside snippets/'),
    ],
)
def test_a_wrong_name_is_said_with_near_matches(
    settings: Settings, name: str, message: str
) -> None:
    with pytest.raises(ValueError, match="snippet") as caught:
        read(settings, name)
    assert str(caught.value).startswith(message)


def test_a_link_out_of_the_folder_is_outside(settings: Settings) -> None:
    (settings.snippets_folder / "link.py").symlink_to(settings.root / "outside.py")
    with pytest.raises(ValueError, match="lies outside snippets/"):
        read(settings, "link.py")


def test_a_file_that_is_not_utf_8_names_the_line_of_the_byte(settings: Settings) -> None:
    (settings.snippets_folder / "bad.py").write_bytes(b"# %% one\n1\nx = '\xe9'\n")
    with pytest.raises(Problem) as caught:
        read(settings, "bad.py")
    assert str(caught.value) == "snippets/bad.py:3: not UTF-8: byte 0xe9"
