// Small models of random weights.
import type { Cell, Packed } from "../characters.ts"

export const CHARACTERS = "\n ab'"

/** A model of random weights, of a size that fills no row of the product. */
export function packed(cell: Cell, units = 21): Packed {
  const blocks = cell === "gru" ? 3 : 4
  const inputs = CHARACTERS.length
  const count = blocks * units * (inputs + units + 2) + inputs * (units + 1)
  let seed = 1
  const halves = Uint16Array.from({ length: count }, () => {
    seed = (seed * 16807) % 2147483647
    return 0x3000 + (seed & 0x8bff) // of either sign, from 1/8 to 1
  })
  const bytes = [...halves].map((bits) => String.fromCharCode(bits & 255, bits >> 8))
  return { cell, units, characters: CHARACTERS, weights: btoa(bytes.join("")) }
}
