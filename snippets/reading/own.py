# %% the gates of any GRU of PyTorch
import torch

from gated.characters import encode, load
from gated.probes import record_gates

state_dict = load().gru.state_dict()  # yours: torch.load("weights.pt")

gru = torch.nn.GRU(65, 128)
gru.load_state_dict(state_dict)
text = "\nOpen the gate.\nCome in.\n"
# Your input: steps, batch, features.
gates = record_gates(gru, encode(text))
for letter, z, h in zip(
    text, gates.z[0, :, 0, 71], gates.h[0, :, 0, 71], strict=True
):
    print(f"{letter!r:5} z = {z.item():.1f}  h = {h.item():4.1f}")

# %% values check=true
assert torch.equal(
    gates.h[0, 3, 0], record_gates(load().gru, encode(text)).h[0, 3, 0]
)
