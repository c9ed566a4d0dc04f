// What the search finds, in which order, and how it shows it: in a small index.
// tests/site/test_search.py asks the site's own what readers ask.
import assert from "node:assert/strict"
import { test } from "node:test"
import { Search, type Section } from "../search.ts"

const CLIP = `<p>A gradient can explode.</p> <p>Then a step is too large.</p>
<pre><code>norm = clip(model)
if norm &lt; 1: print(norm)
</code></pre> Is the norm large?<p>It is, where gradients explode.</p>`

const SECTIONS: Section[] = [
  { location: "clip.html", title: "Clip gradients", text: CLIP },
  { location: "clip.html#watch-out", title: "Watch out", text: "<p>Clip before the step.</p>" },
  { location: "gates.html", title: "Gates", text: "<p>What a <code>hidden_size</code> is.</p>" },
  { location: "gates.html#0.5", title: "At <code>h_n</code> &lt; 0.5", text: "<p>Vanishing.</p>" },
  { location: "gates.html#model", title: "Models", text: "<ul><li>Print<sup>1</sup>.</li></ul>" },
  { location: "api.html", title: "clipper", text: "<p>The function clip.</p>", boost: 0.2 },
]
const search = new Search(SECTIONS)

function pages(query: string): string[] {
  return search.search(query).items.map((page) => page[0]!.location)
}

function text(query: string): string | undefined {
  return search.search(query).items[0]?.[0]?.text
}

const found: [query: string, pages: string[]][] = [
  // Inflected, half typed, in capitals, and with a letter missing, wrong, added or two exchanged.
  ["vanishes", ["gates.html#0.5"]],
  ["vani", ["gates.html#0.5"]],
  ["VANISHING", ["gates.html#0.5"]],
  ["vanishng", ["gates.html#0.5"]],
  ["vamishing", ["gates.html#0.5"]],
  ["vannishing", ["gates.html#0.5"]],
  ["vainshing", ["gates.html#0.5"]],
  // Among punctuation, and joined in other ways than the page does.
  ["h_n:", ["gates.html#0.5"]],
  ["model(h_n)", ["gates.html#0.5", "clip.html"]],
  ["hidden size", ["gates.html"]],
  ["hidden_size=5", ["gates.html"]],
  ["<0.5", ["gates.html#0.5"]],
  // In a heading before the text, in prose before code, in a chapter before the reference.
  ["model", ["gates.html#model", "clip.html"]],
  ["print", ["gates.html#model", "clip.html"]],
  ["clip", ["clip.html", "api.html"]],
  // Of several words, the rare one counts most.
  ["vanishing before the step", ["clip.html#watch-out", "gates.html#0.5", "api.html"]],
  ["the vanishing", ["gates.html#0.5", "clip.html", "api.html"]],
  ["xyz", []],
  ["", []],
  ["?", []],
]

for (const [query, expected] of found) {
  test(`"${query}" finds ${expected.join(", ") || "nothing"}`, () => {
    assert.deepEqual(pages(query), expected)
  })
}

test("a page has its sections, best first, and its head even if that was not found", () => {
  const shown = (query: string) => search.search(query).items[0]!.map(({ location }) => location)
  assert.deepEqual(shown("clip"), ["clip.html", "clip.html#watch-out"])
  assert.deepEqual(shown("vanishing"), ["gates.html#0.5", "gates.html"])
})

test("an excerpt is the paragraph that has most of what the title lacks", () => {
  assert.equal(text("clip gradients"), "<p>A <mark>gradient</mark> can explode.</p>")
  assert.equal(text("gradients step"), "<p>Then a <mark>step</mark> is too large.</p>")
})

test("a question that folds out stands before its answer, and a footnote's mark nowhere", () => {
  const asked = "Is the <mark>norm</mark> <mark>large</mark>? It is, where gradients explode."
  assert.equal(text("large norm"), `<p>${asked}</p>`)
  assert.equal(text("models print"), "<p><mark>Print</mark>.</p>")
})

test("what only code has is shown below the prose, in its line", () => {
  const line = "<p><code>if norm &lt; 1: <mark>print</mark>(norm)</code></p>"
  assert.equal(search.search("print").items[1]![0]!.text, `<p>A gradient can explode.</p>${line}`)
})

test("a long paragraph is cut between words, around the first word that was looked for", () => {
  const long = `<p>${"before ".repeat(60)}needle ${"after ".repeat(60)}</p>`
  const hay = new Search([{ location: "hay.html", title: "Hay", text: long }])
  const shown = hay.search("needle").items[0]![0]!.text
  assert.match(shown, /^<p>… (before )+<mark>needle<\/mark> (after )+…<\/p>$/)
  assert.ok(shown.length < 240)
})

test("titles are marked and escaped, and the page is told which words to highlight", () => {
  const [first] = search.search("h_n vanish").items[0]!
  assert.equal(first!.title, "At <mark>h_n</mark> &lt; 0.5")
  assert.deepEqual(first!.terms, { h_n: true, vanishing: true })
})

const suggestions: [query: string, suggestion: string | undefined][] = [
  ["grad", "gradients"],
  ["clip Grad", "Gradients"],
  ["model", "models"],
  ["clipp", undefined],
  ["clip", undefined],
  ["gradients?", undefined],
  ["norm", undefined],
  ["", undefined],
]

for (const [query, suggestion] of suggestions) {
  test(`"${query}" may go on as ${suggestion ?? "anything"}`, () => {
    assert.deepEqual(search.search(query).suggest, suggestion ? [suggestion] : [])
  })
}
