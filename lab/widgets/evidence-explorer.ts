// The trials of recorded studies: every seed a dot that says its name and how to run it again.
import {
  choice,
  define,
  type Field,
  type Fields,
  flag,
  grouped,
  html,
  nothing,
  radios,
  type Scene,
  select,
  slider,
  svg,
  type TemplateResult,
  tick,
} from "../base.ts"

type Cell = "gru" | "lstm" | "rnn" | "mingru"
type Place = string | number

export interface State extends Record<Cell, boolean> {
  study: string
  task: string
  compared: string
  measure: string
  /** The trial that is looked at; "" for the first one that is shown. */
  trial: string
}

interface Axis {
  low: number
  high: number
  ticks: number[]
  log: boolean
}

interface Measure {
  column: string
  title: string
  unit: string
  /** What the cell that is ahead did. */
  verb: string
  /** What those count as that never came to it; null where each has a value. */
  limit: number | null
  axes: Record<string, Axis>
}

interface Seed {
  trial: string
  /** Whether it is what was wanted. */
  solved: boolean
  settings: (string | number)[]
  /** Of each measure. */
  values: (number | null)[]
  curve: (number | null)[]
}

interface Arm {
  task: string
  compared: string
  place: Place
  cell: Cell
  /** Of each measure the median, and its interval. */
  middles: [number, number, number][]
  /** Of the trials that chose its rate: how many solved the task, and how many there were. */
  chosen: [number, number] | null
  seeds: Seed[]
}

/** By lab/evidence.py. */
export interface Data {
  study: string
  studies: Record<string, string>
  taskTitle: string
  tasks: Record<string, string>
  comparedTitle: string
  compared: string[]
  places: Place[]
  placeTitle: string
  /** What a place is called; "" where there is only one. */
  at: string
  /** What one place and what several are in a sentence. */
  over: [string, string]
  head: string
  rates: string
  /** What a training is to come to, in words; "" where each is as good. */
  wanted: string
  measures: Measure[]
  curve: { title: string; unit: string; xs: number[]; axes: Record<string, Axis> }
  /** The names of what a seed's settings are. */
  settings: string[]
  arms: Arm[]
  /** Measure, task, what is compared, place, two cells, and the one that is ahead, or "tie". */
  leads: [string, string, string, Place, Cell, Cell, Cell | "tie"][]
}

interface Dot {
  arm: Arm
  seed: Seed
  value: number | null
  /** From 0 to 1. */
  x: number
  y: number
}

const NAMES: Record<Cell, string> = {
  gru: "GRU",
  lstm: "LSTM",
  rnn: "Plain RNN",
  mingru: "minGRU",
}
const CELLS = Object.keys(NAMES) as Cell[]
/** The marks of `gated.figures`. */
const MARKS: Record<Cell, string> = {
  gru: "M-3.2-3.2h6.4v6.4h-6.4Z",
  lstm: "M0-4.2L4 3.2h-8Z",
  rnn: "M-3.5 0a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0-7 0Z",
  mingru: "M0-4.5L4.5 0L0 4.5L-4.5 0Z",
}

function fields({ studies, tasks, compared, measures, arms }: Data): Fields<State> {
  const trials = new Set(arms.flatMap(({ seeds }) => seeds.map(({ trial }) => trial)))
  const trial: Field<string> = {
    initial: "",
    rule: "the name of a trial of this study",
    read: (text) => (trials.has(text) ? text : undefined),
  }
  const first = (words: readonly string[]) => choice(words[0] ?? "", words)
  return {
    study: first(Object.keys(studies)),
    task: first(Object.keys(tasks)),
    compared: first(compared),
    measure: first(measures.map(({ column }) => column)),
    gru: flag(true),
    lstm: flag(true),
    rnn: flag(false),
    mingru: flag(false),
    trial,
  }
}

/** A cell as a sentence names it. */
function named(cell: Cell): string {
  return `the ${NAMES[cell].replace("Plain", "plain")}`
}

/** Joins what is enumerated: "5, 10 and 20". */
function listed(words: readonly (string | number)[]): string {
  return words.length > 1 ? `${words.slice(0, -1).join(", ")} and ${words.at(-1)}` : words.join("")
}

/** Fills in what stands in braces. */
function filled(text: string, words: Record<string, string>): string {
  return text.replace(/\{(\w*)\}/g, (_, name: string) => words[name] ?? "")
}

