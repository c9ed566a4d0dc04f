# %% one thread and all
from gated import evidence

speed = evidence.read("speed")
base, machine = speed["base"], speed["machine"]
everywhere = {
    one["width"]: one["train"]
    for one in speed["layers"]
    if all(one[side] == base[side] for side in ("batch", "steps"))
}
print("         GRU, threads  LSTM, threads")
print("width     one   all     one   all")
for one in speed["one_thread"]:
    alone, together = one["train"]["ms"], everywhere[one["width"]]["ms"]
    print(f"{one['width']:5}", end="")
    for name in ("gru", "lstm"):
        print(f"{alone[name][0]:8.1f}{together[name][0]:6.1f}", end="")
    print()

# %% the order does not depend on threads check=true
threads = machine["threads"]
ratios = [
    one["train"]["ratio"]["lstm/gru"][0] for one in speed["one_thread"]
]
off = speed["one_thread"][-1]["train"]["ratio"]["lstm_off/gru_off"][0]
assert max(ratios) < 0.9
highest = max(ratios)
narrow, *_, base_alone = (
    one["train"]
    for one in speed["one_thread"]
    if one["width"] in (16, base["width"])
)
gain_alone = 1 / base_alone["ratio"]["lstm/gru"][0]
# The prose: the narrowest GRU's turns are of two kinds.
narrow_middle, narrow_low, narrow_high = narrow["ms"]["gru"]
assert narrow_high > 1.9 * narrow_low
