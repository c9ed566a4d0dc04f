"""The copy contract: what a block's copy button yields prints, run alone, what the page shows."""

import importlib.metadata
import json
import os
import re
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from html.parser import HTMLParser
from itertools import groupby
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from livedocs.chapter import parse

PASTE = Path(__file__).with_name("paste.py")
#: What a reader of the site is told to have, beside gated's wheel.
GIVEN = ("torch", "numpy", "matplotlib")
INSTALL = re.compile(r"^# pip install (.+)$", re.MULTILINE)
DOCS = Path(__file__).parents[2] / "docs"
BLOCKS = [
    (chapter.relative_to(DOCS).with_suffix("").as_posix(), number)
    for chapter in sorted(DOCS.rglob("*.md"))
    for number, _ in enumerate(
        block
        for block in parse(chapter.name, chapter.read_text("utf-8")).blocks
        if block.kind == "snippet"
    )
]


@dataclass
class Block:
    """What the copy button yields, and the output and the exception that stand below it."""

    program: str
    output: str = ""
    raises: str = ""


class _Page(HTMLParser):
    """Reads the blocks of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.blocks: list[Block] = []
        self.excerpts: list[str | None] = []
        self._below = ""
        self._part = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        part = given.get("class") or ""
        if tag == "div" and part == "snippet":
            self.blocks.append(Block(given["data-copy"] or ""))
        elif tag == "div" and part == "excerpt":
            self.excerpts.append(given.get("data-copy"))
        elif tag == "div":
            self._below = part
        elif tag == "pre":
            self._part = part or self._below

    def handle_endtag(self, tag: str) -> None:
        if tag == "pre":
            self._part = ""

    def handle_data(self, data: str) -> None:
        if self._part == "snippet-output":
            self.blocks[-1].output += data
        elif self._part == "snippet-raises":
            self.blocks[-1].raises += data


def read(site: Path, chapter: str) -> _Page:
    return _Page((site / f"{chapter}.html").read_text("utf-8"))


@dataclass
class Ran:
    """How a pasted program ended, and what it wrote."""

    returncode: int
    stdout: str
    stderr: str


def check(block: Block, ran: Ran) -> None:
    """Assert that ``block`` gave what its page shows."""
    assert ran.stdout.rstrip() == block.output, ran.stderr
    if block.raises:
        assert ran.returncode == 1
        assert ran.stderr.rstrip().endswith(f"\n{block.raises}")
    else:
        assert (ran.returncode, ran.stderr) == (0, "")


def extra(program: str) -> tuple[str, ...]:
    """Return the distributions that a program asks its reader to install."""
    return tuple(sorted(name for line in INSTALL.findall(program) for name in line.split()))


class Copier:
    """A machine that holds gated's wheel, what the site tells readers to have, and no more."""

    def __init__(self, folder: Path, wheel: Path) -> None:
        self._folder = folder
        self._wheel = wheel
        self._pastes: dict[tuple[str, ...], subprocess.Popen[str]] = {}

    def run(self, *programs: str) -> list[Ran]:
        """Run each program in an empty folder, with nothing of our environment."""
        ran: dict[str, Ran] = {}
        for names, group in groupby(sorted(set(programs), key=extra), extra):
            ran |= self._run(names, list(group))
        return [ran[program] for program in programs]

    def _run(self, names: tuple[str, ...], programs: list[str]) -> dict[str, Ran]:
        paste = self._paste(names)
        assert paste.stdin is not None
        assert paste.stdout is not None
        with tempfile.TemporaryDirectory(dir=self._folder) as name:
            jobs = [
                [f"{name}/{number}{end}" for end in (".py", "", ".output", ".errors")]
                for number in range(len(programs))
            ]
            for program, (file, folder, *_) in zip(programs, jobs, strict=True):
                Path(file).write_text(program, "utf-8")
                Path(folder).mkdir()
            print(json.dumps(jobs), file=paste.stdin, flush=True)
            statuses = json.loads(paste.stdout.readline())
            return {
                program: Ran(status, *(Path(file).read_text("utf-8") for file in files))
                for program, (_, _, *files), status in zip(programs, jobs, statuses, strict=True)
            }

    def close(self) -> None:
        for paste in self._pastes.values():
            paste.communicate()

    def _paste(self, names: tuple[str, ...]) -> subprocess.Popen[str]:
        """Return the process that runs programs where also the distributions ``names`` are."""
        if names not in self._pastes:
            self._pastes[names] = subprocess.Popen(
                # torch.compile says of Python 3.13.0 alone that it is slow there.
                [self._python(names), "-I", "-W", "ignore:Guards may run slower", PASTE],
                env={
                    "HOME": str(self._folder),
                    "LANG": "C.UTF-8",
                    "MPLBACKEND": "agg",
                    # Beside other tests, more threads than one wait for each other: minutes, where
                    # a model is trained.
                    "OMP_NUM_THREADS": "1",
                    "PATH": os.defpath,
                },
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        return self._pastes[names]

    def _python(self, names: tuple[str, ...]) -> Path:
        """Make an environment that also holds ``names``, and return its Python."""
        home = self._folder / "-".join(["environment", *names])
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", home], check=True)
        (packages,) = home.glob("lib/python*/site-packages")
        with zipfile.ZipFile(self._wheel) as wheel:
            wheel.extractall(packages)
        (metadata,) = importlib.metadata.distributions(name="gated", path=[str(packages)])
        for name in closure([*GIVEN, *names, *(metadata.requires or [])]):
            _link(name, packages)
        return home / "bin" / "python"


def closure(requirements: Iterable[str]) -> set[str]:
    """Return the installed distributions that ``requirements`` need, themselves included."""
    names: set[str] = set()
    queue = [Requirement(text) for text in requirements]
    while queue:
        requirement = queue.pop()
        if requirement.name in names or not _applies(requirement):
            continue
        names.add(requirement.name)
        queue += map(Requirement, importlib.metadata.requires(requirement.name) or [])
    return names


def _applies(requirement: Requirement) -> bool:
    return requirement.marker is None or requirement.marker.evaluate({"extra": ""})


def _link(name: str, packages: Path) -> None:
    distribution = importlib.metadata.distribution(name)
    tops = {file.parts[0] for file in distribution.files or []} - {"..", "__pycache__"}
    assert tops, name
    for top in tops:
        if not (packages / top).exists():
            (packages / top).symlink_to(Path(str(distribution.locate_file(top))))


@pytest.fixture(scope="module")
def wheel(built_site: Path) -> Path:
    (wheel,) = (built_site / "wheels").glob("gated-*.whl")
    return wheel


@pytest.fixture(scope="module")
def copier(tmp_path_factory: pytest.TempPathFactory, wheel: Path) -> Iterator[Copier]:
    copier = Copier(tmp_path_factory.mktemp("copier"), wheel)
    yield copier
    copier.close()


@pytest.fixture(scope="module")
def mark_of(mark: Callable[..., str]) -> Callable[[Block], str]:
    """Return a hash of all that decides whether a block passes."""
    harness = [Path(__file__).read_bytes(), PASTE.read_bytes()]
    return lambda block: mark(*harness, block.program, block.output, block.raises)


@pytest.fixture(scope="module")
def ran(
    copier: Copier,
    built_site: Path,
    known: Callable[[str], bool],
    mark_of: Callable[[Block], str],
) -> Callable[[str], dict[str, Ran]]:
    """Run all blocks of a chapter together, but for those that passed before: many begin alike."""

    @cache
    def of(chapter: str) -> dict[str, Ran]:
        blocks = read(built_site, chapter).blocks
        programs = [block.program for block in blocks if not known(mark_of(block))]
        return dict(zip(programs, copier.run(*programs), strict=True))

    return of


@pytest.mark.parametrize(("chapter", "number"), BLOCKS)
def test_a_pasted_block_prints_what_its_page_shows(
    built_site: Path,
    known: Callable[[str], bool],
    mark_of: Callable[[Block], str],
    ran: Callable[[str], dict[str, Ran]],
    record_property: Callable[[str, object], None],
    chapter: str,
    number: int,
) -> None:
    blocks = read(built_site, chapter).blocks
    assert len(blocks) == sum(name == chapter for name, _ in BLOCKS)
    block = blocks[number]
    mark = mark_of(block)
    if not known(mark):
        check(block, ran(chapter)[block.program])
    record_property(f"{chapter}, block {number + 1}", mark)


def test_the_blocks_print_draw_and_raise(built_site: Path) -> None:
    blocks = [block for name in {c for c, _ in BLOCKS} for block in read(built_site, name).blocks]
    assert len(blocks) >= 12
    assert any(block.output for block in blocks)
    assert any(block.raises for block in blocks)
    assert any("matplotlib" in block.program for block in blocks)


def test_an_excerpt_promises_no_run(built_site: Path) -> None:
    excerpts = [e for name in {c for c, _ in BLOCKS} for e in read(built_site, name).excerpts]
    assert excerpts
    assert set(excerpts) == {None}


def test_the_copier_has_only_what_the_site_names(copier: Copier) -> None:
    ask = (
        "import importlib.util\nfor name in {}:\n    print(importlib.util.find_spec(name) is None)"
    )
    absent = ["livedocs", "pytest", "mkdocs", "pip", "drawsvg"]
    (alone,) = copier.run(ask.format(absent))
    assert alone.stdout.split() == ["True"] * len(absent)
    (named,) = copier.run(f"# pip install drawsvg\n{ask.format(['drawsvg', 'gated', *GIVEN])}")
    assert named.stdout.split() == ["False"] * 5


@pytest.mark.parametrize(
    "block",
    [
        Block("print(1)", output="2"),
        Block("1 / 0"),
        Block("1", raises="ZeroDivisionError: division by zero"),
        Block("1 / 0", raises="ValueError: division by zero"),
        Block("import warnings\nwarnings.warn('old')"),
        Block("import drawsvg"),
    ],
)
def test_a_block_that_does_otherwise_is_found(copier: Copier, block: Block) -> None:
    with pytest.raises(AssertionError):
        check(block, *copier.run(block.program))


def test_a_block_that_does_as_shown_passes(copier: Copier) -> None:
    block = Block("print('<1>\\n')\n1 / 0", "<1>", "ZeroDivisionError: division by zero")
    check(block, *copier.run(block.program))


def test_what_begins_alike_runs_once_and_parts_as_if_run_alone(
    copier: Copier, tmp_path: Path
) -> None:
    counted = tmp_path / "counted"
    begin = f"""\
import atexit, os, random, threading
random.seed(0)
with open({str(counted)!r}, "a") as file:
    file.write("x")
with open("here", "w") as file:
    file.write("begun")
print("begin", random.random(), __name__, os.listdir())
atexit.register(print, "end")
"""
    go_on = [
        "",
        "print(random.random())\nopen('here', 'a').write(' and ended')\nprint(open('here').read())",
        "print(random.random())\nprint(open('here').read(), file=__import__('sys').stderr)",
        "print(os.path.basename(__file__))\n1 / 0",
        "raise SystemExit(3)",
    ]
    programs = [begin + end for end in go_on]
    together = copier.run(*programs)
    assert counted.read_text() == "x"
    alone = [copier.run(program)[0] for program in programs]
    assert counted.read_text() == "x" * (1 + len(programs))
    names = re.compile(r"\d+\.py")
    for one, other in zip(together, alone, strict=True):
        assert names.sub("", one.stdout) == names.sub("", other.stdout)
        assert one.returncode == other.returncode
        assert one.stderr.splitlines()[-1:] == other.stderr.splitlines()[-1:]
    assert [ran.returncode for ran in alone] == [0, 0, 0, 1, 3]
    assert len({ran.stdout for ran in alone}) == len(programs) - 1
    threads = f"{begin}threading.Thread(target=__import__('time').sleep, args=(1,)).start()\n"
    one, other = copier.run(threads + "print(1)", threads + "print(1 + 1)")
    assert (one.stdout[-6:], other.stdout[-6:]) == ("1\nend\n", "2\nend\n")
    assert counted.read_text() == "x" * (1 + len(programs) + 3), "once in vain, then for each"


def test_a_beginning_that_fails_fails_in_each(copier: Copier) -> None:
    first, second, third = copier.run("1 / 0\nprint(1)", "1 / 0\nprint(2)", "1 +")
    for ran in (first, second):
        assert (ran.returncode, ran.stdout) == (1, "")
        assert ran.stderr.endswith("\nZeroDivisionError: division by zero\n")
    assert third.stderr.splitlines()[-1].startswith("SyntaxError")
