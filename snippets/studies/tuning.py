# %% was the best rate among those that were tried?
from gated import evidence

CHOSEN_FOR = {  # what each study chooses a rate for
    "length": ("task", "cell", "budget"),
    "retuned": ("task", "cell", "length"),
    "counting": ("language", "cell"),
    "music": ("data", "cell"),
    "tracking": ("task", "cell"),
    "pixels": ("images", "order", "cell", "budget"),
    "text": ("cell",),
}
print("study      choices  the largest rate won  no trial solved it")
choices = edges = failures = 0
for name, keys in CHOSEN_FOR.items():
    largest = max(evidence.settings(name)["rates"])
    chosen = {}
    solved: dict[tuple[str, ...], bool] = {}
    for one in evidence.read(name)["trials"]:
        config, outcome = one["config"], one["outcome"]
        if "rate" not in config:
            continue
        side = tuple(config[key] for key in keys)
        if "tuning" not in config:
            chosen[side] = config["rate"]
        elif "solved_at" in outcome:
            solved[side] = (
                solved.get(side, False) or outcome["solved_at"] is not None
            )
    won = sum(rate == largest for rate in chosen.values())
    failed = sum(not any_solved for any_solved in solved.values())
    print(
        f"{name:9} {len(chosen):8} {won:21} {failed if solved else '-':>19}"
    )
    choices, edges, failures = (
        choices + len(chosen),
        edges + won,
        failures + failed,
    )

# %% what the prose says check=true
assert edges > choices / 2 and failures > 0
