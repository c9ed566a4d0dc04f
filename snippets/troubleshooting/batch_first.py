# %% the state does not put the batch first
import torch

torch.manual_seed(0)
gru = torch.nn.GRU(input_size=3, hidden_size=5, batch_first=True)
x = torch.randn(4, 7, 3)  # 4 sequences of 7 steps
output, h_n = gru(x, torch.zeros(1, 4, 5))
print("output", tuple(output.shape), "  h_n", tuple(h_n.shape))

# %% without the option the shapes fit too
# It takes 4 for the number of steps.
forgot = torch.nn.GRU(input_size=3, hidden_size=5)
forgot.load_state_dict(gru.state_dict())
other = x.clone()
other[0] += 1  # another first sequence
for name, layer in [("batch_first=True", gru), ("forgotten", forgot)]:
    moved = (layer(other)[0] - layer(x)[0])[1:].abs().max().item()
    print(f"{name:16}  the other sequences move by {moved:.2f}")

# %% as the text says check=true
assert (gru(other)[0] - gru(x)[0])[1:].abs().max() == 0 < 0.05 < moved

# %% the other error in the table of symptoms check=true
try:
    gru(x, torch.zeros(4, 5))
    raise AssertionError
except RuntimeError as error:
    assert (
        str(error)
        == "For batched 3-D input, hx should also be 3-D but got 2-D tensor"
    ), error

# %% a state with the batch first raises="RuntimeError"
gru(x, torch.zeros(4, 1, 5))
