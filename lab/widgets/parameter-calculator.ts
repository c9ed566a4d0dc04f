// How many numbers a recurrent layer learns, by part, as gated.parameters counts them.
import {
  choice,
  define,
  type Fields,
  flag,
  grouped,
  html,
  nothing,
  radios,
  type Scene,
  select,
  shown,
  size,
  slider,
  svg,
  type TemplateResult,
  tick,
  whole,
} from "../base.ts"

export type Cell = "rnn" | "gru" | "lstm"

export interface State {
  cell: Cell
  convention: string
  input: number
  hidden: number
  layers: number
  bidirectional: boolean
  bias: boolean
  peepholes: boolean
  projection: number
}

/** `gated.parameters.BLOCKS` and `BIASES`, and what their conventions are called. */
export interface Data {
  blocks: Record<Cell, number>
  biases: Record<string, Partial<Record<Cell, number>>>
  names: Record<string, string>
}

export interface Part {
  name: string
  /** In d inputs, H units, L layers, D directions and p numbers of a projection. */
  formula: string
  count: number
}

const CELLS: readonly (readonly [Cell, string])[] = [
  ["rnn", "Plain RNN"],
  ["gru", "GRU"],
  ["lstm", "LSTM"],
]
const NAMES = Object.fromEntries(CELLS) as Record<Cell, string>
const LARGEST = 16384
const LAYERS = { min: 1, max: 16, step: 1 }
/** The bytes of a number, by its type. */
const BYTES = { float32: 4, bfloat16: 2 }

const sizes = whole(3, 1, LARGEST)
const widths = whole(5, 1, LARGEST)
const projections = whole(0, 0, LARGEST)

function fields({ biases }: Data): Fields<State> {
  return {
    cell: choice("gru", ["rnn", "gru", "lstm"]),
    convention: choice("pytorch", Object.keys(biases)),
    input: sizes,
    hidden: widths,
    layers: whole(1, LAYERS.min, LAYERS.max),
    bidirectional: flag(false),
    bias: flag(true),
    peepholes: flag(false),
    projection: projections,
  }
}

/** Says why no layer is like this, or nothing. */
export function fault(state: State, { biases, names }: Data): string {
  const { cell, convention, hidden, projection } = state
  if (biases[convention]?.[cell] === undefined) return `${names[convention]} has no ${NAMES[cell]}.`
  if (cell === "lstm" && projection >= hidden) {
    return `A projection to ${projection} is not narrower than ${hidden} units.`
  }
  return ""
}

/** Counts the parameters of a layer, or of several, by what they are multiplied with. */
export function parts(state: State, { blocks, biases }: Data): Part[] {
  const { cell, convention, input, hidden, layers, bidirectional, bias } = state
  const isLSTM = cell === "lstm"
  const hasPeepholes = isLSTM && state.peepholes
  const projection = isLSTM ? state.projection : 0
  const k = blocks[cell]
  const b = bias ? (biases[convention]?.[cell] ?? 0) : 0
  const directions = bidirectional ? 2 : 1
  const width = projection || hidden
  const runs = directions * layers

  const D = bidirectional ? "D*" : ""
  const each = `${layers > 1 ? "L*" : ""}${D}`
  const w = projection ? "p" : "H"
  const read = layers > 1 ? `(d + (L - 1)*${D}${w})` : "d"
  const inputs = input + (layers - 1) * directions * width
  const found: Part[] = [
    { name: "Input", formula: `${D}${k}*H*${read}`, count: directions * k * hidden * inputs },
    { name: "Recurrent", formula: `${each}${k}*H*${w}`, count: runs * k * hidden * width },
    { name: "Biases", formula: `${each}${b}*H`, count: runs * b * hidden },
    { name: "Peepholes", formula: `${each}3*H`, count: hasPeepholes ? runs * 3 * hidden : 0 },
    { name: "Projection", formula: `${each}p*H`, count: runs * projection * hidden },
  ]
  return found.filter(({ count }) => count > 0)
}

export function total(state: State, data: Data): number {
  return parts(state, data).reduce((sum, { count }) => sum + count, 0)
}

/** Returns the most units with which another cell costs no more, without what an LSTM alone has. */
export function affordable(state: State, cell: Cell, data: Data): number {
  const budget = total(state, data)
  const other = { ...state, cell, peepholes: false, projection: 0 }
  let least = 0
  let most = 8 * LARGEST // none is so wide
  while (most - least > 1) {
    const hidden = Math.floor((least + most) / 2)
    if (total({ ...other, hidden }, data) <= budget) least = hidden
    else most = hidden
  }
  return least
}

/** A number of bytes with its unit, in thousands. */
function bytes(value: number): string {
  const units = ["bytes", "kB", "MB", "GB", "TB"]
  const power = Math.min(Math.floor(Math.log10(Math.max(value, 1)) / 3), units.length - 1)
  return `${power ? shown(value / 1000 ** power) : value} ${units[power]}`
}

const SQUARE = 9
const GAP = 10
const LETTER = 6
/** So many squares stand side by side, and so many below one another, before each counts more. */
const ACROSS = 28
const DOWN = 52

