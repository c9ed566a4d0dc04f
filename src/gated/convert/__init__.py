"""Moves the weights of recurrent layers and cells between PyTorch, Keras, Flax and ONNX.

The frameworks agree on the equations and on little else: the order of the gates, how many biases
there are, where the reset gate acts. Each function here takes or gives plain NumPy arrays, in the
very order and shapes that the other framework's own calls use, and needs no other framework
installed. What has no equivalent on the other side is refused, with the reason.

A stacked layer is a list here, with an entry for each layer.
"""

from gated.convert.conventions import Convention, detect
from gated.convert.flax import from_flax, to_flax
from gated.convert.keras import from_keras, to_keras
from gated.convert.onnx import OnnxLayer, from_onnx, to_onnx
from gated.convert.onnx_read import onnx_layers
from gated.convert.onnx_write import onnx_model
from gated.convert.torch import to_cell, to_torch

__all__ = [
    "Convention",
    "OnnxLayer",
    "detect",
    "from_flax",
    "from_keras",
    "from_onnx",
    "onnx_layers",
    "onnx_model",
    "to_cell",
    "to_flax",
    "to_keras",
    "to_onnx",
    "to_torch",
]
