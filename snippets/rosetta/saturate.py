# %% one block at a time
import torch

gru = torch.nn.GRU(input_size=1, hidden_size=1)
nothing, half = torch.zeros(1, 1, 1), torch.full((1, 1, 1), 0.5)
became = {}
for name in ("bias_ih_l0", "bias_hh_l0"):
    for block in range(3):
        with torch.no_grad():
            for weight in gru.parameters():
                weight.zero_()
            getattr(gru, name)[block] = 50
            _, h = gru(nothing, half)
        became[name, block] = h.item()
        print(f"{name}, block {block}: 0.5 becomes {h.item():.2f}")

# %% as the text says check=true
assert [round(value, 2) for value in became.values()] == 2 * [
    0.25,
    0.5,
    0.75,
]