/** The numbers of one layer in one direction: in every block, a row of squares for each unit. */
function squares(state: State, { blocks, biases }: Data, key: string): TemplateResult {
  const { cell, convention, input, hidden } = state
  const count = blocks[cell]
  const width = (cell === "lstm" && state.projection) || hidden
  const vectors = state.bias ? (biases[convention]?.[cell] ?? 0) : 0
  let scale = 1
  while ((input + width) / scale > ACROSS || (count * hidden) / scale > DOWN) scale *= 2
  const long = (numbers: number) => Math.max((numbers / scale) * SQUARE, 2)

  let right = 0
  const columns = Object.entries({ input, recurrent: width, bias: vectors / count })
    .filter(([, numbers]) => numbers)
    .map(([name, numbers]) => {
      const x = right
      right += Math.max(long(Math.ceil(numbers)), LETTER * name.length) + GAP
      // Where the vectors do not go round, the candidate, the last block, has one more.
      const more = (block: number) => (block === count - 1 ? vectors % count : 0)
      const wide = (block: number) => long(Math.floor(numbers) + more(block))
      return { name, x, wide: name === "bias" ? wide : () => long(numbers) }
    })
  // A second bias that is added to the first does nothing; the reset gate acts on one of them.
  const spare = columns.filter(({ name }) => name === "bias" && vectors === 2 * count)
  const isSpare = (block: number) => !(cell === "gru" && block === count - 1)
  const height = long(hidden)
  const rows = Array.from({ length: count }, (_, block) => block * (height + GAP))
  const meaning = scale > 1 ? `A square is ${scale} × ${scale} numbers.` : "A square is a number."
  const fill = `url(#${key}-square)`
  return html`<figure class="lab-squares lab-${cell}">
    <svg viewBox="0 -16 ${right} ${count * (height + GAP) + 16}" width=${right} role="img"
      aria-label="${count} blocks of ${hidden} rows: ${input} inputs, ${width} of the state.">
      ${["square", "spare"].map(
        (name) => svg`<pattern id="${key}-${name}" class="lab-${name}"
          width=${SQUARE} height=${SQUARE} patternUnits="userSpaceOnUse">
          <rect width=${SQUARE - 1.5} height=${SQUARE - 1.5} />
        </pattern>`,
      )}
      ${columns.map(
        ({ name, x, wide }) => svg`<g transform="translate(${x})">
          <text y="-5">${name}</text>
          ${rows.map(
            (y, block) => svg`<g transform="translate(0 ${y})">
              <rect width=${wide(block)} height=${height} fill=${fill} />
            </g>`,
          )}
        </g>`,
      )}
      ${spare.map(({ x }) =>
        rows.filter((_, block) => isSpare(block)).map(
          (y) => svg`<g transform="translate(${x + long(1)} ${y})">
            <rect width=${long(1)} height=${height} fill="url(#${key}-spare)" />
          </g>`,
        ),
      )}
    </svg>
    <figcaption>
      One layer, one direction. ${meaning} ${spare.length ? "Gray biases add nothing." : nothing}
    </figcaption>
  </figure>`
}

function view({ state, data, key, change, refuse }: Scene<State, Data>): TemplateResult {
  const { cell, convention, input, hidden, layers, projection } = state
  const width = (projection: number) => change({ projection })
  const ofLSTM = {
    projection: size("Projection, p (0 for none)", projection, projections, width, refuse),
    peepholes: tick("Peepholes", state.peepholes, (peepholes) => change({ peepholes })),
  }
  const conventions = Object.entries(data.names)
  return html`
    <div class="lab-sides">
      <div>
        ${radios("Cell", `${key}-cell`, CELLS, cell, (cell) => change({ cell }))}
        ${select("Counted as in", conventions, convention, (convention) => change({ convention }))}
        ${size("Inputs, d", input, sizes, (input) => change({ input }), refuse)}
        ${size("Units, H", hidden, widths, (hidden) => change({ hidden }), refuse)}
        ${slider("Layers, L", layers, String(layers), LAYERS, (layers) => change({ layers }))}
        ${cell === "lstm" ? ofLSTM.projection : nothing}
        <div class="lab-ticks">
          ${tick("Both directions", state.bidirectional, (both) => change({ bidirectional: both }))}
          ${tick("Biases", state.bias, (bias) => change({ bias }))}
          ${cell === "lstm" ? ofLSTM.peepholes : nothing}
        </div>
        ${results(state, data)}
      </div>
      ${fault(state, data) ? nothing : squares(state, data, key)}
    </div>`
}

function results(state: State, data: Data): TemplateResult {
  const why = fault(state, data)
  if (why) return html`<p class="lab-fault" role="alert">${why}</p>`
  const all = total(state, data)
  const row = ({ name, formula, count }: Part) => html`<tr>
    <th scope="row">${name}</th>
    <td>${formula.replaceAll("*", "·").replaceAll("-", "−")}</td>
    <td>${grouped(count)}</td>
  </tr>`
  const memory = Object.entries(BYTES).map(([type, each]) => `${bytes(all * each)} in ${type}`)
  return html`
    <table class="lab-table">
      <thead>
        <tr><th scope="col">Part</th><th scope="col">Formula</th><th scope="col">Numbers</th></tr>
      </thead>
      <tbody>${parts(state, data).map(row)}</tbody>
      <tfoot><tr><th scope="row" colspan="2">In all</th><td>${grouped(all)}</td></tr></tfoot>
    </table>
    <dl class="lab-facts">
      <div><dt>Memory</dt><dd>${memory.join(", ")}</dd></div>
      <div><dt>At the same budget</dt><dd>${budget(state, data)}</dd></div>
    </dl>`
}

/** Says how wide other cells may be that cost no more. */
function budget(state: State, data: Data): string {
  const words = CELLS.filter(([cell]) => cell !== state.cell)
    .filter(([cell]) => !fault({ ...state, cell, projection: 0 }, data))
    .map(([cell, name]) => {
      const units = affordable(state, cell, data)
      return `${name}: ${units === 1 ? "1 unit" : `${grouped(units)} units`}`
    })
  return words.join(", ")
}

define<State, Data>("parameter-calculator", {
  title: "Parameter calculator",
  source: "parameters",
  fields,
  view,
  says: (state, data) =>
    fault(state, data) || `${grouped(total(state, data))} parameters. ${budget(state, data)}.`,
})
