// How a model goes through the reader's text: page by page, so that nothing waits for the whole,
// and an edit reads again only what comes after it.
import { follow, type Model, type Trace } from "./characters.ts"

/** So many characters are a page. */
export const PAGE = 160
/** So many characters of a text are read. */
export const LONGEST = 10_000
/** The least number above zero in float32. */
const LEAST = 2 ** -149

/** A text, as far as the models know its characters. */
export interface Text {
  /** All of its characters. */
  readonly all: readonly string[]
  /** Of those that the models know, their places among the model's characters. */
  readonly places: readonly number[]
  /** Where in `all` those stand. */
  readonly at: readonly number[]
  /** The characters that the models do not know, once each. */
  readonly unknown: readonly string[]
}

/** Takes a text apart. What is beyond the longest is left out. */
export function split(text: string, characters: readonly string[]): Text {
  const known = new Map(characters.map((character, place) => [character, place]))
  const all = [...text].slice(0, LONGEST)
  const at = all.flatMap((character, k) => (known.has(character) ? [k] : []))
  const places = at.map((k) => known.get(all[k]!)!)
  return { all, places, at, unknown: [...new Set(all)].filter((one) => !known.has(one)) }
}

type State = Readonly<Record<string, Float32Array>>

/** A model's way through a text. */
export class Reading {
  readonly model: Model
  #places: readonly number[] = []
  /** The states with which it comes to the pages that it has read, and to the next. */
  #starts: State[] = []
  /** How many bits the characters after those of each page took. */
  #bits: number[] = []
  #open: { page: number; trace: Trace } | undefined

  constructor(model: Model) {
    this.model = model
    this.take([])
  }

  get pages(): number {
    return Math.ceil(this.#places.length / PAGE)
  }

  /** How many pages have been read. */
  get done(): number {
    return this.#bits.length
  }

  get isDone(): boolean {
    return this.done === this.pages
  }

  /** How many bits a character took so far, but for the first; NaN where there is no other. */
  get bits(): number {
    const read = Math.min(this.done * PAGE, this.#places.length - 1)
    return read > 0 ? this.#bits.reduce((all, bits) => all + bits, 0) / read : NaN
  }

  /** Takes another text, and keeps what it has read up to the first difference. */
  take(places: readonly number[]): void {
    let same = 0
    while (same < places.length && places[same] === this.#places[same]) same++
    this.#places = places
    // What a page took depends on the first character of the next one, too.
    this.#forget(Math.max(Math.floor((same - 1) / PAGE), 0))
  }

  /** Holds gates at values from the first character on. */
  freeze(frozen: Readonly<Record<string, number>>): void {
    this.model.frozen = frozen
    this.#forget(0)
  }

  #forget(from: number): void {
    this.#bits.length = Math.min(this.#bits.length, from)
    this.#starts.length = Math.min(this.#starts.length, from + 1)
    if (!this.#starts.length) {
      this.model.reset()
      this.#starts.push(this.#state())
    }
    this.#open = undefined
  }

  /** Reads the next page. */
  go(): void {
    if (this.isDone) return
    const trace = this.#follow(this.done)
    const from = this.done * PAGE
    const characters = this.model.characters.length
    let bits = 0
    for (let step = 0; step < trace.steps && from + step + 1 < this.#places.length; step++) {
      const next = this.#places[from + step + 1]!
      // A chance may be too small for float32: then it is at most the least that there is.
      bits -= Math.log2(Math.max(trace.chances[step * characters + next]!, LEAST))
    }
    this.#starts.push(this.#state())
    this.#bits.push(bits)
  }

  /** What it went through on a page; nothing where it has not read that far. */
  page(page: number): Trace | undefined {
    if (page >= this.done) return undefined
    if (this.#open?.page !== page) this.#open = { page, trace: this.#follow(page) }
    return this.#open.trace
  }

  #follow(page: number): Trace {
    for (const [name, values] of Object.entries(this.#starts[page]!)) {
      this.model.seen[name]!.set(values)
    }
    return follow(this.model, this.#places.slice(page * PAGE, (page + 1) * PAGE))
  }

  /** A copy of all that the model is in. */
  #state(): State {
    const { seen } = this.model
    return Object.fromEntries(Object.entries(seen).map(([name, of]) => [name, of.slice()]))
  }

  /** Writes on after a step of a page, each character drawn by its chance at a temperature. */
  write(page: number, step: number, count: number, temperature: number, seed: number): string {
    const trace = this.page(page)
    if (!trace) return ""
    const { model } = this
    const { units, characters } = model
    for (const [name, values] of Object.entries(trace.seen)) {
      model.seen[name]!.set(values.subarray(step * units, (step + 1) * units))
    }
    const draw = numbers(seed)
    let chances = trace.chances.subarray(step * characters.length, (step + 1) * characters.length)
    let text = ""
    for (let written = 0; written < count; written++) {
      const place = pick(chances, temperature, draw())
      text += characters[place]
      model.step(place)
      chances = model.chances
    }
    return text
  }
}

/** The place on which a number from 0 to 1 falls, where chances lie beside each other. */
export function pick(chances: Float32Array, temperature: number, number: number): number {
  // Beside the largest, so that a low temperature leaves one of them.
  const largest = chances.reduce((most, chance) => Math.max(most, chance), 0)
  const weights = [...chances].map((chance) => (chance / largest) ** (1 / temperature))
  let left = number * weights.reduce((sum, weight) => sum + weight, 0)
  const place = weights.findIndex((weight) => (left -= weight) < 0)
  return place < 0 ? chances.indexOf(largest) : place
}

/** Random numbers from 0 to 1, the same for each seed: Park and Miller's generator. */
function numbers(seed: number): () => number {
  const MODULUS = 2147483647
  let state = seed
  const next = () => {
    state = (state * 48271) % MODULUS
    return state / MODULUS
  }
  next() // the first numbers of small seeds are small
  next()
  return next
}
