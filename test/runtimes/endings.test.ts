// The endings of an exchange on the Node that runs the tests; check.ts runs them on any other runtime.
import { join } from 'node:path'
import { expect, it } from '@jest/globals'
import { compiledRoot } from '../helpers/child-process.js'
import { compareEndings, FRAMEWORKS } from './compare-endings.js'
import { KNOWN_DIFFERENCES } from './differences.js'
import { ENDINGS } from './endings.js'
import { identifyRuntime } from './runtime-server.js'

// Side by side, because most of the time is waiting for clients and servers.
it.concurrent.each(FRAMEWORKS)(
  'has a record of each ending that agrees with what the client received, on %s',
  async (framework) => {
    const { results } = await compareEndings(
      identifyRuntime(process.execPath),
      join(compiledRoot(), 'src'),
      framework,
    )
    expect(results.filter(({ differences }) => differences.length > 0)).toEqual([])
    expect(results).toHaveLength(ENDINGS.length)
  },
  60_000,
)

it('lists differences only of endings that exist', () => {
  const names = [...ENDINGS.map(({ name }) => name), '*']
  for (const { ending } of Object.values(KNOWN_DIFFERENCES).flat()) expect(names).toContain(ending)
})
