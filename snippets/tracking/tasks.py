# %% one example of each task
import torch

from gated.tasks.state import KEYS, STATE_TASKS

draw = torch.Generator().manual_seed(3)
bits, odd = STATE_TASKS["parity"].batch(12, 1, draw)
print("parity    bits", *bits[:, 0].argmax(-1).tolist())
print("     odd so far", *odd[:, 0].tolist())

read, wanted = STATE_TASKS["lookup"].batch(4, 1, draw)
keys, values = read[:, 0, :KEYS].argmax(-1), read[:, 0, KEYS:]
pairs = [
    f"key {k} = {v}"
    for k, v in zip(keys[:-1], values[:-1].argmax(-1), strict=True)
]
print("lookup   reads", ", ".join(pairs))
print("         asked", f"key {keys[-1]}, the value is {wanted.item()}")

# %% what is wanted follows check=true
assert odd[:, 0].tolist() == (bits[:, 0].argmax(-1).cumsum(0) % 2).tolist()
assert (
    values[-1].sum() == 0
    and wanted.item() == values[list(keys[:-1]).index(keys[-1])].argmax()
)
