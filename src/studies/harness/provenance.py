"""Where results come from: on what they ran, and what of this project decides them.

Of a machine that is make and version: no name of a host, no path. What decides a study is its own
source, and all of the project that it imports.
"""

import hashlib
import os
import platform
import subprocess
from modulefinder import ModuleFinder
from pathlib import Path
from typing import Any

import torch

ROOT = Path(__file__).parents[3]
_SOURCE = ROOT / "src"


def described(device: str, processors: str, command: str, jobs: int) -> dict[str, Any]:
    """Return what goes into the results file about a run."""
    return {
        "command": command,
        "commit": git("rev-parse", "HEAD"),
        "python": platform.python_version(),
        "torch": torch.__version__,
        "device": torch.cuda.get_device_name() if device == "cuda" else processors,
        "cores": os.cpu_count(),
        "jobs": jobs,
    }


def processor() -> str:
    """Return the processor's name, such as "Intel(R) Xeon(R) Processor @ 2.60GHz"."""
    try:
        for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def git(*arguments: str) -> str:
    """Return what git prints about this repository, or "" where it fails."""
    command = ["git", "-C", str(ROOT), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else ""


def deciding(study: str) -> list[Path]:
    """Return the files of a study's module and of all of the project's that it imports, in turn.

    They are found in the code, not by running it, so that what is imported within a function, or
    for types alone, is among them too.
    """
    finder = ModuleFinder([str(_SOURCE)])
    finder.import_hook(f"studies.{study}")
    files = [module.__file__ for module in finder.modules.values()]  # type: ignore[attr-defined]
    return sorted(Path(file) for file in files if file)


def digest(study: str) -> str:
    """Return a hash of the contents of all that decides a study."""
    whole = hashlib.sha256()
    for file in deciding(study):
        content = hashlib.sha256(file.read_bytes()).hexdigest()
        whole.update(f"{file.relative_to(_SOURCE).as_posix()} {content}\n".encode())
    return whole.hexdigest()


def guard(study: str) -> dict[str, str]:
    """Return what a run records of all that decides a study: its hash, and its last commit.

    Raises:
        ValueError: some of it has changes that are not committed, or lies in no repository.
    """
    paths = [file.relative_to(ROOT).as_posix() for file in deciding(study)]
    commit = git("log", "-1", "--format=%H", "--", *paths)
    fault = "" if commit else f"src/studies/{study}.py is in no commit"
    if changed := git("status", "--porcelain", "--", *paths):
        fault = f"{changed.splitlines()[0].split()[-1]} has changes"
    if fault:
        raise ValueError(f"{fault}: commit what decides a study before its first trial")
    return {"rule": commit, "digest": digest(study)}
