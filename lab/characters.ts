// The trained models of gated.characters, run step by step with all that a step goes through. Their
// matrix products are taken with SIMD in WebAssembly, or in plain JavaScript where there is none.
import { PRODUCT } from "./product.ts"

export type Cell = "gru" | "lstm"

/** A trained model as lab/data.py writes it. */
export interface Packed {
  readonly cell: Cell
  readonly units: number
  /** All that it can read and write, in the order of its inputs and outputs. */
  readonly characters: string
  /** In base64: float16, little-endian, in PyTorch's order, with the layer before the prediction. */
  readonly weights: string
}

/** What can be seen of a step, one number a unit, by the names of the chapters. */
export const SEEN = { gru: ["r", "z", "n", "h"], lstm: ["i", "f", "g", "o", "c", "h"] } as const

/** How many of the blocks of a layer's weights there are: one each gate and candidate. */
const BLOCKS = { gru: 3, lstm: 4 }
/** The product takes so many columns at a time. */
const COLUMNS = 16

/** Sets `out` to the product of a matrix, row by row, and a vector, plus a bias. */
type Product = (
  matrix: Float32Array,
  vector: Float32Array,
  bias: Float32Array,
  out: Float32Array,
) => void

/** A model in the state after the characters that it has read. */
export class Model {
  readonly cell: Cell
  readonly units: number
  readonly characters: readonly string[]
  /** Whether products are taken in WebAssembly. */
  readonly isFast: boolean
  /** What the last step went through, by the names in SEEN. */
  readonly seen: Readonly<Record<string, Float32Array>>
  /** After the last step, the chance of each character to be the next. */
  readonly chances: Float32Array
  /** The values at which gates are held, of all units, by the names of the gates. */
  frozen: Readonly<Record<string, number>> = {}
  /** By what gates are multiplied; they stay at or below one. */
  scaled: Readonly<Record<string, number>> = {}
  /** Sets the chances from the state, as each step does. */
  readonly predict: () => void

  readonly #step: (character: number) => void

  /** Throws an Error for weights that are damaged. `isPlain` keeps it from WebAssembly. */
  constructor({ cell, units, characters, weights }: Packed, isPlain = false) {
    this.cell = cell
    this.units = units
    this.characters = [...characters]
    const inputs = this.characters.length
    const rows = BLOCKS[cell] * units
    const width = COLUMNS * Math.ceil(units / COLUMNS)
    const count = rows * (inputs + units + 2) + inputs * (units + 1)
    const read = reader(decoded(weights, count, cell.toUpperCase()))

    // What the product takes and gives lies in one memory.
    const size = (rows + inputs) * (width + 2) + width
    const { product, isFast, take } = (!isPlain && inWebAssembly(size)) || inJavaScript(size)
    this.isFast = isFast

    const fromInput = read(rows * inputs)
    const recurrent = padded(read(rows * units), units, take(rows * width))
    const inputBias = read(rows)
    const bias = take(rows)
    bias.set(read(rows))
    const output = padded(read(inputs * units), units, take(inputs * width))
    const outputBias = take(inputs)
    outputBias.set(read(inputs))
    const h = take(width)
    const fromState = take(rows)
    const chances = take(inputs)

    // A character picks one column of the input's weights: here it is a row, with its bias.
    const table = new Float32Array(inputs * rows)
    for (let character = 0; character < inputs; character++) {
      for (let row = 0; row < rows; row++) {
        const weight = fromInput[row * inputs + character]!
        table[character * rows + row] = weight + inputBias[row]!
      }
    }

    const seen = Object.fromEntries(SEEN[cell].map((name) => [name, new Float32Array(units)]))
    this.seen = { ...seen, h: h.subarray(0, units) }
    this.chances = chances
    const step = cell === "gru" ? gruStep : lstmStep
    this.#step = (character) => {
      product(recurrent, h, bias, fromState)
      step(table.subarray(character * rows, (character + 1) * rows), fromState, this)
    }
    this.predict = () => {
      product(output, h, outputBias, chances)
      softmax(chances)
    }
  }

  /** Forgets what it has read. */
  reset(): void {
    for (const values of Object.values(this.seen)) values.fill(0)
    this.chances.fill(0)
  }

  /** Reads one more character, by its place among `characters`. */
  step(character: number): void {
    if (!(character in this.characters)) throw new Error(`there is no character ${character}`)
    this.#step(character)
    this.predict()
  }

  /** The places of a text's characters. Throws an Error that names one it does not know. */
  places(text: string): number[] {
    if (!text) throw new Error("The text must have at least one character.")
    const known = new Map(this.characters.map((character, place) => [character, place]))
    return [...text].map((character, at) => {
      const place = known.get(character)
      if (place !== undefined) return place
      const signs = this.characters.filter((sign) => !/[\sa-z]/i.test(sign)).join(" ")
      throw new Error(
        `The models do not know ${JSON.stringify(character)}, character ${at + 1} of the text; ` +
          `they read letters without accents, spaces, new lines and ${signs}`,
      )
    })
  }
}

