// Builds the published package: one bundle for `import` (dist/esm), one for `require` (dist/cjs), and their types.
// The source is bundled because loading one file is faster than loading a hundred (bench/start-up.js). Dependencies are
// not bundled, so that vulnerability scanners and SBOM tools see them. dist/modules, unbundled, is for bench/ only.
import { execFileSync } from 'node:child_process'
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { build } from 'esbuild'

const ENTRY_POINTS = ['index', 'express', 'koa']
// Bundles of their own, so that nothing of them is loaded where they are not used. They share no state with the others.
const EVIDENCE_ENTRY_POINTS = ['seal', 'verify']
const COMMAND = 'cli'
const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc')

rmSync('dist', { recursive: true, force: true })
execFileSync(process.execPath, [tsc, '--project', 'tsconfig.build.json'], { stdio: 'inherit' })

/** @type {import('esbuild').BuildOptions} */
const bundle = {
  absWorkingDir: process.cwd(),
  bundle: true,
  platform: 'node',
  target: 'node20',
  // esbuild would turn a pattern within a function into `new RegExp` for each call.
  supported: { 'regexp-unicode-property-escapes': true },
  packages: 'external',
  logLevel: 'warning',
  // The sources are in the package once, instead of in the map of each build.
  sourcemap: 'linked',
  sourcesContent: false,
}
// CommonJS, which loads its dependencies when it is called. esbuild would replace its `require` in an ES module.
const COMMONJS_FILE = 'lazy-dependencies.cjs'
const shippedAsItIs = {
  name: 'shipped-as-it-is',
  setup({ onResolve }) {
    onResolve({ filter: /\/lazy-dependencies\.cjs$/ }, () => ({ path: `./${COMMONJS_FILE}`, external: true }))
  },
}
const builtinsByRequire = {
  name: 'builtins-by-require',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^node:/ }, ({ path }) => ({ path, namespace: 'builtin' }))
    onLoad({ filter: /./, namespace: 'builtin' }, ({ path }) => ({
      contents: [
        `import { loadBuiltin } from './${COMMONJS_FILE}'`,
        `const builtin = loadBuiltin('${path}')`,
        'export default builtin',
        `export const { ${namesImportedFrom(path).join(', ')} } = builtin`,
      ].join('\n'),
    }))
  },
}
cpSync(join('src/lib', COMMONJS_FILE), join('dist/modules/lib', COMMONJS_FILE))
cpSync(join('src/lib', COMMONJS_FILE), join('dist/esm', COMMONJS_FILE))

// Code shared by the entry points goes into one chunk, so that a process that imports two of them loads it once.
const { metafile } = await build({
  ...bundle,
  entryPoints: ENTRY_POINTS.map((entry) => `src/${entry}.ts`),
  format: 'esm',
  splitting: true,
  outdir: 'dist/esm',
  chunkNames: 'common-[hash]',
  plugins: [shippedAsItIs, builtinsByRequire],
  metafile: true,
})
// esbuild cannot split CommonJS, so one file holds all entry points.
await build({
  ...bundle,
  stdin: {
    contents: ENTRY_POINTS.map((entry) => `export * as ${entry} from './src/${entry}.js'`).join('\n'),
    resolveDir: '.',
  },
  format: 'cjs',
  outfile: 'dist/cjs/common.js',
  // The source is written as ES modules, which are always strict.
  banner: { js: '"use strict";' },
})
for (const entry of ENTRY_POINTS) {
  const names = metafile.outputs[`dist/esm/${entry}.js`].exports.join(', ')
  // The exports are listed by name, because Node reads this text to find the names that ES modules can import.
  const lines = [
    "'use strict'",
    `const { ${names} } = require('./common.js').${entry}`,
    `module.exports = { ${names} }`,
    "Object.defineProperty(module.exports, '__esModule', { value: true })",
  ]
  writeFileSync(`dist/cjs/${entry}.js`, `${lines.join('\n')}\n`)
}
await build({
  ...bundle,
  entryPoints: [...EVIDENCE_ENTRY_POINTS, COMMAND].map((entry) => `src/${entry}.ts`),
  format: 'esm',
  splitting: true,
  outdir: 'dist/esm',
  chunkNames: 'evidence-[hash]',
})
await build({
  ...bundle,
  entryPoints: EVIDENCE_ENTRY_POINTS.map((entry) => `src/${entry}.ts`),
  format: 'cjs',
  outdir: 'dist/cjs',
  banner: { js: '"use strict";' },
})
// The package has "type": "module"; this file makes Node load dist/cjs as CommonJS.
writeFileSync('dist/cjs/package.json', '{ "type": "commonjs" }\n')

for (const path of reachableTypes()) {
  for (const format of ['esm', 'cjs']) cpSync(join('dist/modules', path), join('dist', format, path))
}

/** The names that any source file imports from a built-in module. */
function namesImportedFrom(builtin) {
  const files = readdirSync('src', { recursive: true }).filter((path) => path.endsWith('.ts'))
  const imported = new RegExp(`^import \\{([^}]*)\\} from '${builtin}'`, 'gm')
  const lists = files.flatMap((path) => [...readFileSync(join('src', path), 'utf8').matchAll(imported)])
  const names = lists.flatMap(([, list]) => list.split(',')).map((name) => name.split(' as ')[0].trim())
  return [...new Set(names)].filter((name) => name !== '' && !name.startsWith('type '))
}

/** The declarations that an entry point refers to, directly or not. Users have no use for the others. */
function reachableTypes() {
  const reached = new Set([...ENTRY_POINTS, ...EVIDENCE_ENTRY_POINTS].map((entry) => `${entry}.d.ts`))
  for (const path of reached) {
    const text = readFileSync(join('dist/modules', path), 'utf8')
    for (const [, specifier] of text.matchAll(/(?:from |import\()['"](\.{1,2}\/[^'"]+)\.js['"]/g)) {
      reached.add(join(dirname(path), `${specifier}.d.ts`))
    }
  }
  return reached
}
