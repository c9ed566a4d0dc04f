# pip install drawsvg
# %% the parts of the drawing
from itertools import pairwise

from gated.figures import SERIES
from gated.figures.sheet import PLUS, Sheet

PURPLE = SERIES["attention"]["color"]
WORDS = {"twenty": 40, "first": 128, "june": 216}
DIGITS = {"0": 328, "6": 408, "2": 488, "1": 568}


def encoder_decoder(asks):
    lit = "asks" if asks else "fixed"
    sheet = Sheet(274, SERIES["gru"]["color"], lit=lit)
    reads = [sheet.box("fixed asks", x, 190, "GRU") for x in WORDS.values()]
    writes = []
    for digit, x in DIGITS.items():
        parts = "fixed asks" if digit == "0" else "fixed"
        writes.append(sheet.box(parts, x, 190, "GRU"))
    for word, box in zip(WORDS, reads, strict=True):
        sheet.line(box.parts, (box.x, 246), box)
        sheet.word(box.parts, box.x, 266, word, "middle")
    for left, right in pairwise([*reads, *writes]):
        sheet.state(right.parts, left, right)
    for digit, box in zip(DIGITS, writes, strict=True):
        sheet.symbol(box.parts, box.x, 30, digit)
        if not (asks and digit == "0"):
            sheet.line(box.parts, box, (box.x, 42))
    return sheet, reads, writes


# %% fixed
sheet, _, _ = encoder_decoder(asks=False)
sheet.word("fixed", 272, 150, "all it gets", "middle")
fixed = sheet.drawing

# %% attention
sheet, reads, writes = encoder_decoder(asks=True)
mean = sheet.operation("asks", writes[0].x, 92, PLUS)
look = {"color": PURPLE, "arrow": False}
for box, width in zip(reads, (1.5, 1.5, 7), strict=True):
    top = box.x, box.y - box.high
    sheet.line("asks", top, mean, **look, width=width)
sheet.line("asks", writes[0], mean)
sheet.line("asks", mean, (mean.x, 42))
attention = sheet.drawing
