"""The copy contract: what a block's copy button yields prints, run alone, what the page shows."""

from __future__ import annotations

import hashlib
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
from html.parser import HTMLParser
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from livedocs.chapter import parse

ROOT = Path(__file__).parents[2]
PASSED = ROOT / ".cache" / "copy-runs"
#: What a reader of the site is told to have, beside gated's wheel.
GIVEN = ("torch", "numpy", "matplotlib")
INSTALL = re.compile(r"^# pip install (.+)$", re.MULTILINE)
DOCS = ROOT / "docs"
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


class Copier:
    """A machine that holds gated's wheel, what the site tells readers to have, and no more."""

    def __init__(self, folder: Path, wheel: Path) -> None:
        self._folder = folder
        self._wheel = wheel
        self._pastes: dict[tuple[str, ...], subprocess.Popen[str]] = {}

    def run(self, program: str) -> Ran:
        """Run ``program`` in an empty folder, with nothing of our environment."""
        extra = tuple(sorted(name for line in INSTALL.findall(program) for name in line.split()))
        file, output, errors = (self._folder / name for name in ("pasted.py", "output", "errors"))
        file.write_text(program, "utf-8")
        with tempfile.TemporaryDirectory(dir=self._folder) as empty:
            paste = self._paste(extra)
            assert paste.stdin is not None
            assert paste.stdout is not None
            job = [str(file), empty, str(output), str(errors)]
            print(json.dumps(job), file=paste.stdin, flush=True)
            status = int(paste.stdout.readline())
        return Ran(status, output.read_text("utf-8"), errors.read_text("utf-8"))

    def close(self) -> None:
        for paste in self._pastes.values():
            paste.communicate()

    def _paste(self, extra: tuple[str, ...]) -> subprocess.Popen[str]:
        """Return the process that runs programs where also the distributions ``extra`` are."""
        if extra not in self._pastes:
            self._pastes[extra] = subprocess.Popen(
                [self._python(extra), "-I", Path(__file__).with_name("paste.py")],
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
        return self._pastes[extra]

    def check(self, block: Block) -> None:
        """Assert that ``block`` gives what its page shows."""
        done = self.run(block.program)
        assert done.stdout.rstrip() == block.output, done.stderr
        if block.raises:
            assert done.returncode == 1
            assert done.stderr.rstrip().endswith(f"\n{block.raises}")
        else:
            assert (done.returncode, done.stderr) == (0, "")

    def _python(self, extra: tuple[str, ...]) -> Path:
        """Make an environment that also holds ``extra``, and return its Python."""
        home = self._folder / "-".join(["environment", *extra])
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", home], check=True)
        (packages,) = home.glob("lib/python*/site-packages")
        with zipfile.ZipFile(self._wheel) as wheel:
            wheel.extractall(packages)
        (metadata,) = importlib.metadata.distributions(name="gated", path=[str(packages)])
        for name in closure([*GIVEN, *extra, *(metadata.requires or [])]):
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
def checked(copier: Copier, wheel: Path) -> Callable[[Block], None]:
    """Check a block, unless this block passed before with all that it depends on."""
    surroundings = [
        Path(__file__).read_bytes(),
        Path(__file__).with_name("paste.py").read_bytes(),
        (ROOT / "requirements.lock").read_bytes(),
        wheel.read_bytes(),
        f"{sys.version} {importlib.metadata.version('torch')}".encode(),
    ]

    def check(block: Block) -> None:
        parts = [block.program, block.output, block.raises]
        hashes = [hashlib.sha256(p).digest() for p in [*surroundings, *map(str.encode, parts)]]
        passed = PASSED / hashlib.sha256(b"".join(hashes)).hexdigest()
        if not passed.exists():
            copier.check(block)
            PASSED.mkdir(parents=True, exist_ok=True)
            passed.touch()

    return check


@pytest.mark.parametrize(("chapter", "number"), BLOCKS)
def test_a_pasted_block_prints_what_its_page_shows(
    built_site: Path, checked: Callable[[Block], None], chapter: str, number: int
) -> None:
    blocks = read(built_site, chapter).blocks
    assert len(blocks) == sum(name == chapter for name, _ in BLOCKS)
    checked(blocks[number])


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
    assert copier.run(ask.format(absent)).stdout.split() == ["True"] * len(absent)
    named = copier.run(f"# pip install drawsvg\n{ask.format(['drawsvg', 'gated', *GIVEN])}")
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
        copier.check(block)


def test_a_block_that_does_as_shown_passes(copier: Copier) -> None:
    copier.check(Block("print('<1>\\n')\n1 / 0", "<1>", "ZeroDivisionError: division by zero"))
