"""The ways to run a snippet: what one machine has and another has not, as far as it can be set."""

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
}
#: Without these, programs may not find their libraries on machines that set them.
_KEPT = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")


@dataclass(frozen=True)
class Way:
    """How a run computes; the default is how the site's own pages are made."""

    #: Environment variables, set before any library is imported.
    variables: Mapping[str, str] = field(default_factory=dict)
    threads: int = 1
    #: A file of the project that is run before the snippet's first cell.
    startup: str | None = None

    @property
    def key(self) -> str:
        """A text that tells this way from every other."""
        return json.dumps(asdict(self), sort_keys=True)

    def environment(self, common: Mapping[str, str], cache: Path) -> dict[str, str]:
        """Return all variables of a run's environment: nothing of ours leaks into it.

        ``common`` are those of every way, in which ``{cache}`` and ``{threads}`` are filled in.
        """
        kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
        path = os.pathsep.join([f"{sys.prefix}/bin", "/usr/local/bin", os.defpath])
        filled = {
            name: text.replace("{cache}", str(cache)).replace("{threads}", str(self.threads))
            for name, text in common.items()
        }
        return {**kept, **_FIXED, "PATH": path, **filled, **self.variables}
