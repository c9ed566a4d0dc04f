# %% line
import matplotlib.pyplot as plt
from toy.curves import line

figure, axes = plt.subplots(figsize=(3, 2))
axes.plot(*line(5), color="#0072B2")
print("drawn")
