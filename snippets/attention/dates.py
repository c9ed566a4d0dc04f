# %% lines of dates
import random
from calendar import month_name
from datetime import date, timedelta

import torch

TO_NINETEEN = """first second third fourth fifth sixth seventh eighth ninth tenth eleventh
    twelfth thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth"""
ONES = TO_NINETEEN.split()
TENS = [
    "twentieth",
    *(f"twenty {day}" for day in ONES[:9]),
    "thirtieth",
    "thirty first",
]
MONTHS = [name.lower() for name in month_name[1:]]
YEAR = [date(2023, 1, 1) + timedelta(days) for days in range(365)]
SPOKEN = [
    f"{[*ONES, *TENS][day.day - 1]} {MONTHS[day.month - 1]}" for day in YEAR
]
DIGITS = [f"{day:%m%d}" for day in YEAR]
WORDS = [
    "padding",
    *sorted({word for spoken in SPOKEN for word in spoken.split()}),
]
SIGNS = "0123456789<>"  # "<" begins a target, ">" ends it


def batch(size, dates, rng):
    picked = [rng.choices(range(365), k=dates) for _ in range(size)]
    heard = [
        " ".join(SPOKEN[day] for day in line).split() for line in picked
    ]
    rows = [
        torch.tensor([WORDS.index(word) for word in words])
        for words in heard
    ]
    written = ["".join(DIGITS[day] for day in line) for line in picked]
    target = torch.tensor(
        [
            [SIGNS.index(sign) for sign in f"<{digits}>"]
            for digits in written
        ]
    )
    lengths = torch.tensor([len(row) for row in rows])
    return (
        torch.nn.utils.rnn.pad_sequence(rows, batch_first=True),
        lengths,
        target,
    )


# %% train and test
from torch.nn.functional import cross_entropy, pad

from gated.seq2seq import EncoderDecoder


def train(cell, attention, seed=0):
    torch.manual_seed(seed)
    rng = random.Random(seed)
    model = EncoderDecoder(len(WORDS), len(SIGNS), 48, cell, attention)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.015)
    slower = torch.optim.lr_scheduler.LinearLR(
        optimizer, 1, 0, total_iters=240
    )
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
    said = model.greedy(
        source, lengths, SIGNS.index("<"), SIGNS.index(">"), 4 * dates
    ).tokens
    said = pad(
        said, (0, 4 * dates - said.shape[1]), value=-1
    )  # if all lines ended too early
    right = (said == target[:, 1:-1]).unflatten(1, (dates, 4)).all(2)
    return right.float().mean().item()


models = {
    (cell, kind): train(cell, kind)
    for kind in (None, "dot")
    for cell in ("gru", "lstm")
}
right = {
    of: [test(model, dates) for dates in range(1, 6)]
    for of, model in models.items()
}
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
ax.text(
    4.4,
    1.17,
    "longer than\nin training",
    ha="center",
    va="bottom",
    color=MUTED,
)
for (cell, kind), shares in right.items():
    look = SERIES[cell] | ({} if kind else {"markerfacecolor": "none"})
    label = f"{cell.upper()}, {'attention' if kind else 'fixed vector'}"
    ax.plot(range(1, 6), shares, **look, label=label)
ax.set(
    xlabel="dates in a line",
    ylabel="dates read right",
    xlim=(0.8, 5.3),
    ylim=(0, 1.15),
)
ax.set_xticks(range(1, 6))
ax.set_yticks([0, 0.5, 1], ["0%", "50%", "100%"])
fig.legend(loc="outside upper left", ncols=2, handlelength=2.5)

# %% the gap check=true
for cell in ("gru", "lstm"):
    fixed, asked = right[cell, None], right[cell, "dot"]
    assert (
        fixed[0] > 0.85 and fixed[1] < 0.6 and fixed[2] < 0.35
    )  # one date is no trouble
    assert min(asked[:3]) > 0.9
    assert (
        min(asked[3:]) > 0.2 and max(asked[3:]) < 0.85
    )  # longer than any in training
    # Attention makes a difference many times as large as the choice of the cell does.
    other = right["lstm" if cell == "gru" else "gru", None]
    assert asked[2] - fixed[2] > 3 * abs(fixed[2] - other[2])
gru_two, gru_three = (
    10 * right["gru", None][dates - 1] for dates in (2, 3)
)  # of ten dates
lstm_two, lstm_three = (
    10 * right["lstm", None][dates - 1] for dates in (2, 3)
)
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
ax.scatter(
    x,
    y,
    s=260 * weights,
    marker="s",
    color=SERIES["attention"]["color"],
    linewidths=0,
)
ax.set_xticks(range(12), [SIGNS[digit] for digit in decoded.tokens[0]])
ax.set_yticks(range(7), line)
ax.set(xlim=(-0.6, 11.6), ylim=(6.6, -0.6), xlabel="digit written")
ax.tick_params(length=0)

# %% it looks at the right words check=true
own = [{2}, {2}, {0, 1}, {0, 1}, {4}, {4}, {3}, {3}, {6}, {6}, {5}, {5}]
assert (
    "".join(SIGNS[digit] for digit in decoded.tokens[0]) == "032306011019"
)
right_word = sum(
    looked in words
    for looked, words in zip(weights.argmax(1).tolist(), own)
)
assert right_word >= 9
zero_looks = line[weights[4].argmax()]

# %% what the claims rest on check=true
gru_with_attention_reads_further_than_lstm_without = -(
    gru_five > lstm_three
)
