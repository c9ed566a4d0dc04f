# pip install drawsvg
# %% whole
from gated.figures.drawing import lstm_cell

whole = lstm_cell()

# %% forget
forget = lstm_cell("forget")

# %% input
input_gate = lstm_cell("input")

# %% candidate
candidate = lstm_cell("candidate")

# %% cell
cell = lstm_cell("cell")

# %% output
output = lstm_cell("output")
