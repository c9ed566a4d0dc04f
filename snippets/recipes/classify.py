# %% read the data
import random
import unicodedata

import torch
from torch.nn.functional import cross_entropy
from torch.nn.utils.rnn import pack_sequence

torch.manual_seed(0)
SCRIPTS = ["HANGUL", "YI", "ETHIOPIC"]
# How the syllables of three scripts are spelled.
data = []  # (letters as numbers, class)
for code in range(0x1000, 0xE000):
    name = unicodedata.name(chr(code), "")
    script, _, spelled = name.partition(" SYLLABLE ")
    if script in SCRIPTS and spelled.isalpha():
        letters = [ord(letter) - ord("A") for letter in spelled]
        data.append((torch.tensor(letters), SCRIPTS.index(script)))
random.Random(0).shuffle(data)
by_class = ([pair for pair in data if pair[1] == k] for k in range(3))
data = [pair for pairs in by_class for pair in pairs[:440]]
random.Random(0).shuffle(data)
train, test = data[:990], data[990:]


# %% train and test
class Classifier(torch.nn.Module):
    def __init__(self, inputs=26, classes=3, hidden=64):
        super().__init__()
        self.embedding = torch.nn.Embedding(inputs, 16)
        self.gru = torch.nn.GRU(16, hidden)
        self.head = torch.nn.Linear(hidden, classes)

    def forward(self, sequences):
        packed = pack_sequence(
            [self.embedding(s) for s in sequences], enforce_sorted=False
        )
        _, h_n = self.gru(packed)  # nn.LSTM: _, (h_n, _) = ...
        # The state after each sequence's own last step.
        return self.head(h_n[-1])


def batch(pairs):
    sequences, classes = zip(*pairs)
    return sequences, torch.tensor(classes)


model = Classifier()
optimizer = torch.optim.Adam(model.parameters(), lr=0.005)
for epoch in range(12):
    for i in range(0, len(train), 50):
        sequences, classes = batch(train[i : i + 50])
        loss = cross_entropy(model(sequences), classes)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

model.eval()
with torch.no_grad():
    sequences, classes = batch(test)
    guesses = model(sequences).argmax(1)
accuracy = (guesses == classes).float().mean().item()
floor = classes.bincount().max().item() / len(classes)
print(f"right: {accuracy:.2f}, always the commonest class: {floor:.2f}")

# %% thumbnail
import matplotlib.pyplot as plt

from gated.figures import MUTED, SERIES

plt.style.use(["gated.figures.chart", "gated.figures.thumbnail"])
fig, ax = plt.subplots()
colors = [MUTED, SERIES["gru"]["color"]]
bars = ax.barh(["floor", "GRU"], [floor, accuracy], 0.6, color=colors)
ax.bar_label(bars, fmt="{:.0%}", padding=4)
ax.set(xlim=(0, 1.2))
ax.tick_params(labelleft=True)

# %% margins check=true
assert accuracy > 0.75 and floor < 0.45
