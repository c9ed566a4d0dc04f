"""Each bad input is one clear line; all of a build are reported, and nothing else is touched."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

Livedocs = Callable[..., subprocess.CompletedProcess[str]]
Tree = Callable[[Path], dict[str, bytes]]

#: No other process of this machine looks like this one, not even that of a test beside this one.
_HELPER = str(7_000_000 + os.getpid())


@dataclass(frozen=True)
class Case:
    """A faulty fence or span, the snippet that it names (if the case brings one), and the line."""

    name: str
    markdown: str
    message: str
    snippet: str | bytes | None = None
    snippet_line: int | None = None
    #: The line of the fault within the fence.
    offset: int = 0


def _runs(name: str, snippet: str | bytes, line: int, message: str) -> Case:
    return Case(name, f"```snippet faults/{name}.py\n```", message, snippet, line)


CASES = [
    Case(
        "no such snippet",
        "```snippet basics/greets.py\n```",
        'no snippet "basics/greets.py" in snippets/. Did you mean "basics/greet.py"',
    ),
    Case(
        "no such snippet in a span",
        "`{value} basic/scalars.py mean`",
        'no snippet "basic/scalars.py" in snippets/. Did you mean "basics/scalars.py"',
    ),
    Case(
        "no such cell",
        "```snippet basics/greet.py#greets\n```",
        'snippets/basics/greet.py has no cell "greets" to show. Did you mean "greet"?',
    ),
    Case(
        "a check is not to be shown",
        "```snippet basics/greet.py#as said\n```",
        'snippets/basics/greet.py has no cell "as said" to show.',
    ),
    Case(
        "outside",
        "```snippet ../src/toy/words.py\n```",
        'snippet "../src/toy/words.py" lies outside snippets/',
    ),
    Case(
        "unknown value",
        "`{value} basics/scalars.py meen`",
        'snippets/basics/scalars.py has no variable "meen". Did you mean "mean"',
    ),
    Case(
        "not a scalar",
        "`{value} basics/scalars.py array`",
        "array of snippets/basics/scalars.py is a ndarray, not a plain number or text: "
        "make a top-level variable of it, as by .item() or float()",
    ),
    Case(
        "wrong format",
        "`{value} basics/scalars.py name:.2f`",
        'cannot format name of basics/scalars.py as ".2f": '
        "Unknown format code 'f' for object of type 'str'",
    ),
    Case(
        "no such recorded value",
        "`{value} evidence/speed.json toy.s`",
        'evidence/speed.json has no "toy.s". Did you mean "ms"?',
    ),
    Case(
        "no such recorded file",
        "`{value} evidence/sped.json toy.ms`",
        'no file "evidence/sped.json" in docs/. Did you mean "evidence/speed.json"?',
    ),
    Case(
        "a recorded table",
        "`{value} evidence/speed.json toy`",
        "toy of evidence/speed.json is not a plain number or text",
    ),
    Case(
        "unknown value in a caption",
        "```snippet basics/scalars.py\ncaption: The `{value} basics/scalars.py cout`.\n```",
        'snippets/basics/scalars.py has no variable "cout". Did you mean "count"?',
    ),
    Case(
        "unknown key",
        "```snippet basics/scalars.py\ncaptoin: x\n```",
        'a "snippet" fence has no "captoin". Did you mean "caption"?',
        offset=1,
    ),
    Case(
        "no such symbol",
        "```source toy.words.shot\n```",
        'no "shot" in toy.words.shot. Did you mean "shout"?',
    ),
    Case("no such module", "```source toys.words.shout\n```", 'no module for "toys.words.shout".'),
    Case(
        "missing alt text",
        "```snippet charts/line.py\n```",
        "snippets/charts/line.py draws 1 figure here, but there are 0 alt texts: "
        'describe each figure in a line "alt: ..." (several as a list)',
    ),
    Case(
        "too few alt texts",
        "```figure charts/drawn.py\nalt: A square.\n```",
        "snippets/charts/drawn.py draws 2 figures here, but there is 1 alt text: "
        'describe each figure in a line "alt: ..." (several as a list)',
    ),
    Case(
        "nothing drawn",
        "```figure basics/both.py\n```",
        "snippets/basics/both.py leaves no figure open to show",
    ),
    _runs("syntax", "# %% one\nx = 1\nprint(x\n", 3, "SyntaxError: '(' was never closed"),
    _runs("twice", "# %% one\n1\n# %% one\n2\n", 3, 'two cells are titled "one"'),
    _runs("latin", b"# %% one\nx = '\xe9'\n", 2, "not UTF-8: byte 0xe9"),
    _runs(
        "exception",
        "# %% one\nfrom toy.words import shout\n\n# %% two\n\nshout('')\n",
        6,
        "ValueError: a word needs letters",
    ),
    _runs("lines", "# %% one\nraise ValueError('a\\nb')\n", 2, "ValueError: a b"),
    _runs(
        "check", "# %% one\nx = 1\n\n# %% holds check=true\nassert x == 2\n", 5, "AssertionError"
    ),
    _runs("leaves", "# %% one\nimport sys\nsys.exit('bye')\n", 3, "SystemExit: bye"),
    _runs(
        "raises_nothing",
        '# %% one\nx = 1\n# %% two raises="ValueError"\nx + 1\n',
        4,
        '"two" declares raises="ValueError" but raised nothing',
    ),
    _runs(
        "raises_another",
        '# %% one raises="ValueError"\n\n1 / 0\n',
        3,
        'ZeroDivisionError: division by zero (the cell declares raises="ValueError")',
    ),
    _runs(
        "endless",
        f"# %% one\nimport subprocess, time\nsubprocess.Popen(['sleep', '{_HELPER}'])\n"
        "# %% two\ntime.sleep(999)\n",
        5,
        "did not end within 6 seconds: it waits for something",
    ),
    _runs(
        "stubborn",
        "# %% one\nimport time\nwhile True:\n"
        "    try:\n        time.sleep(99)\n    except BaseException:\n        pass\n",
        5,
        "did not end within 6 seconds: it waits for something",
    ),
    _runs(
        "chatty",
        "# %% one\n1\n# %% two\nwhile True:\n    print('x' * 999)\n",
        4,
        "wrote more than 20,000 bytes to stdout",
    ),
    _runs("long", "# %% one\nprint('x' * 20_001)\n", 2, "wrote more than 20,000 bytes to stdout"),
    _runs(
        "exits",
        "# %% one\nimport os\n# %% two\nos._exit(0)\n",
        4,
        "left Python with exit status 0, as os._exit does",
    ),
    _runs(
        "crashes",
        "# %% one\nimport ctypes\n\nctypes.string_at(0)\n",
        4,
        "was killed by SIGSEGV",
    ),
    _runs(
        "killed",
        "# %% one\nimport os\n# %% two\n\nos.kill(os.getpid(), 9)\n",
        5,
        "was killed by SIGKILL",
    ),
]
CASES_OF_FIGURES = [
    Case(
        "color",
        "```figure faults/color.py\nalt: x\n```",
        "the figure uses #123456; colors must be among #000000, #FFFFFF, #0072B2, #D55E00",
        "# %% one\nimport drawsvg\n\nd = drawsvg.Drawing(9, 9)\n"
        "d.append(drawsvg.Circle(4, 4, 2, fill='#123456'))\n",
        2,
    ),
    Case(
        "hidden",
        "```snippet faults/hidden.py#two\n```",
        'the copied block would also run cell "one" of snippets/faults/hidden.py, whose output '
        "is not shown: show that cell too, or move it to a snippet of its own",
        "# %% one\nprint(1)\n# %% two\n2\n",
    ),
    Case(
        "goes_on",
        "```snippet faults/goes_on.py\n```",
        'cell "one" of snippets/faults/goes_on.py raises, so nothing after it runs when pasted: '
        "show it last, in a block of its own",
        '# %% one raises="ZeroDivisionError"\n1 / 0\n# %% two\n2\n',
    ),
]
ALL = [*CASES, *CASES_OF_FIGURES]
UNUSED = (
    "snippets/faults/unused.py: no chapter uses it: show it in a chapter of docs/, or delete it"
)


@dataclass(frozen=True)
class Outcome:
    """One build of a project with all the faults, over a good site and a good cache."""

    status: int
    lines: list[str]
    expected: dict[str, str]
    site: tuple[dict[str, bytes], dict[str, bytes]]
    records: tuple[dict[str, bytes], dict[str, bytes]]
    left: list[str]


@pytest.fixture(scope="module")
def outcome(
    tmp_path_factory: pytest.TempPathFactory, built: Path, livedocs: Livedocs, tree: Tree
) -> Outcome:
    root = tmp_path_factory.mktemp("faults") / "project"
    shutil.copytree(built, root)
    folder = root / "snippets" / "faults"
    folder.mkdir()
    (folder / "unused.py").write_text("# %% one\n1\n", "utf-8")
    chapter, expected = "---\ntitle: Faults\n---\n# Faults\n\n", {}
    for case in ALL:
        inner = ""
        if case.snippet is not None:
            data = case.snippet.encode() if isinstance(case.snippet, str) else case.snippet
            (folder / f"{case.name}.py").write_bytes(data)
            inner = f"snippets/faults/{case.name}.py:{case.snippet_line}: "
        line = chapter.count("\n") + 1 + case.offset
        start = f"docs/faults.md:{line}: "
        expected[case.name] = start + (inner if case.snippet_line else "") + case.message
        chapter += f"{case.markdown}\n\n"
    (root / "docs" / "faults.md").write_text(chapter, "utf-8")
    config = root / "mkdocs.yml"
    config.write_text(config.read_text("utf-8") + "\n", "utf-8")
    config.write_text(
        config.read_text("utf-8").replace("nav:\n", "nav:\n  - Faults: faults.md\n"), "utf-8"
    )
    site, records = tree(root / "site"), tree(root / ".cache/livedocs/records")
    done = livedocs(root)
    return Outcome(
        done.returncode,
        done.stderr.splitlines(),
        expected,
        (site, tree(root / "site")),
        (records, tree(root / ".cache/livedocs/records")),
        [path.name for path in (root / ".cache/livedocs/sites").glob("[0-9]*")],
    )


@pytest.mark.parametrize("name", [case.name for case in ALL])
def test_a_fault_is_one_line_that_names_chapter_and_snippet(outcome: Outcome, name: str) -> None:
    start = outcome.expected[name]
    place = start.split(" ", 1)[0]
    assert [line for line in outcome.lines if line.startswith(place)] == [
        line for line in outcome.lines if line.startswith(start)
    ]
    assert sum(line.startswith(start) for line in outcome.lines) == 1, "\n".join(
        [start, *(line for line in outcome.lines if line.startswith("docs"))]
    )


def test_an_unused_snippet_is_a_fault(outcome: Outcome) -> None:
    assert outcome.lines.count(UNUSED) == 1


def test_all_faults_are_counted_and_nothing_else_is_said(outcome: Outcome) -> None:
    assert outcome.status == 1
    assert outcome.lines[-1] == f"{len(ALL) + 1} problems; nothing was published"
    runs = sum(case.snippet is not None for case in ALL)
    unread = ("syntax", "twice", "latin")
    told = ("docs/", "snippets/", "    ")  # set in: what failed snippets wrote
    others = [line for line in outcome.lines if line and not line.startswith(told)]
    assert others[0] == f"running {runs - len(unread)} of {runs - len(unread) + 6} snippets"
    assert len(others) == 1 + runs - len(unread) + 1


def test_the_site_of_before_is_untouched(outcome: Outcome) -> None:
    before, after = outcome.site
    assert before == after
    assert outcome.left == []


def test_good_records_stay_and_no_failure_becomes_one(outcome: Outcome) -> None:
    before, after = outcome.records
    assert {name: after.get(name) for name in before} == before
    new = {
        json.loads(data.partition(b"\n")[2])["path"]
        for name, data in after.items()
        if name not in before
    }
    assert new == {f"snippets/faults/{name}.py" for name in ("color", "hidden", "goes_on")}


def test_no_process_of_a_failed_run_is_left(outcome: Outcome) -> None:
    assert outcome.expected["endless"] in outcome.lines
    assert not [command for command in _commands() if _HELPER.encode() in command]


def _commands() -> Iterator[bytes]:
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):  # it may end meanwhile
            yield path.read_bytes()


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "changed": lambda data: data.replace(b'"output": "HELLO', b'"output": "JELLO'),
    "cut short": lambda data: data[: len(data) // 2],
    "emptied": lambda data: b"",
    "not UTF-8": lambda data: data[:70] + b"\xff" + data[71:],
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_record_is_a_miss_with_a_warning(
    built: Path, built_copy: Path, livedocs: Livedocs, tree: Tree, damage: str
) -> None:
    (record,) = (
        file
        for file in (built_copy / ".cache/livedocs/records").iterdir()
        if b'"path": "snippets/basics/greet.py"' in file.read_bytes()
    )
    good = record.read_bytes()
    record.write_bytes(DAMAGES[damage](good))
    assert record.read_bytes() != good
    done = livedocs(built_copy)
    assert done.returncode == 0
    lines = done.stderr.splitlines()
    assert lines[:2] == [
        "warning: the kept record of snippets/basics/greet.py was damaged; running it again",
        "running 1 of 6 snippets",
    ]
    assert record.read_bytes() == good
    assert tree(built_copy / "site") == tree(built / "site")


def test_a_chapter_that_is_not_utf_8_is_one_line(built_copy: Path, livedocs: Livedocs) -> None:
    (built_copy / "docs" / "charts.md").write_bytes(b"# Charts\n\nA tea \xe9.\n")
    done = livedocs(built_copy)
    assert done.returncode == 1
    assert "docs/charts.md:3: not UTF-8: byte 0xe9" in done.stderr.splitlines()
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("\nseconds", "\nsecond", '[tool.livedocs] has no "second". Did you mean "seconds"'),
        ("\nseconds = 4.0", "\nseconds = ", "pyproject.toml: not TOML: Invalid value (at line"),
        ('name = "toy"', 'nome = "toy"', "pyproject.toml: the wheel could not be built: "),
    ],
)
def test_bad_settings_are_one_line(
    built_copy: Path, livedocs: Livedocs, before: str, after: str, message: str
) -> None:
    file = built_copy / "pyproject.toml"
    text = file.read_text("utf-8")
    assert text.count(before) == 1
    file.write_text(text.replace(before, after), "utf-8")
    done = livedocs(built_copy)
    assert done.returncode == 1
    assert message in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("to", "said"),
    [
        ("index.md#basics", ""),
        ("charts.md#charts-more", ""),
        ("carts.md", 'docs/charts.md: a drawing links to "carts.md", and there is no such file'),
        ("index.md#basic", "contains a link 'index.md#basic', but the doc 'index.md' does not"),
        ("#more", "contains a link '#more', but there is no such anchor on this page"),
    ],
)
def test_a_link_in_a_drawing_leads_somewhere(
    built_copy: Path, livedocs: Livedocs, to: str, said: str
) -> None:
    drawing = built_copy / "snippets" / "charts" / "drawn.py"
    link = f"link = drawsvg.Raw('<a href=\"{to}\"><text>there</text></a>')\n"
    text = drawing.read_text("utf-8")
    drawing.write_text(f"{text}\n# %% led\n{link}square.append(link)\n", "utf-8")
    chapter = built_copy / "docs" / "charts.md"
    text = chapter.read_text("utf-8")
    chapter.write_text(text.replace("orange circle.", "orange circle.\n  - Led."), "utf-8")
    with (built_copy / "mkdocs.yml").open("a", encoding="utf-8") as config:
        config.write("\nvalidation:\n  anchors: warn\n")
    done = livedocs(built_copy)
    assert (done.returncode == 0) == (not said), done.stderr
    assert said in done.stderr
    if not said:
        page = (built_copy / "site" / "charts.html").read_text("utf-8")
        there = to.replace(".md", ".html").removeprefix("charts.html")
        assert f'<a xlink:href="{there}" aria-label="there">' in page


def test_the_pages_show_what_the_records_hold(built: Path) -> None:
    page = (built / "site" / "index.html").read_text("utf-8")
    assert "A word of 6 letters; the mean is 2.33" in page
    assert "exact is True and the name is three numbers" in page
    assert "A recorded number is 1.2 ms" in page
    assert re.search(r"as in\s+(6|&#54;)\. So it is", page), "no list begins at a number"
    assert "A greeting of 6 letters." in page
    assert "<pre>HELLO!</pre>" in page
    assert '<pre class="snippet-raises">ValueError: a word needs letters</pre>' in page
    assert "<pre>three numbers: 2.333 &lt;&amp;&gt;</pre>" in page
    assert "<pre>3 rows, total 7.0</pre>" in page
    assert "as said" not in page
    assert "LIVEDOCS" not in page
    charts = (built / "site" / "charts.html").read_text("utf-8")
    assert charts.count("<svg ") == 4
    assert "pip install drawsvg" not in charts, "a figure block shows no code"


def test_a_page_repeats_no_id(built: Path) -> None:
    page = (built / "site" / "charts.html").read_text("utf-8")
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len([name for name in ids if name.startswith("snippets-charts-line-py")]) >= 2
    assert len(set(ids)) == len(ids)


def test_folded_code_is_folded_on_the_page_and_in_the_notebook(built: Path) -> None:
    page = (built / "site" / "index.html").read_text("utf-8")
    (folded,) = re.findall(r"<details[^>]*><summary>Code</summary>(.*?)</details>", page, re.DOTALL)
    assert "total" in folded
    notebook = (built / "site" / "notebooks" / "data" / "rows.html").read_text("utf-8")
    (folded,) = re.findall(r"<details><summary>Code</summary>(.*?)</details>", notebook, re.DOTALL)
    assert "total" in folded
    assert "3 rows, total 7.0" not in folded
    assert "3 rows, total 7.0" in notebook


def test_a_cell_may_show_its_stderr(built: Path) -> None:
    page = (built / "site" / "index.html").read_text("utf-8")
    assert re.search(r'aria-label="Output to stderr"><pre>read at once</pre>', page)
    notebook = (built / "site" / "notebooks" / "data" / "rows.html").read_text("utf-8")
    assert "read at once\n</pre>" in notebook


def test_what_stands_in_a_chapter_as_html_stays(built: Path) -> None:
    page = (built / "site" / "charts.html").read_text("utf-8")
    assert '<svg><path d="M0 0h9"/></svg>' in page


def test_a_heading_may_hold_the_wheel(built: Path) -> None:
    page = (built / "site" / "charts.html").read_text("utf-8")
    (heading,) = re.findall(r'<h2 id="([^"]*)">(.*?)</h2>', page)
    assert heading[0].startswith("once-more-after-pip-install-toy")
    assert 'href="wheels/toy-1.0.0-py2.py3-none-any.whl"' in heading[1]
    (entry,) = re.findall(rf'<a href="#{heading[0]}"[^>]*>(.*?)</a>', page)
    assert entry == "Once more, after pip install toy-1.0.0-py2.py3-none-any.whl"


def test_a_notebook_names_its_chapter_by_the_title_that_readers_see(built: Path) -> None:
    page = (built / "site" / "notebooks" / "charts" / "line.html").read_text("utf-8")
    assert 'Explained in <a href="../../charts.html">Charts &amp; more</a>' in page
