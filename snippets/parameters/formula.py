# %% count
import torch

from gated.parameters import count

input_size, hidden_size = 3, 5
print("       input  recurrent  biases  total  torch.nn")
for name, layer in [("gru", torch.nn.GRU), ("lstm", torch.nn.LSTM)]:
    part = count(name, input_size, hidden_size)
    built = sum(
        p.numel() for p in layer(input_size, hidden_size).parameters()
    )
    print(
        f"{name:4} {part.input:7} {part.recurrent:10} "
        f"{part.biases:7} {part.total:6} {built:9}"
    )

# %% values check=true
gru, lstm = (
    count(name, input_size, hidden_size) for name in ("gru", "lstm")
)
gru_total, lstm_total = gru.total, lstm.total
gru_input, gru_recurrent, gru_biases = gru.input, gru.recurrent, gru.biases
ratio = gru_total / lstm_total
assert gru_total == sum(p.numel() for p in torch.nn.GRU(3, 5).parameters())
assert lstm_total == sum(
    p.numel() for p in torch.nn.LSTM(3, 5).parameters()
)

# %% three quarters at every size check=true
for d in (1, 2, 7, 100, 1000):
    for h in (1, 2, 7, 100, 1000):
        gru, lstm = count("gru", d, h), count("lstm", d, h)
        assert 4 * gru.total == 3 * lstm.total
        assert gru.total == 3 * (d * h + h * h + 2 * h)

# %% what the claims rest on check=true
gru_is_smaller = gru_total < lstm_total
