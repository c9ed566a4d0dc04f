# %% one string of each language
from gated.tasks.languages import LANGUAGES, strings

LETTERS = "|abc"  # | is the mark at both ends
for name, language in LANGUAGES.items():
    read, wanted = strings([3], language.letters)
    print(f"{name}, n = 3")
    print("  reads     ", *(LETTERS[one] for one in read[:, 0]))
    print("  comes next", *(LETTERS[one] for one in wanted[:, 0]))

# %% what is accepted
import torch
from torch.nn.functional import one_hot

from gated.tasks.languages import accepted, longest


def counter(top):
    """Counts every a up and every b down, but never past `top`."""

    def scores(x):
        count, named = torch.zeros(x.shape[1]), []
        for symbol in x:
            count = (count + symbol[:, 1] - symbol[:, 2]).clamp(max=top)
            after_b = torch.where(count > 0, 2, 0)  # another b, or the mark
            named.append(torch.where(symbol[:, 2] == 1, after_b, 1))
        return one_hot(torch.stack(named), 3)

    return scores


print("a counter that sticks at 5")
for n in (3, 5, 6):
    print(
        f"  n = {n}: "
        f"{'accepted' if accepted(counter(5), [n], 2) else 'rejected'}"
    )
sticks_at = longest(counter(5), 2, top=100)
print(f"  accepts all n up to {sticks_at}")

# %% the ranges of the training check=true
most_ab, most_abc = (LANGUAGES[name].most for name in ("anbn", "anbncn"))
assert (
    "".join(LETTERS[one] for one in strings([2], 3)[0][:, 0]) == "|aabbcc"
)
assert sticks_at == 5 and longest(counter(1000), 2, top=200) == 200
