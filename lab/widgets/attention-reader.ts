// Two trained models that write a date in digits, one with attention and one without: what they
// write, and which characters the one with attention looks at.
import {
  define,
  type Field,
  type Fields,
  grouped,
  html,
  live,
  nothing,
  play,
  Player,
  type Scene,
  shown,
  slider,
  svg,
  type TemplateResult,
  whole,
} from "../base.ts"
import { EncoderDecoder, type Packed, type Written } from "../dates.ts"
import { split, type Text } from "../text.ts"

type Name = "attention" | "fixed"

export interface State {
  text: string
  /** The digit that is looked at, from 1, and a character of the text, from 0. */
  digit: number
  character: number
}

/** By lab/data.py. */
export interface Data {
  characters: string
  signs: string
  /** How many digits a date has. */
  digits: number
  examples: { text: string; digits: string }[]
  /** The first and the last that the models have learned to write. */
  years: [number, number]
  models: Record<Name, Packed>
  /** How many dates the lines of the training had, and how many lines were tested of each count. */
  trained: number[]
  tested: number
  /** The share of lines that came out right, by how many dates they had. */
  right: Record<Name, Record<string, number>>
}

interface Kept {
  readonly models: Record<Name, EncoderDecoder>
  readonly player: Player
  scene?: Scene<State, Data, Kept>
  read?: Read
}

/** A text, as far as the models know it, and what they wrote. */
interface Read {
  readonly text: string
  readonly source: Text
  readonly written: Record<Name, Written>
}

const NAMES: readonly (readonly [Name, string])[] = [
  ["attention", "With attention"],
  ["fixed", "With the fixed vector"],
]
/** So many characters of a text are read, and so many signs are written at most. */
const LONGEST = 80
const MOST = 32
const WRITE_MS = 400
/** A share of the weight below which a character was not looked at. */
const LEAST = 0.05
/** One below which its square is not drawn. */
const FAINTEST = 0.01

function fields({ examples }: Data): Fields<State> {
  const text: Field<string> = {
    initial: examples[0]!.text,
    rule: `a text of at most ${LONGEST} characters`,
    isOwn: true,
    read: (text) => ([...text].length <= LONGEST ? text : undefined),
  }
  return { text, digit: whole(1, 1, MOST), character: whole(0, 0, LONGEST - 1) }
}

function open({ models, characters, signs }: Data, _: string, draw: () => void): Kept {
  const made = (name: Name) => new EncoderDecoder(models[name], characters.length, signs.length)
  const both = { attention: made("attention"), fixed: made("fixed") }
  return { models: both, player: new Player(draw) }
}

/** Reads a text, unless it is the one that was read last. */
function read(text: string, kept: Kept, { characters }: Data): Read {
  if (kept.read?.text === text) return kept.read
  const source = split(text.toLowerCase(), [...characters])
  const write = (name: Name) => kept.models[name].write(source.places, MOST)
  const written = { attention: write("attention"), fixed: write("fixed") }
  return (kept.read = { text, source, written })
}

/** Where the reader is in what may have become shorter. */
function place({ digit, character }: State, { source, written }: Read): [number, number] {
  const last = Math.max(written.attention.signs.length - 1, 0)
  return [Math.min(digit - 1, last), Math.max(Math.min(character, source.places.length - 1), 0)]
}

/** A character as it can be seen and heard. */
function named({ all, at }: Text, character: number): string {
  const sign = all[at[character]!]
  return sign === " " ? "space" : `“${sign}”`
}

function percent(share: number): string {
  return `${Math.round(100 * share)}%`
}

/** The characters that a digit looks at, those with most weight first. */
function looks(weights: Float32Array): number[] {
  const order = [...weights.keys()].sort((a, b) => weights[b]! - weights[a]!)
  return order.filter((character, rank) => !rank || weights[character]! >= LEAST)
}

/** What a digit looks at, in words. */
function told({ source, written }: Read, digit: number, { signs }: Data): string {
  const { attention } = written
  const sign = signs[attention.signs[digit]!]
  const weights = attention.weights[digit]!
  const seen = looks(weights).slice(0, 3)
  const parts = seen.map((at) => `${named(source, at)} ${percent(weights[at]!)}`)
  return `Digit ${digit + 1}, ${sign}, looks at ${parts.join(", ")}.`
}

