// What all widgets share: their state and its place in the link, the one live region of a page, and
// controls. A widget is a `Widget`, made known by `define`.
import { html, nothing, render, type TemplateResult } from "lit-html"
import { live } from "lit-html/directives/live.js"
import { type Field, type Fields, initial, read, write } from "./state.ts"

export { html, noChange, nothing, svg, type TemplateResult } from "lit-html"
export { live } from "lit-html/directives/live.js"
export { ref } from "lit-html/directives/ref.js"
export { choice, type Field, type Fields, flag, number, whole, words } from "./state.ts"

/** The text of lab.css. */
declare const STYLE: string

/** What a widget is drawn from. */
export interface Scene<S, D, K = undefined> {
  readonly state: S
  /** What Python made for it, from its file below data/. */
  readonly data: D
  /** Tells it from other copies on the page: ids and names begin with it. */
  readonly key: string
  /** What `open` gave. */
  readonly kept: K
  change(part: Partial<S>): void
  /** Says why an entry was not taken. */
  refuse(why: string): void
  /** Says what has been done, where nothing else would show it. */
  tell(what: string): void
  /** The address of the page with this state, a part of which may be another. */
  link(part: Partial<S>): string
  /** Copies a text, and tells so. */
  copy(text: string, what: string): void
}

export interface Widget<S, D, K = undefined> {
  /** What it is called by those who hear the page. */
  readonly title: string
  /** The name of its file below data/. */
  readonly source: string
  /** The part of its state, if any, that may name another file in the same folder. */
  readonly by?: string
  fields(data: D): Fields<S>
  /** What a copy keeps beside its state, where it does; `draw` draws it anew. */
  open?(data: D, key: string, draw: () => void): K | Promise<K>
  close?(kept: K): void
  view(scene: Scene<S, D, K>): TemplateResult
  /** What has come of a change, in a sentence. */
  says(state: S, data: D, kept: K): string
}

/** What Python made, by the name of its file; these files fill it in. */
export const data: Record<string, unknown> = {}

const SAY_MS = 600
const LINK_MS = 300

const widgets = new Map<string, Widget<object, unknown, unknown>>()

/** Makes a widget known, under the name of its tag. */
export function define<S extends object, D, K = undefined>(
  tag: string,
  widget: Widget<S, D, K>,
): void {
  widgets.set(tag, widget as unknown as Widget<object, unknown, unknown>)
}

/** The last states of widgets, by page and key: the theme may put a page in its own place. */
const states = new Map<string, object>()

let isStyled = false
let region: HTMLElement | undefined
let saying: ReturnType<typeof setTimeout> | undefined

/** Tells those who hear the page, once nothing new has been said for a while. */
function say(text: () => string): void {
  if (!region) {
    region = document.createElement("div")
    region.className = "lab-said"
    region.setAttribute("role", "status")
    document.body.append(region)
  }
  clearTimeout(saying)
  saying = setTimeout(() => region?.replaceChildren(text()), SAY_MS)
}

type Load = (name: string) => Promise<void>

/** Starts the widget of an element in the place of its figure; returns what ends it. */
export function start(element: HTMLElement, load: Load): () => void {
  const widget = widgets.get(element.localName)
  if (!widget) throw new Error(`no widget is defined as ${element.localName}`)
  if (!isStyled) {
    const sheet = new CSSStyleSheet()
    sheet.replaceSync(STYLE)
    document.adoptedStyleSheets.push(sheet)
    isStyled = true
  }
  let end = () => {}
  let isOver = false
  const begin = async () => {
    if (isOver) return
    try {
      end = await run(element, widget, load)
    } catch (fault) {
      end = refuse(element, fault)
    }
    if (isOver) end()
  }
  load(`data/${fileOf(widget, element.dataset)}`).then(begin, begin)
  return () => {
    isOver = true
    end()
  }
}

/** The file that a state, or an element, names. */
function fileOf({ source, by }: Widget<object, unknown, unknown>, state: object): string {
  const name: unknown = Object.entries(state).find(([part]) => part === by)?.[1]
  return name ? source.replace(/[^/]*$/, String(name)) : source
}

