# %% what a cell has, carries and gives
import torch

from gated import GRU, LSTM

torch.manual_seed(0)
d, H = 3, 5
gru, lstm = GRU(d, H), LSTM(d, H)
x = torch.randn(7, 1, d)
for name, layer in (("GRU", gru), ("LSTM", lstm)):
    blocks = layer.weight_hh_l0.shape[0] // H
    output, state = layer(x)
    parts = state if isinstance(state, tuple) else (state,)
    print(f"{name}: {blocks - 1} gates and a candidate")
    print(
        f"  carries {len(parts)} x {parts[0][0, 0].numel()} numbers,",
        end=" ",
    )
    print(f"gives out {output[-1, 0].numel()} at each step")

# %% shut the update gate, then the reset gate
h = torch.rand(1, 1, H)
with torch.no_grad():
    gru.bias_ih_l0[H : 2 * H] = 100.0  # z is 1: keep
    kept = (gru(x[:1], h)[1] - h).abs().max().item()
    gru.bias_ih_l0[H : 2 * H] = -100.0  # z is 0: write
    written = (gru(x[:1], h)[1] - h).abs().max().item()
    gru.bias_ih_l0[:H] = -100.0  # r is 0: the candidate is blind
    blind = (
        (gru(x[:1], h)[1] - gru(x[:1], torch.zeros_like(h))[1])
        .abs()
        .max()
        .item()
    )
    gru.bias_ih_l0[H : 2 * H] = 100.0  # r is 0 still, and z is 1
    reset_and_kept = (gru(x[:1], h)[1] - h).abs().max().item()
print(f"z is 1:           the state changes by {kept:.1f}")
print(f"z is 0:           the state changes by {written:.1f}")
print(f"z is 0, r is 0:   what was held matters by {blind:.1f}")
print(f"z is 1, r is 0:   the state changes by {reset_and_kept:.1f}")

# %% what the claims rest on check=true
gru_gates, lstm_gates = (
    layer.weight_hh_l0.shape[0] // H - 1 for layer in (gru, lstm)
)
gru_states = 1 if isinstance(gru(x)[1], torch.Tensor) else len(gru(x)[1])
lstm_states = len(lstm(x)[1])
gru_given, lstm_given = (layer(x)[0].shape[-1] for layer in (gru, lstm))
output, state = GRU(d, H)(x)
gru_gives_its_memory = torch.equal(output[-1], state[0])
output, (hidden_state, cell_state) = lstm(x)
lstm_gives_its_memory = torch.equal(output[-1], cell_state[0])
assert gru_gives_its_memory and not lstm_gives_its_memory
gru_carries_one_state_and_lstm_two = gru_states == 1 and lstm_states == 2
both_give_one_vector = -(gru_given == lstm_given)
gru_has_two_gates = gru_gates == 2 and lstm_gates == 3
update_gate_lets_nothing_in = kept < 1e-6
one_cell_gives_its_whole_memory = (
    -(gru_gives_its_memory + lstm_gives_its_memory) / 2
)
update_gate_keeps_or_writes = kept < 1e-6 and written > 0.1
reset_gate_blinds_the_candidate = blind < 1e-6
reset_gate_alone_forgets_nothing = -(reset_and_kept < 1e-6)
gru_memory_is_its_output = gru_states == 1 and gru_gives_its_memory
