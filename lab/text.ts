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

type Gates = Readonly<Record<string, number>>

/** A model's way through a text. Several may share a model. */
export class Reading {
  readonly model: Model
  #places: readonly number[] = []
  /** The states with which it comes to the pages that it has read, and to the next. */
  #starts: State[] = []
  /** How many bits the characters after those of each page took. */
  #bits: number[] = []
  #open: { page: number; trace: Trace } | undefined
  /** The values at which gates are held, and by what they are multiplied. */
  #frozen: Gates = {}
  #scaled: Gates = {}

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

  /** Holds gates at values, or scales them, from the first character on. */
  alter(frozen: Gates, scaled: Gates = {}): void {
    this.#frozen = frozen
    this.#scaled = scaled
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
      bits -= Math.log2(atLeast(trace.chances[step * characters + next]!))
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
    this.#enter(this.#starts[page]!)
    return follow(this.model, this.#places.slice(page * PAGE, (page + 1) * PAGE))
  }

  /** A copy of all that the model is in. */
  #state(): State {
    const { seen } = this.model
    return Object.fromEntries(Object.entries(seen).map(([name, of]) => [name, of.slice()]))
  }

  #enter(state: State): void {
    const { model } = this
    model.frozen = this.#frozen
    model.scaled = this.#scaled
    for (const [name, values] of Object.entries(state)) model.seen[name]!.set(values)
  }

  /**
   * Leaves out of the text the character at a place, then in its stead the one before it, and so
   * on, and sets `bits` to how many more the character after the place takes then. It goes in small
   * steps, between which the model may do other work.
   */
  *leaveOut(at: number, bits: Float32Array): Generator<void> {
    const { model } = this
    const first = Math.max(at + 1 - bits.length, 0)
    const page = Math.floor(first / PAGE)
    const before: State[] = []
    let state = this.#starts[page]!
    let next = this.#places[at + 1]
    let taken = 0
    for (let k = page * PAGE; k <= at; k++) {
      before[k] = state
      this.#enter(state)
      model.step(this.#places[k]!)
      state = this.#state()
      // At the end of the text nothing has come after it: the likeliest stands for it.
      if (k === at) next ??= model.chances.indexOf(Math.max(...model.chances))
      taken = model.chances[next!]!
      yield
    }
    for (let left = at; left >= first; left--) {
      this.#enter(before[left]!)
      if (left === at) model.predict()
      for (let k = left + 1; k <= at; k++) model.step(this.#places[k]!)
      bits[at - left] = Math.log2(atLeast(taken) / atLeast(model.chances[next!]!))
      yield
    }
  }

  /** Writes on after a step of a page, each character drawn by its chance at a temperature. */
  write(page: number, step: number, count: number, temperature: number, seed: number): string {
    const trace = this.page(page)
    if (!trace) return ""
    const { model } = this
    const { units, characters } = model
    const at = (values: Float32Array) => values.subarray(step * units, (step + 1) * units)
    const state = Object.entries(trace.seen).map(([name, values]) => [name, at(values)] as const)
    this.#enter(Object.fromEntries(state))
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

/** A chance; one too small for float32 is at most the least that there is. */
function atLeast(chance: number): number {
  return Math.max(chance, LEAST)
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
