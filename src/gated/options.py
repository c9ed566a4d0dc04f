"""Checks of the arguments of constructors and functions. Needs no torch."""

from collections.abc import Iterable
from difflib import get_close_matches
from numbers import Integral, Real


def check_sizes(least: int = 1, /, **sizes: object) -> None:
    """Raise TypeError for a size that is not an int, ValueError for one that is too small."""
    for name, size in sizes.items():
        if as_int(name, size) < least:
            raise ValueError(f"{name} must be at least {least}, got {size}")


def as_int(name: str, value: object) -> int:
    """Return an int, which may be one of NumPy's; raise TypeError for anything else."""
    if not isinstance(value, Integral) or isinstance(value, bool):
        raise TypeError(f"{name} must be an int, got {value!r} ({type(value).__name__})")
    return int(value)


def check_flags(**flags: object) -> None:
    """Raise TypeError for a flag that is not a bool."""
    for name, flag in flags.items():
        if not isinstance(flag, bool):
            raise TypeError(f"{name} must be True or False, got {flag!r} ({type(flag).__name__})")


def check_choice(name: str, choice: object, allowed: Iterable[str]) -> None:
    """Raise ValueError for a choice that is not among those allowed."""
    if choice not in (allowed := list(allowed)):
        raise ValueError(
            f"Unknown {name}: {choice!r} is not one of {', '.join(map(repr, allowed))}"
            + did_you_mean(str(choice), allowed)
        )


def check_probability(name: str, value: object) -> None:
    """Raise ValueError for a value that is not a number from 0 to 1."""
    if not isinstance(value, Real) or isinstance(value, bool) or not 0 <= float(value) <= 1:
        raise ValueError(f"{name} must be a number from 0 to 1, got {value!r}")


def check_projection(proj_size: object, hidden_size: int) -> None:
    """Raise TypeError for a proj_size that is not an int, ValueError for one that is too wide."""
    if not 0 <= as_int("proj_size", proj_size) < hidden_size:
        raise ValueError(
            f"proj_size must be 0, for none, or below hidden_size = {hidden_size}, got {proj_size}"
        )


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Return the end of an error message: the known name nearest to a wrong one, if any is near."""
    spelled = {other.lower(): other for other in known}
    near = get_close_matches(name.lower(), spelled, n=1)
    return f"; did you mean {spelled[near[0]]!r}?" if near else ""
