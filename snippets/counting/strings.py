# %% one string of each language
from gated.studies.languages import LANGUAGES, strings

LETTERS = "|abc"  # | is the mark at both ends
for name, language in LANGUAGES.items():
    read, wanted = strings([3], language.letters)
    print(f"{name}, n = 3")
    print("  reads     ", *(LETTERS[one] for one in read[:, 0]))
    print("  comes next", *(LETTERS[one] for one in wanted[:, 0]))

# %% the ranges of the training check=true
most_ab, most_abc = (LANGUAGES[name].most for name in ("anbn", "anbncn"))
assert "".join(LETTERS[one] for one in strings([2], 3)[0][:, 0]) == "|aabbcc"
