# %% one step at a time
import torch

torch.manual_seed(0)
steps, inputs, hidden = 50, 3, 16


class Stream:
    """Feeds a layer one step, or one piece, at a time."""

    def __init__(self, layer):
        self.layer = layer.eval()
        self.reset()

    def reset(self):  # at the start of each new sequence
        self.state = None

    @torch.no_grad()
    def __call__(self, piece):
        # The piece is (steps, inputs), with as many steps as have arrived.
        # The state is a tensor (GRU) or a pair (LSTM).
        output, self.state = self.layer(piece, self.state)
        return output


x = torch.randn(steps, inputs)  # one sequence, without a batch
gaps = {}
for name in ("GRU", "LSTM"):
    layer = getattr(torch.nn, name)(inputs, hidden, num_layers=2)
    whole = layer(x)[0].detach()
    stream = Stream(layer)
    one_by_one = torch.cat([stream(x[t : t + 1]) for t in range(steps)])
    stream.reset()
    in_pieces = torch.cat(
        [stream(piece) for piece in x.split([7, 1, 30, 12])]
    )
    # No reset: it goes on.
    again = torch.cat([stream(piece) for piece in x.split(10)])
    gaps[name] = [
        (out - whole).abs().max().item()
        for out in (one_by_one, in_pieces, again)
    ]
    same = [gap < 1e-6 for gap in gaps[name]]
    print(
        f"{name:4} equals the whole: by steps {same[0]}, "
        f"in pieces {same[1]}, no reset {same[2]}"
    )

# %% thumbnail
import matplotlib.pyplot as plt

from gated.figures import DIM, SERIES

plt.style.use(["gated.figures.chart", "gated.figures.thumbnail"])
fig, ax = plt.subplots()
ax.plot(whole[:25, 0], color=DIM, linewidth=6)
ax.plot(one_by_one[:25, 0], **SERIES["lstm"] | {"linestyle": "none"})

# %% margins check=true
for by_steps, by_pieces, without_reset in gaps.values():
    assert max(by_steps, by_pieces) < 1e-6 < 1e-3 < without_reset
