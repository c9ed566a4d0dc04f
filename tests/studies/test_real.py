"""The study of real data: what it declares, and how its rule decides."""

import math
import random
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor

from gated.characters import scene
from studies import decisive, pixels, real, text
from studies.data import images, plays
from studies.harness import search
from studies.harness.networks import CELLS
from studies.harness.study import Config, Record, Records
from studies.harness.training import Course

STUDY = real.STUDY
Mean = Callable[[Config], float]


def recorded(
    mean: Mean, deviation: float = 0.004, unlearned: Callable[[Config], bool] = lambda config: False
) -> Records:
    """Return a record of each trial, about a mean, and one of each tuning."""
    draw = random.Random(0)
    records = [
        Record(config, {"test": mean(config) + draw.gauss(0, deviation)}, 1.0, "a")
        for config in STUDY.trials
    ]
    return records + [
        Record(group | {"tuning": 1}, {"learned": not unlearned(group)}, 1.0, "a")
        for group in STUDY.groups
    ]


def ahead_by(lead: Callable[[str, int], float]) -> Mean:
    """Let the GRU be so much lower than the LSTM, by data and length, whatever the budget."""

    def mean(config: Config) -> float:
        lower = lead(config["data"], config["length"]) if config["cell"] == "gru" else 0.0
        return {"text": 2.3}.get(config["data"], 0.1) - lower

    return mean


def even(data: str, length: int) -> float:
    return 0.0


def saying(verdicts: dict[str, Any], of: str) -> str:
    return str(verdicts["the saying"][of])


@pytest.mark.parametrize(
    ("plain", "permuted", "better", "says"),
    [
        (-0.06, 0.0, ["lstm", "equal"], "agrees"),
        (-0.06, -0.06, ["lstm", "lstm"], "agrees"),
        (0.06, 0.0, ["gru", "equal"], "contradicts"),
        (0.0, 0.0, ["equal", "equal"], "contradicts"),
        (0.06, -0.06, ["gru", "lstm"], "open"),
        (0.0, 0.02, ["equal", "gru"], "contradicts"),
    ],
)
def test_the_images_agree_with_the_saying_or_contradict_it(
    plain: float, permuted: float, better: list[str], says: str
) -> None:
    leads = {"plain": plain, "permuted": permuted}
    verdicts = STUDY.rule(recorded(ahead_by(lambda data, length: leads.get(data, 0.0))))
    at = [f"{order} 196 width" for order in real.ORDERS]
    assert [verdicts["by length"][one]["better"] for one in at] == better
    assert saying(verdicts, "images") == says
    for one, lead in zip(at, (plain, permuted), strict=True):
        found = verdicts["by length"][one]
        assert found["difference"] == pytest.approx(-lead, abs=0.005)
        assert found["low"] < found["difference"] < found["high"]


@pytest.mark.parametrize(
    ("gain", "says"), [(0.1, "agrees"), (-0.1, "contradicts"), (0.0, "contradicts")]
)
def test_the_text_agrees_where_the_lstm_gains_with_length(gain: float, says: str) -> None:
    def lead(data: str, length: int) -> float:
        return 0.2 - gain * math.log(length / 16, 16) if data == "text" else 0.0

    verdicts = STUDY.rule(recorded(ahead_by(lead)))
    assert saying(verdicts, "text") == says
    change = verdicts["from the short to the long end"]
    assert change["difference"] == pytest.approx(gain, abs=0.01)
    assert change["low"] < change["difference"] < change["high"]
    assert verdicts["by length"]["text 16 width"]["better"] == "gru"


def test_equal_cells_are_called_so_only_if_the_seeds_can_tell() -> None:
    sure = STUDY.rule(recorded(ahead_by(even)))
    assert {one["better"] for one in sure["by length"].values()} == {"equal"}
    assert len(sure["by length"]) == 2 * 5
    unsure = STUDY.rule(recorded(ahead_by(even), deviation=0.1))
    assert {one["better"] for one in unsure["by length"].values()} == {"open"}
    assert unsure["the saying"] == {"images": "open", "text": "open"}


def test_where_a_cell_never_learned_in_tuning_there_is_no_verdict() -> None:
    def unlearned(config: Config) -> bool:
        of_lstm = config["cell"] == "lstm"
        return bool(of_lstm and (config["data"] == "plain" or config["length"] == 256))

    verdicts = STUDY.rule(recorded(ahead_by(even), unlearned=unlearned))
    assert verdicts["no verdict"] == ["plain 196 lstm width", "text 256 lstm width"]
    assert {"plain 196 width", "plain 196 parameters"}.isdisjoint(verdicts["by length"])
    assert verdicts["the saying"] == {"images": "open", "text": "open"}
    assert verdicts["by length"]["permuted 196 width"]["better"] == "equal"


