# %% a long sequence in pieces
import torch

torch.manual_seed(0)
x, target = torch.randn(40, 4, 3), torch.randn(40, 4, 5)


def train(detach, **backward):
    gru = torch.nn.GRU(input_size=3, hidden_size=5)
    optimizer = torch.optim.SGD(gru.parameters(), lr=0.1)
    state = torch.zeros(1, 4, 5)
    for piece, wanted in zip(x.split(10), target.split(10)):
        output, state = gru(piece, state)
        loss = (output - wanted).square().mean()
        optimizer.zero_grad()
        loss.backward(**backward)
        optimizer.step()
        if detach:
            state = state.detach()  # of an LSTM: both h and c
    return "runs"


print("detached:", train(detach=True))

# %% the way that people try next
try:
    train(detach=False, retain_graph=True)
except RuntimeError as error:
    print("with retain_graph=True:")
    print("   ", str(error).partition(" by")[0])

# %% without it raises="RuntimeError"
train(detach=False)
