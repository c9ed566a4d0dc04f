# pip install drawsvg
# %% gru
from gated.figures.drawing import gru_backward

gru = gru_backward()

# %% lstm
from gated.figures.drawing import lstm_backward

lstm = lstm_backward()
