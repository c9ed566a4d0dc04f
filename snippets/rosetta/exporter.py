# pip install onnx onnxscript onnxruntime

# %% two models, one attribute apart
import logging
import warnings

import numpy as np
import onnxruntime
import torch

# The exporter warns of what it does itself.
logging.disable(logging.WARNING)
warnings.simplefilter("ignore")

torch.manual_seed(0)
gru = torch.nn.GRU(input_size=3, hidden_size=5).eval()
x = torch.randn(20, 4, 3)
expected = gru(x)[0].detach().numpy()
model = torch.onnx.export(gru, (x,), dynamo=True, verbose=False).model_proto
(node,) = [node for node in model.graph.node if node.op_type == "GRU"]
(attribute,) = [
    one for one in node.attribute if one.name == "linear_before_reset"
]


def gap():
    session = onnxruntime.InferenceSession(model.SerializeToString())
    output = session.run(None, {session.get_inputs()[0].name: x.numpy()})[0]
    return np.abs(output - expected).max()


exported = attribute.i
right = gap()
verdict = "right" if right < 1e-5 else "wrong"
print(f"linear_before_reset={exported}, as exported: {verdict}")
attribute.i = 0  # ONNX's default
wrong = gap()
print(f"linear_before_reset=0, ONNX's default: wrong by {wrong:.2f}")

# %% versions check=true
import onnx
import onnxscript

torch_version = torch.__version__.partition("+")[0]
onnx_version, onnxscript_version = onnx.__version__, onnxscript.__version__
onnxruntime_version = onnxruntime.__version__

# %% the reported fault is not there check=true
assert exported == 1 and right < 1e-5 < 0.01 < wrong
