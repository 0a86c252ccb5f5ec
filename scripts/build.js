// Builds what users install: one bundle of our own code for `import` and one for `require`, with the types beside them.
// Bundled because loading one file takes a third of the time that loading a hundred takes (bench/start-up.js).
// Dependencies stay outside, so that scanners see them. dist/modules, unbundled, is for bench/ alone.
import { execFileSync } from 'node:child_process'
import { cpSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { build } from 'esbuild'

const ENTRY_POINTS = ['index', 'express', 'koa']
const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc')

rmSync('dist', { recursive: true, force: true })
execFileSync(process.execPath, [tsc, '--project', 'tsconfig.build.json'], { stdio: 'inherit' })

/** @type {import('esbuild').BuildOptions} */
const bundle = {
  absWorkingDir: process.cwd(),
  bundle: true,
  platform: 'node',
  target: 'node20',
  packages: 'external',
  logLevel: 'warning',
}
// What the entry points share is one chunk, so that a process that loads two of them has it once.
const { metafile } = await build({
  ...bundle,
  entryPoints: ENTRY_POINTS.map((entry) => `src/${entry}.ts`),
  format: 'esm',
  splitting: true,
  outdir: 'dist/esm',
  chunkNames: 'common-[hash]',
  metafile: true,
})
// esbuild cannot split CommonJS, so all entry points are in one file there.
await build({
  ...bundle,
  stdin: {
    contents: ENTRY_POINTS.map((entry) => `export * as ${entry} from './src/${entry}.js'`).join('\n'),
    resolveDir: '.',
  },
  format: 'cjs',
  // Jest has no `import()` in CommonJS.
  supported: { 'dynamic-import': false },
  outfile: 'dist/cjs/common.js',
  // ES modules are strict by default.
  banner: { js: '"use strict";' },
})
for (const entry of ENTRY_POINTS) {
  const names = metafile.outputs[`dist/esm/${entry}.js`].exports.join(', ')
  // Named one by one: Node finds the names that an ES module can import by reading this text.
  const lines = [
    "'use strict'",
    `const { ${names} } = require('./common.js').${entry}`,
    `module.exports = { ${names} }`,
    "Object.defineProperty(module.exports, '__esModule', { value: true })",
  ]
  writeFileSync(`dist/cjs/${entry}.js`, `${lines.join('\n')}\n`)
}
// The package is "type": "module"; this makes Node read dist/cjs as CommonJS.
writeFileSync('dist/cjs/package.json', '{ "type": "commonjs" }\n')

for (const format of ['esm', 'cjs']) {
  const isTypes = (path) => statSync(path).isDirectory() || path.endsWith('.d.ts')
  cpSync('dist/modules', `dist/${format}`, { recursive: true, filter: isTypes })
}
