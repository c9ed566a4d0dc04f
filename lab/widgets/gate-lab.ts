// A GRU and an LSTM that read the reader's own text side by side: what their gates and states do.
import {
  choice,
  define,
  type Fields,
  flag,
  grouped,
  html,
  live,
  nothing,
  number,
  ref,
  type Scene,
  select,
  shown,
  size,
  slider,
  type TemplateResult,
  tick,
  whole,
} from "../base.ts"
import { type Cell, Model, type Packed, SEEN, type Trace } from "../characters.ts"
import { LONGEST, PAGE, Reading, split, type Text } from "../text.ts"

export interface State {
  /** Which of the characters that the models know the reader looks at, from 0. */
  at: number
  /** What the maps show. */
  gru: string
  lstm: string
  /** The units that color the text. */
  unitGRU: number
  unitLSTM: number
  /** A gate and the value at which it is held, such as "z1", or FREE. */
  heldGRU: string
  heldLSTM: string
  /** Whether the models write on from where the reader is, and how. */
  writes: boolean
  temperature: number
  seed: number
}

export interface Data {
  text: string
  models: Record<Cell, Packed & { clock: number }>
}

/** Red, green and blue, from 0 to 255. */
type Ink = readonly [number, number, number]

/** What a copy keeps beside its state: the text is the reader's, and in no link. */
interface Kept {
  readonly readings: Record<Cell, Reading>
  readonly key: string
  readonly draw: () => void
  readonly schemes: MutationObserver
  /** The colors above and below zero, and what maps show, so that none is painted twice alike. */
  inks?: readonly Ink[] | undefined
  readonly painted: WeakMap<HTMLCanvasElement, readonly unknown[]>
  text: Text
  /** Which gates are held now, and how many bits a character took when none was. */
  readonly held: Record<Cell, string>
  readonly intact: Partial<Record<Cell, number>>
  timer?: ReturnType<typeof setTimeout>
  drawn: number
}

const CELLS: readonly (readonly [Cell, string, "unitGRU" | "unitLSTM"])[] = [
  ["gru", "GRU", "unitGRU"],
  ["lstm", "LSTM", "unitLSTM"],
]
/** What can be seen of a cell, the state first. */
const SHOWN: Record<Cell, readonly (readonly [string, string])[]> = {
  gru: [
    ["h", "h, the state"],
    ["z", "z, the gate that keeps"],
    ["r", "r, the reset gate"],
    ["n", "n, the candidate"],
  ],
  lstm: [
    ["h", "h, the state"],
    ["c", "c, the cell"],
    ["f", "f, the gate that keeps"],
    ["i", "i, the gate that writes"],
    ["o", "o, the gate that shows"],
    ["g", "g, the candidate"],
  ],
}
/** Where no gate is held. */
const FREE = "none"
const GATES = { gru: ["z", "r"], lstm: ["f", "i", "o"] } as const
const HELD: Record<Cell, readonly (readonly [string, string])[]> = {
  gru: holds("gru"),
  lstm: holds("lstm"),
}
/** The models read for so long before the page has its turn. */
const SLICE_MS = 12
/** While they read, the page is drawn no more often. */
const DRAW_MS = 150
const START = 24
const LIKELIEST = 5
const TEMPERATURE = { initial: 0.6, min: 0.1, max: 2, step: 0.1 }
const WRITTEN = 120

const seeds = whole(1, 1, 9999)

/** The texts of widgets, by page and key, for a page that the theme puts in its own place. */
const texts = new Map<string, string>()

function holds(cell: Cell): readonly (readonly [string, string])[] {
  const each = GATES[cell].flatMap((gate) =>
    ["0", "1"].map((value) => [gate + value, `every ${gate} at ${value}`] as const),
  )
  return [[FREE, "no gate"], ...each]
}

function fields({ models }: Data): Fields<State> {
  const seen = (cell: Cell) => choice("h", SHOWN[cell].map(([name]) => name))
  const held = (cell: Cell) => choice(FREE, HELD[cell].map(([name]) => name))
  const unit = ({ clock, units }: Data["models"][Cell]) => whole(clock, 0, units - 1)
  return {
    at: whole(START, 0, LONGEST - 1),
    gru: seen("gru"),
    lstm: seen("lstm"),
    unitGRU: unit(models.gru),
    unitLSTM: unit(models.lstm),
    heldGRU: held("gru"),
    heldLSTM: held("lstm"),
    writes: flag(false),
    temperature: number(TEMPERATURE.initial, TEMPERATURE.min, TEMPERATURE.max),
    seed: seeds,
  }
}

