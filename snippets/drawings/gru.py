# pip install drawsvg
# %% whole
from gated.figures.drawing import gru_cell

whole = gru_cell()

# %% reset before
reset_before = gru_cell("candidate", reset_after=False)