/** What a model went through over a text. */
export interface Trace {
  readonly steps: number
  /** By the names in SEEN, the numbers of all units at the first step, then at the second ... */
  readonly seen: Readonly<Record<string, Float32Array>>
  /** The chances of all characters to be the next, likewise. */
  readonly chances: Float32Array
}

/** Reads a text from a state of zeros. Throws an Error for one that the model cannot read. */
export function trace(model: Model, text: string): Trace {
  const places = model.places(text)
  model.reset()
  return follow(model, places)
}

/** Reads on from the state in which a model is, by the places of characters. */
export function follow(model: Model, places: readonly number[]): Trace {
  const steps = places.length
  const names = Object.keys(model.seen)
  const seen = Object.fromEntries(
    names.map((name) => [name, new Float32Array(steps * model.units)]),
  )
  const chances = new Float32Array(steps * model.characters.length)
  places.forEach((place, step) => {
    model.step(place)
    for (const name of names) seen[name]!.set(model.seen[name]!, step * model.units)
    chances.set(model.chances, step * model.chances.length)
  })
  return { steps, seen, chances }
}

/** What a step reads and sets: what can be seen of a model, and how its gates are held. */
type Stepped = Pick<Model, "seen" | "frozen" | "scaled">

export function gruStep(x: Float32Array, u: Float32Array, model: Stepped): void {
  const { r, z, n, h } = model.seen as Record<"r" | "z" | "n" | "h", Float32Array>
  const units = h.length
  for (let k = 0; k < units; k++) {
    r[k] = gate(model, "r", x[k]! + u[k]!)
    z[k] = gate(model, "z", x[units + k]! + u[units + k]!)
    n[k] = Math.tanh(x[2 * units + k]! + r[k]! * u[2 * units + k]!)
    h[k] = (1 - z[k]!) * n[k]! + z[k]! * h[k]!
  }
}

function lstmStep(x: Float32Array, u: Float32Array, model: Stepped): void {
  const { i, f, g, o, c, h } = model.seen as Record<"i" | "f" | "g" | "o" | "c" | "h", Float32Array>
  const units = h.length
  for (let k = 0; k < units; k++) {
    i[k] = gate(model, "i", x[k]! + u[k]!)
    f[k] = gate(model, "f", x[units + k]! + u[units + k]!)
    g[k] = Math.tanh(x[2 * units + k]! + u[2 * units + k]!)
    o[k] = gate(model, "o", x[3 * units + k]! + u[3 * units + k]!)
    c[k] = f[k]! * c[k]! + i[k]! * g[k]!
    h[k] = o[k]! * Math.tanh(c[k]!)
  }
}

