"""Draws what a shared link to a chapter shows: its title, the question that it opens with, a motif.

Usage: python theme/cards.py FOLDER
"""

import re
import sys
import textwrap
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from gated.figures import INK, MUTED, SERIES

DOCS = Path(__file__).parents[1] / "docs"
#: In inches and dots an inch: 1,200 by 630 pixels, as those who show links ask for.
SIZE, DPI = (8, 4.2), 150
MARKUP = re.compile(r"\[\^\w+\]|\[([^\]]*)\]\([^)]*\)|[*`]")
PARAGRAPH = re.compile(r"(?!```|!!!|[#<{-]).")


def card(title: str, question: str) -> Figure:
    """Draw a card; of a long question, the sentences that have room."""
    figure = plt.figure(figsize=SIZE)
    lines = textwrap.wrap(title, 26)
    figure.text(0.06, 0.9, "\n".join(lines), color=INK, size=34, weight="bold", va="top")
    sentences = re.split(r"(?<=[.?]) |(?<=[.?]\") ", question)
    while len(shown := textwrap.wrap(" ".join(sentences), 58)) > 4 and len(sentences) > 1:
        sentences.pop()
    place = 0.9 - 0.15 * len(lines)
    figure.text(0.06, place, "\n".join(shown), color=MUTED, size=17, va="top", linespacing=1.4)
    figure.text(0.06, 0.06, "GRU or LSTM?", color=INK, size=15, weight="bold")
    motif = figure.add_axes((0.5, 0.06, 0.45, 0.24))
    steps = np.linspace(0, 2 * np.pi, 17)
    for name, side in (("gru", 1), ("lstm", -1)):  # a card takes neither
        motif.plot(steps, side * np.sin(steps), linewidth=3, markersize=9, **SERIES[name])
    motif.axis("off")
    return figure


def main(folder: Path) -> None:
    for chapter in sorted(DOCS.glob("*.md")):
        blocks = MARKUP.sub(r"\1", chapter.read_text("utf-8")).split("\n\n")
        # The title may have the front matter above it, in its block.
        at, title = next((k, b.split("# ")[-1]) for k, b in enumerate(blocks) if "# " in b)
        question = next(filter(PARAGRAPH.match, blocks[at + 1 :]))
        figure = card(title, " ".join(question.split()))
        figure.savefig(folder / f"{chapter.stem}.png", dpi=DPI, facecolor="white")
        plt.close(figure)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
