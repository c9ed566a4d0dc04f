# pip install onnx onnxscript onnxruntime

# %% export
import logging
import warnings

import numpy as np
import onnxruntime
import torch

# The exporter warns of what it does itself.
logging.disable(logging.WARNING)
warnings.simplefilter("ignore")


class Model(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.gru = torch.nn.GRU(3, 16, batch_first=True)  # or nn.LSTM
        self.head = torch.nn.Linear(16, 4)

    def forward(self, x):
        states, _ = self.gru(x)
        return self.head(states[:, -1])


torch.manual_seed(0)
model = Model().eval()  # without dropout, from here on
x = torch.randn(2, 20, 3)
# The numbers of sequences and of steps may vary.
free = {0: torch.export.Dim.DYNAMIC, 1: torch.export.Dim.DYNAMIC}
options = {"input_names": ["x"], "dynamic_shapes": [free]}
program = torch.onnx.export(
    model, (x,), **options, dynamo=True, verbose=False
)
program.save("model.onnx")

# %% check the export
session = onnxruntime.InferenceSession("model.onnx")
gaps = []
# Also sizes that the exporter never saw.
for batch, steps in [(2, 20), (1, 1), (5, 77)]:
    x = torch.randn(batch, steps, 3)
    (theirs,) = session.run(None, {"x": x.numpy()})
    ours = model(x).detach().numpy()
    gaps.append(np.abs(theirs - ours).max())
    print(
        f"batch {batch}, {steps:2} steps: "
        f"off by less than 1e-5: {gaps[-1] < 1e-5}"
    )

# %% one step with its state
layer = torch.nn.GRU(3, 16)
cell = torch.nn.GRUCell(3, 16).eval()
weights = layer.state_dict().items()
cell.load_state_dict(
    {name.removesuffix("_l0"): weight for name, weight in weights}
)
names = {"input_names": ["x", "h"], "output_names": ["h_next"]}
example = torch.randn(1, 3), torch.zeros(1, 16)
program = torch.onnx.export(
    cell, example, **names, dynamo=True, verbose=False
)
program.save("step.onnx")

session = onnxruntime.InferenceSession("step.onnx")
x = torch.randn(20, 1, 3)  # 20 steps of one sequence
h = np.zeros((1, 16), "float32")
for x_t in x.numpy():
    (h,) = session.run(None, {"x": x_t, "h": h})
streamed = layer(x)[1][0].detach().numpy()
step_gap = np.abs(h - streamed).max()
print(f"20 single steps:    off by less than 1e-5: {step_gap < 1e-5}")

# %% thumbnail
import matplotlib.pyplot as plt

from gated.figures import DIM, SERIES

plt.style.use(["gated.figures.chart", "gated.figures.thumbnail"])
fig, ax = plt.subplots()
ax.scatter(range(4), ours[0], color=DIM, s=220)
ax.scatter(range(4), theirs[0], color=SERIES["gru"]["color"])
ax.margins(0.3)

# %% margins check=true
assert max(*gaps, step_gap) < 1e-5 < 0.01 < np.abs(streamed).max()
assert np.abs(ours).max() > 0.01
