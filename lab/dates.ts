// The trained models of studies.dates, which write the dates of a line in digits: an encoder and a
// decoder of GRUs, with attention or without, as in gated.seq2seq.
import { decoded, gruStep, reader, softmax } from "./characters.ts"

/** A trained model as lab/data.py writes it. */
export interface Packed {
  readonly units: number
  readonly hasAttention: boolean
  /** In base64: float16, little-endian, in PyTorch's order. */
  readonly weights: string
}

/** What a model wrote, the likeliest sign at every step. */
export interface Written {
  /** The places of the signs, without the one that ends them. */
  readonly signs: readonly number[]
  /** For each of them its chance. */
  readonly chances: readonly number[]
  /** With attention, for each of them the weight of each character of the source. */
  readonly weights: readonly Float32Array[]
}

/** Reads or writes one token, and gives its state, which the next token overwrites. */
type Layer = (token: number) => Float32Array

export class EncoderDecoder {
  readonly #encoder: () => Layer
  readonly #decoder: (h: Float32Array) => Layer
  readonly #join: Float32Array | undefined
  readonly #predict: Float32Array
  readonly #bias: Float32Array
  readonly #end: number

  /** For a source of so many characters, and so many signs, the last two of which begin and end. */
  constructor({ units, hasAttention, weights }: Packed, characters: number, signs: number) {
    const layer = 3 * units * (2 * units + 2)
    const join = hasAttention ? 2 * units * units : 0
    const count = (characters + signs) * units + 2 * layer + join + signs * (units + 1)
    const read = reader(decoded(weights, count, "dates"))
    const embedSource = read(characters * units)
    const embedTarget = read(signs * units)
    const encoder = gru(units, embedSource, read(layer))
    const decoder = gru(units, embedTarget, read(layer))
    this.#encoder = () => encoder(new Float32Array(units))
    this.#decoder = decoder
    this.#join = hasAttention ? read(join) : undefined
    this.#predict = read(signs * units)
    this.#bias = read(signs)
    this.#end = signs - 1
  }

  /** Writes what a source says, by the places of its characters, in at most so many signs. */
  write(source: readonly number[], most: number): Written {
    const signs: number[] = []
    const chances: number[] = []
    const weights: Float32Array[] = []
    if (!source.length) return { signs, chances, weights }
    const encode = this.#encoder()
    const keys = source.map((token) => encode(token).slice())
    const decode = this.#decoder(keys.at(-1)!.slice())
    for (let token = this.#end - 1; signs.length < most; ) {
      const h = decode(token)
      let seen = h
      if (this.#join) {
        const looks = Float32Array.from(keys, (key) => dot(h, key))
        softmax(looks)
        weights.push(looks)
        seen = product(this.#join, joined(keys, looks, h)).map(Math.tanh)
      }
      const every = product(this.#predict, seen, this.#bias)
      softmax(every)
      token = every.indexOf(Math.max(...every))
      if (token === this.#end) break
      signs.push(token)
      chances.push(every[token]!)
    }
    return { signs, chances, weights: weights.slice(0, signs.length) }
  }
}

/** A layer of a GRU over the embeddings of tokens, from a state that it overwrites. */
function gru(
  units: number,
  embedding: Float32Array,
  weights: Float32Array,
): (h: Float32Array) => Layer {
  const read = reader(weights)
  const [fromInput, recurrent] = [read(3 * units * units), read(3 * units * units)]
  const [inputBias, bias] = [read(3 * units), read(3 * units)]
  return (h) => {
    const [r, z, n] = [0, 1, 2].map(() => new Float32Array(units))
    const model = { seen: { r: r!, z: z!, n: n!, h }, frozen: {}, scaled: {} }
    return (token) => {
      const x = embedding.subarray(token * units, (token + 1) * units)
      gruStep(product(fromInput, x, inputBias), product(recurrent, h, bias), model)
      return h
    }
  }
}

/** The mean of the keys by their weights, and the state that asked for it. */
function joined(
  keys: readonly Float32Array[],
  weights: Float32Array,
  h: Float32Array,
): Float32Array {
  const mean = h.map((_, unit) => keys.reduce((sum, key, at) => sum + weights[at]! * key[unit]!, 0))
  return Float32Array.of(...mean, ...h)
}

function product(matrix: Float32Array, vector: Float32Array, bias?: Float32Array): Float32Array {
  const width = vector.length
  return Float32Array.from({ length: matrix.length / width }, (_, row) => {
    const from = row * width
    return dot(matrix.subarray(from, from + width), vector) + (bias?.[row] ?? 0)
  })
}

function dot(one: Float32Array, other: Float32Array): number {
  return one.reduce((sum, value, at) => sum + value * other[at]!, 0)
}
