// A counter that the reader feeds: an LSTM's cell state adds up, a GRU's state levels off. And a
// task that the default initialization decides, as its trainings went.
import {
  define,
  type Field,
  type Fields,
  grouped,
  html,
  number,
  play,
  Player,
  type Scene,
  slider,
  svg,
  type TemplateResult,
  whole,
} from "../base.ts"

type Cell = "gru" | "lstm"

export interface State {
  /** What was fed, in runs: "m12o5" is twelve marks, then five opposite marks. */
  fed: string
  /** The gate that keeps: z of the GRU, f of the LSTM. */
  gru: number
  lstm: number
  /** So many updates of the trainings are drawn. */
  updates: number
}

interface Raced {
  seeds: { rate: number; solved_at: number | null; errors: (number | null)[] }[]
  /** How many trials that chose the rate solved the task, and of how many. */
  tuned: [number, number]
  /** The same of those that started otherwise. */
  chrono: [number, number]
}

/** By lab/evidence.py. */
export interface Data {
  keep: Record<Cell, number>
  /** The LSTM's gate that writes, and what a mark makes of both cells' candidates. */
  write: number
  candidate: Record<Cell, number>
  race: {
    length: number
    limit: number
    every: number
    /** The error of a network that remembers nothing. */
    trivial: number
    cells: Record<Cell, Raced>
  }
}

/** What a copy keeps: what draws the trainings, a button that is held, and the last scene. */
interface Kept {
  readonly player: Player
  readonly held: Player
  scene?: Scene<State, Data, Kept>
  /** A pointer has fed already what its click would. */
  isFed?: boolean
}

const NAMES: Record<Cell, string> = { gru: "GRU", lstm: "LSTM" }
const CELLS: readonly Cell[] = ["lstm", "gru"]
const MOST = 240
const AT_FIRST = 12
const KEEP = { min: 0.5, max: 1, step: 0.005 }
/** A held button waits, and then feeds on. */
const WAIT_MS = 400
const FEED_MS = 80
const LOOK_MS = 110

/** The marks, 1 and −1, of a text in runs; undefined where it is none, or too long. */
export function marks(text: string): number[] | undefined {
  if (!/^([mo]\d{1,3})*$/.test(text)) return undefined
  const runs = [...text.matchAll(/([mo])(\d+)/g)]
  const found = runs.flatMap(([, sign, count]) => Array(Number(count)).fill(sign === "m" ? 1 : -1))
  return found.length <= MOST ? found : undefined
}

/** A text in runs with one mark more. */
function fedOn(text: string, mark: number): string {
  const sign = mark > 0 ? "m" : "o"
  const last = /[mo]\d+$/.exec(text)?.[0] ?? ""
  if (!last.startsWith(sign)) return `${text}${sign}1`
  return `${text.slice(0, -last.length)}${sign}${Number(last.slice(1)) + 1}`
}

function fields({ keep, race }: Data): Fields<State> {
  const fed: Field<string> = {
    initial: `m${AT_FIRST}`,
    rule: `marks in runs such as m12o5, at most ${MOST}`,
    read: (text) => (marks(text) ? text : undefined),
  }
  const gate = (cell: Cell) => number(keep[cell], KEEP.min, KEEP.max)
  const updates = whole(race.limit, 0, race.limit)
  return { fed, gru: gate("gru"), lstm: gate("lstm"), updates }
}

/** A cell's state before the first mark and after each. */
export function states(cell: Cell, keep: number, fed: readonly number[], data: Data): number[] {
  const write = cell === "gru" ? 1 - keep : data.write
  const all = [0]
  for (const mark of fed) all.push(keep * all.at(-1)! + write * data.candidate[cell] * mark)
  return all
}

function signed(value: number, digits = 2): string {
  return value.toFixed(digits).replace("-", "−")
}

function counted(fed: readonly number[]): string {
  const many = fed.filter((mark) => mark > 0).length
  const other = fed.length - many
  const said = (count: number, what: string) => `${count} ${what}${count === 1 ? "" : "s"}`
  const parts = [many && said(many, "mark"), other && said(other, "opposite mark")]
  return parts.filter(Boolean).join(" and ") || "no mark"
}

/** What is seen of both states, in a sentence. */
export function seen({ fed, gru, lstm }: State, data: Data): string {
  const found = marks(fed) ?? []
  const keeps = { gru, lstm }
  const [c, h] = CELLS.map((cell) => states(cell, keeps[cell], [...found, 1], data).slice(-2))
  const change = ([now, next]: number[]) => signed(next! - now!)
  return (
    `After ${counted(found)} the LSTM’s state stands at ${signed(c![0]!)}, ` +
    `and one more mark changes it by ${change(c!)}; ` +
    `the GRU’s stands at ${signed(h![0]!)}, and one more mark changes it by ${change(h!)}.`
  )
}