def test_the_search_is_that_of_decisive_from_half_as_many_settings() -> None:
    same = ("low", "high", "others", "extensions")
    assert all(search.SEARCH[name] == decisive.SEARCH[name] for name in same)
    assert (search.SEARCH["draws"], decisive.SEARCH["draws"]) == (12, 24)
    assert [rung.limit for rung in search.rungs(4000)] == [1000, 2000, 4000]
    assert set(search.TUNING_SEEDS).isdisjoint(real.SEEDS)
    assert search.largest_norm({"clip": 0.25}) == 0.25
    assert search.largest_norm({"clip": "none"}) == math.inf


def test_each_side_has_ten_seeds_at_both_budgets() -> None:
    assert len(STUDY.trials) == len(STUDY.groups) * 10 == 5 * 3 * 10
    lstm, gru = (
        sum(weight.numel() for weight in text.network(cell, width).parameters())
        for cell, width in (("lstm", text.WIDTH), ("gru", text.hidden_size("gru")))
    )
    assert gru == pytest.approx(lstm, rel=0.01)
    widths = STUDY.declared()["widths"]["images"]
    lstm, gru = (
        sum(weight.numel() for weight in CELLS[cell](1, widths[budget]).parameters())
        for cell, budget in (("lstm", "width"), ("gru", "parameters"))
    )
    assert gru == pytest.approx(lstm, rel=0.03)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the study read the small digits for MNIST's, and our own scene for the plays."""
    digits = {order: images.load("digits", order) for order in real.ORDERS}
    monkeypatch.setattr(images, "load", lambda name, order: digits[order])
    monkeypatch.setattr(plays, "read", lambda: scene() * 40)


def config_of(data: str, length: int, **others: Any) -> Config:
    config = {"data": data, "length": length, "cell": "gru", "budget": "width", "seed": 0}
    return config | {"rate": 0.01, "start": "default", "clip": 1.0, "limit": 400} | others


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize(("data", "length"), [("plain", 196), ("text", 16)])
def test_a_trial_learns_and_is_measured_by_its_best_weights(data: str, length: int) -> None:
    outcome = STUDY.run(config_of(data, length), "cpu")
    assert len(outcome["valid"]) == real.LOOKS + 1
    assert len(outcome["loss"]) == real.LOOKS
    assert outcome["best"] == min(outcome["valid"]) < outcome["valid"][0]
    assert outcome["loss"][-1] < outcome["loss"][0]
    assert outcome["learned"]
    assert not outcome["diverged"]
    assert STUDY.run(config_of(data, length, clip=0.01), "cpu")["loss"] != outcome["loss"]


@pytest.mark.usefixtures("small")
def test_the_weights_that_were_best_on_validation_are_tested(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    parts = images.load("mnist", "plain")
    right = iter([0.1, 0.4, 0.2])  # on validation, look by look

    def share(model: Any, part: tuple[Tensor, Tensor]) -> float:
        return next(right) if part[0] is parts.valid[0] else model.read.bias[0].item()

    def train(model: Any, *args: Any, look: Callable[[], None], **options: Any) -> Course:
        for bias in (0.3, 0.9):
            with torch.no_grad():
                model.read.bias[0] = bias
            for _ in range(2):  # at 400 updates every second note comes with a look
                look()
        return Course(losses=[1.0] * 40)

    monkeypatch.setattr(pixels, "on", lambda device, parts: parts)
    monkeypatch.setattr(pixels, "share_right", share)
    monkeypatch.setattr(real, "train", train)
    outcome = STUDY.run(config_of("plain", 196), "cpu")
    assert (outcome["best"], outcome["test"]) == (0.6, 0.7)
    assert not outcome["learned"]


@pytest.mark.usefixtures("small")
def test_a_training_that_diverges_is_a_result_and_scores_behind() -> None:
    outcome = STUDY.run(config_of("plain", 196, rate=float("inf")), "cpu")
    assert outcome["diverged"]
    assert not outcome["learned"]
    assert outcome["test"] > 0.5
    learns = {"best": 0.2}
    assert STUDY.halving.score({}, learns) < STUDY.halving.score({}, outcome)


def test_only_the_text_needs_a_file() -> None:
    assert {STUDY.files(one) for one in STUDY.groups if one["data"] != "text"} == {()}
    assert {STUDY.files(one) for one in STUDY.groups if one["data"] == "text"} == {(plays.FILE,)}
