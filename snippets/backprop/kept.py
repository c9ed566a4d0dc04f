# %% what is kept
import torch

from gated import fast

torch.manual_seed(0)
steps, batch, hidden = 100, 16, 64
x = torch.randn(steps, batch, hidden)


def look_at(layer):
    given = {tensor.data_ptr() for tensor in (x, *layer.parameters())}
    kept = {}

    def note(tensor):
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in given:
            kept[storage.data_ptr()] = storage
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(
        note, lambda tensor: tensor
    ):
        output = layer(x)[0]
    found, waiting = set(), [output.grad_fn]
    while waiting:
        node = waiting.pop()
        if node is not None and node not in found:
            found.add(node)
            waiting += [before for before, _ in node.next_functions]
    # Of 32 bits.
    numbers = sum(storage.nbytes() for storage in kept.values()) / 4
    return len(found), numbers / (steps * batch * hidden)


print("                operations  numbers kept per unit and step")
for name, kind in {
    "torch.nn.GRU": torch.nn.GRU,
    "gated.fast.GRU": fast.GRU,
}.items():
    operations, numbers = look_at(kind(hidden, hidden))
    print(f"{name:14} {operations:11} {numbers:15.1f}")

# %% fewer check=true
assert operations < 10 and numbers < 5.1
