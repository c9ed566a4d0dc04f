# %% lines of dates
import random
from calendar import month_name
from datetime import date, timedelta

import torch
from torch.nn.utils.rnn import pad_sequence

TO_NINETEEN = """first second third fourth fifth sixth seventh eighth ninth
    tenth eleventh twelfth thirteenth fourteenth fifteenth sixteenth
    seventeenth eighteenth nineteenth"""
DAYS = TO_NINETEEN.split()
DAYS += ["twentieth", *(f"twenty {day}" for day in DAYS[:9])]
DAYS += ["thirtieth", "thirty first"]
MONTHS = [name.lower() for name in month_name[1:]]
YEAR = [date(2023, 1, 1) + timedelta(days) for days in range(365)]
SPOKEN = [f"{DAYS[day.day - 1]} {MONTHS[day.month - 1]}" for day in YEAR]
DIGITS = [f"{day:%m%d}" for day in YEAR]
WORDS = ["padding", *sorted(set(" ".join(SPOKEN).split()))]
SIGNS = "0123456789<>"  # "<" begins a target, ">" ends it


def batch(size, dates, rng):
    rows, targets = [], []
    for _ in range(size):
        days = rng.choices(range(365), k=dates)
        words = " ".join(SPOKEN[day] for day in days).split()
        rows.append(torch.tensor([WORDS.index(word) for word in words]))
        digits = "".join(DIGITS[day] for day in days)
        targets.append([SIGNS.index(sign) for sign in f"<{digits}>"])
    lengths = torch.tensor([len(row) for row in rows])
    source = pad_sequence(rows, batch_first=True)
    return source, lengths, torch.tensor(targets)


# %% train and test
from torch.nn.functional import cross_entropy, pad
from torch.optim.lr_scheduler import LinearLR

from gated.seq2seq import EncoderDecoder


def train(cell, attention, seed=0):
    torch.manual_seed(seed)
    rng = random.Random(seed)
    model = EncoderDecoder(len(WORDS), len(SIGNS), 48, cell, attention)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.015)
    slower = LinearLR(optimizer, 1, 0, total_iters=240)
    for step in range(240):
        source, lengths, target = batch(32, 1 + step % 3, rng)
        logits, _ = model(source, lengths, target[:, :-1])
        loss = cross_entropy(logits.mT, target[:, 1:])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        slower.step()
    return model


def test(model, dates):
    source, lengths, target = batch(200, dates, random.Random("test"))
    begin, end = SIGNS.index("<"), SIGNS.index(">")
    said = model.greedy(source, lengths, begin, end, 4 * dates).tokens
    # All lines may have ended too early.
    said = pad(said, (0, 4 * dates - said.shape[1]), value=-1)
    right = (said == target[:, 1:-1]).unflatten(1, (dates, 4)).all(2)
    return right.float().mean().item()


models, right = {}, {}
for kind in (None, "dot"):
    for cell in ("gru", "lstm"):
        models[cell, kind] = model = train(cell, kind)
        right[cell, kind] = [test(model, dates) for dates in range(1, 6)]
print("dates in a line      1    2    3    4    5")
for (cell, kind), shares in right.items():
    label = f"{cell.upper()}, {'attention' if kind else 'fixed vector'}"
    print(f"{label:19}", " ".join(f"{share:4.1f}" for share in shares))

# %% chart
import matplotlib.pyplot as plt

from gated.figures import DIM, MUTED, SERIES

plt.style.use("gated.figures.chart")
fig, ax = plt.subplots(figsize=(5.2, 4.2))
ax.axvspan(3.5, 5.3, color=DIM, alpha=0.35, linewidth=0)
note = {"ha": "center", "va": "bottom", "color": MUTED}
ax.text(4.4, 1.17, "longer than\nin training", **note)
for (cell, kind), shares in right.items():
    look = SERIES[cell] | ({} if kind else {"markerfacecolor": "none"})
    label = f"{cell.upper()}, {'attention' if kind else 'fixed vector'}"
    ax.plot(range(1, 6), shares, **look, label=label)
