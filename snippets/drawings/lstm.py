# pip install drawsvg
# %% whole
from gated.figures.drawing import lstm_cell

whole = lstm_cell()
