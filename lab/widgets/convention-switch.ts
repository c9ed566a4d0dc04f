// The weights of a GRU as one framework writes them, run by another: where the outputs part, and
// what mends it.
import {
  choice,
  define,
  type Field,
  type Fields,
  flag,
  html,
  live,
  nothing,
  type Scene,
  select,
  shown,
  slider,
  svg,
  type TemplateResult,
  tick,
  whole,
} from "../base.ts"

type Gate = "r" | "z" | "n"

/** By lab/data.py: what a framework or a paper calls a GRU. */
interface Convention {
  name: string
  /** The gates from the first block to the last; "" where each has a name of its own. */
  order: string
  reset: "after" | "before"
  z: "keeps" | "writes"
  /** How many each gate has; null where a paper leaves them out. */
  biases: Record<Gate, number> | null
}

export interface Data {
  conventions: Record<string, Convention>
  /** By seed: the six rows of a file, each of the input, both units and two biases; and inputs. */
  drawn: { rows: number[][]; inputs: number[] }[]
}

export interface State {
  from: string
  to: string
  reorder: boolean
  negate: boolean
  add: boolean
  seed: number
  /** As the reader typed them; "" for those that were drawn. */
  weights: string
  inputs: string
}

const ORDER = "rzn"
const UNITS = 2
const COLUMNS = 1 + UNITS + 2
/** Where the biases stand in a row. */
const OF_INPUT = 3
const OF_STATE = 4
const MOST_INPUTS = 16
const LARGEST = 100
/** What the rounding of 32-bit numbers may make of equal outputs. */
const EQUAL = 1e-5

/** The numbers of a text, line by line; undefined where something else stands there. */
function table(text: string): number[][] | undefined {
  const lines = text.trim().replaceAll("−", "-").split(/\s*\n\s*/)
  const rows = lines.map((line) => line.split(/[\s,;]+/).filter(Boolean))
  const isNumber = (word: string) =>
    /^-?\d{0,3}\.?\d{1,6}$/.test(word) && Math.abs(Number(word)) <= LARGEST
  return rows.flat().every(isNumber) ? rows.map((row) => row.map(Number)) : undefined
}

/** A text that is a table of such a shape. */
function typed(rule: string, fits: (rows: number[][]) => boolean): Field<string> {
  const read = (text: string) => {
    const rows = text.length < 1000 ? table(text) : undefined
    return rows && fits(rows) ? text : undefined
  }
  return { initial: "", rule, read }
}

const weights = typed(
  `${ORDER.length * UNITS} lines of ${COLUMNS} numbers up to ${LARGEST}`,
  (rows) => rows.length === ORDER.length * UNITS && rows.every((row) => row.length === COLUMNS),
)
const inputs = typed(
  `1 to ${MOST_INPUTS} numbers up to ${LARGEST}`,
  ([row, ...more]) => !!row?.length && row.length <= MOST_INPUTS && !more.length,
)

function fields({ conventions, drawn }: Data): Fields<State> {
  const keys = Object.keys(conventions)
  return {
    from: choice("pytorch", keys),
    to: choice("keras", keys),
    reorder: flag(false),
    negate: flag(false),
    add: flag(false),
    seed: whole(3, 0, drawn.length - 1),
    weights,
    inputs,
  }
}

function pair({ from, to }: State, { conventions }: Data): [Convention, Convention] {
  return [conventions[from], conventions[to]] as [Convention, Convention]
}

function used(state: State, { drawn }: Data): { rows: number[][]; inputs: number[] } {
  const { rows = [], inputs = [] } = drawn[state.seed] ?? {}
  return {
    rows: (state.weights && table(state.weights)) || rows,
    inputs: (state.inputs && table(state.inputs)?.[0]) || inputs,
  }
}

function count({ biases }: Convention, gate: string): number {
  return biases?.[gate as Gate] ?? 2
}

/** The gates whose second bias, of the state, the one has and the other has not. */
function surplus(one: Convention, other: Convention): string[] {
  return [...ORDER].filter((gate) => count(one, gate) > count(other, gate))
}

/** Whether the reset gate multiplies b_hn, which then is no part of another bias. */
function isApart(gate: string, { reset }: Convention): boolean {
  return gate === "n" && reset === "after"
}

