// Which steps a scan has joined by each round.
import assert from "node:assert/strict"
import { test } from "node:test"
import { scan, sources } from "../widgets/scan-rounds.ts"

test("a step is joined with those before it, as far as the span reaches, each once", () => {
  for (const round of [0, 1, 2, 3]) {
    for (let step = 0; step < 8; step++) {
      const rows = sources(round, step)
      const first = Math.max(0, step + 1 - 2 ** round)
      assert.equal(rows.length, round + 1)
      assert.deepEqual(rows[0], Array.from({ length: step + 1 - first }, (_, k) => first + k))
      assert.deepEqual(rows[round], [step])
    }
  }
  assert.deepEqual(sources(3, 5), [[0, 1, 2, 3, 4, 5], [1, 3, 5], [1, 5], [5]])
})

test("rounds are as many as doublings, also where a span is cut off", () => {
  const rounds = (steps: number) => {
    const ones = Array(steps).fill(1)
    return scan({ keep: ones, write: ones }).length - 1
  }
  assert.deepEqual([1, 2, 5, 8, 9].map(rounds), [0, 1, 3, 3, 4])
})
