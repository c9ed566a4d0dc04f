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
gru = keras.layers.GRU(5, return_sequences=True)
gru.build((None, None, 3))
# As after training: Keras's biases start at zero, which hides faults.
gru.set_weights([w + 0.1 for w in gru.get_weights()])
weights = convert.from_keras(gru.get_weights(), cell="gru")
gru_gap = compare(gru, convert.to_torch(weights))

lstm = keras.layers.LSTM(5, return_sequences=True)
lstm.build((None, None, 3))
weights = convert.from_keras(lstm.get_weights(), cell="lstm")
lstm_gap = compare(lstm, convert.to_torch(weights))

# %% a GRU that PyTorch does not have
before = keras.layers.GRU(5, return_sequences=True, reset_after=False)
before.build((None, None, 3))
twin = convert.from_keras(
    before.get_weights(), cell="gru", reset_after=False
)
before_gap = compare(before, twin)

# %% as printed check=true
assert max(gru_gap, lstm_gap, before_gap) < 1e-5

# %% so that it stays with gated raises="ValueError"
convert.to_torch(twin)
