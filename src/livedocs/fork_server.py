"""The fork server: a process that imports once what all snippets share, then forks for each run.

``multiprocessing`` has one, too, but its children are no main processes, and it takes over the
environment, the flags and the current folder of this process, which no run may depend on.
"""

from __future__ import annotations

import gc
import importlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import traceback
import weakref
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.reduction import recv_handle, send_handle
from pathlib import Path

from . import worker

#: The server's program. It finds modules where this process does, whatever Python's variables say.
_PROGRAM = """\
import sys
sys.path[:] = {path}
from livedocs import fork_server
fork_server.serve({descriptor}, {preload}, {folder!r})
"""

#: How long a child may have ended that nobody killed before that is told.
_POLL_SECONDS = 0.02


@dataclass(frozen=True)
class Exit:
    """How a child ended: its exit status, negative for a signal, and the CPU time it had used."""

    status: int
    seconds: float


class ForkServer:
    """This process's handle of a server; the server ends, and all its children, when we do."""

    def __init__(self, preload: Sequence[str], environment: Mapping[str, str]) -> None:
        #: Holds what children write, and goes with the server, however that ends.
        self.folder = Path(tempfile.mkdtemp(prefix="livedocs-")).resolve()
        ours, theirs = socket.socketpair()
        program = _PROGRAM.format(
            path=[entry or os.getcwd() for entry in sys.path],
            descriptor=theirs.fileno(),
            preload=list(preload),
            folder=str(self.folder),
        )
        self._process = subprocess.Popen(
            [sys.executable, "-c", program],
            stdin=subprocess.DEVNULL,
            cwd=self.folder,
            env=dict(environment),
            pass_fds=[theirs.fileno()],
            start_new_session=True,
        )
        theirs.close()
        self.control: Connection = Connection(ours.detach())
        self._exits: dict[int, Exit] = {}

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def fork(self, job: worker.Job, number: int) -> Connection:
        """Start run ``number``, and return where its messages arrive."""
        reader, writer = os.pipe()
        # A server that has died says why where it is asked how the run ended.
        with suppress(BrokenPipeError):
            self.control.send(("fork", number, job))
            send_handle(self.control, writer, self._process.pid)
        os.close(writer)
        return Connection(reader, writable=False)

    def kill(self, number: int) -> None:
        """End a run now, helpers of its own included."""
        with suppress(BrokenPipeError):
            self.control.send(("kill", number))

    def exit_of(self, number: int, *, block: bool = False) -> Exit | None:
        """Return how run ``number`` ended, or None while it goes on.

        Raises ImportError: the server could not import what it was to share.
        """
        while number not in self._exits and (block or self.control.poll()):
            try:
                message = self.control.recv()
            except (EOFError, ConnectionResetError):
                raise ImportError("the process that starts the snippets has died") from None
            if isinstance(message, str):
                raise ImportError(message)
            ended, gone = message
            self._exits[ended] = gone
        return self._exits.pop(number, None)

    def close(self) -> None:
        """End the server and all its children."""
        self.control.close()
        self._process.wait()


def serve(descriptor: int, preload: Sequence[str], folder: str) -> None:
    """Be the server until the other side of the socket is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # ^C is our parent's to handle
    os.umask(0o022)
    control: Connection = Connection(descriptor)
    try:
        if _preload(control, preload):
            _settle()
            _Forks(control).serve()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _preload(control: Connection, names: Sequence[str]) -> bool:
    for name in names:
        try:
            importlib.import_module(name)
        except Exception as error:
            message = traceback.format_exception_only(error)[-1].strip()
            control.send(f'cannot import "{name}" of "preload": {message}')
            return False
    return True


def _settle() -> None:
    """Leave what was imported to this process: no child need look at it, or take it apart."""
    gc.freeze()
    for finalizer in list(weakref.finalize._registry):  # type: ignore[attr-defined]
        finalizer.atexit = False


class _Forks:
    """The server's children, by process id."""

    def __init__(self, control: Connection) -> None:
        self._control = control
        self._numbers: dict[int, int] = {}

    def serve(self) -> None:
        # The parent may end, or be killed, at any moment.
        with suppress(EOFError, ConnectionResetError, BrokenPipeError):
            while True:
                if self._control.poll(_POLL_SECONDS if self._numbers else None):
                    self._obey(*self._control.recv())
                for process in list(self._numbers):
                    self._reap(process, os.WNOHANG)
        for process in self._numbers:
            _kill(process)

    def _obey(self, command: str, number: int, job: worker.Job | None = None) -> None:
        if command == "kill":
            for process in [p for p, known in self._numbers.items() if known == number]:
                _kill(process)
                self._reap(process)
        elif job is not None:
            answer: Connection = Connection(recv_handle(self._control), readable=False)
            process = os.fork()
            if process == 0:
                self._become(job, answer)
            self._numbers[process] = number
            answer.close()

    def _become(self, job: worker.Job, answer: Connection) -> None:
        try:
            signal.signal(signal.SIGINT, signal.default_int_handler)
            self._control.close()
            worker.execute(job, answer)
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(1)

    def _reap(self, process: int, options: int = 0) -> None:
        """Tell how a child ended; with ``WNOHANG``, only if it has."""
        ended, status, used = os.wait4(process, options)
        if not ended:
            return
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process, signal.SIGKILL)  # what it left behind
        gone = Exit(os.waitstatus_to_exitcode(status), used.ru_utime + used.ru_stime)
        self._control.send((self._numbers.pop(process), gone))


def _kill(process: int) -> None:
    """Kill a child and all of its group, which it founds as the first thing it does."""
    for kill in (os.killpg, os.kill):
        with suppress(ProcessLookupError, PermissionError):
            kill(process, signal.SIGKILL)
            return