/** How many trainings of each cell had solved the task after so many updates. */
export function solved(updates: number, { race }: Data): string {
  const count = (cell: Cell) => {
    const { seeds } = race.cells[cell]
    const done = seeds.filter(({ solved_at }) => solved_at !== null && solved_at <= updates)
    return `${done.length} of ${seeds.length} ${NAMES[cell]}s`
  }
  return `After ${grouped(updates)} updates ${count("gru")} and ${count("lstm")} have learned it.`
}

const WIDTH = 300
const HEIGHT = 96
/** At least so many steps, and so high a count, have room in a chart. */
const STEPS = 30
const COUNT = 15

function chart(cell: Cell, all: readonly number[]): TemplateResult {
  const most = cell === "gru" ? 1 : Math.max(COUNT, ...all.map(Math.abs))
  const steps = Math.max(STEPS, all.length - 1)
  const x = (step: number) => (step / steps) * WIDTH
  const y = (value: number) => (HEIGHT / 2) * (1 - value / most)
  const path = all.map((value, step) => `${x(step).toFixed(1)} ${y(value).toFixed(1)}`).join("L")
  const now = all.at(-1)!
  return html`<svg class="lab-chart lab-${cell}" viewBox="-30 -8 ${WIDTH + 40} ${HEIGHT + 16}"
    role="img" aria-label="The ${NAMES[cell]}’s state is now ${signed(now)}.">
    ${[most, 0, -most].map(
      (value) => svg`<g>
        <path class="lab-grid" d="M0 ${y(value)}H${WIDTH}" />
        <text x="-8" y=${y(value) + 5} text-anchor="end">${signed(value, 0)}</text>
      </g>`,
    )}
    <path class="lab-trace" d=${`M${path}`} />
    <path class="lab-bar" d="M${x(all.length - 1)} ${y(0)}V${y(now)}" />
    <circle class="lab-now" cx=${x(all.length - 1)} cy=${y(now)} r="5" />
  </svg>`
}

function feed({ kept }: Scene<State, Data, Kept>, mark: number): boolean {
  const { state, change, refuse } = kept.scene!
  if ((marks(state.fed)?.length ?? 0) < MOST) {
    change({ fed: fedOn(state.fed, mark) })
    return true
  }
  refuse(`${MOST} marks are as many as fit here: clear both states to go on.`)
  return false
}

/** A large button that feeds a mark, and goes on while it is held by a pointer or a key. */
function feeder(scene: Scene<State, Data, Kept>, name: string, mark: number): TemplateResult {
  const { kept } = scene
  const press = ({ button }: PointerEvent) => {
    if (button) return
    kept.isFed = true
    const begun = performance.now()
    const step = () => performance.now() - begun < WAIT_MS || feed(scene, mark)
    if (feed(scene, mark)) kept.held.start(step, FEED_MS)
  }
  const release = () => kept.held.stop()
  const leave = () => {
    release()
    kept.isFed = false // for no click follows
  }
  const click = () => {
    if (!kept.isFed) feed(scene, mark)
    kept.isFed = false
  }
  // A key that is held sends the one after the other, of which a button takes those of Enter alone.
  const key = (event: KeyboardEvent) => {
    if (event.key !== " " && event.key !== "Enter") return
    event.preventDefault()
    ;(event.currentTarget as HTMLElement).click()
  }
  return html`<button type="button" class="lab-big" @pointerdown=${press} @pointerup=${release}
    @pointerleave=${leave} @pointercancel=${leave} @keydown=${key} @click=${click}
    @contextmenu=${(event: Event) => event.preventDefault()}>${name}</button>`
}

