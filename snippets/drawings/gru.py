# pip install drawsvg
# %% whole
from gated.figures.drawing import gru_cell

whole = gru_cell()

# %% reset
reset = gru_cell("reset")

# %% update
update = gru_cell("update")

# %% candidate
candidate = gru_cell("candidate")

# %% blend
blend = gru_cell("blend")

# %% reset before
reset_before = gru_cell("candidate", reset_after=False)
