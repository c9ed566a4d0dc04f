# %% rows fold="code" stderr=true
import sys

from toy.table import ROWS, total

rows = [float(line) for line in ROWS.read_text("utf-8").split()]
print(len(rows), "rows, total", total(rows))
print("read at once", file=sys.stderr)
