# pip install keras flax equinox onnx onnxruntime

# %% PyTorch
import inspect
import os
from collections import Counter
from math import prod
from types import SimpleNamespace

os.environ["KERAS_BACKEND"] = "torch"  # before Keras is imported
import equinox
import flax.linen
import jax
import jax.numpy as jnp
import keras
import numpy as np
import onnx
import onnxruntime
import torch
from flax import nnx
from flax.traverse_util import flatten_dict, unflatten_dict
from onnx import helper

N, D, H = 5, 3, 4  # sequences, input_size, hidden_size
cells: dict[str, SimpleNamespace] = {}


def add(name, weights, states, step):
    """Keep the shapes of a cell and its step with x = 0."""
    shapes = {key: tuple(weight.shape) for key, weight in weights.items()}
    facts = {"name": name, "shapes": shapes, "states": states, "step": step}
    cells[name] = SimpleNamespace(**facts)


def add_torch(name, layer, states):
    def step(weights, *h):
        tensors = {key: torch.tensor(w) for key, w in weights.items()}
        layer.load_state_dict(tensors)
        state = tuple(torch.tensor(part) for part in h)
        return layer(x, state[0] if len(h) == 1 else state)[1]

    x = torch.zeros(1, N, D)
    add(name, layer.state_dict(), [(1, N, H)] * states, step)


torch.set_grad_enabled(False)
add_torch("pytorch_gru", torch.nn.GRU(D, H), states=1)
add_torch("pytorch_lstm", torch.nn.LSTM(D, H), states=2)


# %% Keras
def add_keras(name, cell, states):
    def step(weights, *h):
        cell.set_weights(list(weights.values()))
        state = [torch.tensor(part) for part in h]
        return cell(torch.zeros(N, D), state)[1]

    cell.build((N, D))
    weights = {weight.name: weight for weight in cell.weights}
    add(name, weights, [(N, H)] * states, step)


add_keras("keras_gru", keras.layers.GRUCell(H), states=1)
option = keras.layers.GRUCell(H, reset_after=False)
add_keras("keras_gru_option", option, states=1)
add_keras("keras_lstm", keras.layers.LSTMCell(H), states=2)


# %% Flax linen
def add_linen(name, cell, states):
    def carry(h):
        return h[0] if len(h) == 1 else tuple(h)

    def step(weights, *h):
        params = unflatten_dict(weights, sep="/")
        return cell.apply({"params": params}, carry(h), x)[0]

    x = jnp.zeros((N, D))
    h = carry([jnp.zeros((N, H))] * states)
    params = jax.eval_shape(cell.init, jax.random.key(0), h, x)["params"]
    add(name, flatten_dict(params, sep="/"), [(N, H)] * states, step)


add_linen("linen_gru", flax.linen.GRUCell(H), states=1)
add_linen("linen_lstm", flax.linen.LSTMCell(H), states=2)


# %% Flax nnx
def add_nnx(name, kind, states):
    def step(weights, *h):
        nnx.replace_by_pure_dict(params, unflatten_dict(weights, sep="/"))
        cell = nnx.merge(definition, params)
        return cell(h[0] if len(h) == 1 else h, jnp.zeros((N, D)))[0]

    cell = nnx.eval_shape(lambda: kind(D, H, rngs=nnx.Rngs(0)))
    definition, params = nnx.split(cell)
    weights = flatten_dict(nnx.to_pure_dict(params), sep="/")
    add(name, weights, [(N, H)] * states, step)


add_nnx("nnx_gru", nnx.GRUCell, states=1)
add_nnx("nnx_lstm", nnx.LSTMCell, states=2)


# %% Equinox
def add_equinox(name, kind, states):
    def step(weights, *h):
        def leaves(cell):
            return [getattr(cell, key) for key in weights]

        filled = equinox.tree_at(leaves, cell, list(weights.values()))
        return filled(jnp.zeros(D), h[0] if len(h) == 1 else h)

    cell = equinox.filter_eval_shape(kind, D, H, key=jax.random.key(0))
    weights = {
        key: w for key, w in vars(cell).items() if hasattr(w, "shape")
    }
    add(name, weights, [(H,)] * states, step)


add_equinox("equinox_gru", equinox.nn.GRUCell, states=1)
add_equinox("equinox_lstm", equinox.nn.LSTMCell, states=2)


