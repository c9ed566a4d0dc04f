// The trials of a recorded study: every seed a dot that says its name and how to run it again.
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

export interface State extends Record<Cell, boolean> {
  task: string
  compared: string
  /** The trial that is looked at; "" for the first one that is shown. */
  trial: string
}

interface Seed {
  trial: string
  budget: string
  start: string
  seed: number
  rate: number
  solved_at: number | null
  errors: (number | null)[]
}

interface Arm {
  task: string
  compared: string
  length: number
  cell: Cell
  /** Of updates to solve the task, where those that did not solve it count as the limit. */
  median: number
  low: number
  high: number
  seeds: Seed[]
}

/** By lab/evidence.py. */
export interface Data {
  study: string
  limit: number
  every: number
  lengths: number[]
  /** The error at and below which each task counts as solved. */
  tasks: Record<string, number>
  compared: string[]
  arms: Arm[]
  /** Task, what is compared, length, two cells, and the one that is ahead, or "tie". */
  leads: [string, string, number, Cell, Cell, Cell | "tie"][]
  /** Task, cell, budget, and of how many trials that chose its rate so many solved the task. */
  tuning: [string, Cell, string, number, number][]
}

interface Dot {
  arm: Arm
  seed: Seed
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

function fields({ tasks, compared, arms }: Data): Fields<State> {
  const trials = new Set(arms.flatMap(({ seeds }) => seeds.map(({ trial }) => trial)))
  const trial: Field<string> = {
    initial: "",
    rule: "the name of a trial of this study",
    read: (text) => (trials.has(text) ? text : undefined),
  }
  const [task = ""] = Object.keys(tasks)
  return {
    task: choice(task, Object.keys(tasks)),
    compared: choice(compared[0] ?? "", compared),
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

/** The arms that are shown, by length. */
function arms(state: State, data: Data): Arm[] {
  return data.arms
    .filter(({ task, compared }) => task === state.task && compared === state.compared)
    .filter(({ cell }) => state[cell])
    .sort((a, b) => a.length - b.length || CELLS.indexOf(a.cell) - CELLS.indexOf(b.cell))
}

function cells(shown: readonly Arm[]): Cell[] {
  return CELLS.filter((name) => shown.some(({ cell }) => cell === name))
}

/** What the trials that are shown say, in a sentence. */
export function verdict(state: State, data: Data): string {
  const shown = arms(state, data)
  const [one, other, ...more] = cells(shown)
  if (!one) return `Of no chosen cell is a trial on record for ${state.task}, ${state.compared}.`
  const said = `In ${state.task} at ${state.compared}`
  if (!other || more.length) {
    const counts = cells(shown).map((name) => {
      const seeds = shown.filter(({ cell }) => cell === name).flatMap(({ seeds }) => seeds)
      const solved = seeds.filter(({ solved_at }) => solved_at !== null)
      return `${solved.length} of ${seeds.length} with ${named(name)}`
    })
    const within = `within ${grouped(data.limit)} updates`
    return `${said}, trainings that solved it ${within}: ${listed(counts)}.`
  }
  const over = (better: string) =>
    data.leads
      .filter(([task, compared]) => task === state.task && compared === state.compared)
      .filter(([, , , ...pair]) => [one, other].every((cell) => pair.slice(0, 2).includes(cell)))
      .filter(([, , , , , ahead]) => ahead === better)
      .map(([, , length]) => length)
      .sort((a, b) => a - b)
  const parts = [one, other]
    .filter((cell) => over(cell).length)
    .map((cell) => `${named(cell)} learned sooner over ${listed(over(cell))} steps`)
  const ties = over("tie")
  if (ties.length) parts.push(`no difference could be told over ${listed(ties)} steps`)
  return `${said}, ${listed(parts)}.`
}

/** How the rates of what is shown came about: one that was chosen among failures is not tuned. */
export function rates(state: State, data: Data): string {
  const shown = arms(state, data)
  const said = cells(shown).map((name) => {
    const seed = shown.find(({ cell }) => cell === name)?.seeds[0]
    const tuned = data.tuning.find(
      ([task, cell, budget]) => task === state.task && cell === name && budget === seed?.budget,
    )
    return `${NAMES[name]} ${seed?.rate} (${tuned?.[3]} of ${tuned?.[4]})`
  })
  const what = "Learning rates, and how many of the trials that chose them solved the task"
  return `${what}: ${listed(said)}.`
}

/** The rows of the study's CSV that are shown: what was run, and when it had solved the task. */
export function csv(state: State, data: Data): string {
  const rows = arms(state, data).flatMap(({ task, cell, length, seeds }) =>
    seeds.map(({ trial, budget, start, seed, rate, solved_at }) =>
      [trial, task, cell, budget, start, length, seed, rate, solved_at ?? ""].join(","),
    ),
  )
  const head = "trial,task,cell,budget,start,length,seed,rate,solved_at"
  return [head, ...rows, ""].join("\n")
}

/** The pixels from above: where who did not solve the task has a place, and where the scale is. */
const UNSOLVED = 12
const TOP = 40
const BOTTOM = 250
const LEAST = 40
const TICKS = [50, 200, 1000]
/** How much of the room of a length its dots take, and of the room of a cell. */
const FILLED = 0.84

function height(updates: number, limit: number): number {
  return BOTTOM - ((BOTTOM - TOP) * Math.log(updates / LEAST)) / Math.log(limit / LEAST)
}

/** Where the middle of an arm is, and how far its dots spread to both sides. */
function room({ length, cell }: Arm, shown: readonly Arm[], { lengths }: Data): [number, number] {
  const all = cells(shown)
  const each = FILLED / lengths.length / all.length
  const middle = (lengths.indexOf(length) + 0.5) / lengths.length
  return [middle + (all.indexOf(cell) - (all.length - 1) / 2) * each, (FILLED * each) / 2]
}

export function dots(state: State, data: Data): Dot[] {
  const shown = arms(state, data)
  return shown.flatMap((arm) => {
    const [middle, spread] = room(arm, shown, data)
    return arm.seeds.map((seed, rank) => {
      const aside = (2 * rank) / Math.max(arm.seeds.length - 1, 1) - 1
      const { solved_at } = seed
      const y = solved_at === null ? UNSOLVED : height(solved_at, data.limit)
      return { arm, seed, x: middle + aside * spread, y }
    })
  })
}

/** The place, among those that are shown, of the trial that is looked at. */
function looked(all: readonly Dot[], { trial }: State): number {
  return Math.max(all.findIndex(({ seed }) => seed.trial === trial), 0)
}

function told({ arm, seed }: Dot, { limit }: Data): string {
  const { solved_at } = seed
  const came = solved_at === null ? `not solved within ${grouped(limit)}` : grouped(solved_at)
  const what = `${NAMES[arm.cell]}, ${arm.length} steps, seed ${seed.seed}`
  return `${what}: ${came} updates, trial ${seed.trial}`
}

function percent(share: number): string {
  return `${(100 * share).toFixed(2)}%`
}

function plot({ state, data, change }: Scene<State, Data>, all: readonly Dot[]): TemplateResult {
  const { limit, lengths } = data
  const shown = arms(state, data)
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
  const at = (updates: number) => (updates < limit ? height(updates, limit) : UNSOLVED)
  const middle = (arm: Arm) => {
    const [x, spread] = room(arm, shown, data)
    return svg`<g class="lab-middle lab-${arm.cell}">
      <line x1=${percent(x)} x2=${percent(x)} y1=${at(arm.low)} y2=${at(arm.high)} />
      <line class="lab-median" x1=${percent(x - spread)} x2=${percent(x + spread)}
        y1=${at(arm.median)} y2=${at(arm.median)} />
    </g>`
  }
  const ring = ({ x, y }: Dot) => svg`<circle class="lab-ring" cx=${percent(x)} cy=${y} r="8" />`
  const mark = ({ arm, seed, x, y }: Dot) => svg`<svg x=${percent(x)} y=${y}>
    <path class="lab-dot lab-${arm.cell} ${seed.solved_at === null ? "lab-hollow" : ""}"
      d=${MARKS[arm.cell]} />
  </svg>`
  return html`<div class="lab-plot">
    <svg height="${BOTTOM + 26}" role="img" aria-label=${verdict(state, data)}
      @pointermove=${point} @pointerdown=${point}>
      <rect class="lab-ground" width="100%" height=${BOTTOM} />
      <text x="0" y="-8">not solved within ${grouped(limit)}</text>
      ${level(UNSOLVED, "")} ${level(TOP, grouped(limit))}
      ${TICKS.map((updates) => level(height(updates, limit), grouped(updates)))}
      ${lengths.map(
        (length, place) => svg`<text x=${percent((place + 0.5) / lengths.length)}
          y=${BOTTOM + 18} text-anchor="middle">${length}</text>`,
      )}
      ${shown.map(middle)} ${all.map(mark)}
      ${chosen ? ring(chosen) : nothing}
    </svg>
  </div>`
}

const WIDTH = 300
const HEIGHT = 120
/** The least error that a curve shows. */
const FLOOR = 0.001

/** The errors of a training, and fainter those of the other seeds of its arm. */
function curves({ arm, seed }: Dot, { tasks, every, limit }: Data): TemplateResult {
  const y = (error: number) =>
    (HEIGHT * Math.log(Math.min(Math.max(error, FLOOR), 1))) / Math.log(FLOOR)
  const path = ({ errors }: Seed) => {
    const points = errors.flatMap((error, look) =>
      error === null ? [] : [`${((look + 1) * every * WIDTH) / limit} ${y(error)}`],
    )
    return points.length ? `M${points.join("L")}` : ""
  }
  const bar = tasks[arm.task] ?? FLOOR
  const last = seed.errors.at(-1)
  const said = `Errors over ${grouped(seed.errors.length * every)} updates; the last is ${last}.`
  return html`<svg class="lab-chart" viewBox="-44 -10 ${WIDTH + 52} ${HEIGHT + 32}" role="img"
    aria-label=${said}>
    ${[1, bar, FLOOR].map(
      (error) => svg`<g>
        <path class="lab-grid" d="M0 ${y(error)}H${WIDTH}" />
        <text x="-8" y=${y(error) + 5} text-anchor="end">${error}</text>
      </g>`,
    )}
    <text x=${WIDTH} y=${HEIGHT + 18} text-anchor="end">${grouped(limit)} updates</text>
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
  const words = Object.keys(data.tasks).map((task) => [task, task] as const)
  const turn = (cell: Cell, isOn: boolean) => {
    const isLast = cells(arms(state, data)).every((other) => other === cell)
    if (!isOn && isLast) refuse("One cell has to stay.")
    else change({ [cell]: isOn, trial: "" })
  }
  const download = () => {
    const name = `${data.study}-${state.task}.csv`
    save(name, csv(state, data))
    tell(`${all.length} trials went into ${name}.`)
  }
  const compared = data.compared.map((name) => [name, name] as const)
  const missing = CELLS.filter((cell) => state[cell] && !cells(arms(state, data)).includes(cell))
  return html`
    ${radios("Task", `${key}-task`, words, state.task, (task) => change({ task, trial: "" }))}
    ${select("Budget and start", compared, state.compared, (compared) =>
      change({ compared, trial: "" }),
    )}
    <div class="lab-ticks" role="group" aria-label="Cells">
      ${CELLS.map((cell) => tick(NAMES[cell], state[cell], (isOn) => turn(cell, isOn)))}
    </div>
    <p>${verdict(state, data)}</p>
    ${missing.length
      ? html`<p class="lab-note">Not on record here: ${listed(missing.map(named))}.</p>`
      : nothing}
    ${dot
      ? html`
          <p class="lab-note">
            ${rates(state, data)} Where hardly any did, a rate is not tuned.
          </p>
          <p class="lab-note">
            Updates to solve the task, by length; bars are medians with 95% intervals.
            ${cells(arms(state, data)).map(
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
                told(dot, data),
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
                Its error, and fainter those of the other seeds. Solved is
                ${data.tasks[state.task]} or less.
              </p>
              ${curves(dot, data)}
            </div>
          </div>
          <p class="lab-note">
            Sooner: the mean number of updates is less, and the 95% interval of the difference
            leaves zero out.
          </p>
        `
      : nothing}`
}

/** The command that runs a trial again. */
function again({ seed }: Dot, { study }: Data, scene: Scene<State, Data>): TemplateResult {
  const command = `python -m studies run ${study} --trial ${seed.trial}`
  const copy = () =>
    navigator.clipboard.writeText(command).then(
      () => scene.tell("The command is copied."),
      () => scene.refuse("This browser does not let the page copy: select the command by hand."),
    )
  return html`<p class="lab-command"><code>${command}</code>
    <button type="button" @click=${copy}>Copy the command</button></p>`
}

define<State, Data>("evidence-explorer", {
  title: "Explorer of recorded trials",
  source: "evidence/length",
  fields,
  view,
  says: (state, data) => {
    const all = dots(state, data)
    const dot = all[looked(all, state)]
    return state.trial && dot ? `${told(dot, data)}.` : verdict(state, data)
  },
})