export interface Difference {
  name: string
  from: string
  to: string
  /** What to do, and the part of the state that does it; "" where no weights make up for it. */
  mend: string
  by?: "reorder" | "negate" | "add"
}

const spaced = (order: string) => [...order].join(" ") || "by name"

function biases(one: Convention): string {
  if (!one.biases) return "left out, here 2"
  const [first, , last] = [...ORDER].map((gate) => count(one, gate))
  return first === last ? `${first}` : `${first} (${last} for n)`
}

/** In what two conventions differ, as far as it changes the outputs. */
export function differences(state: State, data: Data): Difference[] {
  const [from, to] = pair(state, data)
  const found: Difference[] = []
  if (from.order && to.order && from.order !== to.order) {
    const mend = `Reorder the blocks: ${spaced(from.order)} to ${spaced(to.order)}`
    found.push({ name: "Blocks", from: from.order, to: to.order, mend, by: "reorder" })
  }
  if (from.reset !== to.reset) {
    found.push({ name: "Reset", from: from.reset, to: to.reset, mend: "" })
  }
  if (from.z !== to.z) {
    const mend = "Negate what enters z: its weights and biases"
    found.push({ name: "z at 1", from: from.z, to: to.z, mend, by: "negate" })
  }
  const more = surplus(from, to)
  const sums = more.filter((gate) => !isApart(gate, from))
  const said = { from: biases(from), to: biases(to) }
  if (sums.length) {
    const mend = `Add up the two biases of ${sums.join(", ")}`
    found.push({ name: "Biases", ...said, mend, by: "add" })
  }
  if (more.length > sums.length) found.push({ name: "b_hn", ...said, mend: "" })
  return found
}

/** The rows of each gate, as the one writes them; what it has no bias for is zero. */
function written(rows: number[][], one: Convention): Record<string, number[][]> {
  const order = [...(one.order || ORDER)]
  return Object.fromEntries(
    order.map((gate, block) => {
      const own = rows.slice(block * UNITS, (block + 1) * UNITS).map((row) => [...row])
      if (count(one, gate) < 2) for (const row of own) row[OF_STATE] = 0
      return [gate, own]
    }),
  )
}

/** The rows of each gate as the other takes them, mended as far as the state says. */
function taken(state: State, data: Data): Record<string, number[][]> {
  const [from, to] = pair(state, data)
  const gates = written(used(state, data).rows, from)
  for (const gate of surplus(from, to)) {
    for (const row of gates[gate] ?? []) {
      const isAdded = state.add && !isApart(gate, from)
      row[OF_INPUT] = (row[OF_INPUT] ?? 0) + (isAdded ? (row[OF_STATE] ?? 0) : 0)
      row[OF_STATE] = 0
    }
  }
  if (from.z !== to.z && state.negate) gates.z = (gates.z ?? []).map((row) => row.map((w) => -w))
  if (!from.order || !to.order || state.reorder) return gates
  return Object.fromEntries([...to.order].map((gate, k) => [gate, gates[from.order[k] ?? ""] ?? []]))
}

/** The states of a GRU of this convention, step by step, from zeros. */
function run(
  gates: Record<string, number[][]>,
  inputs: readonly number[],
  { reset, z: what }: Convention,
): number[][] {
  let h = Array<number>(UNITS).fill(0)
  const dot = (row: readonly number[], state: readonly number[]) =>
    state.reduce((sum, value, unit) => sum + value * (row[1 + unit] ?? 0), 0)
  const sigmoid = (a: number) => 1 / (1 + Math.exp(-a))
  return inputs.map((x) => {
    const ofInput = (row: number[]) => (row[0] ?? 0) * x + (row[OF_INPUT] ?? 0)
    const ofState = (row: number[], state = h) => dot(row, state) + (row[OF_STATE] ?? 0)
    const [r = [], z = []] = ["r", "z"].map((gate) =>
      (gates[gate] ?? []).map((row) => sigmoid(ofInput(row) + ofState(row))),
    )
    const heard = h.map((value, unit) => value * (r[unit] ?? 0))
    const n = (gates.n ?? []).map((row, unit) => {
      const past = reset === "after" ? (r[unit] ?? 0) * ofState(row) : ofState(row, heard)
      return Math.tanh(ofInput(row) + past)
    })
    h = h.map((old, unit) => {
      const [kept, put] = what === "keeps" ? [old, n[unit] ?? 0] : [n[unit] ?? 0, old]
      const gate = z[unit] ?? 0
      return (1 - gate) * put + gate * kept
    })
    return h
  })
}

