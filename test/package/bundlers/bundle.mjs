// Bundles server.mjs or server.cjs with one bundler: node bundle.mjs <bundler> <entry> <output folder>
import { writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

const [, , bundler, entryName, folder] = process.argv
const entry = resolve(entryName)
const output = resolve(folder)

const bundlers = {
  async 'esbuild-cjs'() {
    const { build } = await import('esbuild')
    await build({
      entryPoints: [entry],
      bundle: true,
      platform: 'node',
      format: 'cjs',
      outfile: join(output, 'bundle.cjs'),
    })
  },
  async 'esbuild-esm'() {
    const { build } = await import('esbuild')
    await build({
      entryPoints: [entry],
      bundle: true,
      platform: 'node',
      format: 'esm',
      minify: true,
      outfile: join(output, 'bundle.mjs'),
    })
  },
  async webpack() {
    const { default: webpack } = await import('webpack')
    const config = {
      mode: 'production',
      target: 'node20',
      entry,
      output: { path: output, filename: 'bundle.cjs' },
    }
    const stats = await new Promise((resolve, reject) =>
      webpack(config, (error, result) => (error ? reject(error) : resolve(result))),
    )
    if (stats.hasErrors() || stats.hasWarnings()) throw new Error(stats.toString('errors-warnings'))
  },
  async rollup() {
    const { rollup } = await import('rollup')
    const { default: commonjs } = await import('@rollup/plugin-commonjs')
    const { default: nodeResolve } = await import('@rollup/plugin-node-resolve')
    const bundle = await rollup({
      input: entry,
      plugins: [nodeResolve({ preferBuiltins: true }), commonjs()],
      onwarn: (warning) => {
        throw new Error(warning.message)
      },
    })
    await bundle.write({ file: join(output, 'bundle.mjs'), format: 'es' })
  },
  async vite() {
    const { build } = await import('vite')
    await build({
      logLevel: 'warn',
      configFile: false,
      ssr: { noExternal: true },
      build: {
        ssr: entry,
        outDir: output,
        emptyOutDir: false,
        rollupOptions: { output: { entryFileNames: 'bundle.mjs' } },
      },
    })
  },
  async ncc() {
    const { default: ncc } = await import('@vercel/ncc')
    const { code } = await ncc(entry, { quiet: true })
    writeFileSync(join(output, entry.endsWith('.mjs') ? 'bundle.mjs' : 'bundle.cjs'), code)
  },
}
await bundlers[bundler]()
