"""Print what the engine, the module and the lab are held to, each measured beside its peer.

    python -m benchmarks [module] [engine] [serving] [clone] [lab]

The exit status is 1 where a bar is missed.
"""

import os
import platform
import sys
import warnings
from importlib.metadata import version

import torch

from livedocs.provenance import processor

from . import clone, engine, lab, module, serving

VERSIONS = ("torch", "mkdocs", "mkdocs-material", "mkdocs-jupyter")
GROUPS = {
    "module": module.rows,
    "engine": engine.rows,
    "serving": serving.rows,
    "clone": clone.rows,
    "lab": lab.rows,
}


def main(names: list[str]) -> int:
    """Run the groups named, all by default."""
    for name in names:
        if name not in GROUPS:
            print(f'no group "{name}"; there are {", ".join(GROUPS)}', file=sys.stderr)
            return 1
    warnings.filterwarnings("ignore", message="TF32 acceleration on top of oneDNN")
    print(
        f"{processor()}, {os.cpu_count()} cores, {torch.get_num_threads()} threads, "
        f"Python {platform.python_version()}, {', '.join(f'{d} {version(d)}' for d in VERSIONS)}\n"
    )
    print(f"{'':<46} {'ours':>12} {'peer':>9} {'figure':>9} {'bar':>10}")
    missed = 0
    for name in names or GROUPS:
        for row in GROUPS[name]():
            print(row, flush=True)
            missed += not row.holds
    return int(missed > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
