// A GRU and an LSTM that read the reader's own text side by side: what their gates and states do.
import {
  choice,
  define,
  type Fields,
  flag,
  grouped,
  html,
  live,
  noChange,
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
  words,
} from "../base.ts"
import { type Cell, type Packed, SEEN, type Trace } from "../characters.ts"
import { type Altered, BACK, CELLS, Readings } from "../readings.ts"
import { LONGEST, PAGE } from "../text.ts"

export interface State {
  /** Which of the characters that the models know the reader looks at, from 0. */
  at: number
  /** What the maps show. */
  gru: string
  lstm: string
  /** The units that color the text. */
  unitGRU: number
  unitLSTM: number
  /** A gate and the value at which it is held, such as "z1", or "zx" where it is scaled, or FREE. */
  heldGRU: string
  heldLSTM: string
  /** By what a gate is scaled. */
  factorGRU: number
  factorLSTM: number
  /** Whether the text shows what each character counts for where the reader is. */
  looks: boolean
  /** Whether the models write on from where the reader is, and how. */
  writes: boolean
  temperature: number
  seed: number
  /** The cells that are shown: one, or both. */
  cell: Cell | "both"
  /** The text of a link that carries one. */
  text: string
}

/** The unit that tells best where a text is at something, by lab/data.py. */
interface Find {
  readonly label: string
  /** What of the unit tells it, its state or a gate. */
  readonly seen: string
  readonly unit: number
  /** What the score is. */
  readonly measure: string
  readonly score: number
  /** The best that untrained units reach. */
  readonly floor: number
}

export interface Data {
  text: string
  /** With each model, its finds, and among how many of untrained units the floor is the best. */
  models: Record<Cell, Packed & { finds: readonly Find[]; untrained: number }>
}

/** Red, green and blue, from 0 to 255. */
type Ink = readonly [number, number, number]

/** What a copy keeps beside its state: the text is the reader's, and in no link unless asked for. */
interface Kept {
  readonly readings: Readings
  readonly key: string
  readonly schemes: MutationObserver
  /** The colors above and below zero, and what maps show, so that none is painted twice alike. */
  inks?: readonly Ink[] | undefined
  readonly painted: WeakMap<HTMLCanvasElement, readonly unknown[]>
  /** The text of the last link that carried one. */
  linked: string
}

type Title = (typeof CELLS)[number][1]

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
/** Where no gate is altered. */
const FREE = "none"
const SCALED = "x"
const GATES = { gru: ["z", "r"], lstm: ["f", "i", "o"] } as const
const HELD: Record<Cell, readonly (readonly [string, string])[]> = {
  gru: alterations("gru"),
  lstm: alterations("lstm"),
}
const FACTOR = { initial: 0.5, min: 0, max: 2, step: 0.1 }
/** So long a text goes into a link. */
const LINKED = 2000
const START = 24
const LIKELIEST = 5
const TEMPERATURE = { initial: 0.6, min: 0.1, max: 2, step: 0.1 }
const WRITTEN = 120

const seeds = whole(1, 1, 9999)

/** The texts of widgets, by page and key, for a page that the theme puts in its own place. */
const texts = new Map<string, string>()

function alterations(cell: Cell): readonly (readonly [string, string])[] {
  const each = GATES[cell].flatMap((gate) => [
    [`${gate}0`, `every ${gate} at 0`] as const,
    [`${gate}1`, `every ${gate} at 1`] as const,
    [`${gate}${SCALED}`, `every ${gate} times a factor`] as const,
  ])
  return [[FREE, "no gate"], ...each]
}

/** What the state says of a cell's gates; nothing where they are as trained. */
function altered(state: State, title: Title): Altered | undefined {
  const [gate, way] = [...state[`held${title}`]]
  if (state[`held${title}`] === FREE) return undefined
  return way === SCALED
    ? { gate: gate!, factor: state[`factor${title}`] }
    : { gate: gate!, value: Number(way) }
}

