# pip install onnx onnxruntime

# %% from PyTorch to ONNX
import numpy as np
import onnxruntime
import torch

from gated import convert

torch.manual_seed(0)
gru = torch.nn.GRU(
    input_size=3, hidden_size=5, num_layers=2, bidirectional=True
)
x = torch.randn(20, 4, 3)  # 20 steps, 4 sequences
model = convert.onnx_model(gru)  # onnx.save(model, "gru.onnx") keeps it

session = onnxruntime.InferenceSession(model.SerializeToString())
theirs, _ = session.run(["output", "h_n"], {"input": x.numpy()})
ours = gru(x)[0].detach().numpy()
print("differ by less than 1e-5:", np.abs(theirs - ours).max() < 1e-5)
print("nodes:", ", ".join(node.op_type for node in model.graph.node))

# %% as printed check=true
assert np.abs(theirs - ours).max() < 1e-5 and np.abs(ours).max() > 0.1
