# pip install drawsvg

# %% square
import drawsvg

square = drawsvg.Drawing(20, 20)
square.append(drawsvg.Rectangle(0, 0, 20, 20, fill="#0072B2"))

# %% circle
circle = drawsvg.Drawing(20, 20)
circle.append(drawsvg.Circle(10, 10, 8, fill="#D55E00"))