function worded(value: number): string {
  const text = Number.isInteger(value) ? grouped(value) : value.toFixed(Math.abs(value) < 10 ? 3 : 1)
  return text.replace("-", "−")
}

/** The same where a scale has a line: with no more digits than it needs. */
function marked(value: number): string {
  return (value < 1000 ? String(value) : grouped(value)).replace("-", "−")
}

/** The measure that is shown, and its place among all. */
function measured({ measure }: State, { measures }: Data): [Measure, number] {
  const place = measures.findIndex(({ column }) => column === measure)
  return [measures[place] as Measure, place]
}

/** The arms that are shown, by place. */
function arms(state: State, data: Data): Arm[] {
  const at = ({ place }: Arm) => data.places.indexOf(place)
  return data.arms
    .filter(({ task, compared }) => task === state.task && compared === state.compared)
    .filter(({ cell }) => state[cell])
    .sort((a, b) => at(a) - at(b) || CELLS.indexOf(a.cell) - CELLS.indexOf(b.cell))
}

function cells(shown: readonly Arm[]): Cell[] {
  return CELLS.filter((name) => shown.some(({ cell }) => cell === name))
}

/** What the trials that are shown say, in a sentence; and what speaks against it, in another. */
export function verdict(state: State, data: Data): string {
  const shown = arms(state, data)
  const [one, other, ...more] = cells(shown)
  const task = data.tasks[state.task] ?? ""
  const said = filled(data.head, { task, compared: state.compared })
  if (!one) return `${said}, no chosen cell has a trial on record.`
  const found = !other || more.length ? results(state, data) : compare(state, data, one, other)
  return [`${said}, ${found}.`, ...doubts(shown)].join(" ")
}

/** What came of each cell. */
function results(state: State, data: Data): string {
  const shown = arms(state, data)
  const [{ title, unit, limit }, place] = measured(state, data)
  const own = (name: Cell) => shown.filter(({ cell }) => cell === name)
  if (limit === null) {
    const medians = cells(shown).map((name) => {
      const each = own(name).map(({ middles }) => worded(middles[place]?.[0] ?? NaN))
      return `${listed(each)} with ${named(name)}`
    })
    const what = title.replace(/^\w/, (letter) => letter.toLowerCase())
    const where = data.at ? `, ${data.placeTitle}` : ""
    return `medians of the ${what}${where}${unit && ` (${unit})`}: ${medians.join("; ")}`
  }
  const counts = cells(shown).map((name) => {
    const values = own(name).flatMap(({ seeds }) => seeds.map(({ values }) => values[place]))
    return `${values.filter((value) => value !== null).length} of ${values.length} with ${named(name)}`
  })
  return `trainings that solved it within ${grouped(limit)} updates: ${listed(counts)}`
}

/** Who of two is ahead, and where. */
function compare(state: State, data: Data, one: Cell, other: Cell): string {
  const over = (better: string) => {
    const places = data.leads
      .filter(([measure]) => measure === state.measure)
      .filter(([, task, compared]) => task === state.task && compared === state.compared)
      .filter(([, , , , ...pair]) => [one, other].every((cell) => pair.slice(0, 2).includes(cell)))
      .filter(([, , , , , , ahead]) => ahead === better)
      .map(([, , , place]) => place)
      .sort((a, b) => data.places.indexOf(a) - data.places.indexOf(b))
    const where = data.over[places.length > 1 ? 1 : 0].replace("{}", listed(places))
    return places.length ? [where && ` ${where}`] : []
  }
  const [{ verb }] = measured(state, data)
  return [
    ...[one, other].flatMap((cell) => over(cell).map((where) => `${named(cell)} ${verb}${where}`)),
    ...over("tie").map((where) => `no difference could be told${where}`),
  ].join("; ")
}

/** Of so many trials that choose a rate, at least one must solve the task. */
const FEW = 1 / 4

/** Cells whose rates were chosen where hardly a trial solved the task: they are not tuned. */
function doubts(shown: readonly Arm[]): string[] {
  return cells(shown).flatMap((name) => {
    const [solved, tried] = shown.find(({ cell }) => cell === name)?.chosen ?? [1, 1]
    if (solved / tried >= FEW) return []
    const count = solved ? `only ${solved} of the ${tried}` : `none of the ${tried}`
    return [
      `This is no verdict on ${named(name)}: its learning rate was hardly tuned, ` +
        `for ${count} trials that chose it solved the task.`,
    ]
  })
}