function open({ text, models }: Data, key: string, draw: () => void): Kept {
  const readings = {
    gru: new Reading(new Model(models.gru)),
    lstm: new Reading(new Model(models.lstm)),
  }
  // A page shows its other scheme by what it says of its body; maps are painted in its colors.
  const schemes = new MutationObserver(() => {
    kept.inks = undefined
    draw()
  })
  schemes.observe(document.body, { attributes: true })
  const place = location.pathname + key
  const kept: Kept = {
    readings,
    key: place,
    draw,
    schemes,
    text: split("", []),
    held: { gru: FREE, lstm: FREE },
    intact: {},
    painted: new WeakMap(),
    drawn: 0,
  }
  take(kept, texts.get(place) ?? text)
  return kept
}

function close({ timer, schemes }: Kept): void {
  clearTimeout(timer)
  schemes.disconnect()
}

function take(kept: Kept, text: string): void {
  kept.text = split(text, kept.readings.gru.model.characters)
  for (const [cell] of CELLS) {
    delete kept.intact[cell]
    kept.readings[cell].take(kept.text.places)
  }
  readOn(kept)
}

/** Holds the gates that the state says, and reads again where these are others than before. */
function settle(kept: Kept, { heldGRU, heldLSTM }: State): void {
  const wanted = { gru: heldGRU, lstm: heldLSTM }
  for (const [cell] of CELLS) {
    const [was, now] = [kept.held[cell], wanted[cell]]
    if (now === was) continue
    const reading = kept.readings[cell]
    if (was === FREE && reading.isDone) kept.intact[cell] = reading.bits
    kept.held[cell] = now
    reading.freeze(now === FREE ? {} : { [now[0]!]: Number(now[1]) })
    readOn(kept)
  }
}

/** Reads in slices, both models page by page, so that nothing else has to wait. */
function readOn(kept: Kept): void {
  clearTimeout(kept.timer)
  kept.timer = setTimeout(() => {
    const begun = performance.now()
    const { gru, lstm } = kept.readings
    while (!isRead(kept) && performance.now() - begun < SLICE_MS) {
      if (gru.done <= lstm.done) gru.go()
      else lstm.go()
    }
    if (!isRead(kept)) readOn(kept)
    if (isRead(kept) || begun - kept.drawn > DRAW_MS) {
      kept.drawn = begun
      kept.draw()
    }
  })
}

function isRead({ readings }: Kept): boolean {
  return readings.gru.isDone && readings.lstm.isDone
}

/** Where the reader is in a text that may have become shorter. */
function place({ at }: State, { text }: Kept): number {
  return Math.max(Math.min(at, text.places.length - 1), 0)
}

/** A character as it can be seen and heard. */
function named(character: string): string {
  const names: Record<string, string> = { "\n": "line end", " ": "space", "\t": "tab" }
  return names[character] ?? character
}

function signed(value: number): string {
  return value.toFixed(2).replace("-", "−")
}

/** A value from −1 to 1: an LSTM's cell is not held within, and is seen as its output sees it. */
function within(name: string, value: number): number {
  return name === "c" ? Math.tanh(value) : value
}

/** Says at which character the reader is. */
function where(state: State, kept: Kept): string {
  const { places, at, all } = kept.text
  if (!places.length) return "0 characters"
  const k = place(state, kept)
  return `${grouped(k + 1)} of ${grouped(places.length)}: ${named(all[at[k]!]!)}`
}

/** The numbers of a step on a page, one for each unit or character. */
function row(values: Float32Array, step: number, size: number): Float32Array {
  return values.subarray(step * size, (step + 1) * size)
}

