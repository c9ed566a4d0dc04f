# %% a count of ones, in three kinds of numbers
import torch

KINDS = (torch.bfloat16, torch.float16, torch.float32)


def stuck_at(kind):
    """The first whole number to which adding 1 changes nothing."""
    count = torch.ones((), dtype=kind)
    while count + 1 > count:
        count *= 2  # whether 1 still counts changes at powers of two only
    return int(count)


stuck = {kind: stuck_at(kind) for kind in KINDS}
for kind in KINDS:
    print(f"{str(kind).removeprefix('torch.'):9} an LSTM that adds 1 counts to {stuck[kind]:,}")

# %% how near to open a gate has to be
print("a sigmoid is 1 from")
opens = {}
for kind in KINDS:
    inputs = torch.arange(0, 30, 0.25, dtype=torch.float32)
    opens[kind] = inputs[torch.sigmoid(inputs).to(kind) == 1][0].item()
    print(f"  {opens[kind]:5.2f}  in {str(kind).removeprefix('torch.')}")

# %% equal steps between 0 and 1
print("the smallest step that can be told apart just below 1, and how many of them make 1")
room = {}
for kind in KINDS:
    step = 1 - torch.nextafter(torch.ones((), dtype=kind), torch.zeros((), dtype=kind))
    room[kind] = round(1 / step.item())
    print(f"  {str(kind).removeprefix('torch.'):9} {step.item():.0e} {room[kind]:12,}")

# %% as the page says check=true
for kind, limit in stuck.items():
    count = torch.tensor(float(limit), dtype=kind)
    assert count + 1 == count and (count - 1) + 1 == count
assert room == stuck  # as many equal steps fit below 1 as an LSTM can count
half, brain, single = stuck[torch.float16], stuck[torch.bfloat16], stuck[torch.float32]
single_opens = opens[torch.float32]
