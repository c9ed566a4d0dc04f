# pip install keras

# %% from Keras to PyTorch
import os

os.environ["KERAS_BACKEND"] = "torch"  # before Keras is imported
import keras
import numpy as np
import torch

from gated import convert

x = torch.randn(4, 20, 3)  # 4 sequences of 20 steps


def compare(layer, twin):
    """Compare outputs; Keras puts sequences first, and PyTorch steps."""
    with torch.no_grad():
        theirs = layer(x).numpy()
        ours = twin(x.transpose(0, 1))[0].transpose(0, 1).numpy()
    gap = np.abs(theirs - ours).max()
    print(type(twin), "differs by less than 1e-5:", gap < 1e-5)
    return gap


keras.utils.set_random_seed(0)
lstm = keras.layers.LSTM(5, return_sequences=True)
lstm.build((None, None, 3))
twin = convert.from_keras(lstm.get_weights(), cell="lstm")
lstm_gap = compare(lstm, convert.to_torch(twin))

# %% a GRU that PyTorch does not have
gru = keras.layers.GRU(5, return_sequences=True, reset_after=False)
gru.build((None, None, 3))
twin = convert.from_keras(gru.get_weights(), cell="gru", reset_after=False)
gru_gap = compare(gru, twin)

# %% as printed check=true
assert lstm_gap < 1e-5 and gru_gap < 1e-5

# %% so that it stays with gated raises="ValueError"
convert.to_torch(twin)