# %% ONNX
def add_onnx(name, kind, gates, states, **attributes):
    w, r, b = (1, gates * H, D), (1, gates * H, H), (1, 2 * gates * H)
    shapes = {"W": w, "R": r, "B": b}
    given = ["initial_h", "initial_c"][:states]
    returned = ["Y_h", "Y_c"][:states]
    inputs = {"X": (1, N, D), **shapes, **dict.fromkeys(given, (1, N, H))}
    names = ["X", "W", "R", "B", "", *given]  # no lengths of sequences
    attributes["hidden_size"] = H
    node = helper.make_node(kind, names, ["", *returned], **attributes)
    value = helper.make_tensor_value_info
    x = [value(key, 1, shape) for key, shape in inputs.items()]
    y = [value(key, 1, None) for key in returned]
    graph = helper.make_graph([node], kind, x, y)
    opset = [helper.make_opsetid("", 22)]
    model = helper.make_model(graph, opset_imports=opset, ir_version=10)
    session = onnxruntime.InferenceSession(model.SerializeToString())

    def step(weights, *h):
        x = {"X": np.zeros((1, N, D), "float32")}
        state = dict(zip(given, h, strict=True))
        return session.run(None, {**x, **weights, **state})

    weights = {key: np.zeros(shape) for key, shape in shapes.items()}
    add(name, weights, [(1, N, H)] * states, step)


add_onnx("onnx_gru", "GRU", gates=3, states=1)
add_onnx("onnx_gru_option", "GRU", gates=3, states=1, linear_before_reset=1)
add_onnx("onnx_lstm", "LSTM", gates=4, states=2)


# %% which block of biases is which gate
def run(cell, weights, *states):
    """Step from states of these values to one sequence's new ones."""
    shaped = [
        np.broadcast_to(value, shape).astype("float32")
        for value, shape in zip(states, cell.states, strict=True)
    ]
    new_states = jax.tree.leaves(cell.step(weights, *shaped))
    assert [np.shape(new) for new in new_states] == cell.states
    return [np.asarray(new).reshape(-1, H)[0] for new in new_states]


def saturate(cell, amounts):
    """Return weights of zero, but for these blocks of biases."""
    shapes = cell.shapes.items()
    weights = {key: np.zeros(shape, "float32") for key, shape in shapes}
    for (key, k), amount in amounts.items():
        weights[key].reshape(-1, H)[k] = amount
    return weights


