# %% the latch in two rows
import torch

events = ["", "mark", "", "", "clear", "", "mark", "mark"]
keep = torch.tensor([0.0 if event else 1.0 for event in events])
write = torch.tensor([1.0 if event == "mark" else 0.0 for event in events])


def loop(keep, write):
    h, states = torch.zeros_like(write[0]), []
    for k, w in zip(keep, write, strict=True):
        h = k * h + w
        states.append(h)
    return torch.stack(states)


# %% a scan in ten lines
def join(keep, write, span):
    """Join every step with the one span steps before it, all at once."""
    kept = keep[span:] * keep[:-span]
    written = keep[span:] * write[:-span] + write[span:]
    return torch.cat([keep[:span], kept]), torch.cat(
        [write[:span], written]
    )


def scan(keep, write):
    span = 1
    while span < len(keep):
        keep, write = join(keep, write, span)
        span *= 2
    return write  # by all steps up to each: the state, if it began at zero


# %% round by round
print("keep  ", keep.int().tolist())
print("write ", write.int().tolist())
a, b = keep, write
for span in (1, 2, 4):
    a, b = join(a, b, span)
    print("span", 2 * span, b.int().tolist())
print("loop  ", loop(keep, write).int().tolist())

torch.manual_seed(0)
steps = 10_000
keep = torch.rand(steps, 16).double()
write = torch.randn(steps, 16).double()
same = torch.allclose(
    scan(keep, write), loop(keep, write), rtol=0, atol=1e-12
)
rounds = (steps - 1).bit_length()
print(f"{steps:,} steps in {rounds} rounds, the same to 1e-12: {same}")

# %% values check=true
assert same
assert b.int().tolist() == [0, 1, 1, 1, 0, 0, 1, 1]


def joins(steps):
    return sum(steps - 2**r for r in range((steps - 1).bit_length()))


joins_8, joins_ratio = joins(8), joins(2048) / 2048
assert joins_8 > 8 and 9 < joins_ratio < 11
