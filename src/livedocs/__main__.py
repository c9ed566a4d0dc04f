"""The commands: ``python -m livedocs build | serve | check SNIPPET | accept | portable``."""

from __future__ import annotations

import argparse
import fcntl
import logging
import os
import shutil
import signal
import sys
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory

from . import expected, portable, provenance, published, runner
from .files import is_file
from .problems import Failed, Problem, lines, near_match
from .settings import load
from .site import Site
from .snippets import read


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="livedocs", description=__doc__)
    parser.add_argument("--root", type=Path, default=Path(), help="the project (default: here)")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("build", help="build the site into site/")
    serve = commands.add_parser("serve", help="serve the site, rebuilding it as files change")
    serve.add_argument("--address", type=_address, default="127.0.0.1:8000", help="HOST:PORT")
    check = commands.add_parser("check", help="run one snippet and show what it leaves")
    check.add_argument("snippet", help="its name below the snippets folder, such as gru/step.py")
    commands.add_parser("expected", help="compare the values in prose with the committed ones")
    commands.add_parser("accept", help="commit the values in prose as they are now")
    portable_ = commands.add_parser("portable", help="run snippets as other machines would")
    portable_.add_argument(
        "names", nargs="*", help="their names, such as gru/step.py (default: all)"
    )
    portable_.add_argument("--new", action="store_true", help="only those without a committed pass")
    given = parser.parse_args(arguments)
    root = given.root.resolve()
    # A build that is asked to end takes its unfinished folders with it.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        os.chdir(root)  # from where the settings of MkDocs's extensions name files
        match given.command:
            case "build":
                return _build(root)
            case "serve":
                return _serve(root, *given.address)
            case "check":
                return _check(root, given.snippet)
            case "portable":
                return _portable(root, given.names, only_new=given.new)
            case command:
                return _expected(root, accept=command == "accept")
    except KeyboardInterrupt:
        return 130
    except Exception as error:
        for line in lines(error, root):
            _say(line)
        if isinstance(error, Failed):
            for problem in error.problems:
                _annotate(problem)
            end = "; nothing was published" if given.command == "build" else ""
            _say(f"{_counted(len(error.problems), 'problem')}{end}")
    return 1


def _counted(count: int, thing: str) -> str:
    return f"{count} {thing}{'s' * (count != 1)}"


def _address(text: str) -> tuple[str, int]:
    """Return host and port. Raises ArgumentTypeError: that is no address."""
    host, _, port = text.rpartition(":")
    if not host or not (port.isascii() and port.isdigit() and int(port) < 2**16):
        raise argparse.ArgumentTypeError(f'"{text}" is not HOST:PORT with a port up to 65535')
    return host, int(port)


def _build(root: Path) -> int:
    provenance.fix_environment(root)
    _log()
    settings = load(root)
    if published.is_current(settings, root / "site"):
        _say("site/ is ready: nothing has changed")
        return 0
    if not (root / "site").exists():  # the snippets will run: it imports while MkDocs does
        runner.warm_up(settings)
    from mkdocs.commands.build import build
    from mkdocs.config import load_config

    _sweep(settings.cache_folder)
    fresh = settings.cache_folder / "sites" / str(os.getpid())
    try:
        config = load_config(str(root / "mkdocs.yml"), site_dir=str(fresh))
        named = (config.theme.custom_dir, *config.hooks, *config.watch)
        inputs = [os.path.relpath(str(path), root) for path in named if path]
        made_from = published.made_from(settings, inputs)
        config.plugins.on_startup(command="build", dirty=False)
        try:
            build(config)
        finally:
            config.plugins.on_shutdown()
        published.remember(settings, inputs, made_from, fresh)
        _publish(fresh, root / "site")
        _say("site/ is ready")
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return 0


def _publish(fresh: Path, site: Path) -> None:
    """Put the finished site in the old one's place."""
    old = fresh.with_name(f"{fresh.name}-old")
    with (fresh.parent / ".lock").open("w") as lock:
        # Another build may come to its end at the same moment.
        fcntl.flock(lock, fcntl.LOCK_EX)
        if site.exists():
            site.rename(old)
        fresh.rename(site)
    shutil.rmtree(old, ignore_errors=True)


def _sweep(cache: Path) -> None:
    """Remove what builds left in the cache that were killed."""
    sites = {left: left.name for left in cache.glob("sites/[0-9]*")}
    files = {left: left.name.removeprefix(".new-") for left in cache.rglob(".new-[0-9]*-*")}
    for left, name in (sites | files).items():
        try:
            os.kill(int(name.partition("-")[0]), 0)
        except ProcessLookupError:
            shutil.rmtree(left, ignore_errors=True) if left.is_dir() else left.unlink()
        except PermissionError:
            continue  # it works for somebody else