# What is left of states of 0.5, by the gate whose biases alone are 50.
GATES = {
    (0.25,): "r",
    (0.50,): "z",  # where z keeps
    (0.00,): "z",  # where z writes
    (0.75,): "n",
    (0.12, 0.25): "i",  # h and c
    (0.23, 0.50): "f",
    (0.32, 0.75): "g",
    (0.24, 0.25): "o",
}
for cell in cells.values():
    cell.blocks = {}  # for each gate: arrays, and which of their blocks
    biases = [key for key in cell.shapes if "bias" in key or key == "B"]
    cell.orders = {key: [] for key in biases}
    for key, order in cell.orders.items():
        for k in range(prod(cell.shapes[key]) // H):
            weights = saturate(cell, {(key, k): 50})
            ends = run(cell, weights, *(0.5 for _ in cell.states))
            left = sorted(round(float(end[0]), 2) for end in ends)
            gate = GATES[tuple(left)]
            cell.blocks.setdefault(gate, []).append((key, k))
            order.append(gate)
    orders = (
        f"{key} {' '.join(order)}" for key, order in cell.orders.items()
    )
    print(f"{cell.name:16}", ", ".join(orders))


# %% what z and r do
def meaning_of_z(cell):
    (h,) = run(cell, saturate(cell, {cell.blocks["z"][0]: 50}), 0.5)
    return "keeps" if h[0] > 0.4 else "writes"


def place_of_r(cell):
    """Let each unit listen to its neighbor: whose reset gate counts?"""
    own = np.tile([50, -50], H // 2)  # every other reset gate is open
    z, r = cell.blocks["z"][0], cell.blocks["r"][0]
    write = -50 if meaning_of_z(cell) == "keeps" else 50
    weights = saturate(cell, {z: write, r: own})
    swap = np.kron(np.eye(H // 2), [[0, 1], [1, 0]])
    for key, weight in weights.items():
        if key not in cell.orders and D not in weight.shape:
            rows, columns = weight.shape[-2:]
            weight[:] = np.tile(swap, (rows // H, columns // H))
    # Only units whose gate is shut have something to say.
    (h,) = run(cell, weights, own < 0)
    return "after" if h[0] > 0.5 else "before"


for cell in cells.values():
    if "r" in cell.blocks:
        cell.z, cell.reset = meaning_of_z(cell), place_of_r(cell)
        print(f"{cell.name:16} z {cell.z}, reset {cell.reset}")


# %% what the table says
def by_gate(facts):
    """Say what holds for most gates, and for which it does not."""
    (usual, _), *others = Counter(facts.values()).most_common()
    if not others:
        return f"{usual}"
    odd = [
        f"{fact} for {gate}"
        for gate, fact in facts.items()
        if fact != usual
    ]
    return f"{usual} ({', '.join(odd)})"


def letters(shape):
    known = {1: "1", N: "N", D: "d", H: "H"}
    sizes = (known.get(size) or f"{size // H}H" for size in shape)
    return f"({', '.join(sizes)})"


def states(cell):
    if len(cell.states) == 1:
        return f"h {letters(cell.states[0])}"
    moved = any(new[0] for new in run(cell, saturate(cell, {}), 0.5, 0))
    order = "c, h" if moved else "h, c"
    return f"{order}, each {letters(cell.states[0])}"


for cell in cells.values():
    longest = max(cell.orders.values(), key=len)
    inputs = [shape for shape in cell.shapes.values() if D in shape]
    counts = {gate: len(places) for gate, places in cell.blocks.items()}
    names = [key.removesuffix("_l0").split("/") for key in cell.shapes]
    parts = (
        " ".join(dict.fromkeys(part)) for part in zip(*names, strict=True)
    )
    ordered = " ".join(dict.fromkeys(longest))
    facts = {
        "order": ordered if len(longest) > 1 else "by name",
        "biases": by_gate(counts),
        "shape": letters(inputs[0]) + (" each" if len(inputs) > 1 else ""),
        "states": states(cell),
        "names": " / ".join(parts),
    }
    if "r" in cell.blocks:
        facts |= {"z": cell.z, "reset": cell.reset}
    for key, fact in facts.items():
        globals()[f"{cell.name}_{key}"] = fact

# %% stacking
deep = torch.nn.GRU(D, H, num_layers=2, bidirectional=True).state_dict()
pytorch_stack = " ".join(
    key.removeprefix("bias_ih") for key in deep if "bias_ih" in key
)
one_by_one = [keras.layers.GRU, flax.linen.GRUCell, nnx.GRUCell]
for kind in (*one_by_one, equinox.nn.GRUCell):
    assert "num_layers" not in inspect.signature(kind).parameters
assert "num_layers" not in onnx.defs.get_schema("GRU").attributes
other_stack, onnx_stack = "one object each", "one node each"

# %% chart
import matplotlib.pyplot as plt

import gated.figures

EDGES = {
    "z": gated.figures.KEEP,
    "f": gated.figures.KEEP,
    "i": gated.figures.WRITE,
    "o": gated.figures.EXPOSE,
}
ROWS = {"pytorch": "PyTorch\nEquinox", "keras": "Keras", "onnx": "ONNX"}
plt.style.use("gated.figures.chart")
fig, axes = plt.subplots(
    1, 2, figsize=(6.4, 2.6), sharey=True, width_ratios=[3, 4]
)
middle = {"ha": "center", "va": "center", "fontsize": 15}
for ax, kind in zip(axes, ("gru", "lstm"), strict=True):
    for row, name in enumerate(ROWS):
        order = globals()[f"{name}_{kind}_order"].split()
        for place, gate in enumerate(order):
            box = {"boxstyle": "square,pad=0.55", "facecolor": "none"}
            box["edgecolor"] = EDGES.get(gate, gated.figures.MUTED)
            text = ax.text(place, row, f"${gate}$", **middle, bbox=box)
            text.get_bbox_patch().set_linewidth(3 if gate in EDGES else 1)
    ax.set(title=kind.upper(), xlim=(-0.6, place + 0.6), ylim=(2.5, -0.5))
    ax.set(xticks=[])
    ax.set_yticks(range(len(ROWS)), list(ROWS.values()))
    ax.tick_params(length=0)
    ax.grid(visible=False)
    ax.spines[:].set_visible(False)

# %% versions check=true
import flax

pytorch_version = torch.__version__.partition("+")[0]
keras_version, flax_version = keras.__version__, flax.__version__
equinox_version, onnx_version = equinox.__version__, onnx.__version__
onnxruntime_version = onnxruntime.__version__

# %% as the text says check=true
grus = [cell for cell in cells.values() if "r" in cell.blocks]
assert {cell.z for cell in grus} == {"keeps"}
before = [cell.name for cell in grus if cell.reset == "before"]
assert before == ["keras_gru_option", "onnx_gru"]
c_first = [name for name in cells if globals()[f"{name}_states"][0] == "c"]
assert c_first == ["linen_lstm", "nnx_lstm"]
order_of = {name: globals()[f"{name}_order"] for name in cells}
assert order_of["keras_gru"] == order_of["onnx_gru"]
assert order_of["keras_lstm"] == order_of["pytorch_lstm"]
assert order_of["equinox_gru"] == order_of["pytorch_gru"]
assert order_of["equinox_lstm"] == order_of["pytorch_lstm"]