/** What comes out where the weights are from, and where they went to. */
export function outputs(state: State, data: Data): [number[][], number[][]] {
  const [from, to] = pair(state, data)
  const { rows, inputs } = used(state, data)
  return [run(written(rows, from), inputs, from), run(taken(state, data), inputs, to)]
}

/** How far apart the outputs are at each step, at most over the units. */
function gaps([one, other]: [number[][], number[][]]): number[] {
  return one.map((h, step) => Math.max(...h.map((v, unit) => Math.abs(v - (other[step]?.[unit] ?? 0)))))
}

/** Where the outputs part, and what is left to mend, in words. */
export function verdict(state: State, data: Data): string {
  const [from, to] = pair(state, data)
  const apart = gaps(outputs(state, data))
  const first = apart.findIndex((gap) => gap > EQUAL)
  const left = differences(state, data).filter(({ by }) => !by || !state[by])
  if (first < 0) {
    const same = `The outputs of ${from.name} and ${to.name} agree at all ${apart.length} steps`
    return left.length ? `${same}, on these numbers.` : `${same}.`
  }
  const most = shown(Math.max(...apart))
  const said = `The outputs part at step ${first + 1}, by ${shown(apart[first] ?? 0)}, `
  const lost = left.filter(({ by }) => !by).map(({ name }) => LOST[name])
  return [`${said}and are up to ${most} apart.`, ...lost].join(" ")
}

const LOST: Record<string, string> = {
  Reset: "No weights make up for another place of the reset gate.",
  b_hn: "The bias b_hn has no place there: the reset gate multiplies it.",
}

const WIDTH = 330
const HEIGHT = 84

function chart(unit: number, both: [number[][], number[][]], first: number): TemplateResult {
  const [one, other] = both
  const steps = one.length
  const x = (step: number) => ((step + 0.5) / steps) * WIDTH
  const y = (h: number) => ((1 - h) / 2) * HEIGHT
  const points = (states: number[][]) =>
    states.map((h, step) => `${x(step)} ${y(h[unit] ?? 0)}`)
  return html`<svg class="lab-chart" viewBox="-28 -8 ${WIDTH + 36} ${HEIGHT + 28}" role="img"
    aria-label="Unit ${unit + 1} over ${steps} steps, under both conventions.">
    ${[-1, 0, 1].map(
      (level) => svg`<g>
        <path class="lab-grid" d="M0 ${y(level)}H${WIDTH}" />
        <text x="-8" y=${y(level) + 4} text-anchor="end">${signed(level, 0)}</text>
      </g>`,
    )}
    ${first < 0 ? nothing : svg`<path class="lab-part" d="M${x(first)} 0V${HEIGHT}" />`}
    <path class="lab-wrote" d="M${points(one).join("L")}" />
    <path class="lab-read" d="M${points(other).join("L")}" />
    ${points(other).map((at) => svg`<circle r="3" transform="translate(${at})" />`)}
    <text x="0" y=${HEIGHT + 16}>unit ${unit + 1}</text>
    <text x=${WIDTH} y=${HEIGHT + 16} text-anchor="end">${steps} steps</text>
  </svg>`
}

function signed(value: number, digits: number): string {
  return value.toFixed(digits).replace(/^-(?=0\.?0*$)/, "").replace("-", "−")
}

