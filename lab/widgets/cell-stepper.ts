// One unit of a GRU or an LSTM, part by part and step by step, in the drawings of the chapters: the
// number on each line, the equation and the code of what is lit.
import {
  box,
  choice,
  define,
  type Field,
  type Fields,
  flag,
  html,
  nothing,
  number,
  radios,
  type Scene,
  select,
  shown,
  slider,
  svg,
  type TemplateResult,
  tick,
  whole,
} from "../base.ts"
import { type Family, GATES, offsets, run, STATES } from "../unit.ts"

interface State {
  cell: string
  /** Whether z is shown as the gate that writes. */
  writes: boolean
  /** The part that is lit, counted through all time steps. */
  at: number
  example: string
  /** Whether the weights are shown. */
  weights: boolean
  /** The reader's numbers in place of the example's. */
  own: string
}

/** What lab/cells.py makes. */
interface Data {
  cells: Record<string, Cell>
  examples: Record<Family, Record<string, Example>>
}

interface Cell {
  title: string
  family: Family
  box: string
  drawn: { parts: string[]; lit: string; dim: string }[]
  numbers: { name: string; label: string; parts: string[]; x: number; y: number; anchor: string }[]
  steps: { part: string; title: string; equation: string; code: string; numbers: string }[]
}

interface Example {
  title: string
  inputs: string[]
  steps: number
  numbers: number[]
}

interface Kept {
  /** Runs while the steps play. */
  timer?: ReturnType<typeof setInterval> | undefined
  next(): void
}

const WRITES = "-writes"
const LIMIT = 100
/** More than the parts of any example's steps. */
const MOST = 200
const PLAY_MS = 1500

const entry = number(0, -LIMIT, LIMIT)
/** As many numbers as an example has, or none. */
const entries: Field<string> = {
  initial: "",
  rule: `numbers from ${-LIMIT} to ${LIMIT} with commas between`,
  read: (text) => {
    const isRight = text.split(",").every((one) => entry.read(one) !== undefined)
    return isRight ? text : undefined
  },
}

/** What may be chosen; that z writes is chosen apart. */
function choices({ cells }: Data): string[] {
  return Object.keys(cells).filter((name) => !name.endsWith(WRITES))
}

function fields(data: Data): Fields<State> {
  return {
    cell: choice("gru", choices(data)),
    writes: flag(false),
    // From the second time step: at the first one nothing happens to the latch.
    at: whole(data.cells["gru"]!.steps.length, 0, MOST),
    example: choice("running", Object.keys(data.examples.gru)),
    weights: flag(false),
    own: entries,
  }
}

function signed(text: string): string {
  return text.replaceAll("-", "−")
}

/** What a line carries, in a sentence; `one` says how a single number is written. */
function said(value: number | readonly number[], one: (value: number) => string = shown): string {
  const several = (value: readonly number[]) => value.map((part) => Number(part.toPrecision(3)))
  return signed(typeof value === "number" ? one(value) : several(value).join(", "))
}

/** What stands on a line of the drawing, where there is little room. */
function brief(value: number | readonly number[]): string {
  // What rounds to zero has no sign.
  const short = (one: number) => one.toFixed(2).replace(/^-0\.00$/, "0.00")
  return said(value, (one) => (Math.abs(one) < 1000 ? short(one) : shown(one)))
}

/** What a state shows. */
function look(state: State, { cells, examples }: Data) {
  const cell = (state.writes && cells[state.cell + WRITES]) || cells[state.cell]!
  const example = examples[cell.family][state.example]!
  const own = state.own.split(",").map(Number)
  const isLost = state.own !== "" && own.length !== example.numbers.length
  const numbers = state.own && !isLost ? own : example.numbers
  const parts = cell.steps.length
  const count = parts * example.steps
  const at = Math.min(state.at, count - 1)
  const step = cell.steps[at % parts]!
  const passed = Math.floor(at / parts)
  const isBack = state.cell.endsWith("-back")
  const time = isBack ? example.steps - 1 - passed : passed
  const wires = run(state.cell, example.inputs.length, numbers)[time]!
  const where = `Time step ${time + 1} of ${example.steps}: ${step.title}`
  const lines = step.numbers.replace(/\{(\w+)\}/g, (_, name) => said(wires[name]!)).split("|")
  return { cell, example, isLost, numbers, count, at, step, time, isBack, wires, where, lines }
}

type Seen = ReturnType<typeof look>

function stop(kept: Kept): void {
  clearInterval(kept.timer)
  kept.timer = undefined
}

function view(scene: Scene<State, Data, Kept>): TemplateResult {
  const { state, data, key, change } = scene
  const seen = look(state, data)
  const { cell, isLost, numbers, step, lines } = seen
  const words = choices(data).map((name) => [name, data.cells[name]!.title] as const)
  const choose = (name: string) => {
    const own = data.cells[name]!.family === cell.family ? state.own : ""
    change({ cell: name, own, at: 0 })
  }
  const lost = html`<p class="lab-fault" role="alert">
    This example takes ${numbers.length} numbers, and the link has ${state.own.split(",").length}.
  </p>`
  const lit = step.code.split("\n")
  const [whole, ...parts] = cell.steps
  const code = new Set([...parts, whole!].flatMap(({ code }) => (code ? code.split("\n") : [])))
  return html`
    ${isLost ? lost : nothing}
    ${radios("Cell", `${key}.cell`, words, state.cell, choose)}
    ${steps(scene, seen)}
    ${drawing(seen)}
    <div class="lab-equations">
      <div .innerHTML=${step.equation}></div>
      ${lines.map((line) => html`<p>${line}</p>`)}
      <div class="lab-code">${[...code].map(
        (line) => html`<code class=${lit.includes(line) ? "lab-lit" : ""}>${line}</code>`,
      )}</div>
      ${cell === data.cells[state.cell]
        ? nothing
        : html`<p class="lab-note">In the code, z keeps.</p>`}
    </div>
    ${settings(scene, seen)}`
}

