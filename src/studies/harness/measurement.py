"""What is measured in one go and published as it came, such as a timing: without trials or rule."""

import json
import os
import platform
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

import torch

from studies.harness import provenance


@dataclass(frozen=True)
class Measurement:
    """A study of one machine, or of one training or several.

    Attributes:
        name: What the command line and the results file call it.
        question: What it is to answer, in one sentence.
        measure: Measures it all, or the part that it is called with, and returns what is recorded
            beside on what that was.
        threads: On how many, or None for as many as torch takes.
        parts: The names of what is measured and recorded each by itself, if it is not all at once.
        folder: Where its record lies: with the evidence, unless no snippet is to read it.
    """

    name: str
    question: str
    measure: Callable[..., dict[str, Any]]
    threads: int | None = None
    parts: tuple[str, ...] = ()
    folder: str = "docs/evidence"

    def file(self, root: Path) -> Path:
        """Return where its record lies in the repository at ``root``."""
        return root / self.folder / f"{self.name}.json"

    def record(self, guard: Mapping[str, str], part: str = "") -> dict[str, Any]:
        """Measure all or a part, and return what is published of it.

        For ``guard`` see ``provenance.guard``.
        """
        if self.threads:
            torch.set_num_threads(self.threads)
        before: dict[str, Any] = {
            "command": f"python -m studies run {self.name}" + (part and f" --only {part}"),
            "commit": provenance.git("rev-parse", "HEAD"),
            **guard,
            "machine": {
                "cpu": provenance.processor(),
                "cores": os.cpu_count(),
                "threads": torch.get_num_threads(),
                "capability": torch.backends.cpu.get_cpu_capability(),
            },
            "versions": {"python": platform.python_version(), "torch": torch.__version__},
            #: How many processes wanted a core in the minute before.
            "load_before": round(os.getloadavg()[0], 2),
        }
        start = perf_counter()
        found = self.measure(part) if part else self.measure()
        return before | found | {"seconds": round(perf_counter() - start)}


def dumped(found: dict[str, Any]) -> str:
    """Return a record as JSON, each list of numbers on one line."""
    text = json.dumps(found, indent=1)
    return re.sub(r"\[[\d\s.,e+-]+\]", lambda part: " ".join(part[0].split()), text) + "\n"
