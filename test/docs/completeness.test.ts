// The pages name everything that users can set, read and meet.
import { describe, expect, it } from '@jest/globals'
import { auditLog } from 'http-audit-log'
import { DETECTORS } from '#src/redact/detectors/index.js'
import { readJson, readText } from '../helpers/read-file.js'
import { KNOWN_DIFFERENCES } from '../runtimes/differences.js'
import { RUNTIMES } from '../runtimes/runtime-server.js'
import { proseOf } from './markdown.js'

describe('docs/record.md', () => {
  it('describes every field of the schema', () => {
    const { $defs } = readJson<{ $defs: Record<string, { properties: object }> }>('schema.json')
    const fields = Object.keys($defs.AuditRecord?.properties ?? {})
    expect(fields.length).toBeGreaterThan(15)
    expect(firstColumn('docs/record.md')).toEqual(expect.arrayContaining(fields))
  })
})

describe('docs/options.md', () => {
  it('describes every option', () => {
    expect(firstColumn('docs/options.md')).toEqual(expect.arrayContaining(knownOptions()))
  })

  it('describes every method of the middleware', () => {
    const methods = Object.keys(auditLog())
    expect(methods).not.toEqual([])
    expect(firstColumn('docs/options.md').map((name) => name.replace(/\(.*/, ''))).toEqual(
      expect.arrayContaining(methods),
    )
  })

  it('describes every error code', () => {
    const codes = readText('src/lib/errors.ts').match(/ERR_AUDIT_\w+/g) ?? []
    expect(codes).not.toEqual([])
    expect(firstColumn('docs/options.md')).toEqual(expect.arrayContaining(codes))
  })
})

describe('docs/runtimes.md', () => {
  const names = { node: 'Node.js', bun: 'Bun', deno: 'Deno' }

  it('lists the known differences of each runtime, and no others', () => {
    const rows = RUNTIMES.flatMap((runtime) =>
      KNOWN_DIFFERENCES[runtime].map(
        ({ ending, record, reason }) =>
          `| ${names[runtime]} | ${ending === '*' ? '`*`' : ending} | ${record} | ${reason} |`,
      ),
    )
    expect(readText('docs/runtimes.md').match(/^\| (?:Node\.js|Bun|Deno) \|.*/gm) ?? []).toEqual(rows)
  })

  it('names every tested version of Node', () => {
    const versions = [...readText('.ci/run').matchAll(/^tests_on_node (\d+)/gm)].map(([, version]) => version)
    for (const version of versions)
      expect(readText('docs/runtimes.md')).toMatch(new RegExp(`Node\\.js .*\\b${version}\\b`))
  })
})

describe('docs/redaction-lists.md', () => {
  it('names every detector', () => {
    const ids = DETECTORS.map(({ id }) => id)
    expect(firstColumn('docs/redaction-lists.md')).toEqual(expect.arrayContaining(ids))
  })
})

/** The names in backticks in the first column of the tables of a page. */
function firstColumn(page: string): string[] {
  const cells = proseOf(page).match(/^\| [^|]*/gm) ?? []
  return cells.flatMap(namesIn)
}

function namesIn(text: string): string[] {
  return [...text.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name)
}

/** The names that the message about an unknown option lists. */
function knownOptions(): string[] {
  try {
    auditLog({ unknown: 1 } as object)
  } catch (error) {
    return /Known options: (.+)$/.exec((error as Error).message)?.[1]?.split(', ') ?? []
  }
  return []
}
