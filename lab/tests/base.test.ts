// Numbers as people read them.
import assert from "node:assert/strict"
import { test } from "node:test"
import { shown } from "../base.ts"

const words = [
  [0, "0.00"],
  [0.5, "0.500"],
  [0.0012345, "0.00123"],
  [2.2127, "2.21"],
  [102.6, "103"],
  [15266.6, "15,267"],
  [8.31e-5, "8.3 · 10⁻⁵"],
  [9.99e-4, "1.0 · 10⁻³"],
  [1e-120, "1.0 · 10⁻¹²⁰"],
] as const

for (const [value, text] of words) {
  test(`${value} is shown as ${text}`, () => assert.equal(shown(value), text))
}
