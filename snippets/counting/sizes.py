# %% what the units cost
from gated import evidence
from gated.parameters import count

UNITS = evidence.settings("counting")["width"]


def cost(cell, letters, units=UNITS):
    """The parameters of a layer that reads so many letters and the mark."""
    return count(cell, letters + 1, units).total


sizes = {}
print("letters   LSTM    GRU   a GRU with about as many as the LSTM")
for letters in (2, 3):
    gru, lstm = cost("gru", letters), cost("lstm", letters)
    wider = min(
        range(1, 2 * UNITS),
        key=lambda n: abs(cost("gru", letters, n) - lstm),
    )
    sizes[letters] = gru, lstm, wider
    print(
        f"{letters:7} {lstm:6} {gru:6}   {wider} units, "
        f"{cost('gru', letters, wider)}"
    )

# %% values check=true
(gru_ab, lstm_ab, wider_ab), (gru_abc, lstm_abc, wider_abc) = sizes.values()
assert (
    3 * lstm_ab == 4 * gru_ab and 3 * lstm_abc == 4 * gru_abc
)  # a third more
assert wider_ab == wider_abc > UNITS
