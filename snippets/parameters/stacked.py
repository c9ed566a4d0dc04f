# %% two layers, two directions
import torch

from gated.parameters import count

gru = torch.nn.GRU(
    input_size=3, hidden_size=5, num_layers=2, bidirectional=True
)
for name, weight in gru.named_parameters():
    if name.startswith("weight_ih"):
        print(f"{name:22} reads {weight.shape[1]} numbers a step")

# Each of two directions reads the 3 inputs ...
first = 2 * count("gru", 3, 5).total
# ... and above them both directions' 5 states.
second = 2 * count("gru", 2 * 5, 5).total
total = count("gru", 3, 5, num_layers=2, bidirectional=True).total
print(f"{first} + {second} = {total}")

# %% the parts add up to the module check=true
assert first + second == total == sum(p.numel() for p in gru.parameters())
lstm_total = count("lstm", 3, 5, num_layers=2, bidirectional=True).total
assert 4 * total == 3 * lstm_total
