// The pages name everything that users can set, read and meet.
import { describe, expect, it } from '@jest/globals'
import { auditLog } from 'http-audit-log'
import { seal } from 'http-audit-log/seal'
import { verifyCommand } from '#src/cli/commands/verify.js'
import { DETECTORS } from '#src/redact/detectors/index.js'
import { findExitCode, VERDICTS } from '#src/verify/findings.js'
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

  it('describes every option of seal()', () => {
    const names = namesOf(() => seal({ unknown: 1 } as never))
    expect(names.length).toBeGreaterThan(3)
    expect(firstColumn('docs/options.md')).toEqual(expect.arrayContaining(names))
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

describe.each(VERDICTS)('the verdict %s', (verdict) => {
  it('is in docs/evidence.md with its exit code', () => {
    const code = findExitCode({ verdict, problems: [] })
    expect(proseOf('docs/evidence.md')).toMatch(new RegExp(`^\\| \`${verdict}\` \\| ${code}\\b`, 'm'))
  })

  it('is in the help of the command', () => {
    const [, exitCodes = ''] = verifyCommand.help.split('Exit codes:')
    expect(exitCodes).toMatch(new RegExp(`\\b${verdict}\\b`))
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

function knownOptions(): string[] {
  return namesOf(() => auditLog({ unknown: 1 } as object))
}

/** The names that the message about an unknown option lists. */
function namesOf(callWithUnknownOption: () => unknown): string[] {
  try {
    callWithUnknownOption()
  } catch (error) {
    return /Known options: (.+)$/.exec((error as Error).message)?.[1]?.split(', ') ?? []
  }
  return []
}