/** How the rates of what is shown came about. */
export function rates(state: State, data: Data): string {
  const shown = arms(state, data)
  const said = cells(shown).map((name) => {
    const arm = shown.find(({ cell }) => cell === name)
    const rate = arm?.seeds[0]?.settings[data.settings.indexOf("rate")]
    return `${NAMES[name]} ${rate}${arm?.chosen ? ` (${arm.chosen.join(" of ")})` : ""}`
  })
  return `${data.rates}: ${listed(said)}.`
}

/** The trials that are shown, as rows: what was run, and what came out. */
export function csv(state: State, data: Data): string {
  const rows = arms(state, data).flatMap(({ seeds }) =>
    seeds.map(({ trial, settings, values }) => [trial, ...settings, ...values].join(",")),
  )
  const head = ["trial", ...data.settings, ...data.measures.map(({ column }) => column)]
  return [head.join(","), ...rows, ""].join("\n")
}

/** The pixels from above: where who did not solve the task has a place, and where the scale is. */
const UNSOLVED = 12
const TOP = 40
const BOTTOM = 250
/** How much of the room of a place its dots take, and of the room of a cell. */
const FILLED = 0.84

/** Where a value lies on a scale, from 0 to 1. */
function share(value: number, { low, high, log }: Axis): number {
  const scale = log ? Math.log : (number: number) => number
  const least = scale(low)
  return (scale(Math.min(Math.max(value, low), high)) - least) / (scale(high) - least)
}

/** How far down a value stands; where all have one, the scale goes up to the edge. */
function height(value: number, axis: Axis, { limit }: Measure): number {
  return BOTTOM - (BOTTOM - (limit === null ? 0 : TOP)) * share(value, axis)
}

function axis(state: State, data: Data): Axis {
  return measured(state, data)[0].axes[state.task] as Axis
}

/** Where the middle of an arm is, and how far its dots spread to both sides. */
function room({ place, cell }: Arm, shown: readonly Arm[], { places }: Data): [number, number] {
  const all = cells(shown)
  const each = FILLED / places.length / all.length
  const middle = (places.indexOf(place) + 0.5) / places.length
  return [middle + (all.indexOf(cell) - (all.length - 1) / 2) * each, (FILLED * each) / 2]
}

export function dots(state: State, data: Data): Dot[] {
  const shown = arms(state, data)
  const [measure, which] = measured(state, data)
  return shown.flatMap((arm) => {
    const [middle, spread] = room(arm, shown, data)
    const value = ({ values }: Seed) => values[which] ?? null
    const ranked = [...arm.seeds].sort((a, b) => (value(a) ?? Infinity) - (value(b) ?? Infinity) || 0)
    return ranked.map((seed, rank) => {
      const aside = (2 * rank) / Math.max(ranked.length - 1, 1) - 1
      const own = value(seed)
      const y = own === null ? UNSOLVED : height(own, axis(state, data), measure)
      return { arm, seed, value: own, x: middle + aside * spread, y }
    })
  })
}

/** The place, among those that are shown, of the trial that is looked at. */
function looked(all: readonly Dot[], { trial }: State): number {
  return Math.max(all.findIndex(({ seed }) => seed.trial === trial), 0)
}

function told({ arm, seed, value }: Dot, state: State, data: Data): string {
  const [{ unit, limit }] = measured(state, data)
  const came = value === null ? `not solved within ${grouped(limit ?? 0)}` : worded(value)
  const at = data.at && `, ${data.at.replace("{}", String(arm.place))}`
  const number = seed.settings[data.settings.indexOf("seed")]
  const what = `${NAMES[arm.cell]}${at}, seed ${number}`
  return `${what}: ${came}${unit && ` ${unit}`}, trial ${seed.trial}`
}

function percent(share: number): string {
  return `${(100 * share).toFixed(2)}%`
}

