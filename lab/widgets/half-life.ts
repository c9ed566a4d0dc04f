// How long a gate keeps, by its bias alone: what is left after some steps, and how layers start.
import {
  define,
  html,
  number,
  type Scene,
  shown,
  size,
  slider,
  svg,
  type TemplateResult,
  whole,
} from "../base.ts"

interface State {
  bias: number
  steps: number
}

/** The biases with which a layer's gates that keep start, by lab/data.py. */
interface Start {
  name: string
  lowest: number
  median: number
  highest: number
}

interface Data {
  starts: Start[]
}

const BIAS = { min: -4, max: 10, step: 0.1 }
const fields = {
  bias: number(1, BIAS.min, BIAS.max),
  steps: whole(30, 1, 4096),
}

/** The share of the state that a gate with this bias keeps at each step. */
export function kept(bias: number): number {
  return 1 / (1 + Math.exp(-bias))
}

/** After how many steps half of the state is left. */
export function halfLife(bias: number): number {
  return Math.LN2 / Math.log1p(Math.exp(-bias))
}

/** The share of the state, and of the gradient on the direct path, that is left after steps. */
export function left(bias: number, steps: number): number {
  return Math.exp(-steps * Math.log1p(Math.exp(-bias)))
}

function signed(bias: number): string {
  return bias.toFixed(1).replace("-", "−")
}

const WIDTH = 330
const HEIGHT = 180
const POINTS = 100

function curve(bias: number, steps: number): string {
  const at = (point: number) => {
    const share = left(bias, (point / POINTS) * steps)
    return `${(point / POINTS) * WIDTH} ${(1 - share) * HEIGHT}`
  }
  return `M${Array.from({ length: POINTS + 1 }, (_, point) => at(point)).join("L")}`
}

function chart({ bias, steps }: State): TemplateResult {
  const life = halfLife(bias)
  const middle = HEIGHT / 2
  const half = svg`<circle class="lab-point" cx=${(life / steps) * WIDTH} cy=${middle} r="5" />`
  return html`<svg class="lab-chart" viewBox="-28 -8 ${WIDTH + 36} ${HEIGHT + 36}" role="img"
    aria-label="What is left falls from 1 to ${shown(left(bias, steps))} over ${steps} steps.">
    ${[0, 0.5, 1].map(
      (share) => svg`<g>
        <path class="lab-grid" d="M0 ${(1 - share) * HEIGHT}H${WIDTH}" />
        <text x="-8" y=${(1 - share) * HEIGHT + 4} text-anchor="end">${share}</text>
      </g>`,
    )}
    <text x="0" y=${HEIGHT + 20} text-anchor="middle">0</text>
    <text x=${WIDTH} y=${HEIGHT + 20} text-anchor="end">${steps} steps</text>
    <path class="lab-curve" d=${curve(bias, steps)} />
    ${life <= steps ? half : ""}
  </svg>`
}

/** A line below the slider, with the biases at which layers start. */
function marks(starts: readonly Start[]): TemplateResult {
  const at = (bias: number) => `${(100 * (bias - BIAS.min)) / (BIAS.max - BIAS.min)}%`
  return html`<div class="lab-marks" aria-hidden="true"><svg>
    ${starts.map(
      ({ lowest, median, highest }, row) => svg`<g class="lab-mark-${row}">
        <line x1=${at(lowest)} x2=${at(highest)} y1=${4 + 7 * row} y2=${4 + 7 * row} />
        <circle cx=${at(median)} cy=${4 + 7 * row} r="3" />
      </g>`,
    )}
  </svg></div>`
}

function view({ state, data, change, refuse }: Scene<State, Data>): TemplateResult {
  const { bias, steps } = state
  const go = ({ name, lowest, median, highest }: Start, row: number) => {
    const spread = highest > lowest ? ` (${signed(lowest)} to ${signed(highest)})` : ""
    return html`<button type="button" @click=${() => change({ bias: median })}>
      <span class="lab-key lab-mark-${row}"></span>${name}: ${signed(median)}${spread}
    </button>`
  }
  const name = "Bias of the gate that keeps"
  return html`
    <div class="lab-sides">
      <div>
        <div>
          ${slider(name, bias, signed(bias), BIAS, (bias) => change({ bias }))}
          ${marks(data.starts)}
        </div>
        <div class="lab-buttons" role="group" aria-label="Biases that layers start with">
          ${data.starts.map(go)}
        </div>
        ${size("Steps", steps, fields.steps, (steps) => change({ steps }), refuse)}
      </div>
      <div>
        <dl class="lab-facts">
          <div><dt>The gate, σ(${signed(bias)})</dt><dd>${shown(kept(bias))}</dd></div>
          <div><dt>Half-life</dt><dd>${shown(halfLife(bias))} steps</dd></div>
          <div><dt>Left after ${steps}</dt><dd>${shown(left(bias, steps))}</dd></div>
        </dl>
        ${chart(state)}
      </div>
    </div>
    <p class="lab-note">
      What is left of a state, and of the gradient that comes back to it, where the gate stays as
      its bias makes it. It is the direct path alone: more may come back through the candidate.
    </p>`
}

define<State, Data>("half-life", {
  title: "Half-life of a gate",
  source: "half-life",
  fields: () => fields,
  view,
  says: ({ bias, steps }) =>
    `At bias ${signed(bias)} the gate keeps ${shown(kept(bias))} at each step. ` +
    `Half is left after ${shown(halfLife(bias))} steps, ` +
    `and ${shown(left(bias, steps))} after ${steps}.`,
})
