"""What is recorded is unaltered, and once it is whole, decided by a rule that was there first."""

import json
import platform
import subprocess

import pytest

from studies.__main__ import main
from studies.harness.catalog import NAMES, find
from studies.harness.provenance import ROOT
from studies.harness.store import Store
from studies.harness.study import key, trial_id

RECORDED = [name for name in NAMES if (ROOT / "docs" / "evidence" / f"{name}.json").is_file()]


@pytest.mark.parametrize("name", RECORDED)
def test_the_files_of_a_recorded_study_are_those_that_its_records_give(name: str) -> None:
    store = Store(find(name), ROOT)
    runs, records = store.load()
    known = [*store.study.searched(records), *store.study.tuned(records)]
    done = {key(record.config) for record in records}
    assert [record.config for record in records] == [one for one in known if key(one) in done]
    assert {record.run for record in records} <= runs.keys()
    before = {suffix: store.results.with_suffix(suffix).read_text() for suffix in (".json", ".csv")}
    published = json.loads(before[".json"])
    assert published["complete"] == (not store.study.left(records))
    verdicts = store.study.rule(records) if published["complete"] else {}
    assert published["verdicts"] == verdicts
    assert before == store.files(runs, records)


@pytest.mark.parametrize("name", RECORDED)
def test_the_rule_was_committed_before_the_first_trial(name: str) -> None:
    runs, _ = Store(find(name), ROOT).load()
    for run in runs.values():
        command = ["git", "-C", str(ROOT), "merge-base", "--is-ancestor"]
        ancestor = subprocess.run([*command, run["rule"], run["commit"]], check=False)
        assert ancestor.returncode == 0
        assert platform.node() not in json.dumps(run)


@pytest.mark.parametrize("name", NAMES)
def test_a_declared_trial_is_declared_once(name: str) -> None:
    study = find(name)
    declared = [key(config) for config in (*study.tuning, *study.trials)]
    assert len(declared) == len(set(declared))


@pytest.mark.parametrize("name", NAMES)
def test_the_names_of_a_studys_trials_are_unique(name: str) -> None:
    study = find(name)
    configs = [record.config for record in Store(study, ROOT).load()[1]]
    configs += [config for config in study.trials if config not in configs]
    assert len(configs) == len({trial_id(config) for config in configs})


@pytest.mark.parametrize("name", RECORDED)
def test_a_recorded_trial_comes_out_alike_again(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    status = main(["verify", name])
    said = capsys.readouterr().out
    assert status == 0, said
    if "agrees" not in said:
        pytest.skip(said)  # for want of a data file, which it names
