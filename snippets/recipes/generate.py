# %% text
import torch
from torch.nn.functional import cross_entropy

torch.manual_seed(0)
ONES = ["one", "two", "three", "four", "five", "six", "seven", "eight"]
ONES += ["nine"]
TEENS = ["thir", "four", "fif", "six", "seven", "eigh", "nine"]
TENS = ["twen", "thir", "for", *TEENS[2:]]
SMALL = [*ONES, "ten", "eleven", "twelve", *(f"{n}teen" for n in TEENS)]
SMALL += [f"{n}ty {one}".strip() for n in TENS for one in ["", *ONES]]
HUNDREDS = [f"{one} hundred" for one in ONES]
NUMBERS = SMALL + [
    f"{n} {m}".strip() for n in HUNDREDS for m in ["", *SMALL]
]
# Half of the numbers below a thousand.
heard = [NUMBERS[i] for i in torch.randperm(999)[:500]]
# Or the text of a file of your own.
text = "\n".join(heard[i] for i in torch.randint(500, (4000,))) + "\n"
SIGNS = sorted(set(text))
code = torch.tensor([SIGNS.index(sign) for sign in text])


# %% train and generate
class Writer(torch.nn.Module):
    def __init__(self, signs=len(SIGNS), hidden=96):
        super().__init__()
        self.embedding = torch.nn.Embedding(signs, 32)
        self.gru = torch.nn.GRU(32, hidden, batch_first=True)
        self.head = torch.nn.Linear(hidden, signs)

    def forward(self, x, h=None):
        states, h = self.gru(self.embedding(x), h)
        return self.head(states), h


model = Writer()
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
for step in range(220):
    starts = torch.randint(len(code) - 49, (32, 1))
    rows = code[starts + torch.arange(49)]
    logits, _ = model(rows[:, :-1])  # each sign has to foretell the next
    loss = cross_entropy(logits.mT, rows[:, 1:])
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


@torch.no_grad()
def generate(start, length, temperature=0.7):
    written, h = list(start), None
    x = torch.tensor([[SIGNS.index(sign) for sign in start]])
    for _ in range(length):
        logits, h = model(x, h)  # the state carries all that was written
        probabilities = (logits[0, -1] / temperature).softmax(0)
        # Or .argmax(), for the likeliest.
        x = probabilities.multinomial(1).view(1, 1)
        written.append(SIGNS[x.item()])
    return "".join(written)


model.eval()
lines = generate("\n", 4000).split("\n")[1:-1]
print("\n".join(lines[:4]))
valid = sum(line in NUMBERS for line in lines) / len(lines)
new = len({line for line in lines if line in NUMBERS and line not in heard})
shuffled = "".join(text[i] for i in torch.randperm(len(text))[:4000])
others = shuffled.split("\n")[1:-1]
floor = sum(line in NUMBERS for line in others) / len(others)
print(
    f"lines that are numbers: {valid:.1f}, "
    f"with the same signs at random: {floor:.1f}"
)
print("more than 50 different numbers that it never read:", new > 50)

# %% thumbnail
import matplotlib.pyplot as plt

from gated.figures import SERIES

plt.style.use(["gated.figures.chart", "gated.figures.thumbnail"])
fig, ax = plt.subplots()
look = {"color": SERIES["gru"]["color"], "ha": "center", "va": "center"}
ax.text(0.5, 0.5, "\n".join(lines[:3]), **look)

# %% margins check=true
assert valid > 0.85 and new > 50 and floor < 0.05
