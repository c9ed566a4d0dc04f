"""Where a build comes from: commit, versions and processor."""

import importlib.metadata
import os
import platform
import subprocess
from pathlib import Path

from .settings import Settings


def commit(root: Path) -> str | None:
    """Return the checked-out commit, or None outside a repository.

    A project that merely lies in the folder of another repository is outside.
    """
    tracked = _git(root, "ls-files", "--error-unmatch", "pyproject.toml")
    return None if tracked is None else _git(root, "rev-parse", "HEAD")


def commit_time(root: Path) -> int:
    """Return the time of the checked-out commit in seconds, 0 outside a repository."""
    return int(_git(root, "log", "-1", "--format=%ct") or 0) if commit(root) else 0


def fix_environment(root: Path) -> None:
    """Set what the environment leaves open: the build's date and the repository's address.

    SOURCE_DATE_EPOCH is the commit's date; REPOSITORY_URL, in GitHub's CI, the repository that
    it runs in, and elsewhere empty: then no page links to sources.
    """
    os.environ.setdefault("SOURCE_DATE_EPOCH", str(commit_time(root)))
    server, name = os.environ.get("GITHUB_SERVER_URL"), os.environ.get("GITHUB_REPOSITORY")
    if server and name:
        os.environ.setdefault("REPOSITORY_URL", f"{server}/{name}")


def line(settings: Settings) -> str:
    """Return the last line of every page; it names no host and no time."""
    revision = commit(settings.root)
    built = "Built without a commit"
    if revision is not None:
        changed = _git(settings.root, "status", "--porcelain", "--untracked-files=no", ".")
        built = f"Built from commit {revision[:10]}{', changed since,' if changed else ''}"
    versions = ", ".join(
        f"{name} {importlib.metadata.version(name)}" for name in settings.provenance
    )
    python = f"Python {platform.python_version()}"
    return f"{built} with {python}, {versions} on {processor()}."


def cpuinfo() -> list[str]:
    """Return what Linux says of the processors, line by line; elsewhere nothing."""
    file = Path("/proc/cpuinfo")
    return file.read_text("utf-8").splitlines() if file.exists() else []


def processor() -> str:
    """Return the model name of the processor."""
    names = [line.partition(":")[2].strip() for line in cpuinfo() if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def _git(root: Path, *arguments: str) -> str | None:
    try:
        done = subprocess.run(
            ["git", "-C", os.fspath(root), *arguments], capture_output=True, text=True, check=True
        )
    except (FileNotFoundError, subprocess.CalledProcessError):
        return None
    return done.stdout.strip()