/** Says below the figure, which stays, why it cannot be more. */
function refuse(element: HTMLElement, fault: unknown): () => void {
  const box = document.createElement("div")
  box.className = "lab"
  const why = fault instanceof Error ? fault.message : String(fault)
  render(html`<p class="lab-fault" role="alert">This cannot be tried out here now. ${why}</p>`, box)
  element.append(box)
  return () => box.remove()
}

/** The fields of a widget as its element has them begin: `data-bias="2"`. */
function preset(fields: Fields<object>, { dataset }: HTMLElement): Fields<object> {
  const all: [string, Field<unknown>][] = Object.entries(fields)
  const given = all.map(([name, field]) => {
    const text = dataset[name] // an empty one may be a value, too
    const initial = text === undefined ? undefined : field.read(text)
    return [name, { ...field, initial: initial ?? field.initial }]
  })
  return Object.fromEntries(given)
}

const NO_DATA = "Its data did not come: load the page again."

async function run(
  element: HTMLElement,
  widget: Widget<object, unknown, unknown>,
  load: Load,
): Promise<() => void> {
  let file = fileOf(widget, element.dataset)
  let known = data[file]
  if (!known) throw new Error(NO_DATA)
  let fields = preset(widget.fields(known), element)
  const twins = [...document.querySelectorAll(element.localName)]
  const number = twins.indexOf(element) + 1
  const key = number > 1 ? `${element.localName}-${number}` : element.localName
  const page = location.pathname
  let state = initial(fields)
  let faults: string[] = []
  let done = ""
  let wanted = file
  let step: HTMLElement | undefined
  let writing: ReturnType<typeof setTimeout> | undefined

  const box = document.createElement("div")
  box.className = "lab"
  box.setAttribute("role", "group")
  box.setAttribute("aria-label", widget.title)
  box.tabIndex = -1 // a link leads to it

  const draw = () => {
    const scene = { state, data: known, key, kept, change, refuse, tell, link, copy }
    const told = faults.map((fault) => html`<p class="lab-fault" role="alert">${fault}</p>`)
    const again = html`<button type="button" @click=${() => change(initial(fields))}>
      Start again
    </button>`
    const said = done ? html`<span>${done}</span>` : nothing
    const foot = html`<p class="lab-foot" aria-busy=${wanted !== file}>${said}${again}</p>`
    const back = html`<p><button type="button" @click=${() => step?.focus()}>
      Back to the text
    </button></p>`
    render(html`${told}${step ? back : nothing}${widget.view(scene)}${foot}`, box)
  }
  const show = (next: object, wrong: string[] = []) => {
    state = next
    faults = wrong
    done = ""
    draw()
  }
  const change = (part: object) => {
    const shown = file
    turn({ ...state, ...part }, (next) => {
      show(next)
      say(summary)
      if (file !== shown) remember()
    })
  }
  /** Loads the file that a state names, if it is another one; what else it says is of this one. */
  const turn = (next: object, then: (state: object) => void) => {
    const other = fileOf(widget, next)
    wanted = other
    if (other === file) return then(next)
    draw()
    const arrive = () => {
      if (wanted !== other) return // the reader went on
      const found = data[other]
      if (!found) {
        wanted = file
        return show(state, [NO_DATA])
      }
      ;[file, known] = [other, found]
      fields = preset(widget.fields(known), element)
      then({ ...initial(fields), [widget.by ?? ""]: other.replace(/.*\//, "") })
    }
    load(`data/${other}`).then(arrive, arrive)
  }
  const refuse = (why: string) => {
    faults = [why]
    done = ""
    draw()
  }
  const tell = (what: string) => {
    faults = []
    done = what
    draw()
    say(() => what)
  }
  const summary = () => widget.says(state, known, kept)
  const link = (part: object) =>
    location.href.replace(/#.*/, "") + write(fields, key, { ...state, ...part }, "", true)
  const copy = (text: string, what: string) => {
    const failed = () => refuse("This browser does not let the page copy.")
    if (!navigator.clipboard) return failed()
    navigator.clipboard.writeText(text).then(() => tell(what), failed)
  }
  const remember = () => {
    clearTimeout(writing)
    writing = setTimeout(() => {
      const { pathname, search, hash } = location
      if (pathname !== page) return // the address is another page's before that page is there
      try {
        const link = `${pathname}${search}${write(fields, key, state, hash)}`
        history.replaceState(history.state, "", link)
      } catch {
        // Some browsers refuse too many in a short time: the link is then an older one.
      }
    }, LINK_MS)
  }
  const follow = () => {
    clearTimeout(writing) // of a state that the link is about to change
    const { state, isThere } = read(fields, key, location.hash)
    if (!isThere) return // the reader went to a heading
    turn(state, () => {
      const found = read(fields, key, location.hash)
      show(found.state, found.faults)
      arrive()
    })
  }
  /** Where the link leads here, the reader goes on here, and hears what it shows. */
  const arrive = () => {
    const { hash } = location
    if (!hash.startsWith(`#${key}.`)) return
    // By now the address may hold what other widgets remember, too.
    const held = hash.slice(1).split("&")
    step = [...document.links].find(
      (link) =>
        link.hash.startsWith(`#${key}.`) &&
        link.hash.slice(1).split("&").every((part) => held.includes(part)),
    )
    draw()
    // Once it is on the page, and those above it have their places, too.
    setTimeout(() => {
      box.focus({ preventScroll: true })
      element.scrollIntoView()
    })
    say(summary)
  }

  const kept = await widget.open?.(known, key, draw)
  const before = states.get(page + key)
  if (before && !read(fields, key, location.hash).isThere) turn(before, () => show(before))
  else follow()
  draw()
  box.addEventListener("change", remember)
  box.addEventListener("click", remember)
  addEventListener("hashchange", follow)
  element.append(box)
  element.classList.add("lab-live")
  return () => {
    wanted = ""
    states.set(page + key, state)
    clearTimeout(writing)
    removeEventListener("hashchange", follow)
    widget.close?.(kept)
    element.classList.remove("lab-live")
    box.remove()
  }
}

/** What moves step by step once a reader starts it, until its end or until the reader stops it. */
export class Player {
  readonly #draw: () => void
  #timer: ReturnType<typeof setInterval> | undefined

  constructor(draw: () => void) {
    this.#draw = draw
  }

  get isOn(): boolean {
    return this.#timer !== undefined
  }

  /** Takes a step every so many milliseconds, as long as steps say that there are more. */
  start(step: () => boolean, every: number): void {
    this.stop()
    this.#timer = setInterval(() => {
      if (!step()) this.stop()
    }, every)
    this.#draw()
  }

  stop(): void {
    if (!this.isOn) return
    clearInterval(this.#timer)
    this.#timer = undefined
    this.#draw()
  }
}

/** A button that starts and ends what moves; none for readers who want nothing to move. */
export function play(
  name: string,
  player: Player,
  every: number,
  begin: () => () => boolean,
): TemplateResult | typeof nothing {
  if (matchMedia("(prefers-reduced-motion: reduce)").matches) return nothing
  const press = () => (player.isOn ? player.stop() : player.start(begin(), every))
  return html`<button type="button" @click=${press}>${player.isOn ? "Stop" : name}</button>`
}

export interface Range {
  readonly min: number
  readonly max: number
  readonly step: number
}

/** A slider with its value beside it; `text` is that value as people read and hear it. */
export function slider(
  name: string,
  value: number,
  text: string,
  range: Range,
  change: (value: number) => void,
): TemplateResult {
  const moved = ({ target }: Event) => change((target as HTMLInputElement).valueAsNumber)
  return html`<div class="lab-row">
    <label><span>${name}</span>
      <input type="range" min=${range.min} max=${range.max} step=${range.step}
        .value=${live(String(value))} aria-valuetext=${text} @input=${moved} /></label>
    <span class="lab-value" aria-hidden="true">${text}</span>
  </div>`
}

/** The sizes at which the slider of a size stops. */
const STOPS = [
  ...[0, 1, 2, 3],
  ...Array.from({ length: 40 }, (_, stop) => (4 + (stop % 3)) * 2 ** Math.floor(stop / 3)),
]

/**
 * A slider over sizes, each about a quarter above the one before, and a box for any other; `every`
 * gives other stops. What is being typed stays in the box, whatever is drawn meanwhile.
 */
export function size(
  name: string,
  value: number,
  field: Field<number>,
  change: (value: number) => void,
  refuse: (why: string) => void,
  every: readonly number[] = STOPS,
): TemplateResult {
  const stops = every.filter((stop) => field.read(String(stop)) !== undefined)
  const above = stops.findIndex((stop) => stop >= value)
  const at = above < 0 ? stops.length - 1 : above
  const moved = ({ target }: Event) =>
    change(stops[(target as HTMLInputElement).valueAsNumber] ?? value)
  const typed = taking(name, value, field, change, refuse)
  return html`<div class="lab-row">
    <label><span>${name}</span>
      <input type="range" min="0" max=${stops.length - 1} step="1"
        .value=${live(String(at))} aria-valuetext=${value} @input=${moved} /></label>
    <input class="lab-value" type="number" aria-label="${name}, exactly" inputmode="numeric"
      min=${stops[0] ?? 0} step="1" .value=${String(value)} @change=${typed} />
  </div>`
}

/** A box for a number, with its name above. */
export function box(
  name: string,
  value: number,
  field: Field<number>,
  change: (value: number) => void,
  refuse: (why: string) => void,
): TemplateResult {
  return html`<label class="lab-box"><span>${name}</span>
    <input type="number" step="any" .value=${String(value)}
      @change=${taking(name, value, field, change, refuse)} /></label>`
}

/** Takes what was typed into a box, or puts back what stood there and says why. */
function taking(
  name: string,
  value: number,
  field: Field<number>,
  change: (value: number) => void,
  refuse: (why: string) => void,
): (event: Event) => void {
  return ({ target }) => {
    const input = target as HTMLInputElement
    const given = field.read(input.value)
    input.value = String(given ?? value)
    if (given !== undefined) return change(given)
    refuse(`${name} must be ${field.rule}.`)
  }
}

/** A box to tick. */
export function tick(
  name: string,
  value: boolean,
  change: (value: boolean) => void,
): TemplateResult {
  const ticked = ({ target }: Event) => change((target as HTMLInputElement).checked)
  return html`<label>
    <input type="checkbox" .checked=${live(value)} @change=${ticked} /><span>${name}</span>
  </label>`
}

/** Buttons of which one is chosen; `words` gives the value and the name of each. */
export function radios<T extends string>(
  title: string,
  name: string,
  words: readonly (readonly [T, string])[],
  value: T,
  change: (value: T) => void,
): TemplateResult {
  return html`<fieldset class="lab-radios">
    <legend>${title}</legend>
    ${words.map(
      ([word, shown]) => html`<label>
        <input type="radio" name=${name} value=${word} .checked=${live(word === value)}
          @change=${() => change(word)} /><span>${shown}</span>
      </label>`,
    )}
  </fieldset>`
}

/** A list of which one is chosen; `words` gives the value and the name of each. */
export function select<T extends string>(
  name: string,
  words: readonly (readonly [T, string])[],
  value: T,
  change: (value: T) => void,
): TemplateResult {
  const chosen = ({ target }: Event) => change((target as HTMLSelectElement).value as T)
  return html`<div class="lab-row">
    <label><span>${name}</span>
      <select @change=${chosen}>
        ${words.map(
          ([word, shown]) => html`<option value=${word} .selected=${live(word === value)}>
            ${shown}
          </option>`,
        )}
      </select></label>
  </div>`
}

/** A whole number as people read it: "10,000". */
export function grouped(value: number): string {
  return value.toLocaleString("en-US")
}

const RAISED = "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"

/** A number with three digits that count; below a thousandth as a power of ten. */
export function shown(value: number): string {
  if (value === 0 || Math.abs(value) >= 0.001) {
    return Math.abs(value) < 1000 ? value.toPrecision(3) : grouped(Math.round(value))
  }
  const [digits, power] = value.toExponential(1).split("e")
  const raised = [...String(power)].map((sign) => RAISED["-0123456789".indexOf(sign)])
  return `${digits} · 10${raised.join("")}`
}
