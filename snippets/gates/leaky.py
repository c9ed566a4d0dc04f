# %% replace, or blend
from math import log, tanh

print("kept   slope of a step   left after 20   after 100   half-life")
for z in (0.0, 0.5, 0.9, 0.99):
    w = 0.9  # the candidate n = tanh(w h), near h = 0
    slope = z + (1 - z) * w * (1 - tanh(0.0) ** 2)
    direct = f"{log(0.5) / log(z):.0f}" if z else "-"
    print(
        f"{z:4}   {slope:15.3f}   {slope**20:13.2f}   "
        f"{slope**100:9.1e}   {direct:>9}"
    )

# %% what the page says check=true
replaced, blended = 0.9, 0.99 + 0.01 * 0.9
left_replaced, left_blended = replaced**100, blended**100
assert left_blended > 0.8 and left_replaced < 1e-4
