# %% their numbers
from gated.parameters import count

small = count("gru", input_size=25, hidden_size=5, convention="keras").total
both_ways = count(
    "gru", 16, 32, bidirectional=True, convention="keras"
).total
characters = count("gru", 256, 100, convention="keras").total
print(small, both_ways, characters)

# %% what the asker of 9600 expected
expected = count(
    "gru", 16, 32, bidirectional=True, convention="keras-reset-before"
).total
print(
    f"expected {expected}: the difference is "
    f"{both_ways - expected} = 2 directions x 3 x 32"
)

# %% as asked check=true
assert (small, both_ways, characters) == (480, 9600, 107400)
assert both_ways - expected == 2 * 3 * 32
tf_before = count("gru", 4, 5, convention="keras-reset-before").total
tf_after = count("gru", 4, 5, convention="keras").total
