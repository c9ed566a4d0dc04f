"""The fork server: a process that imports once what all snippets share, then forks for each run.

``multiprocessing`` has one, too, but its children are no main processes, and it takes over the
environment, the flags and the current folder of this process, which no run may depend on.
"""

import gc
import importlib
import io
import os
import re
import shutil
import signal
import sys
import time
import traceback
import weakref
from collections.abc import Sequence
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path

from . import worker

#: How long a child may have ended, or be beyond its limits, before that is noticed.
_POLL_SECONDS = 0.02
#: How long beyond its own time limit a child may take to start, and to say where it hung.
_GRACE_SECONDS = 30.0
#: What a run may write to stderr, where libraries are talkative.
_ERROR_BYTES = 1_000_000


def serve(descriptor: int, preload: Sequence[str], folder: str) -> None:
    """Be the server until the other side of the socket is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # ^C is our parent's to handle
    os.umask(0o022)
    control: Connection = Connection(descriptor)
    name = ""
    try:
        for name in preload:
            importlib.import_module(name)
    except Exception as error:
        message = traceback.format_exception_only(error)[-1].strip()
        control.send(f'cannot import "{name}" of "preload": {message}')
    else:
        _settle()
        _serve(control)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _settle() -> None:
    """Leave to this process what was imported and what that has printed; set the streams of runs.

    No child need look at what was imported, or take it apart.
    """
    gc.freeze()
    for finalizer in list(weakref.finalize._registry):  # type: ignore[attr-defined]
        finalizer.atexit = False
    for stream, errors in ((sys.stdout, "strict"), (sys.stderr, "backslashreplace")):
        assert isinstance(stream, io.TextIOWrapper)
        stream.reconfigure(encoding="utf-8", errors=errors, line_buffering=True)


def _serve(control: Connection) -> None:
    children: list[_Child] = []
    # The parent may end, or be killed, at any moment.
    with suppress(EOFError, ConnectionResetError, BrokenPipeError):
        while True:
            if control.poll(_POLL_SECONDS if children else None):
                children.append(_Child(control.recv(), control))
            for child in list(children):
                if ended := child.ended():
                    children.remove(child)
                    control.send(ended)
    for child in children:
        child.kill()


class _Child:
    """A run, watched by the server that forked it."""

    def __init__(self, job: worker.Job, control: Connection) -> None:
        self._job = job
        self._deadline = time.monotonic() + job.settings.wall_seconds + _GRACE_SECONDS
        #: Why it was killed.
        self._excess = ""
        self._process = os.fork()
        if self._process == 0:
            try:
                signal.signal(signal.SIGINT, signal.default_int_handler)
                control.close()
                worker.execute(job)
            except BaseException:
                traceback.print_exc()
            finally:
                os._exit(1)

    def kill(self) -> None:
        """Kill the process and all of its group, which it founds as the first thing it does."""
        for kill in (os.killpg, os.kill):
            with suppress(ProcessLookupError, PermissionError):
                kill(self._process, signal.SIGKILL)
                return

    def ended(self) -> tuple[Path, float, tuple[int | None, str] | None] | None:
        """Return how the run ended, or None while it goes on, or has just been killed.

        That is its folder, the CPU time that it used, and what was wrong if it was not its own end:
        a line of the snippet, if one is known, and a message.
        """
        if not self._excess and (excess := self._exceeds()):
            self._excess = excess
            self.kill()
        ended, status, used = os.wait4(self._process, os.WNOHANG)
        if not ended:
            return None
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process, signal.SIGKILL)  # what it left behind
        seconds = used.ru_utime + used.ru_stime
        fault = self._excess or self._exceeds()
        if not fault and not (self._job.place / "outcome").exists():
            fault = self._crash(os.waitstatus_to_exitcode(status), seconds)
        return self._job.place, seconds, (self._line(), fault) if fault else None

    def _exceeds(self) -> str:
        """Return the limit beyond which the run went that it cannot see to itself, if any."""
        limits = {"stdout": self._job.settings.output_bytes, "stderr": _ERROR_BYTES}
        for name, limit in limits.items():
            file = self._job.place / name
            if file.exists() and file.stat().st_size > limit:
                return f"wrote more than {limit:,} bytes to {name}"
        return self._job.too_long if time.monotonic() > self._deadline else ""

    def _crash(self, status: int, seconds: float) -> str:
        """Return why a process ended that was killed, or left Python; negative are signals."""
        job, stderr = self._job, self._job.written("stderr")
        late = status == -signal.SIGKILL and seconds > job.settings.seconds
        if status == -signal.SIGXCPU or late:
            return job.too_much_computed
        if "Timeout (" in stderr:
            return job.too_long
        if "std::bad_alloc" in stderr:
            return f"asked for more memory: {job.too_much_memory}"
        if status < 0:
            return f"was killed by {signal.Signals(-status).name}"
        return f"left Python with exit status {status}, as os._exit does"

    def _line(self) -> int | None:
        """Return the snippet's line in the traceback that faulthandler left, else its cell's."""
        file = re.escape(str(self._job.settings.root / self._job.snippet.path))
        found = re.findall(rf'File "{file}", line (\d+)', self._job.written("stderr"))
        line = found[0] if found else self._job.written("line")
        return int(line) if line else None