ax.set(xlabel="dates in a line", ylabel="dates read right")
ax.set(xlim=(0.8, 5.3), ylim=(0, 1.15))
ax.set_xticks(range(1, 6))
ax.set_yticks([0, 0.5, 1], ["0%", "50%", "100%"])
fig.legend(loc="outside upper left", ncols=2, handlelength=2.5)

# %% the gap check=true
for cell in ("gru", "lstm"):
    fixed, asked = right[cell, None], right[cell, "dot"]
    # One date is no trouble; no line in training had four.
    assert fixed[0] > 0.85 and fixed[1] < 0.6 and fixed[2] < 0.35
    assert min(asked[:3]) > 0.9
    assert min(asked[3:]) > 0.2 and max(asked[3:]) < 0.85
    # Attention matters many times as much as the choice of the cell.
    other = right["lstm" if cell == "gru" else "gru", None]
    assert asked[2] - fixed[2] > 3 * abs(fixed[2] - other[2])
# Of ten dates, in lines of two and of three.
gru_two, gru_three = (10 * share for share in right["gru", None][1:3])
lstm_two, lstm_three = (10 * share for share in right["lstm", None][1:3])
gru_five = 10 * right["gru", "dot"][4]
vocabulary = len(WORDS) - 1

# %% alignment
line = f"{SPOKEN[81]} {SPOKEN[151]} {SPOKEN[291]}".split()
source = torch.tensor([[WORDS.index(word) for word in line]])
decoded = models["gru", "dot"].greedy(
    source, torch.tensor([len(line)]), 10, 11, max_steps=12
)
weights = decoded.weights[0]  # a row for each digit, a column for each word

fig, ax = plt.subplots(figsize=(5.2, 3.4))
x, y = torch.meshgrid(torch.arange(12), torch.arange(7), indexing="ij")
look = {"marker": "s", "color": SERIES["attention"]["color"]}
ax.scatter(x, y, s=260 * weights, **look, linewidths=0)
ax.set_xticks(range(12), [SIGNS[digit] for digit in decoded.tokens[0]])
ax.set_yticks(range(7), line)
ax.set(xlim=(-0.6, 11.6), ylim=(6.6, -0.6), xlabel="digit written")
ax.tick_params(length=0)

# %% it looks at the right words check=true
own = [{2}, {2}, {0, 1}, {0, 1}, {4}, {4}, {3}, {3}, {6}, {6}, {5}, {5}]
written = "".join(SIGNS[digit] for digit in decoded.tokens[0])
assert written == "032306011019"
looked = weights.argmax(1).tolist()
right_word = sum(word in words for word, words in zip(looked, own))
assert right_word >= 9
zero_looks = line[weights[4].argmax()]

# %% what the claims rest on check=true
further = gru_five > lstm_three
gru_with_attention_reads_further_than_lstm_without = -further

# %% one date alone
line = SPOKEN[171].split()  # 21 June
source = torch.tensor([[WORDS.index(word) for word in line]])
decoded = models["gru", "dot"].greedy(
    source, torch.tensor([len(line)]), 10, 11, max_steps=4
)
weights = decoded.weights[0]

fig, ax = plt.subplots(figsize=(5.2, 1.9))
x, y = torch.meshgrid(torch.arange(4), torch.arange(3), indexing="ij")
ax.scatter(x, y, s=260 * weights, **look, linewidths=0)
ax.set_xticks(range(4), [SIGNS[digit] for digit in decoded.tokens[0]])
ax.set_yticks(range(3), line)
ax.set(xlim=(-0.6, 3.6), ylim=(2.6, -0.6), xlabel="digit written")
ax.tick_params(length=0)

# %% it looks at the month, then at the day check=true
assert "".join(SIGNS[digit] for digit in decoded.tokens[0]) == "0621"
assert weights.argmax(1).tolist() == [2, 2, 0, 1]