/** The value of a gate, which may be held or scaled. */
function gate({ frozen, scaled }: Stepped, name: string, a: number): number {
  return frozen[name] ?? Math.min((scaled[name] ?? 1) / (1 + Math.exp(-a)), 1)
}

/** Turns scores into chances, in place. */
export function softmax(values: Float32Array): void {
  let largest = -Infinity
  for (const value of values) largest = Math.max(largest, value)
  let sum = 0
  for (let k = 0; k < values.length; k++) sum += values[k] = Math.exp(values[k]! - largest)
  for (let k = 0; k < values.length; k++) values[k] = values[k]! / sum
}

/** The numbers of a text in base64. Throws an Error where it is not that of `count` of them. */
export function decoded(text: string, count: number, model: string): Float32Array {
  const damaged = `The weights of the ${model} are damaged`
  let bytes
  try {
    bytes = atob(text)
  } catch {
    throw new Error(`${damaged}: they are not in base64.`)
  }
  if (bytes.length !== 2 * count) {
    throw new Error(`${damaged}: ${bytes.length} bytes in place of ${2 * count}.`)
  }
  const numbers = new Float32Array(count)
  for (let k = 0; k < count; k++) {
    numbers[k] = half(bytes.charCodeAt(2 * k) + 256 * bytes.charCodeAt(2 * k + 1))
  }
  return numbers
}

/** The number that the bits of a float16 stand for. */
export function half(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >> 10) & 31
  const fraction = (bits & 1023) / 1024
  if (exponent === 31) return fraction ? NaN : sign * Infinity
  return sign * (exponent ? 2 ** (exponent - 15) * (1 + fraction) : 2 ** -14 * fraction)
}

/** Gives the numbers in their order, so many at a time. */
export function reader(numbers: Float32Array): (count: number) => Float32Array {
  let start = 0
  return (count) => numbers.subarray(start, (start += count))
}

/** Copies rows of so many columns into a matrix of more, whose other columns stay zero. */
function padded(rows: Float32Array, columns: number, matrix: Float32Array): Float32Array {
  const count = rows.length / columns
  const width = matrix.length / count
  for (let row = 0; row < count; row++) {
    matrix.set(rows.subarray(row * columns, (row + 1) * columns), row * width)
  }
  return matrix
}

/** A product, and the memory that it works in. */
interface Memory {
  readonly product: Product
  readonly isFast: boolean
  /** Takes the next so many numbers, which are zero. */
  take(count: number): Float32Array
}

const PAGE_BYTES = 65536

/** None where a browser has no WebAssembly or no SIMD in it, or where a policy forbids it. */
function inWebAssembly(size: number): Memory | undefined {
  try {
    const memory = new WebAssembly.Memory({ initial: Math.ceil((4 * size) / PAGE_BYTES) })
    const code = Uint8Array.from(atob(PRODUCT), (byte) => byte.charCodeAt(0))
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(code), { lab: { memory } })
    const at = exports["product"] as (...addresses: number[]) => void
    const product: Product = (matrix, vector, bias, out) => {
      const [rows, bytes] = [out.length, vector.byteLength]
      at(matrix.byteOffset, vector.byteOffset, bias.byteOffset, out.byteOffset, rows, bytes)
    }
    return { product, isFast: true, take: taker(memory.buffer) }
  } catch {
    return undefined
  }
}

function inJavaScript(size: number): Memory {
  const product: Product = (matrix, vector, bias, out) => {
    const width = vector.length
    for (let row = 0; row < out.length; row++) {
      let sum = bias[row]!
      for (let k = 0; k < width; k++) sum += matrix[row * width + k]! * vector[k]!
      out[row] = sum
    }
  }
  return { product, isFast: false, take: taker(new ArrayBuffer(4 * size)) }
}

function taker(buffer: ArrayBuffer): (count: number) => Float32Array {
  let start = 0
  return (count) => {
    const taken = new Float32Array(buffer, start, count)
    start += taken.byteLength
    return taken
  }
}
