// .dependency-cruiser.cjs must reject wrong imports: a rule whose pattern matches nothing would pass any code.
import { spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals'

jest.setTimeout(60_000)

const root = resolve(__dirname, '../..')
const folder = mkdtempSync(join(tmpdir(), 'audit-layers-'))

/** The files of a small `src/`, one per case. Each file that another one imports exports `value` and `Type`. */
const FILES: Record<string, string> = {
  'lib/upward.ts': "export { value } from '../serialize/right.js'",
  'lib/upward-type.ts': "import type { Type } from '../record/right.js'\nexport const value: Type = 1",
  'redact/sibling.ts': "export { value } from '../http/right.js'",
  'http/entry-point.ts': "export { value } from '../index.js'",
  'sinks/cycle-a.ts': "export { b } from './cycle-b.js'\nexport const a = 1",
  'sinks/cycle-b.ts': "export { a } from './cycle-a.js'\nexport const b = 1",
  'exchange/development-package.ts': "export { default } from 'fast-check'",
  // Allowed imports, which must not be rejected.
  'index.ts': "export { value } from './adapters/right.js'",
  'adapters/right.ts': "export { value } from '../exchange/right.js'",
  'exchange/right.ts': "export { value } from '../redact/right.js'",
  'redact/right.ts': "export { value } from '../record/right.js'",
  'http/right.ts': "export { value } from '../record/right.js'",
  'record/right.ts': "export { value } from '../serialize/right.js'\nexport type Type = number",
  'serialize/right.ts': "export { value } from '../lib/right.js'",
  'lib/right.ts': 'export const value = 1',
}

/** Each as `<rule>: <importing file>`. */
let violations: readonly string[]
let exitCode: number | null

beforeAll(() => {
  for (const [path, text] of Object.entries(FILES)) {
    const target = join(folder, 'src', path)
    mkdirSync(dirname(target), { recursive: true })
    writeFileSync(target, text)
  }
  for (const name of ['package.json', 'tsconfig.json', '.dependency-cruiser.cjs']) {
    cpSync(join(root, name), join(folder, name))
  }
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'), 'junction')
  const program = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs')
  // The command of `npm run lint:layers`.
  const options = ['src', '--config', '.dependency-cruiser.cjs']
  const { stdout, status } = spawnSync(process.execPath, [program, ...options], {
    cwd: folder,
    encoding: 'utf8',
  })
  exitCode = status
  violations = [...stdout.matchAll(/error (\S+: \S+\.ts)/g)].map(([, violation = '']) => violation)
})

afterAll(() => rmSync(folder, { recursive: true }))

it.each([
  ['a layer above', 'lib/upward.ts', 'layer-lib'],
  ['a type of a layer above', 'lib/upward-type.ts', 'layer-lib'],
  ['a sibling layer', 'redact/sibling.ts', 'layer-redact'],
  ['an entry point', 'http/entry-point.ts', 'layer-http'],
  ['a file that imports it back', 'sinks/cycle-a.ts', 'no-circular'],
  ['a development dependency', 'exchange/development-package.ts', 'no-undeclared-package'],
])('rejects an import of %s', (_case, from, rule) => {
  expect(violations).toContain(`${rule}: src/${from}`)
  expect(exitCode).not.toBe(0)
})

it('accepts imports of the layers below', () => {
  expect(violations.filter((violation) => /right\.ts$|index\.ts$/.test(violation))).toEqual([])
})

it('has a rule for each folder of src', () => {
  const { forbidden } = require(join(root, '.dependency-cruiser.cjs')) as { forbidden: { name: string }[] }
  const folders = readdirSync(join(root, 'src'), { withFileTypes: true }).filter((entry) =>
    entry.isDirectory(),
  )
  expect(forbidden.map(({ name }) => name)).toEqual(
    expect.arrayContaining(folders.map(({ name }) => `layer-${name}`)),
  )
})
