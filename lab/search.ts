// The site's search: which sections hold what a reader types, and what they say about it.
/*! MiniSearch: copyright 2022 Luca Ongaro. stemmer: copyright 2014 Titus Wormer. Both: MIT. */
import MiniSearch from "minisearch"
import { stemmer } from "stemmer"

/** A section of a page, as the theme's plugin writes it into the index. Title and text are HTML. */
export interface Section {
  location: string
  title: string
  text: string
  tags?: string[]
  boost?: number
}

/** A section as the theme shows it, with the words that its page is to highlight. */
export interface Found extends Section {
  score: number
  terms: Record<string, true>
}

export interface Result {
  /** Pages, best first; of each the sections that were found, best first, and the page's head. */
  items: Found[][]
  /** How the last word may go on. */
  suggest: string[]
}

/** A section by its number, and what it counts. */
interface Ranked {
  id: number
  score: number
}

/** What the index has of a word: what it counts in each section, and what it looks like there. */
interface Hits {
  scores: Map<number, number>
  looks: RegExp
}

/** What a word counts by where it stands: in a heading, a question that folds out, and so on. */
const WEIGHTS = { title: 4, question: 3, page: 3, tags: 1, prose: 1, code: 0.2 }
/** What it counts in the head of a page, beside other sections; and what the next sections add. */
const HEAD = 1.5
const NEXT = 0.25
/** The last word may be the beginning of others, which then count less. */
const LONGER = { prefix: true, weights: { prefix: 0.1, fuzzy: 0 } }
/** Words that say too little to be marked. */
const COMMON = new Set(
  `a an and are as at be but by can do does for from how i if in is it my not of on or so than that
  the then there this to was what when where which why with you your`.split(/\s+/),
)
/** How long an excerpt is, and how much of it stands before the first word, in characters. */
const LENGTH = 180
const BEFORE = 60

const ENTITIES: Record<string, string> = { "&lt;": "<", "&gt;": ">", "&amp;": "&" }

/** The text of some HTML, without the marks of its footnotes. */
function plain(html: string): string {
  const text = html.replace(/<sup>.*?<\/sup>|<[^>]*>/g, "").trim()
  return text.replace(/&(?:lt|gt|amp);/g, (entity) => ENTITIES[entity]!)
}

/** Words as readers type them: gated.seq2seq is two, as is 1-z, and h_n and 0.5 are one. */
function words(text: string): string[] {
  return text.match(/\d+(?:\.\d+)+|[\p{L}\d_]+/gu) ?? []
}

function escaped(text: string): string {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;")
}

/** What a section says: in questions that fold out, in paragraphs and then in tables, in code. */
class Text {
  readonly title: string
  readonly questions: string[] = []
  readonly prose: string[]
  readonly code: string[]

  constructor({ title, text }: Section) {
    const [paragraphs, others, code]: [string[], string[], string[]] = [[], [], []]
    const rest = text.replace(/<pre>(.*?)<\/pre>/gs, (_, block: string) => {
      code.push(...block.split("\n").map(plain))
      return "</p>"
    })
    for (const piece of rest.split(/<\/(?:p|li)>|<\/?[uo]l>/)) {
      // What stands between two paragraphs heads the second one if it is a question.
      const [before = "", paragraph = ""] = piece.split(/<(?:p|li)>(?!<p>)/).map(plain)
      const asks = paragraph && before.endsWith("?")
      if (asks) this.questions.push(before)
      else others.push(before)
      paragraphs.push(asks ? `${before} ${paragraph}` : paragraph)
    }
    this.title = plain(title)
    this.prose = [...paragraphs, ...others].filter(Boolean)
    this.code = code.filter(Boolean)
  }
}

const known = new Map<string, string[]>()

/** What a word is found by: itself, its stem and those of the words that it joins, as h_n does. */
function forms(word: string): string[] {
  let found = known.get(word)
  if (!found) {
    const whole = word.toLowerCase()
    found = [...new Set([whole, stemmer(whole), ...joined(whole)])]
    known.set(word, found)
  }
  return found
}

function joined(word: string): string[] {
  const parts = word.split("_")
  return parts.length > 1 ? parts.filter((part) => part.length > 1).map(stemmer) : []
}

