"""The commands: ``python -m livedocs build | serve | weave | check | accept | portable``."""

import argparse
import os
import pkgutil
import signal
import sys
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from . import checks, making, portable, provenance, runner, weave
from .addresses import Place
from .checks import expected
from .files import is_file
from .paths import counted
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
    weaving = commands.add_parser("weave", help="write the site as plain Markdown with its files")
    weaving.add_argument("folder", type=Path, help="where: a new folder, or an empty one")
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
            case "build" | "serve":
                # Only these need a generator of sites.
                from .mkdocs import commands as site

                if given.command == "build":
                    return site.build(root)
                return site.serve(root, *given.address)
            case "weave":
                return _weave(root, given.folder)
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
            ends = {"build": "; nothing was published", "weave": "; nothing was written"}
            _say(f"{counted(len(error.problems), 'problem')}{ends.get(given.command, '')}")
    return 1


def _address(text: str) -> tuple[str, int]:
    """Return host and port. Raises ArgumentTypeError for anything else."""
    host, _, port = text.rpartition(":")
    if not host or not (port.isascii() and port.isdigit() and int(port) < 2**16):
        raise argparse.ArgumentTypeError(f'"{text}" is not HOST:PORT with a port up to 65535')
    return host, int(port)


def _weave(root: Path, folder: Path) -> int:
    provenance.fix_environment(root)
    if folder.exists() and any(folder.iterdir()):
        raise ValueError(f"{folder} is not empty: name a new folder")
    site = _read(root)
    made = making.build(site.settings)
    place = Place("", "", os.environ.get("SITE_URL", ""), made.wheel_url)
    woven = weave.Weaver().files(site, place, made)
    if site.problems:
        raise Failed(site.problems)
    copied = {address: file.read_bytes() for address, file in weave.copied(site).items()}
    weave.write(copied | woven, folder, {})
    _say(f"{folder} holds {counted(len(woven), 'woven file')}")
    return 0


def _check(root: Path, name: str) -> int:
    settings = load(root)
    ends: list[runner.Ended] = []
    runner.run(settings, [read(settings, name)], ends.append)
    (ended,) = ends
    outcome = ended.outcome
    if isinstance(outcome, Problem):
        print(ended.stdout, end="", flush=True)
        print(ended.stderr, end="", file=sys.stderr)
        _say(str(outcome))
        return 1
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
    return 0


def _expected(root: Path, *, accept: bool) -> int:
    site = _prepared(root)
    if accept:
        _run_ways(site, expected.changed(site), commit=True)
    diff = expected.accept(site) if accept else expected.compare(site)
    if diff:
        print(diff)
    if diff and not accept:
        message = "prose states other values; if the change is right: make accept"
        raise Failed([Problem(site.settings.expected, None, message)])
    return 0


def _portable(root: Path, names: list[str], *, only_new: bool) -> int:
    site = _prepared(root)
    for name in names:
        if name not in site.records:
            raise ValueError(f'no chapter uses a snippet "{name}".{near_match(name, site.records)}')
    wanted = names or list(site.records)
    if only_new:
        wanted = [name for name in portable.unproven(site) if name in wanted]
    _run_ways(site, wanted, commit=not only_new)
    count = counted(len(wanted), "snippet")
    _say(f"{count} found to come out alike in all {len(site.settings.ways)} ways")
    return 0


def _run_ways(site: Site, names: list[str], *, commit: bool) -> None:
    """Run snippets in every way; commit, if asked to, which of them passed. Raises Failed."""
    findings = portable.run(site, names, _say)
    if commit:
        portable.commit(site, names, findings)
    if findings:
        raise Failed(chain(*findings.values()))


def _read(root: Path) -> Site:
    """Return the site with what its snippets left, and its problems so far."""
    settings = load(root)
    listed = pkgutil.resolve_name(settings.chapters)(root) if settings.chapters else None
    site = Site(settings, listed)
    site.prepare(_say)
    site.problems += checks.problems(site)
    return site


def _prepared(root: Path) -> Site:
    """Return the site with the record of every snippet. Raises Failed."""
    site = _read(root)
    if problems := [*site.problems, *_unfilled(site)]:
        raise Failed(problems)
    return site


def _unfilled(site: Site) -> Iterator[Problem]:
    """Yield the places of chapters that no snippet fills: it failed, or has no such value."""
    for path, chapter in site.chapters.items():
        for name, line in chapter.snippets().items():
            if name in site.failures and site.failures[name] not in site.problems:
                yield Problem(path, line, str(site.failures[name]))
        for span in chapter.spans:
            if span.kind == "value" and span.file not in site.failures:
                try:
                    site.value(span)
                except ValueError as error:
                    yield Problem(path, span.line, str(error))


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _annotate(problem: Problem) -> None:
    """Mark the line in a pull request, where this runs in GitHub's CI."""
    if os.environ.get("GITHUB_ACTIONS") == "true":
        line = f",line={problem.line}" if problem.line else ""
        print(f"::error file={problem.path}{line}::{problem.message}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