function view(scene: Scene<State, Data, Kept>): TemplateResult {
  const { state, data, kept, change } = scene
  settle(kept, state)
  const count = kept.text.places.length
  const at = place(state, kept)
  const range = { min: 1, max: Math.max(count, 1), step: 1 }
  const go = (k: number) => change({ at: k - 1 })
  const hold = {
    gru: (heldGRU: string) => change({ heldGRU }),
    lstm: (heldLSTM: string) => change({ heldLSTM }),
  }
  const busy = String(!isRead(kept))
  return html`
    ${field(scene)}
    ${bits(kept)}
    <div class="lab-gates" aria-busy=${busy}>
      ${slider("Place in the text", at + 1, where(state, kept), range, go)}
      <div class="lab-sides lab-even">
        ${select("GRU, the upper map", SHOWN.gru, state.gru, (gru) => change({ gru }))}
        ${select("LSTM, the lower map", SHOWN.lstm, state.lstm, (lstm) => change({ lstm }))}
        ${select("Hold, in the GRU", HELD.gru, state.heldGRU, hold.gru)}
        ${select("Hold, in the LSTM", HELD.lstm, state.heldLSTM, hold.lstm)}
      </div>
      ${maps(scene)}
      <p class="lab-note">
        A column is a character, a row a unit.
        <span class="lab-key lab-plus"></span>Above zero,
        <span class="lab-key lab-minus"></span>below; the stronger, the further from it. The cell c
        is shown as tanh(c), as the output sees it.
      </p>
      <div class="lab-sides lab-even">
        ${CELLS.map((cell) => side(scene, ...cell))}
      </div>
      ${writing(scene)}
      ${kept.text.places.length ? units(state, data, kept) : nothing}
    </div>`
}

/** The field for the text, and what of it cannot be read. */
function field({ data, kept, change }: Scene<State, Data, Kept>): TemplateResult {
  const { all, unknown } = kept.text
  const typed = ({ target }: Event) => put((target as HTMLTextAreaElement).value)
  const put = (text: string) => {
    texts.set(kept.key, text)
    take(kept, text)
    change({})
  }
  const back = html`<button type="button" @click=${() => put(data.text)}>
    Put the scene back
  </button>`
  const text = all.join("")
  const strange = unknown.slice(0, 12).map(named).join(" ")
  const more = unknown.length > 12 ? " …" : ""
  return html`<div class="lab-field">
    <label><span>Your text, up to ${grouped(LONGEST)} characters</span>
      <textarea rows="6" maxlength=${LONGEST} spellcheck="false" autocomplete="off"
        .value=${live(text)} @input=${typed}></textarea></label>
    <p>
      ${grouped(all.length)} characters.
      ${unknown.length ? `Not read, for the models do not know them: ${strange}${more}` : nothing}
      ${text === data.text ? nothing : back}
    </p>
  </div>`
}

/** How well both guess. */
function bits(kept: Kept): TemplateResult {
  return html`<dl class="lab-facts">
    ${CELLS.map(([cell, name]) => {
      const { bits, isDone } = kept.readings[cell]
      const intact = kept.held[cell] === FREE ? undefined : kept.intact[cell]
      const before = intact === undefined ? "" : `, ${intact.toFixed(2)} as trained`
      const found = Number.isNaN(bits) ? "nothing to guess" : `${bits.toFixed(2)} bits${before}`
      const said = isDone ? found : "reading …"
      return html`<div><dt>${name}, for a character</dt><dd>${said}</dd></div>`
    })}
  </dl>`
}

/** What both cells went through on a page, with one slider over it: time. */
function maps({ state, kept, change }: Scene<State, Data, Kept>): TemplateResult {
  const count = kept.text.places.length
  const at = place(state, kept)
  const page = Math.floor(at / PAGE)
  const first = page * PAGE
  const steps = Math.max(Math.min(PAGE, count - first), 1)
  const go = (k: number) => {
    const next = Math.max(Math.min(k, count - 1), 0)
    if (next !== at) change({ at: next })
  }
  const pressed = (event: KeyboardEvent) => {
    const ways: Record<string, number> = {
      ArrowLeft: at - 1,
      ArrowDown: at - 1,
      ArrowRight: at + 1,
      ArrowUp: at + 1,
      PageDown: at - PAGE,
      PageUp: at + PAGE,
      Home: 0,
      End: count - 1,
    }
    const way = ways[event.key]
    if (way === undefined) return
    event.preventDefault() // beyond the page, too
    go(way)
    event.target!.dispatchEvent(new Event("change", { bubbles: true }))
  }
  const hovered = (event: PointerEvent) => {
    if (event.pointerType !== "mouse") return
    const { left, width } = (event.target as HTMLElement).getBoundingClientRect()
    const column = Math.floor(((event.clientX - left) / width) * steps)
    go(first + Math.max(Math.min(column, steps - 1), 0))
  }
  const moved = ({ target }: Event) => go((target as HTMLInputElement).valueAsNumber - 1)
  const said = where(state, kept)
  return html`<div class="lab-map" style="--steps: ${steps}; --page: ${PAGE}">
    <span class="lab-stack">
      ${CELLS.map(([cell]) => {
        const { units } = kept.readings[cell].model
        const paint = (canvas?: Element) =>
          canvas && painted(canvas as HTMLCanvasElement, kept, cell, page, state[cell])
        return html`<canvas width=${PAGE} height=${units} aria-hidden="true"
          ${ref(paint)}></canvas>`
      })}
      <input type="range" aria-label="Time, over the maps" aria-valuetext=${said}
        min=${first + 1} max=${first + steps} step="1" .value=${live(String(at + 1))}
        @input=${moved} @keydown=${pressed} @pointermove=${hovered} />
    </span>
    <span class="lab-value" aria-hidden="true">${said}</span>
  </div>`
}

