# %% what is recorded
from gated import evidence

NAMES = (
    "length",
    "retuned",
    "counting",
    "counting_parameters",
    "music",
    "tracking",
    "pixels",
    "text",
    "gradients",
    "costs",
)
print("study                trials  to tune  diverged  core-hours")
hours, trials, diverged = {}, {}, {}
for name in NAMES:
    recorded = evidence.read(name)["trials"]
    tuning = sum("tuning" in one["config"] for one in recorded)
    hours[name] = sum(one["seconds"] for one in recorded) / 3600
    trials[name] = len(recorded) - tuning
    diverged[name] = sum(one["outcome"]["diverged"] for one in recorded)
    print(
        f"{name:19} {trials[name]:7} {tuning:8} "
        f"{diverged[name]:9} {hours[name]:11.2f}"
    )
print(f"together {sum(trials.values()):18} {sum(hours.values()):30.1f}")

# %% values check=true
all_trials = sum(trials.values())
all_hours = sum(hours.values())
all_diverged = sum(diverged.values())
studies = len(NAMES)
by_name = {name: evidence.read(name) for name in evidence.names()}
assert sorted(NAMES) == [
    name for name, one in by_name.items() if one.get("complete")
]
runs = [
    run for name in NAMES for run in evidence.read(name)["runs"].values()
]
assert {run["device"] for run in runs} == {runs[0]["device"]}
assert {run["torch"] for run in runs} == {runs[0]["torch"]}
cpu, cores, version, python = (
    runs[0][key] for key in ("device", "cores", "torch", "python")
)