/** Finds words that begin like one of these. Short ones have to be equal. */
function looks(starts: readonly string[]): RegExp {
  const each = starts.map((start) => {
    const literal = start.replaceAll(".", String.raw`\.`)
    return literal + (start.length < 4 ? String.raw`(?![\p{L}\d_])` : String.raw`[\p{L}\d_]*`)
  })
  return new RegExp(String.raw`(?<![\p{L}\d_])(?:${each.join("|")})`, "giu")
}

function has(text: string, word: RegExp): boolean {
  return text.search(word) >= 0
}

/** Marks the words in a text, which becomes HTML. */
function marked(text: string, all: readonly RegExp[]): string {
  const found = all.flatMap((word) => [...text.matchAll(word)])
  let [html, end] = ["", 0]
  for (const { 0: word, index } of found.sort((one, other) => one.index - other.index)) {
    if (index < end) continue
    html += `${escaped(text.slice(end, index))}<mark>${escaped(word)}</mark>`
    end = index + word.length
  }
  return html + escaped(text.slice(end))
}

/** A line or two of a paragraph, with the first of the words in it. */
function around(text: string, all: readonly RegExp[]): string {
  const places = all.map((word) => text.search(word)).filter((place) => place >= 0)
  const first = places.length ? Math.min(...places) : 0
  const start = first > LENGTH - BEFORE ? text.indexOf(" ", first - BEFORE) + 1 : 0
  const rest = text.slice(start)
  const end = rest.length > LENGTH ? rest.lastIndexOf(" ", LENGTH) : rest.length
  return `${start ? "… " : ""}${rest.slice(0, end)}${end < rest.length ? " …" : ""}`
}

/** The paragraph that has most of what the title lacks; and a line, if only code has any of it. */
function excerpt({ title, prose, code }: Text, all: readonly RegExp[]): string {
  const rest = all.filter((word) => !has(title, word))
  const count = (text: string) => rest.filter((word) => has(text, word)).length
  const [first = ""] = prose
  const best = prose.reduce((one, other) => (count(other) > count(one) ? other : one), first)
  const isCode = ![title, best].some((text) => all.some((word) => has(text, word)))
  const line = isCode && code.find((text) => all.some((word) => has(text, word)))
  const shown = best && `<p>${marked(around(best, rest), all)}</p>`
  return shown + (line ? `<p><code>${marked(around(line, all), all)}</code></p>` : "")
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0)
}

export class Search {
  readonly #sections: readonly Section[]
  readonly #texts: Text[]
  /** The number of the head of its page, for each section. */
  readonly #heads: number[]
  readonly #index: MiniSearch
  /** How many titles of chapters and their sections have a word. */
  readonly #inTitles = new Map<string, number>()