function fields({ models }: Data): Fields<State> {
  const seen = (cell: Cell) => choice("h", SHOWN[cell].map(([name]) => name))
  const held = (cell: Cell) => choice(FREE, HELD[cell].map(([name]) => name))
  const unit = (cell: Cell) => whole(models[cell].finds[0]!.unit, 0, models[cell].units - 1)
  const factor = number(FACTOR.initial, FACTOR.min, FACTOR.max)
  return {
    at: whole(START, 0, LONGEST - 1),
    gru: seen("gru"),
    lstm: seen("lstm"),
    unitGRU: unit("gru"),
    unitLSTM: unit("lstm"),
    heldGRU: held("gru"),
    heldLSTM: held("lstm"),
    factorGRU: factor,
    factorLSTM: factor,
    looks: flag(false),
    writes: flag(false),
    temperature: number(TEMPERATURE.initial, TEMPERATURE.min, TEMPERATURE.max),
    seed: seeds,
    cell: choice("both", ["both", "gru", "lstm"]),
    text: words(LINKED),
  }
}

async function open({ text, models }: Data, key: string, draw: () => void): Promise<Kept> {
  const readings = await Readings.open(models, draw)
  // A page shows its other scheme by what it says of its body; maps are painted in its colors.
  const schemes = new MutationObserver(() => {
    kept.inks = undefined
    draw()
  })
  schemes.observe(document.body, { attributes: true })
  const place = location.pathname + key
  const kept: Kept = { readings, key: place, schemes, painted: new WeakMap(), linked: "" }
  readings.take(texts.get(place) ?? text)
  return kept
}

function close({ readings, schemes }: Kept): void {
  readings.close()
  schemes.disconnect()
}

/** Brings the readings to what the state says. */
function settle(state: State, kept: Kept): void {
  const { readings } = kept
  if (state.text !== kept.linked) {
    kept.linked = state.text
    if (state.text) put(state.text, kept)
  }
  for (const [cell, title] of CELLS) readings.alter(cell, altered(state, title))
  const isThere = readings.isRead && readings.text.places.length > 0
  readings.look(state.looks && isThere ? place(state, kept) : undefined)
}

function put(text: string, kept: Kept): void {
  texts.set(kept.key, text)
  kept.readings.take(text)
}

/** The cells that are shown. */
function cells({ cell }: State): readonly (typeof CELLS)[number][] {
  return CELLS.filter(([name]) => cell === "both" || cell === name)
}

/** Where the reader is in a text that may have become shorter. */
function place({ at }: State, { readings }: Kept): number {
  return Math.max(Math.min(at, readings.text.places.length - 1), 0)
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
  const { places, at, all } = kept.readings.text
  if (!places.length) return "0 characters"
  const k = place(state, kept)
  return `${grouped(k + 1)} of ${grouped(places.length)}: ${named(all[at[k]!]!)}`
}

/** The numbers of a step on a page, one for each unit or character. */
function row(values: Float32Array, step: number, size: number): Float32Array {
  return values.subarray(step * size, (step + 1) * size)
}

function view(scene: Scene<State, Data, Kept>): TemplateResult {
  const { state, kept, change } = scene
  settle(state, kept)
  const { readings } = kept
  const count = readings.text.places.length
  const at = place(state, kept)
  const range = { min: 1, max: Math.max(count, 1), step: 1 }
  const go = (k: number) => change({ at: k - 1 })
  const all = state.cell === "both"
  return html`
    ${field(scene)}
    ${bits(state, kept)}
    <div class="lab-gates" aria-busy=${String(readings.isBusy)}>
      ${slider("Place in the text", at + 1, where(state, kept), range, go)}
      <div class="lab-sides lab-even">
        ${cells(state).map(([cell, title]) =>
          select(`The map of the ${title}`, SHOWN[cell], state[cell], (name) =>
            change({ [cell]: name }),
          ),
        )}
        ${all ? CELLS.map(([cell, title]) => altering(scene, cell, title)) : nothing}
      </div>
      ${maps(scene)}
      <p class="lab-note">
        A column is a character, a row a unit.
        <span class="lab-key lab-plus"></span>Above zero,
        <span class="lab-key lab-minus"></span>below; the stronger, the further from it.
        ${state.cell === "gru" ? nothing : "The cell c is shown as tanh(c), as the output sees it."}
      </p>
      ${all ? looking(scene) : nothing}
      ${told(scene)}
      <div class=${all ? "lab-sides lab-even" : ""}>
        ${cells(state).map(([cell, title]) => side(scene, cell, title))}
      </div>
      ${all ? writing(scene) : nothing}
      ${count && readings.isDrawn ? units(state, kept) : nothing}
    </div>`
}

