# pip install drawsvg
# %% flow
import drawsvg

from gated.figures import INK, PAPER, SERIES

# Question, what "yes" leads to, the color of that, and where it is shown.
questions = [
    (
        "Long context, a lot of data,\na GPU, no need to stream?",
        "Start with\nattention",
        "attention",
        "attention.md#what-it-costs",
    ),
    (
        "Fixed windows, all of one\nat hand at once?",
        "Try\nconvolutions",
        "rnn",
        "which.md#when-neither",
    ),
    (
        "Does something have\nto be counted?",
        "LSTM",
        "lstm",
        "counting.md",
    ),
    (
        "Is the size of the model\nyour limit?",
        "GRU",
        "gru",
        "parameters.md#three-quarters-and-where-it-is-not",
    ),
    (
        "Will you train on very long\nsequences on a GPU?",
        "Try minGRU,\nbeside a GRU",
        "mingru",
        "return.md#what-it-gains",
    ),
]
drawing = drawsvg.Drawing(600, 620, font_family="sans-serif")


def box(x, y, width, text, color, line=2, to=""):
    parts = drawsvg.Group(href=to) if to else drawsvg.Group()
    if to:
        parts.TAG_NAME = "a"  # drawsvg has no links of its own
    drawing.append(parts)
    look = {"fill": PAPER, "stroke": color, "stroke_width": line, "rx": 10}
    parts.append(drawsvg.Rectangle(x, y, width, 76, **look))
    lines = text.split("\n")
    for number, words in enumerate(lines):
        at = x + width / 2, y + 45 + 26 * (number - (len(lines) - 1) / 2)
        look = {"text_anchor": "middle", "fill": INK}
        parts.append(drawsvg.Text(words, 21, *at, **look))


def arrow(path, word, x, y):
    look = {"stroke": INK, "stroke_width": 2, "fill": "none"}
    drawing.append(drawsvg.Path(d=path, **look))
    drawing.append(drawsvg.Text(word, 21, x, y, fill=INK))


for number, (question, answer, family, to) in enumerate(questions):
    y = 4 + 104 * number
    box(4, y, 330, question, INK)
    box(420, y, 176, answer, SERIES[family]["color"], 4, to)
    arrow(f"M334,{y + 38} H418 m-10,-6 l10,6 l-10,6", "yes", 358, y + 30)
    arrow(f"M168,{y + 76} v27 m-6,-10 l6,10 l6,-10", "no", 180, y + 97)
last = "Either: train both with equal care, several seeds each,\n"
box(
    4,
    524,
    592,
    last + "and keep the one whose lead exceeds the seeds' spread",
    INK,
    to="which.md#compare-them-on-your-own-data",
)
