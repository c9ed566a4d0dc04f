"""What a study is: its trials as data, how one is run, and the rule for its verdicts."""

import hashlib
import json
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, is_dataclass
from itertools import product
from statistics import fmean
from typing import Any

#: All that a trial depends on: texts and numbers. Equal configurations are the same trial.
Config = dict[str, Any]
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


Records = Sequence[Record]
#: What a rule makes of records, by name: plain data for JSON.
Verdicts = dict[str, Any]


@dataclass(frozen=True)
class Study:
    """An experiment.

    Attributes:
        name: What the command line and the results file call it.
        question: What it is to answer, in one sentence.
        trials: The trials proper, without the chosen settings.
        run: Runs one trial on a device, single-threaded, and returns its outcome.
        rule: From the records of the trials to the verdicts, by name.
        tolerance: How far numbers of a trial's outcome may be off, by name and in their own unit,
            where it is run again. None may turn into None ("not solved"), nor a flag change.
        settings: What it declares, as names in lower case, parted by spaces: constants of its
            module, or what is computed. Published with the results as plain data for JSON, so that
            whoever reads them needs no code of the study. A recipe gives its fields.
        computed: Gives those of the settings, by name, that are no constants.
        tuning: Trials that choose settings, run first; () if nothing is to be chosen.
        group: The group that a configuration belongs to: each chooses for itself.
        score: What is least, on average over a group's tuning, with the settings to be chosen. Of
            equals in its first number the second decides, and so on.
        chosen: The names of these settings.
        early: How many of the outcome's ``loss`` count as early.
        early_loss: How far these may be off, relative, from runs at two numbers of threads.
        files: The data files that a trial needs; see ``studies.data.files``.
        alone: Whether its trials are timed, so that only one may run at a time, on this machine.
    """

    name: str
    question: str
    trials: Sequence[Config]
    run: Callable[[Config, str], Outcome]
    rule: Callable[[Records], Verdicts]
    tolerance: Mapping[str, float]
    settings: str
    computed: Callable[[], Mapping[str, Any]] = dict
    tuning: Sequence[Config] = ()
    group: Callable[[Config], Any] = lambda config: ()
    score: Callable[[Outcome], tuple[float, ...]] = lambda outcome: ()
    chosen: Sequence[str] = ("rate",)
    early: int = 2
    early_loss: float = 0.02
    files: Callable[[Config], Sequence[str]] = lambda config: ()
    alone: bool = False

    def declared(self) -> dict[str, Any]:
        """Return the settings by name."""
        module, computed = sys.modules.get(f"studies.{self.name}"), self.computed()
        found: dict[str, Any] = {}
        for name in self.settings.split():
            value = computed[name] if name in computed else getattr(module, name.upper())
            found |= vars(value) if is_dataclass(value) else {name: value}
        return found

    def left(self, records: Records) -> list[Config]:
        """Return the trials without a record, of those whose settings are known by now."""
        done = {key(record.config) for record in records}
        known = (*self.searched(records), *self.tuned(records))
        return [config for config in known if key(config) not in done]

    def searched(self, records: Records) -> Sequence[Config]:
        """Return the trials of the tuning that are known by now, in their order."""
        return self.tuning

    def choose(self, records: Records) -> dict[Any, Config]:
        """Return the settings with the least mean score in the tuning, by group."""
        scores: dict[Any, list[tuple[float, ...]]] = defaultdict(list)
        for record in records:
            if "tuning" in record.config:
                settings = tuple(record.config[name] for name in self.chosen)
                scores[self.group(record.config), settings].append(self.score(record.outcome))
        means = {at: tuple(map(fmean, zip(*each, strict=True))) for at, each in scores.items()}
        least: dict[Any, Config] = {}
        for group, settings in sorted(means, key=means.__getitem__):
            least.setdefault(group, dict(zip(self.chosen, settings, strict=True)))
        return least

    def tuned(self, records: Records) -> list[Config]:
        """Return the trials proper whose settings are chosen, given all records so far."""
        done = {key(record.config) for record in records}
        tuning = self.searched(records)
        waiting = {self.group(config) for config in tuning if key(config) not in done}
        chosen = self.choose(records)
        groups = ((self.group(config), config) for config in self.trials)
        return [config | chosen.get(group, {}) for group, config in groups if group not in waiting]


def grid(**choices: Iterable[Any]) -> list[Config]:
    """Return a configuration for each combination of the choices; the last varies quickest."""
    return [dict(zip(choices, values, strict=True)) for values in product(*choices.values())]


def trial_id(config: Config) -> str:
    """Return the name of a trial, which is short and the same on every machine."""
    return hashlib.sha256(key(config).encode()).hexdigest()[:8]


def key(config: Config) -> str:
    """Return the one text of a configuration."""
    return json.dumps(config, sort_keys=True)


def described(config: Config) -> str:
    """Return a configuration as people read it, and as ``--only`` filters it: "cell=gru ..."."""
    return " ".join(f"{name}={value}" for name, value in config.items())
