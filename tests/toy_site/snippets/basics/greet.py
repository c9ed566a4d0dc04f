# %% greet
from toy.words import shout

greeting = shout("hello")
length = len(greeting)
print(greeting)

# %% too short raises="ValueError"
shout("")

# %% as said check=true
assert length == 6
