// .dependency-cruiser.cjs must reject wrong imports: a rule whose pattern matches nothing would pass any code.
import { spawnSync } from 'node:child_process'
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, posix, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals'
import ts from 'typescript'

jest.setTimeout(60_000)

const root = resolve(__dirname, '../..')
const { LAYERS } = require(join(root, 'scripts/layers.cjs')) as { LAYERS: string[][] }
const folder = mkdtempSync(join(tmpdir(), 'audit-layers-'))

/** The files of a small `src/`, one per case. Each file that another one imports exports `value` and `Type`. */
const FILES: Record<string, string> = {
  'lib/upward.ts': "export { value } from '../serialize/right.js'",
  'lib/upward-type.ts': "import type { Type } from '../record/right.js'\nexport const value: Type = 1",
  'redact/sibling.ts': "export { value } from '../http/right.js'",
  'http/response/intervening.ts': "export { value } from '../node/right.js'",
  'http/entry-point.ts': "export { value } from '../index.js'",
  'sinks/cycle-a.ts': "export { b } from './cycle-b.js'\nexport const a = 1",
  'sinks/cycle-b.ts': "export { a } from './cycle-a.js'\nexport const b = 1",
  'exchange/development-package.ts': "export { default } from 'fast-check'",
  'sinks/example.ts': "import '../../examples/example.js'",
  '../examples/example.ts': "export { value } from '../src/options/right.js'",
  'options/right.ts': 'export const value = 1',
  'utils/new-folder.ts': "export { value } from '../options/right.js'",
  'lib/through-new-folder.ts': "export { value } from '../utils/new-folder.js'",
  // Allowed imports, which must not be rejected.
  'index.ts': "export { value } from './adapters/right.js'",
  'adapters/right.ts': "export { value } from '../exchange/right.js'",
  'exchange/right.ts': "export { value } from '../redact/right.js'",
  'redact/right.ts': "export { value } from '../record/right.js'",
  'http/right.ts': "export { value } from '../record/right.js'",
  'http/node/right.ts': "export { value } from '../right.js'",
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
  for (const name of ['package.json', 'tsconfig.json', '.dependency-cruiser.cjs', 'scripts/layers.cjs']) {
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
  ['what holds responses back, by what observes them', 'http/response/intervening.ts', 'http-observes'],
  ['an entry point', 'http/entry-point.ts', 'layer-http'],
  ['a file that imports it back', 'sinks/cycle-a.ts', 'no-circular'],
  ['a development dependency', 'exchange/development-package.ts', 'no-undeclared-package'],
  ['an example', 'sinks/example.ts', 'layer-sinks'],
  ['anything by a folder without a place', 'utils/new-folder.ts', 'layer-missing'],
  ['a folder without a place', 'lib/through-new-folder.ts', 'layer-lib'],
])('rejects an import of %s', (_case, from, rule) => {
  expect(violations).toContain(`${rule}: src/${from}`)
  expect(exitCode).not.toBe(0)
})

it('accepts imports of the layers below', () => {
  expect(violations.filter((violation) => /right\.ts$|index\.ts$/.test(violation))).toEqual([])
})

it('has a layer for each folder of src', () => {
  const entries = readdirSync(join(root, 'src'), { withFileTypes: true })
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name)
  expect(LAYERS.flat().sort()).toEqual(folders.sort())
})

// dependency-cruiser does not report `export type { X } from`, nor `import('...').X` in a type.
describe('types that are exported again', () => {
  const files = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => file.endsWith('.ts'))

  it.each(files)('src/%s refers to layers below it only', (file) => {
    const text = readFileSync(join(root, 'src', file), 'utf8')
    expect(findUpwardReferences(file, text)).toEqual([])
  })

  it.each([
    "export type { AuditOptions } from '../options/options.js'",
    "export type * from '../options/options.js'",
    "export type * as options from '../options/options.js'",
    "let options: import('../options/options.js').AuditOptions",
    "export { auditLog } from '../index.js'",
  ])('rejects in src/lib: %s', (text) => {
    expect(findUpwardReferences('lib/errors.ts', text)).toHaveLength(1)
  })
})

/** The modules of src/ that a file refers to although they are above it or beside it. */
function findUpwardReferences(file: string, text: string): string[] {
  const layerOf = (path: string) => LAYERS.findIndex((layer) => layer.includes(path.split('/')[0] ?? ''))
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest)
  const specifiers: string[] = []
  const visit = (node: ts.Node): void => {
    const named =
      ts.isImportDeclaration(node) || ts.isExportDeclaration(node)
        ? node.moduleSpecifier
        : ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)
          ? node.argument.literal
          : undefined
    if (named !== undefined && ts.isStringLiteral(named)) specifiers.push(named.text)
    ts.forEachChild(node, visit)
  }
  visit(source)
  const isEntryPoint = layerOf(file) === -1
  return specifiers
    .filter((specifier) => specifier.startsWith('.'))
    .map((specifier) => posix.join(posix.dirname(file), specifier))
    .filter((path) => {
      const isSameFolder = path.split('/')[0] === file.split('/')[0]
      return !isEntryPoint && !isSameFolder && layerOf(path) <= layerOf(file)
    })
}
