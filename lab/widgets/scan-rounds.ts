// A scan round by round: which steps each one has been joined with, and what they keep and write
// together. Above it a loop, after as many hand-overs.
import {
  define,
  html,
  nothing,
  play,
  Player,
  type Scene,
  slider,
  svg,
  type TemplateResult,
  whole,
} from "../base.ts"

interface State {
  round: number
  step: number
}

/** The steps of a latch, by lab/data.py. */
interface Data {
  events: string[]
  keep: number[]
  write: number[]
}

/** What a copy keeps: what plays the rounds, and the last scene. */
interface Kept {
  readonly player: Player
  scene?: Scene<State, Data, Kept>
}

/** Several steps as one: h becomes keep · h + write. */
export interface Joined {
  keep: number
  write: number
}

const PLAY_MS = 1500

/** What each step stands for at the start and after each round of a scan. */
export function scan({ keep, write }: Omit<Data, "events">): Joined[][] {
  const rows = [keep.map((keep, t) => ({ keep, write: write[t]! }))]
  for (let span = 1; span < keep.length; span *= 2) {
    const before = rows.at(-1)!
    rows.push(before.map((late, t) => (t < span ? late : join(before[t - span]!, late))))
  }
  return rows
}

function join(early: Joined, late: Joined): Joined {
  return { keep: late.keep * early.keep, write: late.keep * early.write + late.write }
}

/** Which steps of each row, counted from 0, went into one by a round; the first row comes first. */
export function sources(round: number, step: number): number[][] {
  if (round === 0) return [[step]]
  const span = 2 ** (round - 1)
  const rows = sources(round - 1, step)
  if (step < span) return [...rows, [step]]
  const earlier = sources(round - 1, step - span)
  return [...rows.map((row, r) => [...new Set([...earlier[r]!, ...row])]), [step]]
}

/** A state in numbers and words; steps are counted from 1. */
function look({ round, step }: State, data: Data) {
  const rows = scan(data)
  const count = data.keep.length
  const now = rows[round]![step - 1]!
  // What this round joined, if it did.
  const late = rows[round - 1]?.[step - 1]
  const early = rows[round - 1]?.[step - 1 - 2 ** (round - 1)]
  const first = Math.max(1, step + 1 - 2 ** round)
  return {
    rows,
    now,
    keeps: early ? `${late!.keep} · ${early.keep} = ${now.keep}` : now.keep,
    writes: early ? `${late!.keep} · ${early.write} + ${late!.write} = ${now.write}` : now.write,
    stands: first < step ? `steps ${first} to ${step}` : `step ${step} alone`,
    state: first === 1 ? now.write : "not yet known",
    looped: Math.min(round + 1, count),
    scanned: Math.min(2 ** round, count),
  }
}

