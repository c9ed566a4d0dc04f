# %% one step at a time
import torch

torch.manual_seed(0)
steps, inputs, hidden = 50, 3, 16


class Stream:
    """Runs a trained layer step by step, in a cell with its weights."""

    def __init__(self, layer):
        self.is_gru = isinstance(layer, torch.nn.GRU)
        kind = torch.nn.GRUCell if self.is_gru else torch.nn.LSTMCell
        self.cell = kind(layer.input_size, layer.hidden_size)
        weights = layer.state_dict().items()
        self.cell.load_state_dict(
            {name.removesuffix("_l0"): weight for name, weight in weights}
        )
        self.reset()

    def reset(self):  # at the start of each new sequence
        self.state = None

    @torch.no_grad()
    def __call__(self, step):  # what has arrived: (inputs,)
        self.state = self.cell(step, self.state)
        # The LSTM's state is a pair, and its output the first of the two.
        return self.state if self.is_gru else self.state[0]


x = torch.randn(steps, inputs)  # one sequence, without a batch
gaps = {}
for name in ("GRU", "LSTM"):
    layer = getattr(torch.nn, name)(inputs, hidden)  # yours, once trained
    whole = layer(x)[0].detach()
    stream = Stream(layer)
    one_by_one = torch.stack([stream(step) for step in x])
    # No reset: it goes on.
    again = torch.stack([stream(step) for step in x])
    stream.reset()
    anew = torch.stack([stream(step) for step in x])
    gaps[name] = [
        (out - whole).abs().max().item()
        for out in (one_by_one, again, anew)
    ]
    same = [gap < 1e-6 for gap in gaps[name]]
    print(
        f"{name:4} equals the whole: by steps {same[0]}, "
        f"no reset {same[1]}, reset {same[2]}"
    )

# %% thumbnail
import matplotlib.pyplot as plt

from gated.figures import DIM, SERIES

plt.style.use(["gated.figures.chart", "gated.figures.thumbnail"])
fig, ax = plt.subplots()
ax.plot(whole[:25, 0], color=DIM, linewidth=6)
ax.plot(one_by_one[:25, 0], **SERIES["lstm"] | {"linestyle": "none"})

# %% margins check=true
for by_steps, without_reset, after_reset in gaps.values():
    assert max(by_steps, after_reset) < 1e-6 < 1e-3 < without_reset
