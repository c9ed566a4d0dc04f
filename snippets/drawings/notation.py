# pip install drawsvg
# %% notation
from gated.drawing import notation

legend = notation()
