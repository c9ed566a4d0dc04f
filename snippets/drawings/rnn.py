# pip install drawsvg
# %% whole
from gated.figures.drawing import rnn_cell, rnn_unrolled

whole = rnn_cell()

# %% unrolled
unrolled = rnn_unrolled(steps=3)