/** Paints a column for each step of a page, a row for each unit. */
function painted(
  canvas: HTMLCanvasElement,
  kept: Kept,
  cell: Cell,
  page: number,
  name: string,
): void {
  kept.inks ??= ["--fig-keep", "--fig-write"].map(color)
  const trace = kept.readings[cell].page(page)
  const wanted = [trace, name, kept.inks]
  const before = kept.painted.get(canvas)
  if (before && wanted.every((one, k) => one === before[k])) return
  kept.painted.set(canvas, wanted)

  const { width, height } = canvas
  const image = new ImageData(width, height)
  const [plus, minus] = kept.inks as [Ink, Ink]
  const values = trace?.seen[name] ?? []
  for (let k = 0; k < values.length; k++) {
    const value = within(name, values[k]!)
    const [red, green, blue] = value < 0 ? minus : plus
    const at = 4 * ((k % height) * width + Math.floor(k / height))
    image.data[at] = red
    image.data[at + 1] = green
    image.data[at + 2] = blue
    image.data[at + 3] = 255 * Math.min(Math.abs(value), 1)
  }
  canvas.getContext("2d")?.putImageData(image, 0, 0)
}

/** A color of the page, which is written as #rrggbb. */
function color(name: string): Ink {
  const text = getComputedStyle(document.body).getPropertyValue(name).trim()
  const part = (start: number) => parseInt(text.slice(start, start + 2), 16)
  return [part(1), part(3), part(5)]
}

/** A cell's side: the text in the color of a unit, what the unit does, what the cell expects. */
function side(
  scene: Scene<State, Data, Kept>,
  cell: Cell,
  title: string,
  field: "unitGRU" | "unitLSTM",
): TemplateResult {
  const { state, kept, data, change, refuse } = scene
  const reading = kept.readings[cell]
  const at = place(state, kept)
  const page = Math.floor(at / PAGE)
  const trace = reading.page(page)
  const unit = state[field]
  const { units } = reading.model
  const every = Array.from({ length: units }, (_, k) => k)
  const rule = whole(data.models[cell].clock, 0, units - 1)
  const go = (unit: number) => change({ [field]: unit })
  const values = ({ seen }: Trace) =>
    SEEN[cell].map((name) => {
      const value = row(seen[name]!, at % PAGE, units)[unit]!
      return html`<div><dt>${name}</dt><dd>${signed(value)}</dd></div>`
    })
  return html`<div class="lab-${cell}">
    ${size(`Unit of the ${title}`, unit, rule, go, refuse, every)}
    ${trace
      ? html`${colored(scene, trace, cell, unit, page)}
          <dl class="lab-facts lab-unit">${values(trace)}</dl>
          ${expected(kept, trace, cell, title, at)}`
      : html`<p>Reading …</p>`}
  </div>`
}

/** The page's text, each character in the color of what the unit has there. */
function colored(
  { state, kept, change }: Scene<State, Data, Kept>,
  trace: Trace,
  cell: Cell,
  unit: number,
  page: number,
): TemplateResult {
  const { all, at } = kept.text
  const first = page * PAGE
  const name = state[cell]
  const units = kept.readings[cell].model.units
  const here = place(state, kept)
  const over = ({ target }: Event) => {
    const k = (target as HTMLElement).dataset["k"]
    if (k && Number(k) !== here) change({ at: Number(k) })
  }
  const signs = Array.from({ length: trace.steps }, (_, step) => {
    const k = first + step
    const from = at[k]!
    const value = within(name, trace.seen[name]![step * units + unit]!)
    const until = at[k + 1] ?? all.length
    const strange = all.slice(from + 1, until).map((one) => html`<s>${one}</s>`)
    const share = Math.round(50 * Math.min(Math.abs(value), 1))
    const kind = `${value < 0 ? "lab-minus" : "lab-plus"}${k === here ? " lab-here" : ""}`
    const sign = all[from] === "\n" ? "↵\n" : all[from]
    return html`<span class=${kind} style="--share: ${share}%" data-k=${k}>${sign}</span>${strange}`
  })
  return html`<div class="lab-signs" aria-hidden="true" @pointerover=${over}>${signs}</div>`
}

