// What users get: for `import` and for `require` one file each of nearly all of the package, as 77 files took three times
// as long to load (bench/start-up.js), and the types beside them. dist/modules is for bench/ alone.
import { execFileSync } from 'node:child_process'
import { cpSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { build } from 'esbuild'

const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc')

rmSync('dist', { recursive: true, force: true })
execFileSync(process.execPath, [tsc, '--project', 'tsconfig.build.json'], { stdio: 'inherit' })

/** @type {import('esbuild').BuildOptions} */
const bundle = {
  absWorkingDir: process.cwd(),
  bundle: true,
  platform: 'node',
  target: 'node20',
  // Users may have it, and then it has to be theirs.
  external: ['@opentelemetry/api'],
  logLevel: 'warning',
}
// What both entry points have in common is in a chunk: a process that loads the two has one of it.
const { metafile } = await build({
  ...bundle,
  entryPoints: ['src/index.ts', 'src/koa.ts'],
  format: 'esm',
  splitting: true,
  outdir: 'dist/esm',
  chunkNames: 'common-[hash]',
  metafile: true,
})
// esbuild splits no CommonJS, so there both are in one file.
await build({
  ...bundle,
  stdin: {
    contents: "export * as express from './src/index.js'\nexport * as koa from './src/koa.js'",
    resolveDir: '.',
  },
  format: 'cjs',
  // Jest has no `import()` for those who use it with CommonJS.
  supported: { 'dynamic-import': false },
  outfile: 'dist/cjs/common.js',
  // As modules are by themselves.
  banner: { js: '"use strict";' },
})
for (const [entry, part] of Object.entries({ index: 'express', koa: 'koa' })) {
  const names = metafile.outputs[`dist/esm/${entry}.js`].exports.join(', ')
  // Each by its name: that is how an importing module finds out what there is.
  const lines = [
    "'use strict'",
    `const { ${names} } = require('./common.js').${part}`,
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
  // The licence asks for it: fastest-levenshtein is in the bundles.
  cpSync('node_modules/fastest-levenshtein/LICENSE.md', `dist/${format}/LICENSE-fastest-levenshtein.md`)
}