  constructor(sections: readonly Section[]) {
    const pages = sections.map(({ location }) => location.replace(/#.*/, ""))
    this.#sections = sections
    this.#texts = sections.map((section) => new Text(section))
    this.#heads = pages.map((page) => pages.indexOf(page))
    this.#index = new MiniSearch({
      fields: Object.keys(WEIGHTS),
      tokenize: words,
      processTerm: forms,
      searchOptions: { boost: WEIGHTS, tokenize: (term) => [term], processTerm: (term) => term },
    })
    this.#texts.forEach(({ title, questions, prose, code }, id) => {
      const [head, { tags = [], boost = 1 }] = [this.#heads[id]!, sections[id]!]
      this.#index.add({
        id,
        title,
        question: questions.join("\n"),
        page: head === id ? "" : this.#texts[head]!.title,
        tags: tags.join("\n"),
        prose: prose.join("\n"),
        code: code.join("\n"),
      })
      for (const word of boost < 1 ? [] : words(title.toLowerCase())) {
        this.#inTitles.set(word, (this.#inTitles.get(word) ?? 0) + 1)
      }
    })
  }

  search(query: string): Result {
    const typed = words(query)
    const hits = typed.map((word, at) => this.#hits(word, at === typed.length - 1))
    const telling = hits.filter((_, at) => !COMMON.has(typed[at]!.toLowerCase()))
    const looks = (telling.length ? telling : hits).map(({ looks }) => looks)
    return {
      items: this.#ranked(hits).map((page) => this.#shown(page, looks)),
      suggest: this.#suggest(typed.at(-1)),
    }
  }

  /** The pages that have some of the words, best first, and in each its sections, best first. */
  #ranked(hits: readonly Hits[]): Ranked[][] {
    // What stands everywhere says little, and so does it that a section lacks it.
    const total = this.#sections.length
    const weights = hits.map(({ scores }) => Math.log(1 + total / (scores.size || 1)))

    const pages = new Map<number, Ranked[]>()
    for (const id of new Set(hits.flatMap(({ scores }) => [...scores.keys()]))) {
      const head = this.#heads[id]!
      const share = sum(weights.filter((_, at) => hits[at]!.scores.has(id))) / sum(weights)
      const boost = (this.#sections[id]!.boost ?? 1) * (id === head ? HEAD : 1)
      const score = sum(hits.map(({ scores }) => scores.get(id) ?? 0)) * share ** 2 * boost
      pages.set(head, [...(pages.get(head) ?? []), { id, score }])
    }
    for (const [head, page] of pages) {
      page.sort((one, other) => other.score - one.score)
      page[0]!.score += NEXT * sum(page.slice(1, 4).map(({ score }) => score))
      if (!page.some(({ id }) => id === head)) page.push({ id: head, score: 0 })
    }
    return [...pages.values()].sort(([one], [other]) => other!.score - one!.score)
  }

  #shown(page: readonly Ranked[], looks: readonly RegExp[]): Found[] {
    const texts = page.map(({ id }) => this.#texts[id]!)
    const whole = texts.flatMap(({ title, prose }) => [title, ...prose]).join("\n").toLowerCase()
    const there = looks.flatMap((word) => whole.match(word) ?? [])
    const terms = Object.fromEntries(there.map((word) => [word, true] as const))
    return page.map(({ id, score }, at) => ({
      ...this.#sections[id]!,
      title: marked(texts[at]!.title, looks),
      text: excerpt(texts[at]!, looks),
      score,
      terms,
    }))
  }

  /** Looks for a word, or else for what it begins, or else for what it was meant to be. */
  #hits(word: string, isLast: boolean): Hits {
    let hits = this.#find(word, isLast)
    if (!hits.scores.size) hits = this.#find(word, true)
    if (!hits.scores.size && word.length > 3) hits = this.#find(this.#corrected(word.toLowerCase()))
    return hits
  }

  #find(word: string, goesOn = false): Hits {
    const [whole, stem, parts] = [word.toLowerCase(), stemmer(word), joined(word)]
    const found = this.#index.search(stem)
    if (parts.length) found.push(...this.#index.search({ combineWith: "AND", queries: parts }))
    if (goesOn && whole.length > 1) found.push(...this.#index.search(whole, LONGER))
    const scores = new Map<number, number>()
    for (const { id, score } of found) scores.set(id, Math.max(score, scores.get(id) ?? 0))
    return { scores, looks: looks([whole, stem, ...parts]) }
  }

  /** The word that counts most of those with two letters exchanged, or with one letter changed. */
  #corrected(word: string): string {
    const exchanged = Array.from(word, (_, at) =>
      word.slice(0, at) + word.slice(at, at + 2).split("").reverse().join("") + word.slice(at + 2),
    )
    const changed = this.#index.autoSuggest(word, { fuzzy: 1, prefix: false })
    const [best] = [...exchanged, ...changed.map(({ suggestion }) => suggestion)]
      .map((meant) => ({ meant, score: this.#index.search(meant)[0]?.score ?? 0 }))
      .sort((one, other) => other.score - one.score)
    return best!.meant
  }

  /** The word of most titles that begins like this one, unless this one is a word of a title. */
  #suggest(word = ""): string[] {
    const start = word.toLowerCase()
    if (!start || this.#inTitles.has(start)) return []
    const [best] = [...this.#inTitles]
      .filter(([longer]) => longer.startsWith(start))
      .sort(([one, count], [other, others]) => others - count || one.length - other.length)
    return best ? [word + best[0].slice(start.length)] : []
  }
}
