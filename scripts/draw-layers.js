// Draws which folder of src/ imports which, as a Mermaid diagram, and writes it into docs/design.md.
// With `--check` nothing is written, and the exit code is 1 if the diagram in docs/design.md is out of date.
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cruise } from 'dependency-cruiser'
import extractTypeScriptConfig from 'dependency-cruiser/config-utl/extract-ts-config'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const designPage = join(root, 'docs/design.md')
const ENTRY_POINTS = 'entry points'
const BLOCK = /(<!-- layers: written by `npm run docs:layers` -->\n)[\s\S]*?(<!-- end of layers -->)/

const page = readFileSync(designPage, 'utf8')
if (!BLOCK.test(page)) throw new Error('docs/design.md has no block for the diagram of layers')
const diagram = drawDiagram(withoutShortcuts(await readImports()))
const updated = page.replace(BLOCK, (_block, start, end) => `${start}${diagram}${end}`)

if (!process.argv.includes('--check')) {
  writeFileSync(designPage, updated)
} else if (updated !== page) {
  console.error('The diagram of layers in docs/design.md is out of date. Run `npm run docs:layers`.')
  process.exitCode = 1
}

/** Which folders of src/ each folder imports, types included. */
async function readImports() {
  const { output } = await cruise(
    ['src'],
    { baseDir: root, tsPreCompilationDeps: true, doNotFollow: { path: 'node_modules' } },
    undefined,
    { tsConfig: extractTypeScriptConfig(join(root, 'tsconfig.json')) },
  )
  /** @type {Map<string, Set<string>>} */
  const imports = new Map()
  for (const { source, dependencies } of output.modules) {
    const from = folderOf(source)
    for (const { resolved } of dependencies) {
      const to = folderOf(resolved)
      if (from === undefined || to === undefined || to === from) continue
      imports.set(from, (imports.get(from) ?? new Set()).add(to))
    }
  }
  return imports
}

/** Leaves out an arrow where a longer path leads to the same folder: what remains shows the order of the layers. */
function withoutShortcuts(imports) {
  const reaches = (from, to, seen = new Set()) => {
    if (from === to) return true
    // The lint rule forbids cycles, but a diagram of a tree that breaks the rule must end as well.
    if (seen.has(from)) return false
    seen.add(from)
    return [...(imports.get(from) ?? [])].some((next) => reaches(next, to, seen))
  }
  return new Map(
    [...imports].map(([from, targets]) => [
      from,
      [...targets].filter((to) => ![...targets].some((other) => other !== to && reaches(other, to))),
    ]),
  )
}

function drawDiagram(arrows) {
  const lines = [...arrows].flatMap(([from, targets]) =>
    targets.map((to) => `  ${node(from)} --> ${node(to)}`),
  )
  return `\`\`\`mermaid\nflowchart TD\n${lines.sort().join('\n')}\n\`\`\`\n`
}

function node(folder) {
  return folder === ENTRY_POINTS ? 'entry["index, express, koa"]' : `${folder}["${folder}/"]`
}

/** The layer of a file: its folder directly under src/. Files in src/ itself are the entry points. */
function folderOf(path) {
  const [, folder, file] = /^src\/(?:([^/]+)\/)?(.+)$/.exec(path) ?? []
  return file && (folder ?? ENTRY_POINTS)
}
