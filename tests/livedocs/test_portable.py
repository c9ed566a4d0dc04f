"""What a page prints and says comes out alike in all ways in which machines run snippets."""

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import nextafter, zeros_like

Livedocs = Callable[..., subprocess.CompletedProcess[str]]

#: Two ways of the fixture project, each of which changes one variable.
WAYS = """
[tool.livedocs.ways]
"two threads" = { threads = 2 }
"another seed" = { variables = { PYTHONHASHSEED = "1" } }
"""
SCALARS = "snippets/basics/scalars.py"
THREADS = 'int(__import__("os").environ["OMP_NUM_THREADS"])'


@pytest.fixture
def project(tmp_path: Path, built_without_charts: Path) -> Path:
    """A built project that knows two ways."""
    return with_ways(shutil.copytree(built_without_charts, tmp_path / "project"))


def with_ways(root: Path) -> Path:
    edit(root / "pyproject.toml", "\n[tool.livedocs.inks]", f"{WAYS}\n[tool.livedocs.inks]")
    return root


def edit(file: Path, before: str, after: str) -> None:
    text = file.read_text("utf-8")
    assert before in text
    file.write_text(text.replace(before, after), "utf-8")


def runs(done: subprocess.CompletedProcess[str]) -> list[str]:
    """Return the snippets that were run."""
    lines = [line for line in done.stderr.splitlines() if "snippets/" in line and "] " in line]
    return [line.partition("] ")[2].split()[0] for line in lines]


def test_what_comes_out_alike_passes_and_is_kept(built_copy: Path, livedocs: Livedocs) -> None:
    project = with_ways(built_copy)
    first = livedocs(project, "portable")
    assert first.returncode == 0, first.stderr
    assert "6 snippets found to come out alike in all 2 ways" in first.stderr
    assert runs(first).count(SCALARS) == 2
    again = livedocs(project, "portable")
    assert (again.returncode, runs(again)) == (0, [])


def test_only_what_has_no_committed_pass_is_run_as_new(project: Path, livedocs: Livedocs) -> None:
    assert livedocs(project, "portable").returncode == 0
    assert livedocs(project).returncode == 0
    for kept in (project / ".cache" / "livedocs" / "records").iterdir():
        kept.unlink()
    clone = livedocs(project, "portable", "--new")
    assert "0 snippets found to come out alike" in clone.stderr
    assert runs(clone).count(SCALARS) == 1, "as the site runs it"
    edit(project / "src" / "toy" / "words.py", "upper()", "lower()")
    used = livedocs(project, "portable", "--new")
    assert set(runs(used)) == {"snippets/basics/greet.py", "snippets/basics/both.py"}
    before = (project / "tests" / "portable.toml").read_bytes()
    edit(project / SCALARS, "count = 3", "count = 4")
    assert livedocs(project, "portable", "--new").returncode == 0
    assert (project / "tests" / "portable.toml").read_bytes() == before, "a check commits nothing"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (
            f"print('on', {THREADS})",
            f'{SCALARS}:2: two threads: prints "on 2" in place of "on 1"',
        ),
        (
            'print(hash("a"))',
            f"{SCALARS}:2: another seed: prints ",
        ),
        (
            f"name = str({THREADS})",
            'docs/index.md:7: two threads: name of basics/scalars.py is "2" in place of "1"',
        ),
        (
            f"assert {THREADS} == 1",
            f"{SCALARS}:9: two threads: AssertionError",
        ),
    ],
)
def test_what_differs_is_named(project: Path, livedocs: Livedocs, line: str, message: str) -> None:
    edit(project / SCALARS, 'print(f"{name}: {mean:.3f} <&>")', f'{line}\nprint("ok")')
    done = livedocs(project, "portable", "basics/scalars.py")
    assert done.returncode == 1
    assert message in done.stderr
    assert "src/livedocs" not in done.stderr, "no traceback of ours"
    assert not (project / "tests" / "portable.toml").read_text("utf-8").count("scalars")


