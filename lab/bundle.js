// Bundles the lab into classic scripts, which run from the file system too: a loader, a base, a
// script for each file in widgets/, and the worker of the search. Usage: node lab/bundle.js FOLDER
import { build, transform } from "esbuild"
import { readdirSync, readFileSync } from "node:fs"
import { basename, join } from "node:path"

const lab = import.meta.dirname
const folder = process.argv[2]
const names = readdirSync(join(lab, "widgets")).filter((name) => name.endsWith(".ts"))

// A widget takes the base from the script that was loaded before it.
const base = {
  name: "base",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /\/base\.ts$/ }, () => ({ path: "base", namespace: "lab" }))
    onLoad({ filter: /.*/, namespace: "lab" }, () => ({ contents: "module.exports = lab" }))
  },
}

async function bundle() {
  const styles = readFileSync(join(lab, "lab.css"))
  const style = await transform(styles, { loader: "css", minify: true, sourcefile: "lab/lab.css" })
  const scripts = [
    {
      entryPoints: [join(lab, "loader.ts")],
      define: { TAGS: JSON.stringify(names.map((name) => basename(name, ".ts"))) },
    },
    {
      entryPoints: [join(lab, "base.ts")],
      define: { STYLE: JSON.stringify(style.code) },
      globalName: "lab",
    },
    { entryPoints: [{ in: join(lab, "worker.ts"), out: "search" }] },
    ...names.map((name) => ({ entryPoints: [join(lab, "widgets", name)], plugins: [base] })),
  ]
  const common = { bundle: true, format: "iife", minify: true, target: "es2022" }
  const made = scripts.map((script) =>
    build({ ...common, ...script, outdir: folder, logLevel: "silent" }),
  )
  const found = await Promise.allSettled(made)
  return [style.warnings, ...found.map(({ reason }) => reason?.errors ?? [reason])].flat()
}

for (const error of (await bundle()).filter(Boolean)) {
  const { location: at, text, message } = error
  console.error(at ? `${at.file}:${at.line}: ${text}` : (text ?? message))
  process.exitCode = 1
}
