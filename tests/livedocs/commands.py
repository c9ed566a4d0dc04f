"""Runs commands of the engine for its tests, forked from a process that has imported it.

    python -P commands.py

Each line on standard input is a command in JSON: its arguments, its environment, and the files of
its output and errors. Its exit status is the answer. To import the engine, MkDocs and nbconvert
takes longer than all else that a build of a small project does.
"""

import json
import os
import sys

import mkdocs.commands.build  # noqa: F401
import mkdocs_jupyter.plugin  # noqa: F401

from livedocs.__main__ import main


def run(arguments: list[str], environment: dict[str, str], output: str, errors: str) -> int:
    """Run a command as `python -m livedocs` does, in this process."""
    for file, number in ((output, 1), (errors, 2)):
        os.dup2(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
    os.environ.clear()
    os.environ.update(environment)
    sys.path[:0] = [os.getcwd(), *environment["PYTHONPATH"].split(os.pathsep)]
    sys.argv = ["livedocs", *arguments]
    return main(arguments)


if __name__ == "__main__":
    for line in sys.stdin:
        command = json.loads(line)
        child = os.fork()
        if child == 0:
            sys.exit(run(*command))
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
