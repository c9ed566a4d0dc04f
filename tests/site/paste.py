"""Runs pasted programs for test_copy, in the environment of a reader.

    python -I paste.py

For each line on standard input, a list in JSON of a program's file, of an empty folder to run it
in, and of the files of its output and its errors, writes the exit status. Each program runs in a
process of its own, forked from this one, which has imported what nearly all of them import; that
spares each the seconds which torch takes.
"""

from __future__ import annotations

import json
import os
import sys
import types

import matplotlib.pyplot  # noqa: F401
import torch._inductor.config  # noqa: F401


def main() -> None:
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            _become(*json.loads(line))
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


def _become(program: str, folder: str, output: str, errors: str) -> None:
    """Run a program as ``python program`` does, to the end of the interpreter."""
    for path, flags, number in (
        (os.devnull, os.O_RDONLY, 0),
        (output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 1),
        (errors, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 2),
    ):
        os.dup2(os.open(path, flags, 0o600), number)
    os.chdir(folder)
    sys.argv = [program]
    module = types.ModuleType("__main__")
    module.__file__ = program
    sys.modules["__main__"] = module
    with open(program, encoding="utf-8") as file:
        code = compile(file.read(), program, "exec", dont_inherit=True)
    exec(code, module.__dict__)
    sys.exit()


if __name__ == "__main__":
    main()
