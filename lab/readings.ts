// What a copy of the gate lab keeps of its text: how both models read it, with gates as trained or
// altered, and what characters count for. All of it is done in slices, so that nothing has to wait.
import { type Cell, Model, type Packed } from "./characters.ts"
import { Reading, split, type Text } from "./text.ts"

export const CELLS = [
  ["gru", "GRU"],
  ["lstm", "LSTM"],
] as const

/** So many characters are left out, one after the other, to see what they count for. */
export const BACK = 80
/** How much of all that they count for is looked for in the nearest of them. */
const MOST = 0.9
/** The models read for so long before the page has its turn. */
const SLICE_MS = 12
/** Meanwhile the page is drawn no more often. */
const DRAW_MS = 150

/** What becomes of a gate: it is held at a value or multiplied by a factor; none is as trained. */
export interface Altered {
  readonly gate: string
  readonly value?: number
  readonly factor?: number
}

/** What characters count for, the nearest first: NaN for those that were not yet left out. */
interface Look {
  readonly bits: Float32Array
  readonly work: Generator<void>
  isDone: boolean
}

/** The page gets its turn. */
function turn(): Promise<void> {
  return new Promise((done) => setTimeout(done))
}

export class Readings {
  readonly of: Readonly<Record<Cell, Reading>>
  text: Text = split("", [])
  /** Whether the page has been drawn with what was read. */
  isDrawn = false
  /** How many bits a character took when no gate was altered, where one is now. */
  readonly intact: Partial<Record<Cell, number>> = {}

  readonly #draw: () => void
  readonly #altered: Record<Cell, string> = { gru: "", lstm: "" }
  /** Readings as trained, of models that now read with an altered gate. */
  readonly #plain: Partial<Record<Cell, Reading>> = {}
  #looks: { at: number; of: Record<Cell, Look> } | undefined
  #timer: ReturnType<typeof setTimeout> | undefined
  #drawn = 0

  constructor(of: Readonly<Record<Cell, Reading>>, draw: () => void) {
    this.of = of
    this.#draw = draw
  }

  /** Unpacks the models one by one. Throws an Error for weights that are damaged. */
  static async open(models: Record<Cell, Packed>, draw: () => void): Promise<Readings> {
    await turn()
    const gru = new Reading(new Model(models.gru))
    await turn()
    const lstm = new Reading(new Model(models.lstm))
    await turn()
    return new Readings({ gru, lstm }, draw)
  }

  close(): void {
    clearTimeout(this.#timer)
  }

  get isRead(): boolean {
    return this.of.gru.isDone && this.of.lstm.isDone
  }

  get isBusy(): boolean {
    const looks = this.#looks?.of
    return (
      !this.isRead ||
      (!!looks && !(looks.gru.isDone && looks.lstm.isDone)) ||
      Object.keys(this.#plain).length > 0
    )
  }

  take(text: string): void {
    this.text = split(text, this.of.gru.model.characters)
    for (const [cell] of CELLS) {
      this.of[cell].take(this.text.places)
      this.#compare(cell)
    }
    this.#begin()
  }

  /** Alters a gate of a cell, and reads again where that is another way than before. */
  alter(cell: Cell, altered: Altered | undefined): void {
    const wanted = altered ? JSON.stringify(altered) : ""
    if (wanted === this.#altered[cell]) return
    const wasAltered = this.#altered[cell] !== ""
    this.#altered[cell] = wanted
    if (wasAltered !== !!altered) this.#compare(cell)
    const { gate = "", value, factor } = altered ?? {}
    this.of[cell].alter(
      value === undefined ? {} : { [gate]: value },
      factor === undefined ? {} : { [gate]: factor },
    )
    this.#begin()
  }

  /** Has a model with an altered gate read the text as trained, too. */
  #compare(cell: Cell): void {
    delete this.intact[cell]
    delete this.#plain[cell]
    if (!this.#altered[cell]) return
    const reading = new Reading(this.of[cell].model)
    reading.take(this.text.places)
    this.#plain[cell] = reading
  }

  /** Sees what the characters before a place count for there; nothing, where no place is given. */
  look(at: number | undefined): void {
    if (at === this.#looks?.at) return
    if (at === undefined) {
      this.#looks = undefined
      return
    }
    const begun = (cell: Cell): Look => {
      const bits = new Float32Array(BACK).fill(NaN)
      return { bits, work: this.of[cell].leaveOut(at, bits), isDone: false }
    }
    this.#looks = { at, of: { gru: begun("gru"), lstm: begun("lstm") } }
    this.#goOn()
  }

  /** By how many bits a character is missed, by how far it stands before where the reader is. */
  missed(cell: Cell): Float32Array | undefined {
    return this.#looks?.of[cell].bits
  }

  /** In how many of the last characters most of what they count for lies. */
  reach(cell: Cell): number | undefined {
    const look = this.#looks?.of[cell]
    if (!look?.isDone) return undefined
    const sizes = [...look.bits].map((bits) => Math.abs(bits) || 0)
    let left = MOST * sizes.reduce((sum, size) => sum + size, 0)
    return sizes.findIndex((size) => (left -= size) <= 0) + 1
  }

  #begin(): void {
    this.#looks = undefined
    this.#goOn()
  }

  #goOn(): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      const begun = performance.now()
      while (this.isBusy && performance.now() - begun < SLICE_MS) this.#little()
      if (this.isBusy) this.#goOn()
      if (!this.isBusy || begun - this.#drawn > DRAW_MS) {
        this.#drawn = begun
        this.isDrawn = true
        this.#draw()
      }
    })
  }

  /** Does a little: both models read page by page, leave characters out, and read as trained. */
  #little(): void {
    const { gru, lstm } = this.of
    if (!this.isRead) {
      const reading = gru.done <= lstm.done ? gru : lstm
      reading.go()
      return
    }
    for (const look of Object.values(this.#looks?.of ?? {})) {
      look.isDone ||= look.work.next().done === true
    }
    for (const [cell] of CELLS) {
      const plain = this.#plain[cell]
      plain?.go()
      if (!plain?.isDone) continue
      this.intact[cell] = plain.bits
      delete this.#plain[cell]
    }
  }
}
