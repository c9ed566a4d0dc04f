# %% Table 1 of the paper, recounted
from gated.parameters import count

INPUT = {"music": 100, "speech": 20}
PRINTED = {  # units and thousands of parameters, as the paper prints them
    ("music", "lstm"): (36, 19.8),
    ("music", "gru"): (46, 20.2),
    ("music", "rnn"): (100, 20.1),
    ("speech", "lstm"): (195, 169.1),
    ("speech", "gru"): (227, 168.9),
    ("speech", "rnn"): (400, 168.4),
}


def recount(data: str, cell: str, units: int) -> int:
    """Count the cell: a bias a block, and three peepholes a unit (LSTM)."""
    weights = count(
        cell, INPUT[data], units, convention="keras-reset-before"
    ).total
    return weights + (3 * units if cell == "lstm" else 0)


print("data    cell  units  recounted  in thousands  printed")
for (data, cell), (units, printed) in PRINTED.items():
    total = recount(data, cell, units)
    print(
        f"{data:6}  {cell:4}  {units:5} {total:10,} "
        f"{total / 1000:13.1f} {printed:8}"
    )

# %% five of six check=true
rounded = {
    (data, cell): (round(recount(data, cell, units) / 1000, 1), printed)
    for (data, cell), (units, printed) in PRINTED.items()
}
assert [
    key for key, (ours, theirs) in rounded.items() if ours != theirs
] == [("music", "gru")]
music_gru = recount("music", "gru", 46)
music_gru_rounded, music_gru_printed = rounded["music", "gru"]
music_wider, speech_wider = 46 / 36, 227 / 195

# %% cutting off fits the sixth figure, and not those of speech check=true
for (data, cell), (units, printed) in PRINTED.items():
    cut_off = recount(data, cell, units) // 100 / 10
    assert (cut_off == printed) == (data == "music" or cell == "rnn")

# %% no whole input size gives 20.2 thousand check=true
for size in range(90, 111):
    total = count("gru", size, 46, convention="keras-reset-before").total
    assert round(total / 1000, 1) != music_gru_printed

# %% an output layer would not fit check=true
assert recount("speech", "lstm", 195) + 195 * 20 > 169_150