/** What a model wrote, with a dash where year, month and day part, as far as it is shown. */
function line(
  name: Name,
  title: string,
  { state, data, kept }: Scene<State, Data, Kept>,
  found: Read,
): TemplateResult {
  const { signs } = found.written[name]
  const [here] = place(state, found)
  const meant = data.examples.find(({ text }) => text === state.text)?.digits
  const count = kept.player.isOn ? here + 1 : signs.length
  const digit = (sign: number, at: number) => {
    const text = data.signs[sign]!
    const isWrong = meant !== undefined && meant[at] !== text
    const within = at % data.digits
    const before = at && !within ? ", " : within === 4 || within === 6 ? "-" : ""
    const kind = `${at === here ? "lab-here" : ""} ${isWrong ? "lab-wrong" : ""}`
    return html`${before}<span class=${kind}>${text}</span>`
  }
  const isWhole = count >= signs.length
  const verdict =
    meant === undefined || !isWhole
      ? nothing
      : signs.map((sign) => data.signs[sign]).join("") === meant
        ? "right"
        : "wrong"
  return html`<div>
    <dt>${title}</dt>
    <dd><span class="lab-signs">${signs.slice(0, count).map(digit)}</span> ${verdict}</dd>
  </div>`
}

/** The text, each character in the strength with which the digit looks at it. */
function lit({ all, at }: Text, weights: Float32Array | undefined): TemplateResult {
  const known = new Map(at.map((k, character) => [k, character]))
  const signs = all.map((sign, k) => {
    const character = known.get(k)
    if (character === undefined) return html`<s>${sign}</s>`
    const share = Math.round(60 * (weights?.[character] ?? 0))
    return html`<span style="--share: ${share}%">${sign}</span>`
  })
  return html`<p class="lab-signs lab-looked" aria-hidden="true">${signs}</p>`
}

const ROW = 16

/** All weights, a row for each digit, and over them a slider whose thumb is the row of a digit. */
function map(scene: Scene<State, Data, Kept>, found: Read): TemplateResult {
  const { state, data, kept, change } = scene
  const { attention } = found.written
  const [digit, character] = place(state, found)
  const count = attention.signs.length
  const columns = found.source.places.length
  const x = (at: number) => `${(100 * at) / columns}%`
  const go = (part: Partial<State>) => {
    kept.player.stop()
    change(part)
  }
  const keys: Record<string, Partial<State>> = {
    ArrowUp: { digit: Math.max(digit, 1) },
    ArrowDown: { digit: Math.min(digit + 2, count) },
    PageUp: { digit: Math.max(digit + 1 - data.digits, 1) },
    PageDown: { digit: Math.min(digit + 1 + data.digits, count) },
    ArrowLeft: { character: Math.max(character - 1, 0) },
    ArrowRight: { character: Math.min(character + 1, columns - 1) },
  }
  const pressed = (event: KeyboardEvent) => {
    const part = keys[event.key]
    if (!part) return
    event.preventDefault()
    go(part)
    event.currentTarget!.dispatchEvent(new Event("change", { bubbles: true }))
  }
  const moved = ({ target }: Event) => go({ digit: (target as HTMLInputElement).valueAsNumber })
  const hovered = ({ currentTarget, clientX, clientY }: PointerEvent) => {
    if (kept.player.isOn) return
    const { left, top, width, height } = (currentTarget as Element).getBoundingClientRect()
    const at = (share: number, of: number) => Math.min(Math.max(Math.floor(share * of), 0), of - 1)
    const row = at((clientY - top) / height, count)
    const column = at((clientX - left) / width, columns)
    if (row !== digit || column !== character) change({ digit: row + 1, character: column })
  }
  const drawn = kept.player.isOn ? digit + 1 : count
  const square = (weight: number, column: number, row: number) =>
    svg`<rect x=${x(column)} y=${row * ROW} width=${x(1)} height=${ROW} opacity=${weight} />`
  const row = (weights: Float32Array, row: number) =>
    Array.from(weights, (weight, column) =>
      weight < FAINTEST ? nothing : square(weight, column, row),
    )
  const weight = shown(attention.weights[digit]![character]!)
  const sign = (digit: number) => data.signs[attention.signs[digit]!]
  const where = named(found.source, character)
  const value = `digit ${digit + 1} of ${count}, ${sign(digit)}: ${weight} at ${where}`
  const { all, at } = found.source
  return html`<div class="lab-map lab-looks" style="--columns: ${columns}; --rows: ${count}">
    <span class="lab-stack">
      <svg height=${count * ROW} width="100%" aria-hidden="true">
        ${at.map(
          (k, column) => svg`<text class="lab-column" x=${x(column + 0.5)} y="-6">${all[k]}</text>`,
        )}
        ${attention.weights.slice(0, drawn).map(
          (weights, digit) => svg`<g>
            <text x="-8" y=${(digit + 0.8) * ROW}>${sign(digit)}</text>
            ${row(weights, digit)}
          </g>`,
        )}
        <rect class="lab-cursor" x=${x(character)} y=${digit * ROW} width=${x(1)} height=${ROW} />
      </svg>
      <input type="range" aria-label="The alignment: digits down, characters across"
        aria-valuetext=${value} min="1" max=${count} step="1" .value=${live(String(digit + 1))}
        @input=${moved} @keydown=${pressed} @pointermove=${hovered} />
    </span>
    <span class="lab-value" aria-hidden="true">${value}</span>
  </div>`
}

