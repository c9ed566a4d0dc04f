"""The look of every figure: which color means what, and how each family of models is drawn.

The colors are grays and the Okabe-Ito set, which color-blind readers can tell apart. Published
figures use no others: the site gives each one a value for its light and one for its dark scheme.
"""

from typing import Any, Final

INK: Final = "#000000"
PAPER: Final = "#FFFFFF"
#: Text that stands back, and lines and areas that stand further back.
MUTED: Final = "#767676"
DIM: Final = "#BBBBBB"
#: Inside a cell: what keeps the past, what writes the new, what exposes the state.
KEEP: Final = "#56B4E9"
WRITE: Final = "#E69F00"
EXPOSE: Final = "#882255"

#: ``ax.plot(x, y, **SERIES["gru"])``: told apart by dash and by marker, not by color alone.
SERIES: Final[dict[str, dict[str, Any]]] = {
    "rnn": {"color": "#7F7F7F", "linestyle": ":", "marker": "o"},
    "gru": {"color": "#0072B2", "linestyle": "-", "marker": "s"},
    "lstm": {"color": "#D55E00", "linestyle": "--", "marker": "^"},
    "mingru": {"color": "#009E73", "linestyle": "-.", "marker": "D"},
    "attention": {"color": "#CC79A7", "linestyle": (0, (6, 1, 1, 1, 1, 1)), "marker": "v"},
}

#: All that a published figure may use.
PALETTE: Final = frozenset(
    {INK, PAPER, MUTED, DIM, KEEP, WRITE, EXPOSE, *(look["color"] for look in SERIES.values())}
)