/** The field for the text, and what of it cannot be read. */
function field(scene: Scene<State, Data, Kept>): TemplateResult {
  const { data, kept, change, link, copy, refuse } = scene
  const { all, unknown } = kept.readings.text
  const take = (text: string) => {
    put(text, kept)
    change({ text: "" })
  }
  const typed = ({ target }: Event) => take((target as HTMLTextAreaElement).value)
  const text = all.join("")
  const share = () =>
    text.length > LINKED
      ? refuse(`A link holds up to ${grouped(LINKED)} characters of text, not ${grouped(text.length)}.`)
      : copy(link({ text }), "The link is copied, with your text in it.")
  const back = html`<button type="button" @click=${() => take(data.text)}>
    Put the scene back
  </button>`
  const own = html`${back}
    <button type="button" @click=${share}>Copy a link with this text</button>`
  const strange = unknown.slice(0, 12).map(named).join(" ")
  const more = unknown.length > 12 ? " …" : ""
  return html`<div class="lab-field">
    <label><span>Your text, up to ${grouped(LONGEST)} characters</span>
      <textarea rows="6" maxlength=${LONGEST} spellcheck="false" autocomplete="off"
        .value=${live(text)} @input=${typed}></textarea></label>
    <p>
      ${grouped(all.length)} characters.
      ${unknown.length ? `Not read, for the models do not know them: ${strange}${more}` : nothing}
      ${text === data.text ? nothing : own}
    </p>
  </div>`
}

/** How well both guess. */
function bits(state: State, { readings }: Kept): TemplateResult {
  return html`<dl class="lab-facts">
    ${cells(state).map(([cell, title]) => {
      const { bits, isDone } = readings.of[cell]
      const intact = readings.intact[cell]
      const before = intact === undefined ? "" : `, ${intact.toFixed(2)} as trained`
      const found = Number.isNaN(bits) ? "nothing to guess" : `${bits.toFixed(2)} bits${before}`
      const said = isDone ? found : "reading …"
      return html`<div><dt>${title}, for a character</dt><dd>${said}</dd></div>`
    })}
  </dl>`
}

/** A gate of a cell that is held or scaled. */
function altering(
  { state, change }: Scene<State, Data, Kept>,
  cell: Cell,
  title: Title,
): TemplateResult {
  const alter = (held: string) => change({ [`held${title}`]: held })
  const scale = (factor: number) => change({ [`factor${title}`]: factor })
  const factor = state[`factor${title}`]
  const gate = state[`held${title}`][0]
  const name = `${gate} of the ${title}, times`
  return html`<div>
    ${select(`Hold or scale, in the ${title}`, HELD[cell], state[`held${title}`], alter)}
    ${altered(state, title)?.factor === undefined
      ? nothing
      : html`${slider(name, factor, factor.toFixed(1), FACTOR, scale)}
          <p class="lab-note">
            Each ${gate} is computed as ever, multiplied by this, and cut off at 1.
          </p>`}
  </div>`
}

