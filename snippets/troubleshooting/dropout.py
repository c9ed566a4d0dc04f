# %% is anything dropped?
import warnings

import torch

torch.manual_seed(0)
x = torch.randn(7, 4, 3)
with warnings.catch_warnings(record=True) as caught:
    one = torch.nn.GRU(3, 5, dropout=0.5)
two = torch.nn.GRU(3, 5, num_layers=2, dropout=0.5)
drop = torch.nn.Dropout(0.5)
for name, run in [
    ("1 layer, dropout=0.5 ", lambda: one(x)[0]),
    ("2 layers, dropout=0.5", lambda: two(x)[0]),
    ("1 layer, then Dropout", lambda: drop(one(x)[0])),
]:
    print(name, "", torch.equal(run(), run()))
two.eval()
print("2 layers, after eval()", torch.equal(two(x)[0], two(x)[0]))
print("PyTorch's warning:", str(caught[0].message).partition(",")[0])

# %% as the text says check=true
assert torch.equal(one(x)[0], one(x)[0])
assert (one.train()(x)[0] != 0).all()
