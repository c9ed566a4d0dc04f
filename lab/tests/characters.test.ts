// The models of characters, small and random ones: both ways to take products, and what goes wrong.
// tests/site/test_lab_characters.py compares the trained ones with PyTorch.
import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { test } from "node:test"
import wabt from "wabt"
import { half, Model, SEEN, trace } from "../characters.ts"
import { PRODUCT } from "../product.ts"
import { CHARACTERS, packed } from "./packed.ts"

const CELLS = ["gru", "lstm"] as const
const TEXT = "ab a b\n'b' aa"

function near(some: Float32Array, others: Float32Array, by: number): void {
  assert.equal(some.length, others.length)
  some.forEach((one, at) => assert.ok(Math.abs(one - others[at]!) <= by, `${one}, ${others[at]}`))
}

test("a float16 is the number that it stands for, whatever its bits", () => {
  const bits = new DataView(new ArrayBuffer(2)) as DataView & { getFloat16(at: number): number }
  for (let value = 0; value < 65536; value++) {
    bits.setUint16(0, value)
    assert.ok(Object.is(half(value), bits.getFloat16(0)), `${value}`)
  }
})

test("the module is that of its source", async () => {
  const source = readFileSync(new URL("../product.wat", import.meta.url), "utf-8")
  const made = (await wabt()).parseWat("product.wat", source).toBinary({}).buffer
  assert.equal(PRODUCT, btoa(String.fromCharCode(...made)), "run `node lab/assemble.js`")
})

for (const cell of CELLS) {
  test(`in WebAssembly the ${cell} gives what it gives in JavaScript`, () => {
    for (const units of [1, 16, 21]) {
      const fast = new Model(packed(cell, units))
      const plain = new Model(packed(cell, units), true)
      assert.ok(fast.isFast && !plain.isFast)
      const [mine, other] = [trace(fast, TEXT), trace(plain, TEXT)]
      assert.deepEqual(Object.keys(mine.seen), [...SEEN[cell]])
      for (const name of SEEN[cell]) near(mine.seen[name]!, other.seen[name]!, 1e-5)
      near(mine.chances, other.chances, 1e-5)
    }
  })

  test(`where there is no WebAssembly the ${cell} runs all the same`, () => {
    const plain = trace(new Model(packed(cell), true), TEXT)
    const Module = WebAssembly.Module
    WebAssembly.Module = function () {
      throw new Error("a policy forbids it")
    } as unknown as typeof Module
    try {
      const model = new Model(packed(cell))
      assert.equal(model.isFast, false)
      assert.deepEqual(trace(model, TEXT), plain)
    } finally {
      WebAssembly.Module = Module
    }
  })

  test(`a trace of the ${cell} is that of its steps, and starts anew`, () => {
    const model = new Model(packed(cell))
    const { steps, seen, chances } = trace(model, TEXT)
    assert.equal(steps, TEXT.length)
    assert.deepEqual(trace(model, TEXT), { steps, seen, chances })
    model.reset()
    model.places(TEXT).forEach((place, step) => {
      model.step(place)
      const of = (all: Float32Array, size: number) => all.subarray(step * size, (step + 1) * size)
      for (const name of SEEN[cell]) near(model.seen[name]!, of(seen[name]!, model.units), 0)
      near(model.chances, of(chances, CHARACTERS.length), 0)
      const sum = model.chances.reduce((all, chance) => all + chance, 0)
      assert.ok(Math.abs(sum - 1) < 1e-5)
    })
  })

  test(`a state that was kept can be gone on from: ${cell}`, () => {
    const model = new Model(packed(cell))
    const [first, second] = model.places("ab")
    model.step(first!)
    const kept = Object.entries(model.seen).map(([name, of]) => [name, of.slice()] as const)
    model.step(second!)
    const after = model.chances.slice()
    trace(model, "'''")
    for (const [name, values] of kept) model.seen[name]!.set(values)
    model.step(second!)
    near(model.chances, after, 0)
  })

  test(`a gate of the ${cell} is held, and the rest follows by the equations`, () => {
    const model = new Model(packed(cell))
    for (const gate of cell === "gru" ? ["r", "z"] : ["i", "f", "o"]) {
      for (const value of [0, 1]) {
        model.frozen = { [gate]: value }
        const { seen, steps } = trace(model, TEXT)
        assert.ok(seen[gate]!.every((one) => one === value))
        const at = (name: string, k: number) => (k < 0 ? 0 : seen[name]![k]!)
        for (let k = 0; k < steps * model.units; k++) {
          const before = k - model.units
          const expected =
            cell === "gru"
              ? (1 - at("z", k)) * at("n", k) + at("z", k) * at("h", before)
              : at("f", k) * at("c", before) + at("i", k) * at("g", k)
          const found = at(cell === "gru" ? "h" : "c", k)
          assert.ok(Math.abs(found - expected) < 1e-5)
        }
      }
    }
    model.frozen = {}
    assert.deepEqual(trace(model, TEXT), trace(new Model(packed(cell)), TEXT))
  })

  test(`a gate of the ${cell} is scaled, and never above one`, () => {
    const model = new Model(packed(cell))
    const [first] = model.places(TEXT)
    for (const gate of cell === "gru" ? ["r", "z"] : ["i", "f", "o"]) {
      model.scaled = {}
      model.reset()
      model.step(first!)
      const free = model.seen[gate]!.slice()
      for (const factor of [0, 0.3, 1, 2]) {
        model.scaled = { [gate]: factor }
        model.reset()
        model.step(first!)
        near(model.seen[gate]!, free.map((value) => Math.min(factor * value, 1)), 1e-6)
      }
      assert.ok(model.seen[gate]!.includes(1))
    }
  })

  test(`damaged weights of the ${cell} are refused`, () => {
    const whole = packed(cell)
    const { length } = atob(whole.weights)
    const said = (weights: string, why: string) => {
      const message = `The weights of the ${cell.toUpperCase()} are damaged: ${why}.`
      assert.throws(() => new Model({ ...whole, weights }), { message })
    }
    said(whole.weights.slice(0, 400), `300 bytes in place of ${length}`)
    said(`AAAA${whole.weights}`, `${length + 3} bytes in place of ${length}`)
    said("", `0 bytes in place of ${length}`)
    said("no base64!", "they are not in base64")
    assert.throws(() => new Model({ ...whole, units: 22 }), /^Error: The weights of the .* damaged/)
  })
}

test("a text that cannot be read is refused, and says why", () => {
  const model = new Model(packed("gru"))
  assert.throws(() => trace(model, ""), { message: "The text must have at least one character." })
  const reads = "they read letters without accents, spaces, new lines and '"
  const said = (text: string, sign: string, at: number) =>
    assert.throws(() => trace(model, text), {
      message: `The models do not know ${sign}, character ${at} of the text; ${reads}`,
    })
  said("ab9", '"9"', 3)
  said("a\tb", '"\\t"', 2)
  said("'😀é", '"😀"', 2)
  said("a\r\n", '"\\r"', 2)
  assert.throws(() => model.step(5), /there is no character 5/)
  assert.throws(() => model.step(-1), /there is no character -1/)
})
