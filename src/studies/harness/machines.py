"""What a run ran on, by make and version: no name of a host, no path."""

from __future__ import annotations

import os
import platform
import subprocess
from pathlib import Path
from typing import Any

import torch

ROOT = Path(__file__).parents[3]


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
