"""What must hold of the prose of a prepared site: a file for each check."""

from collections.abc import Callable, Iterable
from typing import Final

from ..problems import Problem
from ..site import Site
from . import claims, numbers, paths, references, unused, verdicts, widgets

#: Looks at a prepared site, and yields what is wrong with it.
Check = Callable[[Site], Iterable[Problem]]

#: The checks of every build. That of the committed values, expected.py, runs when it is asked for.
CHECKS: Final[tuple[Check, ...]] = (
    numbers.check,
    unused.check,
    references.check,
    claims.check,
    verdicts.check,
    paths.check,
    widgets.check,
)


def problems(site: Site) -> list[Problem]:
    """Return what all checks of a build find."""
    return [problem for check in CHECKS for problem in check(site)]
