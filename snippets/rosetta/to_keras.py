# pip install keras

# %% from PyTorch to Keras
import os

os.environ["KERAS_BACKEND"] = "torch"  # before Keras is imported
import keras
import numpy as np
import torch

from gated import convert

torch.manual_seed(0)
gru = torch.nn.GRU(input_size=3, hidden_size=5, batch_first=True)
twin = keras.layers.GRU(5, return_sequences=True)
twin.build((None, None, 3))
twin.set_weights(convert.to_keras(gru)[0])  # the weights of layer 0

x = torch.randn(4, 20, 3)  # 4 sequences of 20 steps
with torch.no_grad():
    theirs, ours = twin(x).numpy(), gru(x)[0].numpy()
print("differ by less than 1e-5:", np.abs(theirs - ours).max() < 1e-5)
for weight in twin.weights:
    print(weight.name, tuple(weight.shape))

# %% as printed check=true
assert np.abs(theirs - ours).max() < 1e-5 and np.abs(ours).max() > 0.1

# %% its documentation and its default check=true
version = keras.__version__
documentation = " ".join(keras.layers.GRU.__doc__.split())
said = documentation[
    documentation.index("The default one is based") :
].partition(" and ")[0]
assert said.endswith("v3](https://arxiv.org/abs/1406.1078v3)")
assert twin.reset_after
