// One unit of a GRU or an LSTM, there and back: what each line of the drawings carries.

export type Family = "gru" | "lstm"

/** The gates in PyTorch's order. */
export const GATES = { gru: ["r", "z", "n"], lstm: ["i", "f", "g", "o"] } as const
/** What is carried from step to step. */
export const STATES = { gru: ["h"], lstm: ["h", "c"] } as const

/** What the lines of a drawing carry, by name: one number, or those of the input. */
export type Wires = Record<string, number | readonly number[]>

/** Weights of the input and the state, and both biases, gate by gate. */
interface Unit {
  readonly input: readonly number[][]
  readonly state: readonly number[]
  readonly inputBias: readonly number[]
  readonly stateBias: readonly number[]
}

/** What a gate gets from the input, as x_r, and from the state, with the weight and the bias. */
type Shares<G extends string> = Record<`${"x" | "h" | "w" | "b"}_${G}`, number>

function shares<G extends string>(
  gates: readonly G[],
  unit: Unit,
  x: readonly number[],
  h: number,
): Shares<G> {
  const found: Record<string, number> = {}
  gates.forEach((gate, k) => {
    const [w, b] = [unit.state[k]!, unit.stateBias[k]!]
    const heard = unit.input[k]!.map((weight, j) => weight * x[j]!)
    found[`x_${gate}`] = total(heard) + unit.inputBias[k]!
    found[`h_${gate}`] = w * h + b
    found[`w_${gate}`] = w
    found[`b_${gate}`] = b
  })
  return found as Shares<G>
}

function total(terms: readonly number[]): number {
  return terms.reduce((sum, term) => sum + term, 0)
}

function sigmoid(a: number): number {
  return 1 / (1 + Math.exp(-a))
}

function gru(from: Shares<"r" | "z" | "n">, h: number, isBefore: boolean) {
  const r = sigmoid(from.x_r + from.h_r)
  const z = sigmoid(from.x_z + from.h_z)
  const seen = r * h
  const heard = isBefore ? from.w_n * seen + from.b_n : r * from.h_n
  const a_n = from.x_n + heard
  const n = Math.tanh(a_n)
  const rest = 1 - z
  const kept = z * h
  const written = rest * n
  const h_new = kept + written
  return { ...from, h, r, z, rest, seen, heard, a_n, n, kept, written, h_new }
}

function lstm(from: Shares<"i" | "f" | "g" | "o">, h: number, c: number) {
  const i = sigmoid(from.x_i + from.h_i)
  const f = sigmoid(from.x_f + from.h_f)
  const g = Math.tanh(from.x_g + from.h_g)
  const o = sigmoid(from.x_o + from.h_o)
  const kept = f * c
  const written = i * g
  const c_new = kept + written
  const shown = Math.tanh(c_new)
  const h_new = o * shown
  return { ...from, h, c, i, f, g, o, kept, written, c_new, shown, h_new }
}

/** The way back through a GRU whose reset gate acts after the product. */
function gruBack(step: ReturnType<typeof gru>, d_h_new: number) {
  const { h, r, z, n, h_n, rest, w_r, w_z, w_n } = step
  const slope_r = r * (1 - r)
  const slope_z = z * (1 - z)
  const slope_n = 1 - n * n
  const keep = d_h_new * z
  const d_n = d_h_new * rest
  const d_a_n = d_n * slope_n
  const candidate = d_a_n * r * w_n
  const d_r = d_a_n * h_n
  const d_a_r = d_r * slope_r
  const reset = d_a_r * w_r
  const d_z = d_h_new * (h - n)
  const d_a_z = d_z * slope_z
  const update = d_a_z * w_z
  const d_h = keep + candidate + reset + update
  const ways = { keep, candidate, reset, update }
  return { slope_r, slope_z, slope_n, d_h_new, d_r, d_z, d_n, d_a_r, d_a_z, d_a_n, ...ways, d_h }
}

function lstmBack(step: ReturnType<typeof lstm>, d_h_new: number, d_c_new: number) {
  const { c, i, f, g, o, shown, w_i, w_f, w_g, w_o } = step
  const slope_i = i * (1 - i)
  const slope_f = f * (1 - f)
  const slope_g = 1 - g * g
  const slope_o = o * (1 - o)
  const slope_c = 1 - shown * shown
  const d_c_sum = d_c_new + d_h_new * o * slope_c
  const d_i = d_c_sum * g
  const d_f = d_c_sum * c
  const d_g = d_c_sum * i
  const d_o = d_h_new * shown
  const d_a_i = d_i * slope_i
  const d_a_f = d_f * slope_f
  const d_a_g = d_g * slope_g
  const d_a_o = d_o * slope_o
  const d_h = d_a_i * w_i + d_a_f * w_f + d_a_g * w_g + d_a_o * w_o
  const slopes = { slope_i, slope_f, slope_g, slope_o, slope_c }
  const gates = { d_i, d_f, d_g, d_o, d_a_i, d_a_f, d_a_g, d_a_o }
  return { ...slopes, d_h_new, d_c_new, d_c_sum, ...gates, d_h, d_c: d_c_sum * f }
}

/** How many numbers come before the state, the gradient and the inputs of an example. */
export function offsets(family: Family, inputs: number) {
  const state = GATES[family].length * (inputs + 3)
  const gradient = state + STATES[family].length
  return { state, gradient, inputs: gradient + STATES[family].length }
}

/**
 * What all lines carry at each time step, from the numbers of an example in lab/cells.py's order:
 * weights of the input and of the state, both biases, the state before the first step, the gradient
 * that comes to the last one, and the inputs, step by step. Gradients are there on the way back.
 */
export function run(cell: string, inputs: number, numbers: readonly number[]): Wires[] {
  const family = cell.startsWith("gru") ? "gru" : "lstm"
  const gates = GATES[family]
  let taken = 0
  const take = (count: number) => numbers.slice(taken, (taken += count))
  const rows = (count: number) => Array.from({ length: count }, () => take(inputs))
  const each = gates.length
  const unit: Unit = {
    input: rows(each),
    state: take(each),
    inputBias: take(each),
    stateBias: take(each),
  }
  let [h = 0, c = 0] = take(STATES[family].length)
  let [d_h = 0, d_c = 0] = take(STATES[family].length)
  const seen = rows((numbers.length - taken) / inputs)
  const there = seen.map((x) => {
    const step =
      family === "gru"
        ? gru(shares(GATES.gru, unit, x, h), h, cell === "gru-before")
        : lstm(shares(GATES.lstm, unit, x, h), h, c)
    h = step.h_new
    if ("c_new" in step) c = step.c_new
    return { ...step, x }
  })
  if (!cell.endsWith("-back")) return there
  const back: Wires[] = []
  for (const step of there.reverse()) {
    const gradients: Record<string, number> =
      "c" in step ? lstmBack(step, d_h, d_c) : gruBack(step, d_h)
    const d_a = gates.map((gate) => gradients[`d_a_${gate}`]!)
    const d_x = step.x.map((_, j) => total(d_a.map((one, k) => one * unit.input[k]![j]!)))
    back.unshift({ ...step, ...gradients, d_x })
    d_h = gradients["d_h"]!
    d_c = gradients["d_c"] ?? 0
  }
  return back
}