def test_a_random_number_without_a_seed_is_found(project: Path, livedocs: Livedocs) -> None:
    edit(project / SCALARS, 'print(f"{name}', 'print(np.random.rand())\nprint(f"{name}')
    done = livedocs(project, "portable")
    assert done.returncode == 1
    assert f'{SCALARS}:2: two threads: prints "0.' in done.stderr


def test_evidence_that_says_so_here_alone_is_found(project: Path, livedocs: Livedocs) -> None:
    edit(project / "pyproject.toml", "[tool.livedocs]", '[tool.livedocs]\nclaims = "claims.yml"')
    (project / "claims.yml").write_text(
        "- id: few\n  claim: Few\n  verdict: holds\n  why: They are.\n"
        "  evidence:\n    - proof: basics/scalars.py few\n",
        "utf-8",
    )
    edit(project / SCALARS, "count = 3", f"few = {THREADS} < 2")
    done = livedocs(project, "portable")
    assert done.returncode == 1
    assert (
        'claims.yml:1: two threads: "few": few of basics/scalars.py says 0 in place of 8'
        in done.stderr
    )


def test_a_tolerance_narrower_than_three_spreads_is_refused(
    project: Path, livedocs: Livedocs
) -> None:
    assert livedocs(project, "accept").returncode == 0
    file = project / "tests" / "expected.toml"
    edit(project / SCALARS, "mean = float(np.mean([1, 2, 4]))", f"mean = 1.5 + 0.002 * {THREADS}")
    edit(project / SCALARS, "exact = mean == 7 / 3", "exact = True")
    edit(project / SCALARS, ": {mean:.3f}", "")
    before = file.read_bytes()
    edit(project / "docs" / "index.md", "mean:.2f", "mean:.1f")
    refused = livedocs(project, "accept")
    assert refused.returncode == 1
    assert (
        f"{SCALARS}: mean has a tolerance of 0.005, and a spread of 0.002: "
        "allow 0.006, or state what is steadier" in refused.stderr
    )
    assert file.read_bytes() == before
    edit(file, "tolerance = 0.005", "tolerance = 0.05")
    accepted = livedocs(project, "accept")
    assert accepted.returncode == 0, accepted.stderr
    assert "+mean = { value = 1.502, tolerance = 0.05 }" in accepted.stdout


def test_an_unknown_name_has_a_near_match(project: Path, livedocs: Livedocs) -> None:
    done = livedocs(project, "portable", "basics/scalar.py")
    assert done.returncode == 1
    assert 'no chapter uses a snippet "basics/scalar.py". Did you mean' in done.stderr
    edit(project / "pyproject.toml", "threads = 2", "thread = 2")
    done = livedocs(project, "portable")
    assert done.returncode == 1
    assert (
        'pyproject.toml: [tool.livedocs.ways.two threads] has no "thread". Did you mean "threads"?'
        in done.stderr
    )


NUDGE = Path(__file__).parents[1] / "nudge.py"
DRAWS = [
    "torch.rand(9)",
    "torch.randn(3, 3)",
    "torch.rand_like(torch.ones(9))",
    "torch.nn.Linear(3, 3).weight.detach()",
    "torch.nn.init.orthogonal_(torch.empty(3, 3))",
    "torch.empty(9).exponential_()",
]


def test_the_nudge_moves_every_random_number_by_one_unit(tmp_path: Path) -> None:
    program = (
        "import torch\n{}\nfound = []\n"
        f"for draw in {DRAWS}:\n    torch.manual_seed(0)\n    found.append(eval(draw))\n"
        "torch.manual_seed(0)\nfound.append(torch.randint(9, (9,)))\ntorch.save(found, '{}')\n"
    )
    found = []
    for number, nudge in enumerate(("", f"import runpy; runpy.run_path({str(NUDGE)!r})")):
        file = tmp_path / f"{number}.pt"
        subprocess.run([sys.executable, "-c", program.format(nudge, file)], check=True)
        found.append(torch.load(file))
    *plain, whole = found[0]
    *nudged, same = found[1]
    assert whole.equal(same)
    for draw, one, other in zip(DRAWS, plain, nudged, strict=True):
        assert not one.equal(other), draw
        if "orthogonal" not in draw:  # which goes on to compute
            assert other.equal(nextafter(one, zeros_like(one))), draw
