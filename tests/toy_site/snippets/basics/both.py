# %% both
from toy.table import total
from toy.words import shout

print(shout(f"{total([1, 2])}"))