/** Where the reader is, and all ways to go on. */
function steps(
  { kept, change }: Scene<State, Data, Kept>,
  { cell, example, count, at, where }: Seen,
): TemplateResult {
  const go = (to: number) => {
    stop(kept)
    change({ at: (to + count) % count })
  }
  kept.next = () => {
    if (at + 2 >= count) stop(kept)
    change({ at: Math.min(at + 1, count - 1) })
  }
  const play = () => {
    if (kept.timer) return go(at)
    kept.timer = setInterval(() => kept.next(), PLAY_MS)
    if (at + 1 < count) kept.next()
    else change({ at: 0 })
  }
  const button = (name: string, click: () => void) =>
    html`<button type="button" @click=${click}>${name}</button>`
  const isStill = matchMedia("(prefers-reduced-motion: reduce)").matches
  return html`<div class="lab-steps">
    <div class="lab-buttons" role="group" aria-label="Go through the steps">
      ${button("Back", () => go(at - 1))}
      ${isStill ? nothing : button(kept.timer ? "Stop" : "Play", play)}
      ${button("Forward", () => go(at + 1))}
      ${example.steps > 1 ? button("Next time step", () => go(at + cell.steps.length)) : nothing}
    </div>
    ${slider("Part", at, where, { min: 0, max: count - 1, step: 1 }, go)}
  </div>`
}

function drawing({ cell, step, wires }: Seen): TemplateResult {
  const isLit = (parts: string[]) => !step.part || parts.includes(step.part)
  const drawn = cell.drawn.map(({ parts, lit, dim }) => (isLit(parts) ? lit : dim)).join("")
  const numbers = cell.numbers.map((one) => ({ ...one, text: brief(wires[one.name]!) }))
  const heard = numbers.map(({ label, text }) => `${label} is ${text}`).join("; ")
  return html`<svg class="lab-cell" viewBox=${cell.box} role="img"
    aria-label="${cell.title}, ${step.title} in color. ${heard}.">
    <g .innerHTML=${drawn}></g>
    ${numbers.map(
      ({ parts, x, y, anchor, text }) => svg`<text class=${isLit(parts) ? "lab-lit" : ""}
        x=${x} y=${y} text-anchor=${anchor}>${text}</text>`,
    )}
  </svg>`
}

/** All that can be set. */
function settings(scene: Scene<State, Data, Kept>, seen: Seen): TemplateResult {
  const { state, data, change, refuse } = scene
  const { cell, example, numbers, time, isBack } = seen
  const { family } = cell
  const inputs = example.inputs.length
  const from = offsets(family, inputs)
  const put = (name: string, at: number) =>
    box(
      name,
      numbers[at]!,
      entry,
      // Six decimals are written without an exponent.
      (value) => change({ own: numbers.with(at, Number(value.toFixed(6))).join(",") }),
      refuse,
    )
  const examples = Object.entries(data.examples[family])
  const words = examples.map(([name, { title }]) => [name, title] as const)
  const named = (start: number, name: (state: string) => string) =>
    STATES[family].map((one, k) => put(name(one), start + k))
  const weights = (gate: string, k: number) => {
    const gates = GATES[family].length
    const biases = gates * (inputs + 1) + k
    return html`<fieldset class="lab-boxes">
      <legend>${gate}</legend>
      ${example.inputs.map((name, j) => put(`from ${name}`, k * inputs + j))}
      ${put("from h", gates * inputs + k)}
      ${put("bias, input", biases)} ${put("bias, state", biases + gates)}
    </fieldset>`
  }
  return html`
    ${select("Example", words, state.example, (name) => change({ example: name, own: "", at: 0 }))}
    <div class="lab-boxes">
      ${example.inputs.map((name, j) => put(name, from.inputs + time * inputs + j))}
      ${named(from.state, (name) => `${name} at the start`)}
      ${isBack ? named(from.gradient, (name) => `δ${name} at the end`) : nothing}
    </div>
    <div class="lab-ticks">
      ${state.cell + WRITES in data.cells
        ? tick("z writes, as in Chung et al.", state.writes, (writes) => change({ writes }))
        : nothing}
      ${tick("Weights and biases", state.weights, (weights) => change({ weights }))}
    </div>
    ${state.weights ? GATES[family].map(weights) : nothing}`
}

define<State, Data, Kept>("cell-stepper", {
  title: "A cell, step by step",
  source: "cells/cells",
  fields,
  open: () => ({ next: () => {} }),
  close: stop,
  view,
  says: (state, data) => {
    const { where, lines } = look(state, data)
    return `${where}. ${lines.join("; ")}.`
  },
})
