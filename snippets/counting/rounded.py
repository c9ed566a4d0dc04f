# %% the same two nets, once more
from copy import deepcopy

import torch
from torch import nn
from torch.nn.functional import cross_entropy

from gated.fast import GRU, LSTM
from gated.tasks.languages import NOTHING, draw, encoded, longest


class Reader(nn.Module):
    def __init__(self, layer):
        super().__init__()
        self.layer, self.name = layer(3, 10), nn.Linear(10, 3)

    def forward(self, x):
        return self.name(self.layer(x)[0])


def train(layer, updates=500):
    torch.manual_seed(0)
    net, data = Reader(layer), torch.Generator().manual_seed(0)
    adam = torch.optim.Adam(net.parameters(), lr=0.03)
    falling = torch.optim.lr_scheduler.LinearLR(adam, 1.0, 0.0, updates)
    for _ in range(updates):
        read, wanted = draw(20, 2, 16, data)  # n up to 20
        scores = net(encoded(read, 2)).flatten(0, 1)
        loss = cross_entropy(scores, wanted.flatten(), ignore_index=NOTHING)
        adam.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        adam.step()
        falling.step()
    return net


nets = {"gru": train(GRU), "lstm": train(LSTM)}

# %% in shorter numbers
KINDS = (torch.float32, torch.float16, torch.bfloat16)
MANY = 1200


class Rounded:
    """A net with weights, and the state at each step, rounded to `kind`."""

    def __init__(self, net, kind):
        weights = net.layer.state_dict().items()
        self.cell = (
            nn.GRUCell if isinstance(net.layer, GRU) else nn.LSTMCell
        )(3, 10)
        self.cell.load_state_dict(
            {key.removesuffix("_l0"): w for key, w in weights}
        )
        self.name, self.kind = deepcopy(net.name), kind
        for weight in [*self.cell.parameters(), *self.name.parameters()]:
            weight.data = self.round(weight.data)

    def round(self, x):
        return x.to(self.kind).float()

    @torch.no_grad()
    def states(self, x):
        """After every symbol h, and below it the LSTM's c."""
        state, all_states = None, []
        for symbol in x:
            state = self.cell(symbol, state)
            pair = isinstance(state, tuple)
            parts = [
                self.round(part) for part in (state if pair else [state])
            ]
            state = tuple(parts) if pair else parts[0]
            all_states.append(torch.stack(parts))
        return torch.stack(all_states)

    def __call__(self, x):
        return self.name(self.states(x)[:, 0])


reads_a = encoded(
    torch.tensor([[0]] + [[1]] * MANY), 2
)  # the mark, and then a after a
accepts, differ, largest = {}, {}, {}
print("           accepts up to   different states")
print("             GRU   LSTM        GRU    LSTM")
for kind in KINDS:
    for name, net in nets.items():
        rounded = Rounded(net, kind)
        accepts[name, kind] = longest(rounded, 2, 100)
        states = rounded.states(reads_a)[1:].flatten(1)
        largest[name, kind] = states.abs().max().item()
        differ[name, kind] = round(
            len(torch.unique(states, dim=0)), -1
        )  # to the nearest ten
    row = [
        found[name, kind] for found in (accepts, differ) for name in nets
    ]
    print(
        f"{str(kind)[6:]:10} {row[0]:5} {row[1]:6} {row[2]:10,} {row[3]:7,}"
    )

# %% how far an a moves the state
import matplotlib.pyplot as plt

from gated.figures import MUTED, SERIES

plt.style.use("gated.figures.chart")
fig, ax = plt.subplots(figsize=(5.2, 3.8))
for name, net in nets.items():
    memory = Rounded(net, torch.float32).states(reads_a[:151])[
        :, -1, 0
    ]  # h, or c
    steps = (memory[1:] - memory[:-1]).abs().amax(1)
    label = "GRU: h" if name == "gru" else "LSTM: c"
    ax.plot(range(1, 151), steps, **SERIES[name], markevery=25, label=label)
for kind in KINDS[1:]:
    space = (
        1
        - torch.nextafter(
            torch.ones((), dtype=kind), torch.zeros((), dtype=kind)
        ).item()
    )
    ax.axhline(space, color=MUTED, linewidth=1)
    ax.text(
        150,
        1.15 * space,
        f"steps of {str(kind)[6:]} below 1",
        color=MUTED,
        ha="right",
    )
ax.set(
    xlabel="number of the a",
    ylabel="largest change of a unit",
    yscale="log",
    ylim=(5e-5, 5),
)
ax.grid(axis="x", visible=False)
fig.legend(loc="outside upper left", ncols=2)

# %% what the prose says check=true
half, brain = torch.float16, torch.bfloat16
gru_brain, lstm_brain = (differ[name, brain] for name in nets)
gru_half, gru_single = differ["gru", half], differ["gru", torch.float32]
many = MANY
for name in nets:  # rounding changes little where the nets are at home
    in_full = accepts[name, torch.float32]
    assert all(abs(accepts[name, kind] - in_full) <= 2 for kind in KINDS)
assert accepts["gru", torch.float32] < accepts["lstm", torch.float32]
assert gru_brain < gru_half < 150 < lstm_brain < 400
assert differ["lstm", torch.float32] == MANY > differ["gru", torch.float32]
# The trained counter sticks where the one set by hand does.
lstm_sticks = largest["lstm", brain]
assert lstm_sticks == 256
