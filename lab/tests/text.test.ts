// How a model goes through a text page by page, and what it does again after an edit.
import assert from "node:assert/strict"
import { test } from "node:test"
import { Model, trace } from "../characters.ts"
import { LONGEST, PAGE, pick, Reading, split } from "../text.ts"
import { CHARACTERS, packed } from "./packed.ts"

const known = [...CHARACTERS]
const TEXT = "ab a'b\n b' ".repeat(40)

function readAll(reading: Reading): Reading {
  while (!reading.isDone) reading.go()
  return reading
}

function places(text: string): readonly number[] {
  return split(text, known).places
}

test("what the models do not know is named, and left out of what they read", () => {
  const { all, places, at, unknown } = split("aé\u{1f600}b\té", known)
  assert.deepEqual(all, ["a", "é", "\u{1f600}", "b", "\t", "é"])
  assert.deepEqual([places, at], [[2, 3], [0, 3]])
  assert.deepEqual(unknown, ["é", "\u{1f600}", "\t"])
  assert.deepEqual(split("", known), { all: [], places: [], at: [], unknown: [] })
})

test("what is beyond the longest text is left out", () => {
  assert.equal(split("a".repeat(LONGEST + 5), known).all.length, LONGEST)
})

test("a character is drawn by its chance, and the colder, the likelier the likeliest", () => {
  const chances = Float32Array.of(0.2, 0, 0.5, 0.3)
  const drawn = (temperature: number) => {
    const counts = [0, 0, 0, 0]
    for (let k = 0; k < 1000; k++) counts[pick(chances, temperature, (k + 0.5) / 1000)]!++
    return counts
  }
  assert.deepEqual(drawn(1), [200, 0, 500, 300])
  assert.deepEqual(drawn(0.5).map((count) => count / 1000), [0.105, 0, 0.658, 0.237])
  assert.deepEqual(drawn(0.01), [0, 0, 1000, 0])
  assert.equal(pick(chances, 1, 1), 2, "rounding leaves no number without a place")
  assert.equal(pick(Float32Array.of(0, 1e-30), 0.1, 0.5), 1)
})

