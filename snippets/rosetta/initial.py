# pip install keras flax equinox

# %% fresh weights
import os
from math import sqrt

os.environ["KERAS_BACKEND"] = "torch"  # before Keras is imported
import equinox
import flax.linen
import jax
import jax.numpy as jnp
import keras
import numpy as np
import torch
from flax import nnx
from flax.traverse_util import flatten_dict

D, H = 160, 256  # input_size, hidden_size


def keras_weights(cell):
    cell.build((1, D))
    return {weight.name: weight.numpy() for weight in cell.weights}


def linen_weights(cell, h):
    params = cell.init(jax.random.key(0), h, jnp.zeros((1, D)))["params"]
    return flatten_dict(params, sep="/")


def nnx_weights(cell):
    params = nnx.to_pure_dict(nnx.state(cell, nnx.Param))
    return flatten_dict(params, sep="/")


def equinox_weights(cell):
    parts = vars(cell).items()
    return {key: part for key, part in parts if equinox.is_array(part)}


torch.manual_seed(0)
torch.set_grad_enabled(False)
jax.config.update("jax_default_prng_impl", "rbg")  # it compiles faster
keras.utils.set_random_seed(0)
rngs, key, h = nnx.Rngs(0), jax.random.key(0), jnp.zeros((1, H))
fresh = {
    "pytorch_gru": torch.nn.GRU(D, H).state_dict(),
    "pytorch_lstm": torch.nn.LSTM(D, H).state_dict(),
    "keras_gru": keras_weights(keras.layers.GRUCell(H)),
    "keras_lstm": keras_weights(keras.layers.LSTMCell(H)),
    "linen_gru": linen_weights(flax.linen.GRUCell(H), h),
    "linen_lstm": linen_weights(flax.linen.LSTMCell(H), (h, h)),
    "nnx_gru": nnx_weights(nnx.GRUCell(D, H, rngs=rngs)),
    "nnx_lstm": nnx_weights(nnx.LSTMCell(D, H, rngs=rngs)),
    "equinox_gru": equinox_weights(equinox.nn.GRUCell(D, H, key=key)),
    "equinox_lstm": equinox_weights(equinox.nn.LSTMCell(D, H, key=key)),
}


# %% how each array was drawn
def law(w):
    products = w @ w.T if len(w) <= w.shape[1] else w.T @ w
    largest, deviation = abs(w).max(), w.std()
    if np.ptp(w) == 0:
        return f"{w[0, 0]:g}"
    if np.allclose(products, np.eye(len(products)), atol=1e-4):
        return "orthogonal"
    if largest / deviation < 1.9:  # it is sqrt(3) in a uniform distribution
        glorot = sqrt(6 / sum(w.shape))
        if abs(largest / glorot - 1) < 0.03:
            return "Glorot uniform"
        assert abs(largest * sqrt(H) - 1) < 0.03
        return "U(±1/√H)"
    assert largest / deviation < 2.4 and abs(deviation * sqrt(D) - 1) < 0.03
    return "LeCun normal"  # its deviation is 1/sqrt(D), and it is cut off


def whole(weights):
    """Say how matrices were drawn, and whether all gates as one."""
    (name,) = {law(weight) for weight in weights}
    if name not in ("orthogonal", "Glorot uniform"):
        return name
    how = "over all gates" if len(weights) == 1 else "gate by gate"
    return f"{name} {how}"


laws = {}
for cell, weights in fresh.items():
    arrays = {key: np.asarray(weight) for key, weight in weights.items()}
    matrices = [w for key, w in arrays.items() if "bias" not in key]
    biases = [
        w.reshape(-1, 1, H) for key, w in arrays.items() if "bias" in key
    ]
    starts = dict.fromkeys(law(block) for bias in biases for block in bias)
    laws[cell] = {
        "input": whole([w for w in matrices if D in w.shape]),
        "state": whole([w for w in matrices if D not in w.shape]),
        "bias": ", ".join(starts),
    }
    parts = (f"{part}: {how}" for part, how in laws[cell].items())
    print(f"{cell:12}", *parts, sep="  ")

# %% whose bias is 1
blocks = fresh["keras_lstm"]["bias"].reshape(4, 1, H)
gates = zip("ifgo", blocks, strict=True)
(f,) = [gate for gate, block in gates if law(block) == "1"]
laws["keras_lstm"]["bias"] = f"0, but 1 for {f}"

# %% what the table says
for name in ("pytorch", "keras", "linen", "nnx", "equinox"):
    for part, gru in laws[f"{name}_gru"].items():
        lstm = laws[f"{name}_lstm"][part]
        differs = f"; LSTM {lstm.removeprefix('orthogonal ')}"
        globals()[f"{name}_{part}"] = gru + differs * (lstm != gru)

# %% as the text says check=true
ones = [cell for cell, parts in laws.items() if "1 for f" in parts["bias"]]
assert ones == ["keras_lstm"]