function plot({ state, data, change }: Scene<State, Data>, all: readonly Dot[]): TemplateResult {
  const { places } = data
  const shown = arms(state, data)
  const [measure, which] = measured(state, data)
  const { limit } = measure
  const scale = axis(state, data)
  const chosen = all[looked(all, state)]
  const point = ({ currentTarget, clientX, clientY }: PointerEvent) => {
    const { left, top, width } = (currentTarget as Element).getBoundingClientRect()
    const far = ({ x, y }: Dot) => Math.hypot(clientX - left - x * width, clientY - top - y)
    const [nearest] = [...all].sort((a, b) => far(a) - far(b))
    const isNear = nearest && far(nearest) < 24
    if (isNear && nearest !== chosen) change({ trial: nearest.seed.trial })
  }
  const level = (y: number, text: string) => svg`<g>
    <line class="lab-grid" x1="0" x2="100%" y1=${y} y2=${y} />
    <text x="-8" y=${y + 5} text-anchor="end">${text}</text>
  </g>`
  const at = (value: number) =>
    limit === null || value < limit ? height(value, scale, measure) : UNSOLVED
  const middle = (arm: Arm) => {
    const [x, spread] = room(arm, shown, data)
    const [median, low, high] = arm.middles[which] ?? [NaN, NaN, NaN]
    return svg`<g class="lab-middle lab-${arm.cell}">
      <line x1=${percent(x)} x2=${percent(x)} y1=${at(low)} y2=${at(high)} />
      <line class="lab-median" x1=${percent(x - spread)} x2=${percent(x + spread)}
        y1=${at(median)} y2=${at(median)} />
    </g>`
  }
  const ring = ({ x, y }: Dot) => svg`<circle class="lab-ring" cx=${percent(x)} cy=${y} r="8" />`
  const mark = ({ arm, seed, x, y }: Dot) => svg`<svg x=${percent(x)} y=${y}>
    <path class="lab-dot lab-${arm.cell} ${seed.solved ? "" : "lab-hollow"}"
      d=${MARKS[arm.cell]} />
  </svg>`
  const never = svg`<text x="0" y="-8">not solved within ${grouped(limit ?? 0)}</text>
    ${level(UNSOLVED, "")}`
  return html`<div class="lab-plot">
    <svg height="${BOTTOM + 26}" role="img" aria-label=${verdict(state, data)}
      @pointermove=${point} @pointerdown=${point}>
      <rect class="lab-ground" width="100%" height=${BOTTOM} />
      ${limit === null ? nothing : never}
      ${scale.ticks.map((value) => level(height(value, scale, measure), marked(value)))}
      ${places.map(
        (place, number) => svg`<text x=${percent((number + 0.5) / places.length)}
          y=${BOTTOM + 18} text-anchor="middle">${place}</text>`,
      )}
      ${shown.map(middle)} ${all.map(mark)}
      ${chosen ? ring(chosen) : nothing}
    </svg>
  </div>`
}

const WIDTH = 300
const HEIGHT = 120

/** What is recorded along a training, and fainter along those of the other seeds of its arm. */
function curves({ arm, seed }: Dot, { curve }: Data): TemplateResult {
  const { xs, axes, title, unit } = curve
  const scale = axes[arm.task] as Axis
  const end = xs.at(-1) ?? 1
  const y = (value: number) => HEIGHT * (1 - share(value, scale))
  const path = ({ curve }: Seed) => {
    const points = curve.flatMap((value, place) =>
      value === null ? [] : [`${((xs[place] ?? end) * WIDTH) / end} ${y(value)}`],
    )
    return points.length ? `M${points.join("L")}` : ""
  }
  const said = `The ${title} over ${worded(xs[seed.curve.length - 1] ?? end)} ${unit}`
  return html`<svg class="lab-chart" viewBox="-44 -10 ${WIDTH + 52} ${HEIGHT + 32}" role="img"
    aria-label="${said}; the last is ${seed.curve.at(-1)}.">
    ${scale.ticks.map(
      (value) => svg`<g>
        <path class="lab-grid" d="M0 ${y(value)}H${WIDTH}" />
        <text x="-8" y=${y(value) + 5} text-anchor="end">${marked(value)}</text>
      </g>`,
    )}
    <text x=${WIDTH} y=${HEIGHT + 18} text-anchor="end">${grouped(end)} ${unit}</text>
    <g class="lab-error lab-${arm.cell}">
      ${arm.seeds.map((other) => svg`<path class="lab-other" d=${path(other)} />`)}
      <path d=${path(seed)} />
    </g>
  </svg>`
}

