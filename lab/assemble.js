// Assembles product.wat, and writes its bytes into product.ts. Usage: node lab/assemble.js
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import wabt from "wabt"

const lab = import.meta.dirname
const source = readFileSync(join(lab, "product.wat"), "utf-8")
const { buffer } = (await wabt()).parseWat("lab/product.wat", source).toBinary({})
const lines = Buffer.from(buffer).toString("base64").match(/.{1,88}/g)
const text = `// Made of product.wat by \`node lab/assemble.js\`.

/** The bytes of the module, in base64. */
export const PRODUCT =
${lines.map((line) => `  "${line}"`).join(" +\n")}
`
writeFileSync(join(lab, "product.ts"), text)