/** The errors of all trainings as far as they are drawn. */
function curves(updates: number, { race }: Data): TemplateResult {
  const { limit, every, trivial } = race
  const x = (at: number) => ((at / limit) * WIDTH).toFixed(1)
  const y = (error: number) => (HEIGHT * (1 - Math.min(error / trivial, 1))).toFixed(1)
  const points = (errors: readonly (number | null)[]) => {
    const looks = errors.slice(0, Math.floor(updates / every))
    return [trivial, ...looks].flatMap((error, look) =>
      error === null ? [] : [[x(look * every), y(error)] as const],
    )
  }
  const training = ({ errors }: { errors: readonly (number | null)[] }) =>
    svg`<path d=${`M${points(errors).map((point) => point.join(" ")).join("L")}`} />`
  // A name stands at the end of the longest curve, to its left where there is no room.
  const name = (cell: Cell) => {
    const ends = race.cells[cell].seeds.map(({ errors }) => points(errors).at(-1)!)
    const [last, level] = ends.sort(([a], [b]) => Number(b) - Number(a))[0]!
    const isLeft = Number(last) > 0.8 * WIDTH
    const [aside, below, anchor] = isLeft ? [0, 20, "end"] : [6, -6, "start"]
    return svg`<text class="lab-name" x=${Number(last) + aside} y=${Number(level) + below}
      text-anchor=${anchor}>${NAMES[cell]}s</text>`
  }
  return html`<svg class="lab-chart" viewBox="-44 -8 ${WIDTH + 52} ${HEIGHT + 34}" role="img"
    aria-label=${solved(updates, { race } as Data)}>
    ${[trivial, 0].map(
      (error) => svg`<g>
        <path class="lab-grid" d="M0 ${y(error)}H${WIDTH}" />
        <text x="-8" y=${Number(y(error)) + 5} text-anchor="end">${100 * error}%</text>
      </g>`,
    )}
    <text x="0" y=${HEIGHT + 20}>wrong answers</text>
    <text x=${WIDTH} y=${HEIGHT + 20} text-anchor="end">${grouped(limit)} updates</text>
    ${CELLS.map(
      (cell) => svg`<g class="lab-${cell}">
        <g class="lab-error lab-many">${race.cells[cell].seeds.map(training)}</g>
        ${name(cell)}
      </g>`,
    )}
  </svg>`
}

/** How fair the race is: what it was run with, and what another initialization makes of it. */
function fine({ race }: Data): string {
  const said = (cell: Cell) => {
    const { seeds, tuned } = race.cells[cell]
    return `${NAMES[cell]} ${seeds[0]?.rate} (${tuned[0]} of ${tuned[1]})`
  }
  const chrono = (cell: Cell) => `${race.cells[cell].chrono.join(" of ")} ${NAMES[cell]}s`
  return (
    "That is with PyTorch’s default initialization. With chrono initialization, whose gates keep, " +
    `${CELLS.map(chrono).join(" and ")} learn it. Both have about as many parameters. Learning ` +
    `rates, and how many of the trials that chose them solved the task: ` +
    `${CELLS.map(said).join(", ")}. Where hardly any did, a rate is not tuned.`
  )
}

function view(scene: Scene<State, Data, Kept>): TemplateResult {
  const { state, data, kept, change } = scene
  kept.scene = scene
  const fed = marks(state.fed) ?? []
  const { length, limit, every } = data.race
  const gates = {
    gru: ["GRU: its update gate z keeps", (gru: number) => change({ gru })],
    lstm: ["LSTM: its forget gate f keeps", (lstm: number) => change({ lstm })],
  } as const
  const side = (cell: Cell, title: string) => {
    const [name, go] = gates[cell]
    return html`<div>
      <p>${title}</p>
      ${chart(cell, states(cell, state[cell], fed, data))}
      ${slider(name, state[cell], state[cell].toFixed(3), KEEP, go)}
    </div>`
  }
  const begin = () => {
    let updates = 0
    change({ updates })
    return () => {
      updates += every
      kept.scene!.change({ updates })
      return updates < limit
    }
  }
  const drag = (updates: number) => {
    kept.player.stop()
    change({ updates })
  }
  const range = { min: 0, max: limit, step: every }
  return html`
    <p>Feed one unit of each cell, its weights set by hand. Hold a button to go on.</p>
    <div class="lab-buttons">
      ${feeder(scene, "+ Mark", 1)} ${feeder(scene, "− Opposite mark", -1)}
      <button type="button" @click=${() => change({ fed: "" })}>Clear both states</button>
    </div>
    <p>${seen(state, data)}</p>
    <div class="lab-sides lab-even">
      ${side("gru", "The GRU’s state is a blend: it levels off.")}
      ${side("lstm", "The LSTM’s cell state adds up: it counts.")}
    </div>
    <p>
      <strong>And a task that the default initialization decides:</strong> say which sign stood
      first, after a sequence of ${length} steps. The share of wrong answers
      while ten of each are trained:
    </p>
    <div class="lab-sides lab-even">
      ${curves(state.updates, data)}
      <div>
        <p>${solved(state.updates, data)}</p>
        ${slider("Updates", state.updates, grouped(state.updates), range, drag)}
        <div class="lab-buttons">${play("Watch them learn", kept.player, LOOK_MS, begin)}</div>
      </div>
    </div>
    <p>${fine(data)}</p>`
}

define<State, Data, Kept>("cell-counter", {
  title: "Counter to feed",
  source: "home/counter",
  fields,
  open: (_, __, draw) => ({ player: new Player(draw), held: new Player(draw) }),
  close: ({ player, held }) => {
    player.stop()
    held.stop()
  },
  view,
  says: (state, data) => `${seen(state, data)} ${solved(state.updates, data)}`,
})