/** Whether the text is colored by what its characters count for. */
function looking({ state, change }: Scene<State, Data, Kept>): TemplateResult {
  const look = (looks: boolean) => change({ looks })
  const note = html`<p class="lab-note">
    Each of the last ${BACK} characters is left out once. Colored
    <span class="lab-key lab-plus"></span>blue: without it, the character that comes next gets a
    smaller chance; <span class="lab-key lab-minus"></span>orange: a larger one. The full color is
    one bit or more.
  </p>`
  return html`<div class="lab-ticks">
      ${tick("Color the text by how far back the models look", state.looks, look)}
    </div>
    ${state.looks ? note : nothing}`
}

/** What both cells went through on a page, with one slider over it: time. */
function maps({ state, kept, change }: Scene<State, Data, Kept>): TemplateResult {
  const count = kept.readings.text.places.length
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
      ${cells(state).map(([cell]) => {
        const { units } = kept.readings.of[cell].model
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
  const reading = kept.readings.of[cell]
  const trace = reading.page(page)
  if (!trace && !reading.isDone) return // what was painted stays until there is something else
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

/** A cell's side: units to go to, the text in colors, what the unit does, what the cell expects. */
function side(
  scene: Scene<State, Data, Kept>,
  cell: Cell,
  title: Title,
): TemplateResult {
  const { state, kept, data, change, refuse } = scene
  const reading = kept.readings.of[cell]
  const at = place(state, kept)
  const page = Math.floor(at / PAGE)
  const trace = reading.page(page)
  const unit = state[`unit${title}`]
  const { units } = reading.model
  const every = Array.from({ length: units }, (_, k) => k)
  const rule = whole(data.models[cell].finds[0]!.unit, 0, units - 1)
  const go = (unit: number) => change({ [`unit${title}`]: unit })
  const values = ({ seen }: Trace) =>
    SEEN[cell].map((name) => {
      const value = row(seen[name]!, at % PAGE, units)[unit]!
      return html`<div><dt>${name}</dt><dd>${signed(value)}</dd></div>`
    })
  const still = reading.isDone ? "Nothing to read." : "Reading …"
  return html`<div class="lab-side lab-${cell}">
    ${size(`Unit of the ${title}`, unit, rule, go, refuse, every)}
    ${finds(scene, cell, title)}
    ${trace
      ? html`${colored(scene, trace, cell, unit, page)}
          ${reach(kept, cell)}
          <dl class="lab-facts lab-unit">${values(trace)}</dl>
          ${expected(kept, trace, cell, title, at)}`
      : kept.readings.isDrawn && !reading.isDone ? noChange : html`<p>${still}</p>`}
  </div>`
}

/** How the scores of units come about. */
function told({ data, state }: Scene<State, Data, Kept>): TemplateResult {
  const asked = cells(state).map(([cell]) => grouped(data.models[cell].untrained)).join(" and ")
  return html`<p class="lab-note">
    For each label the tables name the state or gate that tells it best, picked on the first half of
    the scene and scored on the second: the line position by the correlation of ranks, all else by
    how often the value is higher there than elsewhere, or lower, which is 0.50 by chance.
    Untrained is the best of ${asked} states and gates of untrained networks; gray is what does not
    exceed it.
  </p>`
}

/** The units that tell something, each beside what untrained ones reach. */
function finds(
  { state, data, change }: Scene<State, Data, Kept>,
  cell: Cell,
  title: Title,
): TemplateResult {
  const { finds, untrained } = data.models[cell]
  const go = ({ seen, unit }: Find) => change({ [cell]: seen, [`unit${title}`]: unit })
  return html`<table class="lab-table lab-finds">
    <caption>Units of the ${title} by what they tell</caption>
    <thead><tr>
      <th scope="col">What</th><th scope="col">Unit</th>
      <th scope="col">Score</th><th scope="col">Untrained</th>
    </tr></thead>
    <tbody>${finds.map((find) => {
      const isShown = state[cell] === find.seen && state[`unit${title}`] === find.unit
      const score = `${find.measure} ${find.score.toFixed(2)}`
      const floor = `best of ${grouped(untrained)} untrained ${find.floor.toFixed(2)}`
      const name = `${find.seen} ${find.unit}: ${find.label}, ${score}; ${floor}`
      return html`<tr class=${find.score > find.floor ? "" : "lab-none"}>
        <th scope="row">${find.label}</th>
        <td><button type="button" aria-pressed=${isShown} aria-label=${name}
          @click=${() => go(find)}>${find.seen} ${find.unit}</button></td>
        <td>${find.score.toFixed(2)}</td><td>${find.floor.toFixed(2)}</td>
      </tr>`
    })}</tbody>
  </table>`
}

/** How far back most of what counts lies. */
function reach({ readings }: Kept, cell: Cell): TemplateResult | typeof nothing {
  const last = readings.reach(cell)
  if (last === undefined) return nothing
  return html`<p>Nine tenths of what counts lie in the last ${last}.</p>`
}

/** The page's text, each character in the color of what the unit has there, or of how it counts. */
function colored(
  { state, kept, change }: Scene<State, Data, Kept>,
  trace: Trace,
  cell: Cell,
  unit: number,
  page: number,
): TemplateResult {
  const { all, at } = kept.readings.text
  const first = page * PAGE
  const name = state[cell]
  const units = kept.readings.of[cell].model.units
  const here = place(state, kept)
  const missed = kept.readings.missed(cell)
  const over = ({ target }: Event) => {
    const k = (target as HTMLElement).dataset["k"]
    if (k && Number(k) !== here) change({ at: Number(k) })
  }
  const colors = (k: number) =>
    state.looks
      ? missed?.[here - k] || 0
      : within(name, trace.seen[name]![(k - first) * units + unit]!)
  const signs = Array.from({ length: trace.steps }, (_, step) => {
    const k = first + step
    const from = at[k]!
    const value = colors(k)
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
  title: Title,
  at: number,
): TemplateResult {
  const { readings } = kept
  const { characters } = readings.of[cell].model
  const chances = row(trace.chances, at % PAGE, characters.length)
  const next = readings.text.places[at + 1]
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
    const reading = kept.readings.of[cell]
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
function units(state: State, kept: Kept): TemplateResult {
  const at = place(state, kept)
  const readings = cells(state).map(([cell]) => kept.readings.of[cell])
  const columns = readings.map((reading) => {
    const trace = reading.page(Math.floor(at / PAGE))
    return trace && row(trace.seen[state[reading.model.cell]]!, at % PAGE, reading.model.units)
  })
  const most = Math.max(...readings.map(({ model }) => model.units))
  const value = (column: Float32Array | undefined, unit: number) =>
    column && unit < column.length ? signed(column[unit]!) : ""
  return html`<table class="lab-heard">
    <caption>All units at ${where(state, kept)}</caption>
    <thead><tr>
      <th scope="col">Unit</th>
      ${cells(state).map(([cell, title]) => html`<th scope="col">${title}, ${state[cell]}</th>`)}
    </tr></thead>
    <tbody>${Array.from({ length: most }, (_, unit) => html`<tr>
      <th scope="row">${unit}</th>${columns.map((one) => html`<td>${value(one, unit)}</td>`)}
    </tr>`)}</tbody>
  </table>`
}

function says(state: State, _: Data, kept: Kept): string {
  const at = place(state, kept)
  const parts = cells(state).map(([cell, title]) => {
    const reading = kept.readings.of[cell]
    const trace = reading.page(Math.floor(at / PAGE))
    if (!trace) return `${title}: reading`
    const { characters, units } = reading.model
    const unit = state[`unit${title}`]
    const value = row(trace.seen[state[cell]]!, at % PAGE, units)[unit]!
    const chances = row(trace.chances, at % PAGE, characters.length)
    const best = chances.indexOf(Math.max(...chances))
    const last = kept.readings.reach(cell)
    return (
      `${title}: ${state[cell]} of unit ${unit} is ${signed(value)}, ` +
      `next ${named(characters[best]!)} with ${shown(chances[best]!)}` +
      (last === undefined ? "" : `, nine tenths of what counts in the last ${last}`)
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
