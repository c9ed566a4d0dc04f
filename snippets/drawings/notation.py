# pip install drawsvg
# %% notation
from gated.figures.drawing import notation

legend = notation()
