# %% scalars
import numpy as np

mean = float(np.mean([1, 2, 4]))
count = 3
exact = mean == 7 / 3
name = "three numbers"
array = np.zeros(2)
print(f"{name}: {mean:.3f} <&>")
