// What an application without `seal` loads: the graph of the modules, as the build bundles them.
import { resolve } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { build } from 'esbuild'

const ROOT = resolve(__dirname, '../..')
/** Folders of a sealed log. */
const EVIDENCE = /^src\/(?:seal|evidence|verify|cli)(?:\/|\.ts)/

async function listModules(entryPoint: string): Promise<string[]> {
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: [`src/${entryPoint}.ts`],
    bundle: true,
    write: false,
    metafile: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    external: ['*.cjs'],
    logLevel: 'silent',
  })
  return Object.keys(metafile.inputs)
}

describe('an application', () => {
  it.each(['index', 'express', 'koa'])(
    'loads no module of a sealed log with the entry point %s',
    async (name) => {
      const modules = await listModules(name)
      expect(modules).toContain('src/pipeline/pipeline.ts')
      expect(modules.filter((module) => EVIDENCE.test(module))).toEqual([])
    },
  )

  it('loads nothing of the verifier to seal, and nothing of the middleware', async () => {
    const modules = await listModules('seal')
    expect(modules).toContain('src/seal/create-seal.ts')
    expect(
      modules.filter((module) => /^src\/(?:verify|cli|exchange|pipeline|adapters)\//.test(module)),
    ).toEqual([])
  })
})
