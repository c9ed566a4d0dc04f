# %% load the model and let it guess
import torch

from gated.characters import CHARACTERS, encode, load

model = load()
text = "MIRA:\nHold the gate.\n\n"
with torch.no_grad():
    logits, _ = model(encode(text))  # steps, 1, characters
chances = logits[:, 0].softmax(-1)

print("after     guess chance")
for place in (4, 5, 7, 8, 11, 17, 18, 19):
    chance, guess = chances[place].max(-1)
    read = repr(text[max(place - 4, 0) : place + 1])
    print(f"{read:9} {CHARACTERS[guess]!r:5} {chance:.1f}")

# %% values check=true
for place in (4, 5, 7, 8, 11, 17, 18, 19):
    best, second = chances[place].topk(2).values
    # The same on any machine.
    assert best - second > 0.005 and abs(best * 10 % 1 - 0.5) > 0.01
after_colon = chances[4].max().item()
surprise = chances[18].max().item()
assert CHARACTERS[chances[18].argmax()] == "s" and surprise > 0.8
