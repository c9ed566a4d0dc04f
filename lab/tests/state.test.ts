// How a link holds the state of a widget, and what becomes of one that was damaged.
import assert from "node:assert/strict"
import { test } from "node:test"
import { choice, flag, number, read, whole, words, write } from "../state.ts"

interface State {
  bias: number
  steps: number
  cell: "gru" | "lstm"
  both: boolean
}

const fields = {
  bias: number(1, -4, 10),
  steps: whole(30, 1, 100),
  cell: choice<State["cell"]>("gru", ["gru", "lstm"]),
  both: flag(false),
}
const start: State = { bias: 1, steps: 30, cell: "gru", both: false }
const other: State = { bias: -2.5, steps: 7, cell: "lstm", both: true }

test("a link gives back what was written into it", () => {
  const hash = write<State>(fields, "toy", other, "")
  assert.equal(hash, "#toy.bias=-2.5&toy.steps=7&toy.cell=lstm&toy.both=true")
  assert.deepEqual(read<State>(fields, "toy", hash), { state: other, faults: [], isThere: true })
})

test("what is as at the start is not written", () => {
  assert.equal(write<State>(fields, "toy", start, ""), "")
  assert.equal(write<State>(fields, "toy", { ...start, steps: 31 }, ""), "#toy.steps=31")
})

test("the states of others stay, and a heading that the link led to goes", () => {
  const hash = "#toy-2.steps=9&lab.x=1&toy.steps=8"
  assert.equal(write<State>(fields, "toy", start, hash), "#toy-2.steps=9&lab.x=1")
  assert.equal(write<State>(fields, "toy", other, "#a-heading").includes("heading"), false)
  assert.equal(read<State>(fields, "toy-2", hash).state.steps, 9)
  assert.equal(read<State>(fields, "toy", "#a-heading").isThere, false)
})

test("a state keeps its place in a link, and a new one comes last", () => {
  const hash = "#toy.steps=8&lab.x=1"
  assert.equal(write<State>(fields, "toy", { ...start, steps: 9 }, hash), "#toy.steps=9&lab.x=1")
  assert.equal(
    write<State>(fields, "toy-2", { ...start, steps: 9 }, hash),
    "#toy.steps=8&lab.x=1&toy-2.steps=9",
  )
})

test("what the reader wrote is in a link only where it is asked for", () => {
  const fields = { text: { ...words(40), isOwn: true }, at: whole(1, 1, 9) }
  const state = { text: "my own", at: 2 }
  assert.equal(write(fields, "toy", state, ""), "#toy.at=2")
  assert.equal(write(fields, "toy", state, "#toy.text=old&toy.at=1"), "#toy.at=2")
  assert.deepEqual(read(fields, "toy", write(fields, "toy", state, "", true)).state, state)
})

const damaged = [
  ["toy.steps=1e9", /not a whole number from 1 to 100/],
  ["toy.steps=101", /not a whole number/],
  ["toy.steps=0", /not a whole number/],
  ["toy.steps=7.5", /not a whole number/],
  ["toy.steps=-7", /not a whole number/],
  ["toy.steps=", /not a whole number/],
  ["toy.steps=%F0%9F", /not a whole number/],
  ["toy.bias=NaN", /not a number from -4 to 10/],
  ["toy.bias=Infinity", /not a number/],
  ["toy.bias=-4.1", /not a number/],
  ["toy.bias=0x2", /not a number/],
  ["toy.bias=%", /not a number/],
  ["toy.bias", /not a number/],
  ["toy.cell=rnn", /not gru, lstm/],
  ["toy.cell=constructor", /not gru, lstm/],
  ["toy.both=1", /not true or false/],
  ["toy.both=valueOf", /not true or false/],
  ["toy.speed=1", /no such setting/],
  ["toy.__proto__=1", /no such setting/],
  ["toy.=1", /no such setting/],
] as const

for (const [text, message] of damaged) {
  test(`#${text} is told of, and the rest of the link holds`, () => {
    const { state, faults } = read<State>(fields, "toy", `#${text}&toy.both=true`)
    assert.equal(faults.length, 1)
    assert.match(faults[0] ?? "", message)
    assert.deepEqual({ ...state, both: false }, start)
  })
}

test("a message repeats no more than the start of a long link", () => {
  const { faults } = read<State>(fields, "toy", `#toy.steps=${"9".repeat(10_000)}`)
  assert.ok((faults[0] ?? "").length < 200)
})

test("a text goes through a link as it is, and one that is too long does not", () => {
  const fields = { text: words(40) }
  for (const text of ["a b+c&d=e#f%20\n", "é 😀 \u2028", ""]) {
    const hash = write(fields, "toy", { text }, "")
    assert.deepEqual(read(fields, "toy", hash).state, { text })
  }
  const long = read(fields, "toy", write(fields, "toy", { text: "a".repeat(41) }, ""))
  assert.deepEqual(long.state, { text: "" })
  assert.match(long.faults[0] ?? "", /not a text of up to 40 characters/)
})