def _serve(root: Path, host: str, port: int) -> int:
    from .server import Server

    provenance.fix_environment(root)
    _log()
    with TemporaryDirectory(prefix="livedocs-") as folder:
        Server(root, host, port, Path(folder)).run()
    return 0


def _check(root: Path, name: str) -> int:
    settings = load(root)
    failed = False

    def finished(ended: runner.Ended) -> None:
        nonlocal failed
        outcome = ended.outcome
        if isinstance(outcome, Problem):
            failed = True
            print(ended.stdout, end="", flush=True)
            print(ended.stderr, end="", file=sys.stderr)
            _say(str(outcome))
            return
        for cell in outcome.cells:
            _say(f"# %% {cell.title}")
            print(cell.output, end="", flush=True)
            if cell.raised:
                print(cell.raised, flush=True)
            for number in range(len(cell.figures)):
                _say(f"(figure {number + 1})")
        if ended.stderr:
            _say(f"# stderr\n{ended.stderr.rstrip()}")
        files = [name for name, state in outcome.dependencies.items() if is_file(state)]
        _say(f"{ended.path}: {ended.seconds:.1f} s; imports and opens {', '.join(files)}")
        if outcome.programs:
            programs = " and ".join(outcome.programs)
            _say(f"it runs at every build: nobody notes what {programs} reads")

    runner.run(settings, [read(settings, name)], finished)
    return int(failed)


def _expected(root: Path, *, accept: bool) -> int:
    site = _prepared(root)
    if accept:
        _commit_passes(site, expected.changed(site))
    diff = expected.accept(site) if accept else expected.compare(site)
    if diff:
        print(diff)
    return int(bool(diff) and not accept)


def _portable(root: Path, names: list[str], *, only_new: bool) -> int:
    site = _prepared(root)
    for name in names:
        if name not in site.records:
            raise ValueError(f'no chapter uses a snippet "{name}".{near_match(name, site.records)}')
    if only_new:
        wanted = [name for name in portable.unproven(site) if name in (names or site.records)]
        findings = portable.run(site, wanted, _say)
        if findings:
            raise Failed(chain(*findings.values()))
    else:
        wanted = names or list(site.records)
        _commit_passes(site, wanted)
    count = _counted(len(wanted), "snippet")
    _say(f"{count} found to come out alike in all {len(site.settings.ways)} ways")
    return 0


def _commit_passes(site: Site, names: list[str]) -> None:
    """Run snippets in every way and commit which of them passed. Raises Failed."""
    findings = portable.run(site, names, _say)
    portable.commit(site, names, findings)
    if findings:
        raise Failed(chain(*findings.values()))


def _prepared(root: Path) -> Site:
    """Return the site with the record of every snippet. Raises Failed."""
    from .listing import chapters_of

    site = Site(load(root), chapters_of(root))
    site.prepare(_say)
    problems = [*site.problems, *_failed_runs(site), *_wrong_values(site)]
    if problems:
        raise Failed(problems)
    return site


def _failed_runs(site: Site) -> list[Problem]:
    return [
        Problem(path, chapter.snippets()[name], str(site.failures[name]))
        for path, chapter in site.chapters.items()
        for name in chapter.snippets()
        if name in site.failures and site.failures[name] not in site.problems
    ]


def _wrong_values(site: Site) -> list[Problem]:
    problems = []
    for path, chapter in site.chapters.items():
        for span in chapter.spans:
            if span.kind != "value" or span.file in site.failures:
                continue
            try:
                site.value(span)
            except ValueError as error:
                problems.append(Problem(path, span.line, str(error)))
    return problems


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _log() -> None:
    """Show what our own steps say, where the server listens, and everybody's warnings."""
    logging.basicConfig(level=logging.WARNING, format="%(message)s", stream=sys.stderr)
    # What MkDocs says of an error of ours adds nothing to it.
    ours = logging.getLogger("mkdocs.commands.build")
    ours.addFilter(lambda record: not isinstance(sys.exc_info()[1], Problem | Failed))
    for name in ("mkdocs.livedocs", "mkdocs.livereload"):
        logging.getLogger(name).setLevel(logging.INFO)
    # It looks for <img alt>; our figures are SVG and carry their description themselves.
    logging.getLogger("traitlets").setLevel(logging.ERROR)


def _annotate(problem: Problem) -> None:
    """Mark the line in a pull request, where this runs in GitHub's CI."""
    if os.environ.get("GITHUB_ACTIONS") == "true":
        line = f",line={problem.line}" if problem.line else ""
        print(f"::error file={problem.path}{line}::{problem.message}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