function view({ state, data, change, refuse }: Scene<State, Data>): TemplateResult {
  const { seed } = state
  const [from, to] = pair(state, data)
  const both = outputs(state, data)
  const apart = gaps(both)
  const first = apart.findIndex((gap) => gap > EQUAL)
  const words = Object.entries(data.conventions).map(([key, { name }]) => [key, name] as const)
  const mended = differences(state, data).filter(({ by }) => by)
  const seeds = { min: 0, max: data.drawn.length - 1, step: 1 }
  const fact = (name: string, one: string, other: string) => html`<tr>
    <th scope="row">${name}</th>
    <td>${one}</td>
    <td>${one === other ? one : html`<strong>${other}</strong>`}</td>
  </tr>`
  return html`
    <div class="lab-sides">
      <div>
        ${select("Weights from", words, state.from, (from) => change({ from }))}
        ${select("Run by", words, state.to, (to) => change({ to }))}
        <table class="lab-table lab-facing">
          <thead>
            <tr><td></td><th scope="col">from</th><th scope="col">run by</th></tr>
          </thead>
          <tbody>
            ${fact("Blocks", spaced(from.order), spaced(to.order))}
            ${fact("Reset", from.reset, to.reset)} ${fact("z at 1", from.z, to.z)}
            ${fact("Biases", biases(from), biases(to))}
          </tbody>
        </table>
        ${mended.length
          ? html`<div class="lab-ticks" role="group" aria-label="What mends it">
              ${mended.map(({ mend, by }) =>
                by ? tick(mend, state[by], (isOn) => change({ [by]: isOn })) : nothing,
              )}
            </div>`
          : nothing}
        <p>${verdict(state, data)}</p>
      </div>
      <div>
        <p class="lab-note">
          <span class="lab-key lab-mark-3"></span>${from.name}, and dashed what ${to.name} makes of
          its weights.
        </p>
        ${Array.from({ length: UNITS }, (_, unit) => chart(unit, both, first))}
      </div>
    </div>
    ${steps(state, data, both, apart)}
    ${slider("Weights and inputs drawn from seed", seed, String(seed), seeds, (seed) =>
      change({ seed, weights: "", inputs: "" }),
    )}
    ${box("inputs", "Inputs, step by step", state, data, change, refuse)}
    ${box("weights", "Weights: a line for each unit of each block, in the order of the file: " +
      "from the input, from both units, and the biases of input and state",
      state, data, change, refuse)}`
}

/** What comes out at every step, as numbers. */
function steps(
  state: State,
  data: Data,
  [one, other]: [number[][], number[][]],
  apart: readonly number[],
): TemplateResult {
  const list = (h: readonly number[] = []) => h.map((value) => signed(value, 2)).join(", ")
  return html`<table class="lab-table lab-facing">
    <thead>
      <tr>
        <th scope="col">Step</th><th scope="col">Input</th><th scope="col">From</th>
        <th scope="col">Run by</th><th scope="col">Apart</th>
      </tr>
    </thead>
    <tbody>
      ${used(state, data).inputs.map(
        (x, step) => html`<tr>
          <th scope="row">${step + 1}</th>
          <td>${String(x).replace("-", "−")}</td>
          <td>${list(one[step])}</td>
          <td>${list(other[step])}</td>
          <td>${(apart[step] ?? 0) > EQUAL ? shown(apart[step] ?? 0) : "0"}</td>
        </tr>`,
      )}
    </tbody>
  </table>`
}

/** A text in which the reader may put numbers of another network in the place of these. */
function box(
  name: "weights" | "inputs",
  label: string,
  state: State,
  data: Data,
  change: Scene<State, Data>["change"],
  refuse: Scene<State, Data>["refuse"],
): TemplateResult {
  const { rows, inputs } = used(state, data)
  const lines = name === "weights" ? rows : [inputs]
  const text = state[name] || lines.map((line) => line.join("  ")).join("\n")
  const field = fields(data)[name]
  const entered = ({ target }: Event) => {
    const given = field.read((target as HTMLTextAreaElement).value)
    if (given !== undefined) change({ [name]: given })
    else refuse(`Write ${field.rule}.`)
  }
  return html`<div class="lab-field">
    <label><span>${label}</span>
      <textarea rows=${Math.max(lines.length, 2)} spellcheck="false" autocomplete="off"
        .value=${live(text)} @change=${entered}></textarea></label>
  </div>`
}

define<State, Data>("convention-switch", {
  title: "One GRU's weights under two conventions",
  source: "conventions",
  fields,
  view,
  says: verdict,
})