/** The likeliest next characters, and the one that came. */
function expected(
  kept: Kept,
  trace: Trace,
  cell: Cell,
  title: string,
  at: number,
): TemplateResult {
  const { characters } = kept.readings[cell].model
  const chances = row(trace.chances, at % PAGE, characters.length)
  const next = kept.text.places[at + 1]
  const order = [...chances.keys()].sort((a, b) => chances[b]! - chances[a]!).slice(0, LIKELIEST)
  const list = next === undefined || order.includes(next) ? order : [...order, next]
  return html`<table class="lab-table lab-next">
    <caption>Next, says the ${title}</caption>
    <tbody>${list.map((place) => {
      const chance = chances[place]!
      const came = place === next ? " came" : ""
      return html`<tr>
        <th scope="row">${named(characters[place]!)}<i>${came}</i></th>
        <td style="--share: ${100 * chance}%">${shown(chance)}</td>
      </tr>`
    })}</tbody>
  </table>`
}

/** How the models would go on from where the reader is. */
function writing({ state, kept, change, refuse }: Scene<State, Data, Kept>): TemplateResult {
  const { writes, temperature, seed } = state
  const at = place(state, kept)
  const written = ([cell, name]: (typeof CELLS)[number]) => {
    const reading = kept.readings[cell]
    const text = reading.write(Math.floor(at / PAGE), at % PAGE, WRITTEN, temperature, seed)
    return html`<div class="lab-${cell}">
      <p>The ${name} writes:</p>
      <p class="lab-signs">${text}</p>
    </div>`
  }
  const warmer = (temperature: number) => change({ temperature })
  return html`
    <div class="lab-ticks">
      ${tick("Let both write on from here", writes, (writes) => change({ writes }))}
    </div>
    <div class="lab-sides lab-even">
      ${slider("Temperature", temperature, temperature.toFixed(1), TEMPERATURE, warmer)}
      ${size("Seed", seed, seeds, (seed) => change({ seed }), refuse)}
      ${writes ? CELLS.map(written) : nothing}
    </div>`
}

/** What the maps show at this step, for those who do not see them. */
function units(state: State, { models }: Data, kept: Kept): TemplateResult {
  const at = place(state, kept)
  const columns = CELLS.map(([cell]) => {
    const trace = kept.readings[cell].page(Math.floor(at / PAGE))
    return trace && row(trace.seen[state[cell]]!, at % PAGE, models[cell].units)
  })
  const most = Math.max(...CELLS.map(([cell]) => models[cell].units))
  const value = (column: Float32Array | undefined, unit: number) =>
    column && unit < column.length ? signed(column[unit]!) : ""
  return html`<table class="lab-heard">
    <caption>All units at ${where(state, kept)}</caption>
    <thead><tr>
      <th scope="col">Unit</th>
      ${CELLS.map(([cell, name]) => html`<th scope="col">${name}, ${state[cell]}</th>`)}
    </tr></thead>
    <tbody>${Array.from({ length: most }, (_, unit) => html`<tr>
      <th scope="row">${unit}</th>${columns.map((one) => html`<td>${value(one, unit)}</td>`)}
    </tr>`)}</tbody>
  </table>`
}

function says(state: State, _: Data, kept: Kept): string {
  const at = place(state, kept)
  const parts = CELLS.map(([cell, title, field]) => {
    const reading = kept.readings[cell]
    const trace = reading.page(Math.floor(at / PAGE))
    if (!trace) return `${title}: reading`
    const { characters, units } = reading.model
    const value = row(trace.seen[state[cell]]!, at % PAGE, units)[state[field]]!
    const chances = row(trace.chances, at % PAGE, characters.length)
    const best = chances.indexOf(Math.max(...chances))
    return (
      `${title}: ${state[cell]} of unit ${state[field]} is ${signed(value)}, ` +
      `next ${named(characters[best]!)} with ${shown(chances[best]!)}`
    )
  })
  return `${where(state, kept)}. ${parts.join(". ")}.`
}

define<State, Data, Kept>("gate-lab", {
  title: "Gate lab",
  source: "characters",
  fields,
  open,
  close,
  view,
  says,
})
