# %% a counter set by hand, in three kinds of numbers
import torch

from gated import LSTMCell

KINDS = (torch.float32, torch.float16, torch.bfloat16)


@torch.no_grad()
def sticks_at(kind):
    """The first count to which a cell of this kind cannot add 1."""
    cell, mark = LSTMCell(1, 1, dtype=kind), torch.ones(1, 1, dtype=kind)
    for weight in cell.parameters():
        weight.zero_()
    cell.bias_ih[:] = 20.0  # i = f = o = 1
    cell.weight_ih[2] = 20.0  # g = 1 at a mark
    c = mark
    while cell(mark, (mark, c))[1] > c:
        c = 2 * c  # whether 1 still counts changes at powers of two only
    return int(c)


stuck = {kind: sticks_at(kind) for kind in KINDS}
for kind in KINDS:
    print(f"{str(kind)[6:]:9} the LSTM counts to {stuck[kind]:,}")

# %% how near to open a gate has to be
print("a sigmoid is 1 from")
opens = {}
for kind in KINDS:
    inputs = torch.arange(0, 30, 0.25)
    opens[kind] = inputs[torch.sigmoid(inputs).to(kind) == 1][0].item()
    print(f"{str(kind)[6:]:9} {opens[kind]:5.2f}")

# %% equal steps between 0 and 1
print("the smallest step just below 1, and how many of them make 1")
room = {}
for kind in KINDS:
    step = 1 - torch.nextafter(
        torch.ones((), dtype=kind), torch.zeros((), dtype=kind)
    )
    room[kind] = round(1 / step.item())
    print(f"{str(kind)[6:]:9} {step.item():.0e} {room[kind]:12,}")

# %% as the page says check=true
for kind, limit in stuck.items():
    count = torch.tensor(float(limit), dtype=kind)
    assert count + 1 == count and (count - 1) + 1 == count
assert room == stuck  # as many equal steps fit below 1 as an LSTM can count
half, brain, single = (
    stuck[torch.float16],
    stuck[torch.bfloat16],
    stuck[torch.float32],
)
single_opens = opens[torch.float32]
