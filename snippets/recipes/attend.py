# %% look things up
import torch
from torch.nn.functional import cross_entropy

torch.manual_seed(0)


def lists(count, length=10):
    """Letters with a digit each; the digit of one of them is asked for."""
    letters = torch.rand(count, 26).argsort(1)[:, :length]
    digits = torch.randint(8, (count, length))
    asked = torch.randint(length, (count,))
    rows = torch.arange(count)
    return letters, digits, letters[rows, asked], digits[rows, asked]


class Reader(torch.nn.Module):
    def __init__(self, attention, size=48):
        super().__init__()
        self.letters = torch.nn.Embedding(26, size)
        self.digits = torch.nn.Embedding(8, size)
        # Or nn.LSTM.
        self.gru = torch.nn.GRU(2 * size, size, batch_first=True)
        self.query = torch.nn.Linear(size, size)
        self.head = torch.nn.Linear(2 * size, 8)
        self.attention = attention

    def forward(self, letters, digits, asked):
        x = torch.cat([self.letters(letters), self.digits(digits)], dim=2)
        states, _ = self.gru(x)
        question = self.letters(asked)
        if self.attention:
            # (batch, steps, 1); padding? scores.masked_fill(pad, -inf)
            scores = states @ self.query(question).unsqueeze(2)
            self.weights = scores.softmax(1)
            # A mean of the states, weighted.
            context = (self.weights * states).sum(1)
        else:
            context = states[:, -1]
        return self.head(torch.cat([context, question], dim=1))


def train_and_test(attention):
    torch.manual_seed(0)
    model = Reader(attention)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.005)
    for _ in range(400):
        letters, digits, asked, answer = lists(64)
        loss = cross_entropy(model(letters, digits, asked), answer)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    letters, digits, asked, answer = lists(1000)
    with torch.no_grad():
        guesses = model(letters, digits, asked).argmax(1)
    return model, (guesses == answer).float().mean().item()


_, without = train_and_test(attention=False)
model, right = train_and_test(attention=True)
print(
    f"last state alone {without:.1f} right, "
    f"attention {right:.1f}, guessing {1 / 8:.1f}"
)

# %% thumbnail
import matplotlib.pyplot as plt

from gated.figures import SERIES

plt.style.use(["gated.figures.chart", "gated.figures.thumbnail"])
fig, ax = plt.subplots()
letters, digits, asked, answer = lists(1)
model(letters, digits, asked)
color = SERIES["attention"]["color"]
ax.bar(range(10), model.weights[0, :, 0].detach(), color=color)
ax.axhline(0, color=color, linewidth=1)

# %% margins check=true
assert right > 0.9 and 0.15 < without < 0.6
