"""The ways to run a snippet: what one machine has and another has not, as far as it can be set."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

#: Equal on every machine, so that equal input gives equal output.
_FIXED = {
    "LC_ALL": "C.UTF-8",
    "TZ": "UTC",
    "PYTHONHASHSEED": "0",
    "MPLBACKEND": "agg",
    "CUDA_VISIBLE_DEVICES": "",
}
#: Without these, programs may not find their libraries on machines that set them.
_KEPT = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")
_POOLS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")


@dataclass(frozen=True)
class Way:
    """How a run computes; the default is how the site's own pages are made."""

    #: Environment variables, set before any library is imported.
    variables: Mapping[str, str] = field(default_factory=dict)
    threads: int = 1
    #: Dotted name of a module that is imported before the snippet's first cell.
    startup: str | None = None

    @property
    def key(self) -> str:
        """A text that tells this way from every other."""
        return json.dumps(asdict(self), sort_keys=True)

    def environment(self, cache: Path) -> dict[str, str]:
        """Return all variables of a run's environment: nothing of ours leaks into it.

        ``cache`` is where matplotlib keeps its list of fonts, and finds no matplotlibrc.
        """
        kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
        path = os.pathsep.join([f"{sys.prefix}/bin", "/usr/local/bin", os.defpath])
        pools = dict.fromkeys(_POOLS, str(self.threads))
        own = {"PATH": path, "MPLCONFIGDIR": str(cache / "matplotlib")}
        return {**kept, **_FIXED, **own, **pools, **self.variables}
