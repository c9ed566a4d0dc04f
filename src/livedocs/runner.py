"""The parent's side of a run: many snippets at once, each in a fresh process with limits."""

import atexit
import os
import pickle
import shutil
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import count, islice
from multiprocessing.connection import Pipe
from pathlib import Path

from .problems import Problem
from .record import Record
from .settings import Settings
from .snippets import Snippet
from .terminal import shown
from .way import Way
from .worker import Job

#: The server's program. It finds modules where this process does, whatever Python's variables say.
_PROGRAM = """\
import sys
sys.path[:] = {path}
from livedocs import fork_server
fork_server.serve({descriptor}, {preload}, {folder!r})
"""

#: ``python -m`` looks for modules here first, where none of the project's lies.
_STARTED_IN = Path.cwd()
#: How long a free core may wait for what has just been added to the snippets.
_POLL_SECONDS = 0.05


@dataclass(frozen=True)
class Ended:
    """How the run of one snippet ended, after so many seconds of CPU time."""

    snippet: Snippet
    outcome: Record | Problem
    seconds: float
    #: All that it wrote, as it wrote it: also what no page shows, and the whole traceback.
    stdout: str
    stderr: str

    @property
    def path(self) -> str:
        return self.snippet.path

    @property
    def written(self) -> str:
        """What the author of a failed run wants to see, set in below a line on the failure."""
        start = "...\n" if len(self.stdout) > _SHOWN_CHARACTERS else ""
        text = f"{start}{self.stdout[-_SHOWN_CHARACTERS:]}\n{self.stderr}"
        return textwrap.indent(shown(text).strip("\n"), "    ")


#: How much of what a failed run printed a build shows.
_SHOWN_CHARACTERS = 2000
Finished = Callable[[Ended], None]
_servers: dict[str, "_Server"] = {}


def cores() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def warm_up(settings: Settings, way: Way | None = None) -> None:
    """Start the server now, so that the first run need not wait for its imports."""
    _server(settings, way or Way())


def run(
    settings: Settings, snippets: Iterable[Snippet], finished: Finished, way: Way | None = None
) -> None:
    """Run each snippet in a process of its own, as many at once as there are cores.

    Takes the next one as a core is free, and calls ``finished`` as each one ends.
    """
    way = way or Way()
    server = _server(settings, way)
    queue = iter(snippets)
    try:
        while True:
            for snippet in islice(queue, cores() - len(server.jobs)):
                server.start(settings, snippet, way)
            if not server.jobs:
                break
            if ended := server.ended():
                finished(ended)
    except ImportError as error:
        raise Problem("pyproject.toml", None, f"[tool.livedocs]: {error}") from None
    finally:
        if server.jobs:
            server.close()


def _server(settings: Settings, way: Way) -> "_Server":
    """Return the server for this way: what is imported is fixed once it has started."""
    environment = way.environment(settings.environment, settings.cache_folder)
    preload = [*settings.preload, *(name.partition(":")[0] for name in settings.record)]
    key = repr((preload, sorted(environment.items())))
    if key not in _servers or not _servers[key].alive:
        _servers[key] = _Server(preload, environment)
    return _servers[key]


class _Server:
    """This process's handle of a server; the server ends, and all its children, when we do."""

    def __init__(self, preload: Sequence[str], environment: Mapping[str, str]) -> None:
        #: Holds what children write, and goes with the server, however that ends.
        self._folder = Path(tempfile.mkdtemp(prefix="livedocs-")).resolve()
        #: What runs, by its folder.
        self.jobs: dict[Path, Job] = {}
        self._numbers = count()
        self._control, theirs = Pipe()
        program = _PROGRAM.format(
            path=[entry or os.getcwd() for entry in sys.path],
            descriptor=theirs.fileno(),
            preload=list(preload),
            folder=str(self._folder),
        )
        self._process = subprocess.Popen(
            [sys.executable, "-c", program],
            stdin=subprocess.DEVNULL,
            cwd=self._folder,
            env=dict(environment),
            pass_fds=[theirs.fileno()],
            start_new_session=True,
        )
        theirs.close()

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def start(self, settings: Settings, snippet: Snippet, way: Way) -> None:
        """Start a run."""
        path = tuple(entry for entry in sys.path if Path(entry) != _STARTED_IN)
        place = self._folder / str(next(self._numbers))
        place.mkdir()
        self.jobs[place] = Job(settings, snippet, path, way.startup, place)
        # A server that has died says why where it is asked how the run ended.
        with suppress(BrokenPipeError):
            self._control.send(self.jobs[place])

    def ended(self) -> Ended | None:
        """Return how one of the runs ended, of which nothing is left, or None where none does soon.

        Raises ImportError: the server could not import what it was to share.
        """
        if not self._control.poll(_POLL_SECONDS):
            return None
        try:
            message = self._control.recv()
        except (EOFError, ConnectionResetError):
            raise ImportError("the process that starts the snippets has died") from None
        if isinstance(message, str):
            raise ImportError(message)
        place, seconds, fault = message
        job, record = self.jobs.pop(place), {}
        if (left := place / "outcome").exists():
            own_fault, record = pickle.loads(left.read_bytes())
            fault = own_fault or fault
        outcome = Problem(job.snippet.path, *fault) if fault else Record.from_json(record)
        streams = job.written("stdout"), job.written("stderr")
        shutil.rmtree(place, ignore_errors=True)
        return Ended(job.snippet, outcome, seconds, *streams)

    def close(self) -> None:
        """End the server and all its children."""
        self._control.close()
        self._process.wait()


@atexit.register
def _close_servers() -> None:
    for server in _servers.values():
        server.close()
