# pip install drawsvg
# %% gru
from gated.figures.drawing import gru_backward

gru = gru_backward()

# %% gru keep
gru_keep = gru_backward("keep")

# %% gru candidate
gru_candidate = gru_backward("candidate")

# %% gru reset
gru_reset = gru_backward("reset")

# %% gru update
gru_update = gru_backward("update")

# %% gru input
gru_input = gru_backward("input")

# %% lstm
from gated.figures.drawing import lstm_backward

lstm = lstm_backward()

# %% lstm expose
lstm_expose = lstm_backward("expose")

# %% lstm keep
lstm_keep = lstm_backward("keep")

# %% lstm written
lstm_written = lstm_backward("written")