type Seen = ReturnType<typeof look>

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? "" : "s"}`
}

const COLUMN = 36
const ROW = 50
/** Outlines, from the middle. */
const SQUARE = "m-11-11h22v22h-22z"
const DIAMOND = "m0-15l15 15l-15 15l-15-15z"
/** Where the loop and the first row of the scan lie. */
const LOOP = 26
const SCAN = 96

/** What is lit, else what is there by now, else what is to come. */
function tone(isThere: boolean, isLit = false): string {
  return isLit ? "lab-joined lab-lit" : isThere ? "lab-joined" : "lab-grid"
}

/** A square or a diamond with the number in it, once it is there. */
function mark(
  x: number,
  y: number,
  outline: string,
  value: number,
  isThere: boolean,
  isState: boolean,
  isLit = false,
): TemplateResult {
  const look = `lab-mark ${tone(isThere, isLit)} ${isState ? "lab-filled" : ""}`
  const number = svg`<text class=${isState ? "lab-full" : ""} x=${x} y=${y + 5}>${value}</text>`
  return svg`<path class=${look} d="M${x} ${y}${outline}" />${isThere ? number : nothing}`
}

function drawing({ state, data, change }: Scene<State, Data, Kept>, seen: Seen): TemplateResult {
  const { round, step } = state
  const { rows, looped, scanned, stands } = seen
  const states = rows.at(-1)!
  const lit = sources(round, step - 1)
  const x = (t: number) => t * COLUMN
  const y = (r: number) => SCAN + r * ROW
  // Drawn from the last one, for each covers the end of the way that leaves it.
  const handed = states.map(({ write }, t) => {
    const isThere = t < looped
    const way = svg`<path class=${tone(isThere)} d="M${x(t - 1)} ${LOOP}h${COLUMN}" />`
    return svg`${t ? way : nothing}${mark(x(t), LOOP, SQUARE, write, isThere, isThere)}`
  })
  // Each from and to the middle of a mark, which is drawn over its ends.
  const ways = rows.slice(1).flatMap((row, r) =>
    row.flatMap((_, t) =>
      [t, t - 2 ** r]
        .filter((from) => from >= 0)
        .map((from) => ({
          isLit: !!lit[r + 1]?.includes(t) && lit[r]!.includes(from),
          isThere: r < round,
          d: `M${x(from)} ${y(r)}L${x(t)} ${y(r + 1)}`,
        })),
    ),
  )
  // Those of the chosen step lie over those that they cross.
  ways.sort((a, b) => Number(a.isLit) - Number(b.isLit))
  const marks = rows.map((row, r) =>
    row.map(({ write }, t) => {
      const isThere = r <= round
      const isState = isThere && t < 2 ** r
      return mark(x(t), y(r), DIAMOND, write, isThere, isState, lit[r]?.includes(t))
    }),
  )
  const foot = y(rows.length) - 16
  const said =
    `The loop has ${looped} of ${states.length} states, the scan ${scanned}. ` +
    `In the scan step ${step} stands for ${stands}.`
  return html`<svg class="lab-chart lab-rounds" viewBox="-20 -14 340 ${foot + 40}" role="img"
    aria-label=${said}>
    <g class="lab-gru">
      <text class="lab-title" x="-11" y="0">A loop after ${counted(round, "hand-over")}</text>
      ${handed.toReversed()}
    </g>
    <g class="lab-mingru">
      <text class="lab-title" x="-11" y=${SCAN - 30}>A scan after ${counted(round, "round")}</text>
      ${ways.map(({ isThere, isLit, d }) => svg`<path class=${tone(isThere, isLit)} d=${d} />`)}
      ${marks}
    </g>
    ${rows.map(
      (_, r) => svg`<text class="lab-title" x=${x(states.length) - 14} y=${y(r) + 5}>
        span ${2 ** r}
      </text>`,
    )}
    ${data.events.map(
      (event, t) => svg`<g>
        <text class=${t === step - 1 ? "lab-lit" : ""} x=${x(t)} y=${foot}>${t + 1}</text>
        <text x=${x(t)} y=${foot + 18}>${event}</text>
        <rect class="lab-ground" x=${x(t) - COLUMN / 2} y="-14" width=${COLUMN} height=${foot + 40}
          @click=${() => change({ step: t + 1 })} />
      </g>`,
    )}
  </svg>`
}

function view(scene: Scene<State, Data, Kept>): TemplateResult {
  const { state, data, kept, change } = scene
  kept.scene = scene
  const { round, step } = state
  const seen = look(state, data)
  const { keeps, writes, stands, rows, scanned, looped } = seen
  const last = rows.length - 1
  const steps = data.events.length
  const go = (by: number) => {
    kept.player.stop()
    change({ round: (round + by + rows.length) % rows.length })
  }
  const begin = () => {
    change({ round: 0 })
    return () => {
      const next = kept.scene!.state.round + 1
      kept.scene!.change({ round: next })
      return next < last
    }
  }
  const event = data.events[step - 1]!
  const text = event ? `${step}, ${event}` : `${step}`
  const choose = (step: number) => change({ step })
  return html`
    <div class="lab-sides">
      <div>${drawing(scene, seen)}</div>
      <div>
        <div class="lab-buttons" role="group" aria-label="Go through the rounds">
          <button type="button" @click=${() => go(-1)}>Back</button>
          ${play("Play the rounds", kept.player, PLAY_MS, begin)}
          <button type="button" @click=${() => go(1)}>Forward</button>
        </div>
        <p>After ${counted(round, "round")} the scan has ${scanned} of ${steps} states; the loop,
          after as many hand-overs, ${looped}.</p>
        ${slider("Step", step, text, { min: 1, max: steps, step: 1 }, choose)}
        <dl class="lab-facts lab-pairs">
          <div><dt>Stands for</dt><dd>${stands}</dd></div>
          <div><dt>Keeps</dt><dd>${keeps}</dd></div>
          <div><dt>Writes</dt><dd>${writes}</dd></div>
          <div><dt>State after step ${step}</dt><dd>${seen.state}</dd></div>
        </dl>
      </div>
    </div>
    <p class="lab-note">
      The steps of a latch that begins at 0. A mark keeps nothing and writes 1, a clear keeps
      nothing and writes 0, and where nothing comes, all is kept. In each diamond stands what its
      steps write together; once they reach back to step 1, that is the state, and the diamond is
      filled.
    </p>`
}

define<State, Data, Kept>("scan-rounds", {
  title: "A scan, round by round",
  source: "scan",
  fields: (data) => {
    const [rounds, steps] = [scan(data).length - 1, data.keep.length]
    // A step with others on both sides, so that a reader sees what is not lit.
    return { round: whole(rounds, 0, rounds), step: whole(steps - 2, 1, steps) }
  },
  open: (_, __, draw) => ({ player: new Player(draw) }),
  close: ({ player }) => player.stop(),
  view,
  says: (state, data) => {
    const { rows, now, stands, looped, scanned, ...seen } = look(state, data)
    return (
      `After ${counted(state.round, "round")} step ${state.step} stands for ${stands}, ` +
      `keeps ${now.keep} and writes ${now.write}; its state is ${seen.state}. ` +
      `The scan has ${scanned} of ${rows[0]!.length} states, the loop ${looped}.`
    )
  },
})