/** What the map shows at this digit, for those who do not see it. */
function table(found: Read, digit: number, data: Data): TemplateResult {
  const { attention } = found.written
  const weights = attention.weights[digit]!
  return html`<table class="lab-heard">
    <caption>What digit ${digit + 1}, ${data.signs[attention.signs[digit]!]}, looks at</caption>
    <tbody>${looks(weights).map(
      (at) => html`<tr>
        <th scope="row">${named(found.source, at)}, character ${at + 1}</th>
        <td>${shown(weights[at]!)}</td>
      </tr>`,
    )}</tbody>
  </table>`
}

/** How many lines of dates that neither model learned from came out right. */
function tested({ right, tested, trained }: Data): TemplateResult {
  const counts = Object.keys(right.attention)
  const row = (dates: string) => {
    const beyond = trained.includes(Number(dates)) ? "" : ", more than in training"
    return html`<tr>
      <th scope="row">${dates}${beyond}</th>
      ${NAMES.map(([name]) => html`<td>${percent(right[name][dates]!)}</td>`)}
    </tr>`
  }
  return html`<table class="lab-table lab-right">
    <caption>
      Lines that come out right, of ${grouped(tested)} each. Each model was trained once, for as long
      as the other, and saw neither a date of these lines nor one of the examples.
    </caption>
    <thead><tr>
      <th scope="col">Dates in a line</th>
      ${NAMES.map(([, title]) => html`<th scope="col">${title}</th>`)}
    </tr></thead>
    <tbody>${counts.map(row)}</tbody>
  </table>`
}

/** The text, and examples of it. */
function field(scene: Scene<State, Data, Kept>): TemplateResult {
  const { state, data, kept, change, refuse, copy, link } = scene
  const { examples, years } = data
  const take = (text: string) => {
    kept.player.stop()
    change({ text, digit: 1, character: 0 })
  }
  const typed = ({ target }: Event) => {
    const all = [...(target as HTMLInputElement).value]
    take(all.slice(0, LONGEST).join(""))
    if (all.length > LONGEST) refuse(`Only the first ${LONGEST} characters are read.`)
  }
  const share = () => copy(link({}), "The link is copied, with your text in it.")
  return html`
    <label class="lab-field"><span>A date in words, from the years ${years.join(" to ")}</span>
      <input type="text" autocomplete="off" spellcheck="false" .value=${live(state.text)}
        @input=${typed} /></label>
    <div class="lab-buttons" role="group" aria-label="Examples">
      ${examples.map(
        ({ text }) => html`<button type="button" @click=${() => take(text)}>${text}</button>`,
      )}
    </div>
    <p><button type="button" @click=${share}>Copy a link with this text</button></p>`
}

function view(scene: Scene<State, Data, Kept>): TemplateResult {
  const { state, data, kept, change } = scene
  kept.scene = scene
  const found = read(state.text, kept, data)
  const { source, written } = found
  const [digit] = place(state, found)
  const count = written.attention.signs.length
  const strange = source.unknown.length
    ? html`<p>Skipped, for the models do not know it: ${source.unknown.join(" ")}</p>`
    : nothing
  if (!count) {
    return html`${field(scene)} ${strange}
      <p>${source.places.length ? "The model with attention writes nothing." : "Type a date."}</p>`
  }
  const begin = () => {
    let next = 1
    change({ digit: next })
    return () => {
      if (next < count) kept.scene!.change({ digit: ++next })
      return next < count
    }
  }
  const go = (digit: number) => {
    kept.player.stop()
    change({ digit })
  }
  const range = { min: 1, max: count, step: 1 }
  const at = `${digit + 1} of ${count}: ${data.signs[written.attention.signs[digit]!]}`
  return html`
    ${field(scene)} ${strange}
    <div class="lab-sides">
      <div>
        <dl class="lab-facts">
          ${NAMES.map(([name, title]) => line(name, title, scene, found))}
        </dl>
        ${slider("Digit", digit + 1, at, range, go)}
        <div class="lab-buttons">${play("Write digit by digit", kept.player, WRITE_MS, begin)}</div>
      </div>
      <div>
        ${lit(source, written.attention.weights[digit])}
        <p>${told(found, digit, data)}</p>
      </div>
    </div>
    ${map(scene, found)} ${table(found, digit, data)}
    ${tested(data)}`
}

define<State, Data, Kept>("attention-reader", {
  title: "Date reader, with attention and without",
  source: "dates",
  fields,
  open,
  close: ({ player }) => player.stop(),
  view,
  says: (state, data, kept) => {
    const found = read(state.text, kept, data)
    const [digit] = place(state, found)
    const all = NAMES.map(([name, title]) => {
      const digits = found.written[name].signs.map((sign) => data.signs[sign]).join("")
      return `${title}: ${digits || "nothing"}.`
    })
    const looked = found.written.attention.signs.length ? told(found, digit, data) : ""
    return `${all.join(" ")} ${looked}`
  },
})
