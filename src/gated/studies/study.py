"""What a study is: its trials as data, how one is run, and the rule for its verdicts."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

#: All that a trial depends on. Equal configurations are the same trial.
Config = dict[str, str | int | float]
#: What a trial gave: plain data for JSON.
Outcome = dict[str, Any]


@dataclass(frozen=True)
class Record:
    """A finished trial: what was run, what came out, and on which run's machine."""

    config: Config
    outcome: Outcome
    seconds: float
    #: The name of the run, in the results file, that it belongs to.
    run: str


@dataclass(frozen=True)
class Tolerance:
    """How far a trial that is run again may be off, from runs at two numbers of threads."""

    #: Of the first losses, relative.
    early_loss: float
    #: How many of the outcome's ``loss`` count as early.
    early: int
    #: By the outcome's key, how far apart two numbers may be, in the number's own unit. A number
    #: may never turn into None ("not solved"), nor a flag change.
    outcome: Mapping[str, float]


@dataclass(frozen=True)
class Study:
    """An experiment.

    Attributes:
        name: What the command line and the results file call it.
        question: What it is to answer, in one sentence.
        tuning: Trials that choose a setting, run first; () if nothing is to be chosen.
        choose: From the tuning's records to the settings that each group of trials then has, by
            the group's key; see ``group``.
        group: The key of the group that a configuration belongs to.
        trials: The trials proper, without the chosen settings.
        run: Runs one trial on a device, single-threaded, and returns its outcome.
        rule: From the records of the trials to the verdicts, by name.
        tolerance: Within which a trial must come out the same again.
        files: The data files that a trial needs; see ``gated.studies.data``.
        alone: Whether its trials are timed, so that only one may run at a time, on this machine.
    """

    name: str
    question: str
    trials: Sequence[Config]
    run: Callable[[Config, str], Outcome]
    rule: Callable[[Sequence[Record]], dict[str, Any]]
    tolerance: Tolerance
    tuning: Sequence[Config] = ()
    choose: Callable[[Sequence[Record]], Mapping[str, Config]] = lambda records: {}
    group: Callable[[Config], str] = lambda config: ""
    files: Callable[[Config], Sequence[str]] = lambda config: ()
    alone: bool = False

    def tuned(self, records: Sequence[Record]) -> list[Config]:
        """Return the trials proper whose settings are chosen, given all records so far."""
        if not self.tuning:
            return list(self.trials)
        done = {key(record.config) for record in records}
        open_groups = {self.group(config) for config in self.tuning if key(config) not in done}
        chosen = self.choose([r for r in records if "tuning" in r.config])
        return [
            config | chosen[self.group(config)]
            for config in self.trials
            if self.group(config) not in open_groups
        ]


def key(config: Config) -> str:
    """Return the one text of a configuration."""
    return json.dumps(config, sort_keys=True)


def described(config: Config) -> str:
    """Return a configuration as people read it, and as ``--only`` filters it: "cell=gru ..."."""
    return " ".join(f"{name}={value}" for name, value in config.items())
