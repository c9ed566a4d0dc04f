"""All studies, by name."""

from __future__ import annotations

from importlib import import_module

from gated.options import did_you_mean
from gated.studies.study import Study

NAMES = (
    "length",
    "retuned",
    "counting",
    "music",
    "tracking",
    "pixels",
    "text",
    "gradients",
    "costs",
)


def find(name: str) -> Study:
    """Return the study called ``name``.

    Raises:
        ValueError: there is none.
    """
    if name not in NAMES:
        raise ValueError(f'no study is called "{name}"' + did_you_mean(name, NAMES))
    study: Study = import_module(f"gated.studies.{name}").STUDY
    return study