/** Hands the reader a file. */
function save(name: string, text: string): void {
  const link = document.createElement("a")
  link.href = URL.createObjectURL(new Blob([text], { type: "text/csv" }))
  link.download = name
  link.click()
  URL.revokeObjectURL(link.href)
}

function view(scene: Scene<State, Data>): TemplateResult {
  const { state, data, key, change, refuse, tell } = scene
  const all = dots(state, data)
  const place = looked(all, state)
  const dot = all[place]
  const shown = cells(arms(state, data))
  const turn = (cell: Cell, isOn: boolean) => {
    const isLast = shown.every((other) => other === cell)
    if (!isOn && isLast) refuse("One cell has to stay.")
    else change({ [cell]: isOn, trial: "" })
  }
  const download = () => {
    const name = `${data.study}-${state.task.replaceAll(" ", "-")}.csv`
    save(name, csv(state, data))
    tell(`${all.length} trials went into ${name}.`)
  }
  const [{ title }] = measured(state, data)
  const compared = data.compared.map((name) => [name, name] as const)
  const measures = data.measures.map(({ column, title }) => [column, title] as const)
  const missing = CELLS.filter((cell) => state[cell] && !shown.includes(cell))
  const tasks = Object.entries(data.tasks)
  return html`
    ${select("Study", Object.entries(data.studies), data.study, (study) => change({ study }))}
    ${radios(data.taskTitle, `${key}-task`, tasks, state.task, (task) =>
      change({ task, trial: "" }),
    )}
    ${compared.length > 1
      ? select(data.comparedTitle, compared, state.compared, (compared) =>
          change({ compared, trial: "" }),
        )
      : nothing}
    ${measures.length > 1
      ? select("What is measured", measures, state.measure, (measure) => change({ measure }))
      : nothing}
    <div class="lab-ticks" role="group" aria-label="Cells">
      ${CELLS.filter((name) => data.arms.some(({ cell }) => cell === name)).map((cell) =>
        tick(NAMES[cell], state[cell], (isOn) => turn(cell, isOn)),
      )}
    </div>
    <p>${verdict(state, data)}</p>
    ${missing.length
      ? html`<p class="lab-note">Not on record here: ${listed(missing.map(named))}.</p>`
      : nothing}
    ${dot
      ? html`
          <p class="lab-note">${rates(state, data)}</p>
          <p class="lab-note">
            ${title}${data.placeTitle && `, ${data.placeTitle}`}; bars are medians with 95%
            intervals.${data.wanted && ` A filled mark ${data.wanted}.`}
            ${shown.map(
              (cell) => html`<span class="lab-legend">
                <svg width="10" height="10" viewBox="-5 -5 10 10" aria-hidden="true">
                  <path class="lab-dot lab-${cell}" d=${MARKS[cell]} />
                </svg>
                ${NAMES[cell]}</span>`,
            )}
          </p>
          ${plot(scene, all)}
          <div class="lab-sides">
            <div class="lab-trial">
              ${slider(
                "Trial",
                place,
                told(dot, state, data),
                { min: 0, max: all.length - 1, step: 1 },
                (place) => change({ trial: all[place]?.seed.trial ?? "" }),
              )}
              ${again(dot, data, scene)}
              <div class="lab-buttons">
                <button type="button" @click=${download}>Save what is shown as CSV</button>
              </div>
            </div>
            <div>
              <p class="lab-note">
                Its ${data.curve.title}, and fainter that of the other seeds.
              </p>
              ${curves(dot, data)}
            </div>
          </div>
          <p class="lab-note">
            A cell is ahead if its mean is better and the 95% interval of the difference leaves zero
            out.
          </p>
        `
      : nothing}`
}

/** The command that runs a trial again. */
function again({ seed }: Dot, { study }: Data, scene: Scene<State, Data>): TemplateResult {
  const command = `python -m studies run ${study} --trial ${seed.trial}`
  const copy = () => scene.copy(command, "The command is copied.")
  return html`<p class="lab-command"><code>${command}</code>
    <button type="button" @click=${copy}>Copy the command</button></p>`
}

define<State, Data>("evidence-explorer", {
  title: "Explorer of recorded trials",
  source: "evidence/length",
  by: "study",
  fields,
  view,
  says: (state, data) => {
    const all = dots(state, data)
    const dot = all[looked(all, state)]
    return state.trial && dot ? `${told(dot, state, data)}.` : verdict(state, data)
  },
})
