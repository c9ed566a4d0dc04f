# %% what helps, in numbers
from gated import evidence

speed = evidence.read("speed")
base = speed["base"]
points = {
    one["batch"]: one["infer"]["ms"]
    for one in speed["layers"]
    if all(one[side] == base[side] for side in ("steps", "width"))
}
for name in ("gru", "lstm"):
    together, alone = points[64][name][0], points[1][name][0]
    print(
        f"{name:4}  64 sequences together / one alone: "
        f"{together / alone:.1f}"
    )

# %% values check=true
batch_gru = points[64]["gru"][0] / points[1]["gru"][0]
batch_lstm = points[64]["lstm"][0] / points[1]["lstm"][0]
assert batch_gru < 40 and batch_lstm < 40
onnx_gru = (
    points[base["batch"]]["gru_onnx"][0] / points[base["batch"]]["gru"][0]
)
onnx_lstm = (
    points[base["batch"]]["lstm_onnx"][0] / points[base["batch"]]["lstm"][0]
)

# %% compiled check=true
compiled = speed["compiled"]
compiled_steps = compiled["steps"]
assert (compiled["batch"], compiled["width"]) == (
    base["batch"],
    base["width"],
)
seconds_gru, seconds_lstm = (
    compiled["compile_seconds"][cell] for cell in ("gru", "lstm")
)
compiled_gru = compiled["infer"]["ratio"]["gru_compiled/gru_gated"][0]
compiled_lstm = compiled["infer"]["ratio"]["lstm_compiled/lstm_gated"][0]
