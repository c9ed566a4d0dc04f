# %% what torch.compile is given
import torch

import gated

torch.manual_seed(0)
x = torch.randn(3, 2, 4)  # three steps
seen: list[int] = []


def count_only(graph, inputs):
    """A compiler that changes nothing and notes how much it was given."""
    seen.append(
        sum(node.op == "call_function" for node in graph.graph.nodes)
    )
    return graph.forward


layers = {
    "torch.nn.GRU": torch.nn.GRU(4, 5),
    "torch.nn.LSTM": torch.nn.LSTM(4, 5),
    "gated.GRU": gated.GRU(4, 5),
    "gated.LSTM": gated.LSTM(4, 5),
}
found = {}
for name, layer in layers.items():
    seen.clear()
    torch.compile(layer, backend=count_only)(x)
    found[name] = list(seen)
    print(
        f"{name:13}  graphs: {len(seen)}, operations in them: {sum(seen)}"
    )

# %% the layers of torch.nn are left alone check=true
assert found["torch.nn.GRU"] == found["torch.nn.LSTM"] == []
assert len(found["gated.GRU"]) == len(found["gated.LSTM"]) == 1
