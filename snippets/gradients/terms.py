# %% the parts of one step
from statistics import fmean

from gated import evidence

STARTS = evidence.settings("gradients")["starts"]
PARTS = {
    "gru": ("keep", "candidate", "update", "reset"),
    "lstm": ("keep", "candidate", "forget", "input", "output"),
}
norms = {}
for cell, parts in PARTS.items():
    print(
        f"{cell.upper():5}         ",
        *(f"{part:>9}" for part in parts),
        "    whole",
    )
    for start in STARTS:
        found = evidence.trials(
            "gradients", task="recall", cell=cell, start=start
        )
        for when in ("before", "after"):
            looks = [one["outcome"][when] for one in found]
            row = [
                fmean(look["terms"][part] for look in looks)
                for part in parts
            ]
            row.append(fmean(look["whole_step"] for look in looks))
            norms[cell, start, when] = dict(
                zip((*parts, "whole"), row, strict=True)
            )
            print(f"{start:8} {when:6}", *(f"{norm:9.2f}" for norm in row))

# %% what the prose says check=true
gru_keep_before, gru_keep_after = (
    norms["gru", "default", when]["keep"] for when in ("before", "after")
)
lstm_keep_before, lstm_keep_after = (
    norms["lstm", "default", when]["keep"] for when in ("before", "after")
)
assert (
    gru_keep_after > gru_keep_before + 0.2
    and lstm_keep_after < lstm_keep_before - 0.1
)
for part in ("update", "reset"):
    assert (
        norms["gru", "default", "after"][part]
        > 2 * norms["gru", "default", "before"][part]
    )
