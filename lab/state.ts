// The state of a widget: what it may be, and how a link holds it. `#half-life.bias=2` sets the bias
// of the first half-life widget of a page, `#half-life-2.bias=2` that of the second.

/** One part of a state. */
export interface Field<T> {
  readonly initial: T
  /** What it may be, in words. */
  readonly rule: string
  /** Whether the reader wrote it, so that the address holds it only where the reader says so. */
  readonly isOwn?: boolean
  /** The value that a text stands for; undefined where it stands for none. */
  read(text: string): T | undefined
}

export type Fields<S> = { readonly [K in keyof S]: Field<S[K]> }

/** A number between two others. */
export function number(initial: number, min: number, max: number): Field<number> {
  const read = (text: string) => {
    const value = /^-?\d{1,9}(\.\d{1,9})?$/.test(text) ? Number(text) : NaN
    return value >= min && value <= max ? value : undefined
  }
  return { initial, rule: `a number from ${min} to ${max}`, read }
}

/** A whole number between two others. */
export function whole(initial: number, min: number, max: number): Field<number> {
  const { read } = number(initial, min, max)
  const rule = `a whole number from ${min} to ${max}`
  return { initial, rule, read: (text) => (/^\d+$/.test(text) ? read(text) : undefined) }
}

/** One of several words. */
export function choice<T extends string>(initial: T, words: readonly T[]): Field<T> {
  return { initial, rule: words.join(", "), read: (text) => words.find((word) => word === text) }
}

/** Yes or no. */
export function flag(initial: boolean): Field<boolean> {
  const words: Record<string, boolean> = { true: true, false: false }
  return {
    initial,
    rule: "true or false",
    read: (text) => (Object.hasOwn(words, text) ? words[text] : undefined),
  }
}

/** A text of up to so many characters. */
export function words(most: number): Field<string> {
  return {
    initial: "",
    rule: `a text of up to ${most} characters`,
    read: (text) => (text.length <= most ? text : undefined),
  }
}

export function initial<S extends object>(fields: Fields<S>): S {
  const names = Object.keys(fields) as (keyof S)[]
  return Object.fromEntries(names.map((name) => [name, fields[name].initial])) as S
}

/** Reads the state under a key from a link's hash, and in words what is wrong with it there. */
export function read<S extends object>(
  fields: Fields<S>,
  key: string,
  hash: string,
): { state: S; faults: string[]; isThere: boolean } {
  const state = initial(fields)
  const faults: string[] = []
  const params = [...new URLSearchParams(hash.slice(1))]
  const own = params.filter(([name]) => name.startsWith(`${key}.`))
  for (const [name, text] of own) {
    const part = name.slice(key.length + 1)
    const said = `${clipped(name)}=${clipped(text)}`
    if (!Object.hasOwn(fields, part)) {
      faults.push(`The link says ${said}, but there is no such setting here.`)
      continue
    }
    const field = fields[part as keyof S]
    const value = field.read(text)
    if (value === undefined) faults.push(`The link says ${said}, which is not ${field.rule}.`)
    else state[part as keyof S] = value
  }
  return { state, faults, isThere: own.length > 0 }
}

/** Returns a link's hash with a state in it, less what is as it was at the start. What readers
 * wrote goes in only `withOwn`. */
export function write<S extends object>(
  fields: Fields<S>,
  key: string,
  state: S,
  hash: string,
  withOwn = false,
): string {
  // What is not the lab's is an anchor, of which there can be one alone.
  const held = [...new URLSearchParams(hash.slice(1))].filter(([name]) => name.includes("."))
  const isHere = ([name]: [string, string]) => name.startsWith(`${key}.`)
  const others = held.filter((pair) => !isHere(pair))
  const first = held.findIndex(isHere)
  const own: [string, string][] = []
  for (const name of Object.keys(fields) as (keyof S & string)[]) {
    const { initial, isOwn } = fields[name]
    if (state[name] !== initial && (withOwn || !isOwn)) own.push([`${key}.${name}`, String(state[name])])
  }
  // The widget that a link leads to is the one that it names first: each keeps its place.
  others.splice(first < 0 ? others.length : first, 0, ...own)
  return others.length ? `#${new URLSearchParams(others)}` : ""
}

function clipped(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}…` : text
}
