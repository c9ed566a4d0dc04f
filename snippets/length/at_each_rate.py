# %% does the lead hang on the rate?
from statistics import fmean

from gated import evidence
from gated.tasks import TASKS

SETTINGS = evidence.settings("retuned")
LENGTHS, RATES, STARTS, LIMIT = (
    SETTINGS[name] for name in ("lengths", "rates", "starts", "limit")
)
tuning = [
    one
    for one in evidence.read("retuned")["trials"]
    if "tuning" in one["config"]
]


def taken(task, length, cell, start, rate):
    """The updates that each of the tuning's two seeds took, or LIMIT."""
    want = {
        "task": task,
        "length": length,
        "cell": cell,
        "start": start,
        "rate": rate,
    }
    found = [
        one["outcome"]
        for one in tuning
        if one["config"].items() >= want.items()
    ]
    return [one["solved_at"] or LIMIT for one in found]


def best_start(task, length, cell, rate):
    return min(
        fmean(taken(task, length, cell, start, rate)) for start in STARTS
    )


print("GRU minus LSTM, updates, with the best init. at each learning rate")
print("task    steps", *(f"{rate:7}" for rate in RATES))
apart: dict[tuple[str, int], dict[float, float]] = {}
for task in TASKS:
    for length in LENGTHS:
        apart[task, length] = (
            row
        ) = {}  # at the rates at which a cell learns it
        for rate in RATES:
            gru, lstm = (
                best_start(task, length, cell, rate)
                for cell in ("gru", "lstm")
            )
            if min(gru, lstm) < LIMIT:
                row[rate] = gru - lstm
        told = (
            f"{row[rate]:.0f}" if rate in row else "-" for rate in RATES
        )
        print(f"{task:8}{length:5}", *(f"{text:>7}" for text in told))

# %% what the prose says check=true
assert len(SETTINGS["tuning_seeds"]) == 2
adding_near, adding_far = (
    apart["adding", length].values() for length in LENGTHS
)
assert max(adding_near) < 0 and max(adding_far) < 0
assert len(adding_near) == len(adding_far) == len(RATES)
assert [x < 0 for x in apart["recall", 100].values()] == [
    False,
    True,
    True,
    True,
]
copying_near = apart["copying", 5].values()
assert [*apart["copying", 5]] == RATES[1:] and min(copying_near) > 0
assert [*apart["copying", 100]] == RATES[2:]
copying_low, copying_high = apart["copying", 100].values()
assert copying_low > 0 > copying_high  # a sign each way


def solves(task, length, cell, start):
    """How many of the tuning's trials solved it from this start."""
    return sum(
        one < LIMIT
        for rate in RATES
        for one in taken(task, length, cell, start, rate)
    )


recall_default, recall_bias, recall_chrono = (
    solves("recall", 100, "lstm", start) for start in STARTS
)
each = len(RATES) * 2
assert recall_default == recall_bias == 0 and recall_chrono == each

# %% what the claims rest on check=true
verdicts = evidence.read("retuned")["verdicts"]


def leads(cell, length):
    """In how many tasks the cell is sooner by the study and most rates."""
    sign = {"gru": -1, "lstm": 1}[cell]
    found = 0
    for task in TASKS:
        ahead = [sign * x > 0 for x in apart[task, length].values()]
        sooner = verdicts[f"{task} {length}"]["sooner"] == cell
        found += sooner and ahead.count(True) > len(ahead) / 2
    return found


tasks = len(TASKS)
gru_near, gru_far = (leads("gru", length) for length in LENGTHS)
lstm_near, lstm_far = (leads("lstm", length) for length in LENGTHS)
gru_is_sooner_over_5_steps = gru_near / tasks
lstm_is_sooner_over_5_steps = -lstm_near / tasks
lstm_is_sooner_over_100_steps = lstm_far / tasks
gru_is_sooner_over_100_steps = -gru_far / tasks
gru_is_often_sooner = (gru_near + gru_far) / (2 * tasks)
lstm_is_often_sooner = -(lstm_near + lstm_far) / (2 * tasks)
the_start_decides_recall = -(recall_chrono - recall_default) / each / tasks
