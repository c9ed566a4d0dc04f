# %% a training that blows up, and one that is clipped
import torch
from torch import nn


def train(clip):
    torch.manual_seed(0)
    rnn, read = nn.RNN(1, 16, nonlinearity="relu"), nn.Linear(16, 1)
    parameters = [*rnn.parameters(), *read.parameters()]
    descent = torch.optim.SGD(parameters, lr=0.05)
    for _ in range(200):
        x = torch.randn(50, 32, 1)
        loss = (read(rnn(x)[0][-1]) - x.sum(0)).pow(2).mean()
        if not loss.isfinite():
            return "the loss became infinite or nan"
        descent.zero_grad()
        loss.backward()
        if clip:
            nn.utils.clip_grad_norm_(parameters, max_norm=1.0)
        descent.step()
    return "the loss stays finite"


plain, clipped = train(clip=False), train(clip=True)
print("not clipped:", plain)
print("clipped:    ", clipped)

# %% what the page says check=true
assert "nan" in plain and "stays" in clipped
