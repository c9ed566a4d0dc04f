"""All studies, by name: those of many trials, and what is measured in one go."""

from importlib import import_module

from gated.options import did_you_mean
from studies.harness.measurement import Measurement
from studies.harness.study import Study

NAMES = (
    "length",
    "retuned",
    "decisive",
    "real",
    "sizes",
    "others",
    "counting",
    "counting_parameters",
    "music",
    "music_retuned",
    "tracking",
    "lookup",
    "pixels",
    "text",
    "gradients",
    "costs",
)
MEASURED = ("speed", "scan", "backprop", "characters", "dates")


def find(name: str) -> Study:
    """Return the study of many trials that is called ``name``.

    Raises:
        ValueError: there is none.
    """
    if name in MEASURED:
        raise ValueError(f'"{name}" is measured in one go: it has no trials')
    if name not in NAMES:
        raise ValueError(f'no study is called "{name}"' + did_you_mean(name, (*NAMES, *MEASURED)))
    study: Study = import_module(f"studies.{name}").STUDY
    return study


def measurement(name: str) -> Measurement:
    """Return the one of MEASURED that is called ``name``."""
    found: Measurement = import_module(f"studies.{name}").STUDY
    return found
