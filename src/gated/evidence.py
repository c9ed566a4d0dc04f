"""The recorded results that chapters draw and quote: the files of docs/evidence/, as Python data.

What takes longer than a page's build, or depends on the machine, is measured by a command of its
own and recorded there. The wheel carries the records, so that code copied from a page finds them.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

from gated.options import did_you_mean

_PACKAGED = Path(__file__).with_name("records")
_IN_REPOSITORY = Path(__file__).parents[2] / "docs" / "evidence"


def names() -> list[str]:
    """Return the names of all records."""
    return sorted(file.stem for file in _folder().glob("*.json"))


def read(name: str) -> Any:
    """Return the record ``name``, such as "speed", as the data that its JSON file holds.

    Raises:
        ValueError: there is no such record.
    """
    if name not in (known := names()):
        raise ValueError(
            f"no record is named {name!r}; there are {', '.join(known)}" + did_you_mean(name, known)
        )
    return json.loads((_folder() / f"{name}.json").read_text("utf-8"))


def settings(name: str) -> dict[str, Any]:
    """Return what the study ``name`` declares: its lengths, rates, widths, seeds, limits, by name.

    Raises:
        ValueError: there is no such record, or it is not a study's.
    """
    record = read(name)
    if "settings" not in record:
        raise ValueError(f"the record {name!r} has no settings: it is not that of a study")
    found: dict[str, Any] = record["settings"]
    return found


def trials(name: str, **config: str | float) -> list[dict[str, Any]]:
    """Return the trials of the study ``name`` that have these settings, in their order.

    Each is a dictionary of ``config``, ``outcome`` and ``seconds``. Trials that only chose a
    setting are left out.

    Raises:
        ValueError: there is no such record, or no such trial in it.
    """
    found = [one for one in _proper(name) if one["config"].items() >= config.items()]
    if not found:
        raise ValueError(f"no trial of {name!r} has the settings {config}")
    return found


@cache  # a chart asks for one trial after the other, and a large study takes time to read
def _proper(name: str) -> list[dict[str, Any]]:
    return [one for one in read(name)["trials"] if "tuning" not in one["config"]]


def _folder() -> Path:
    """Return where the records lie: in an installed package, or in the repository."""
    return _PACKAGED if _PACKAGED.is_dir() else _IN_REPOSITORY