for (const cell of ["gru", "lstm"] as const) {
  test(`pages are parts of one trace: ${cell}`, () => {
    const whole = trace(new Model(packed(cell)), TEXT)
    const reading = new Reading(new Model(packed(cell)))
    reading.take(places(TEXT))
    assert.equal(reading.page(0), undefined)
    readAll(reading)
    assert.equal(reading.pages, Math.ceil(TEXT.length / PAGE))
    for (const page of [2, 0, 1]) {
      const { seen, chances } = reading.page(page)!
      for (const [name, values] of Object.entries({ ...seen, chances })) {
        const all = name === "chances" ? whole.chances : whole.seen[name]!
        const size = all.length / TEXT.length
        assert.deepEqual(values, all.subarray(page * PAGE * size, (page + 1) * PAGE * size))
      }
    }
    assert.equal(reading.page(3), undefined)
    const took = places(TEXT).slice(1).map((next, step) => whole.chances[step * 5 + next]!)
    const mean = -took.reduce((sum, chance) => sum + Math.log2(chance), 0) / took.length
    assert.ok(Math.abs(reading.bits - mean) < 1e-9)
  })

  test(`an edit reads again what follows, and gives what a fresh reading gives: ${cell}`, () => {
    const reading = new Reading(new Model(packed(cell)))
    for (const length of [1, PAGE - 1, PAGE, PAGE + 1, 2 * PAGE, 2 * PAGE + 1]) {
      reading.take(places(TEXT))
      readAll(reading)
      const text = TEXT.slice(0, length)
      reading.take(places(text))
      assert.equal(reading.done, Math.floor((length - 1) / PAGE))
      for (const edited of [text, text + TEXT]) {
        reading.take(places(edited))
        readAll(reading)
        const fresh = new Reading(new Model(packed(cell)))
        fresh.take(places(edited))
        readAll(fresh)
        assert.deepEqual([reading.bits, reading.pages], [fresh.bits, fresh.pages])
        assert.deepEqual(reading.page(fresh.pages - 1), fresh.page(fresh.pages - 1))
      }
    }
  })

  test(`a gate that is held is so from the first character, and can be let go: ${cell}`, () => {
    const reading = new Reading(new Model(packed(cell)))
    reading.take(places(TEXT))
    const before = readAll(reading).bits
    reading.alter({ [cell === "gru" ? "z" : "f"]: 1 })
    assert.equal(reading.done, 0)
    assert.notEqual(readAll(reading).bits, before)
    reading.alter({})
    assert.equal(readAll(reading).bits, before)
  })

  test(`two readings of a model keep their gates apart: ${cell}`, () => {
    const model = new Model(packed(cell))
    const [held, free] = [new Reading(model), new Reading(model)]
    held.alter({}, { [cell === "gru" ? "z" : "f"]: 0.2 })
    for (const reading of [held, free]) reading.take(places(TEXT))
    while (!free.isDone) {
      held.go()
      free.go()
    }
    const alone = new Reading(new Model(packed(cell)))
    alone.take(places(TEXT))
    assert.equal(free.bits, readAll(alone).bits)
    assert.notEqual(held.bits, free.bits)
    assert.equal(free.write(1, 5, 20, 1, 1), alone.write(1, 5, 20, 1, 1))
  })

  test(`a character counts for what the next one takes without it: ${cell}`, () => {
    const reading = new Reading(new Model(packed(cell)))
    reading.take(places(TEXT))
    readAll(reading)
    const chance = (text: string, next: number) => {
      const model = new Model(packed(cell))
      if (text) trace(model, text)
      else model.predict()
      return model.chances[next]!
    }
    for (const at of [0, 3, PAGE + 2, TEXT.length - 1]) {
      const bits = new Float32Array(8).fill(NaN)
      for (const _ of reading.leaveOut(at, bits)) reading.page(0) // something else goes on
      const whole = TEXT.slice(0, at + 1)
      const { chances } = trace(new Model(packed(cell)), whole)
      const last = chances.subarray(-known.length)
      const next = places(TEXT)[at + 1] ?? last.indexOf(Math.max(...last))
      bits.forEach((found, back) => {
        if (back > at) return assert.ok(Number.isNaN(found))
        const without = TEXT.slice(0, at - back) + TEXT.slice(at - back + 1, at + 1)
        const expected = Math.log2(chance(whole, next) / chance(without, next))
        assert.ok(Math.abs(found - expected) < 1e-5, `${at}, ${back}: ${found}, ${expected}`)
      })
    }
  })

  test(`what is written hangs on the seed, and leaves the reading as it was: ${cell}`, () => {
    const reading = new Reading(new Model(packed(cell)))
    reading.take(places(TEXT))
    assert.equal(reading.write(0, 5, 40, 1, 1), "", "not read so far")
    readAll(reading)
    const before = structuredClone(reading.page(1))
    const text = reading.write(1, 5, 40, 1, 1)
    assert.equal(text.length, 40)
    assert.ok([...text].every((sign) => known.includes(sign)))
    assert.equal(reading.write(1, 5, 40, 1, 1), text)
    assert.notEqual(reading.write(1, 5, 40, 1, 2), text)
    assert.deepEqual(reading.page(1), before)

    // Cold, it is the likeliest each time.
    const model = new Model(packed(cell))
    let { chances } = trace(model, TEXT.slice(0, PAGE + 6))
    chances = chances.subarray(-known.length)
    for (const sign of reading.write(1, 5, 40, 0.01, 3)) {
      const best = chances.indexOf(Math.max(...chances))
      assert.equal(sign, known[best])
      model.step(best)
      chances = model.chances
    }
  })

  test(`nothing, and one character: ${cell}`, () => {
    const reading = new Reading(new Model(packed(cell)))
    assert.ok(reading.isDone)
    assert.ok(Number.isNaN(reading.bits))
    reading.take(places("a"))
    readAll(reading)
    assert.equal(reading.page(0)!.steps, 1)
    assert.ok(Number.isNaN(reading.bits))
  })
}
