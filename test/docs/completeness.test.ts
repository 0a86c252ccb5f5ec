// The pages name everything that users can set, read and meet.
import { describe, expect, it } from '@jest/globals'
import { auditLog } from 'http-audit-log'
import { DETECTORS } from '#src/redact/detectors/index.js'
import {
  HARMLESS_KEYS,
  SENSITIVE_BEFORE_NUMBER,
  SENSITIVE_ENDINGS,
  SENSITIVE_IN_QUERY,
  SENSITIVE_LAST_WORDS,
  SENSITIVE_QUERY_ENDINGS,
  SENSITIVE_WHOLE_KEYS,
} from '#src/redact/keys/sensitive-key-lists.js'
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

describe('docs/redaction.md', () => {
  it('lists the sensitive keys of the code, and no others', () => {
    const listed = secondColumn('docs/redaction.md', 'ends in|has one of|is one of|in a URL')
    const sensitive = [
      ...[...SENSITIVE_ENDINGS, ...SENSITIVE_LAST_WORDS, ...SENSITIVE_BEFORE_NUMBER],
      ...[...SENSITIVE_WHOLE_KEYS, ...SENSITIVE_IN_QUERY, ...SENSITIVE_QUERY_ENDINGS],
    ]
    expect(listed.sort()).toEqual(sensitive.sort())
  })

  it('lists the harmless keys of the code', () => {
    const [sentence = ''] = /^Harmless although[\s\S]*?\n\n/m.exec(proseOf('docs/redaction.md')) ?? []
    expect(namesIn(sentence).sort()).toEqual([...HARMLESS_KEYS].sort())
  })

  it('names every detector', () => {
    const ids = DETECTORS.map(({ id }) => id)
    expect(firstColumn('docs/redaction.md')).toEqual(expect.arrayContaining(ids))
  })
})

/** The names in backticks in the first column of the tables of a page. */
function firstColumn(page: string): string[] {
  const cells = proseOf(page).match(/^\| [^|]*/gm) ?? []
  return cells.flatMap(namesIn)
}

/** The names in backticks in the second column of the rows whose first cell begins with `start`. */
function secondColumn(page: string, start: string): string[] {
  const rows = proseOf(page).matchAll(new RegExp(`^\\| (?:${start})[^|]*\\|([^|]*)`, 'gm'))
  return [...rows].flatMap(([, cell = '']) => namesIn(cell))
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
