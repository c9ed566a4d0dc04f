"""Packages that only a part of gated needs, which `pip install gated[NAME]` brings."""

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def extra(name: str) -> Iterator[None]:
    """Name the extra that brings a package that is missing.

    Raises:
        ModuleNotFoundError: what is imported within is not installed.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        message = f'{error.name} is needed here: pip install "gated[{name}]"'
        raise ModuleNotFoundError(message, name=error.name) from None
