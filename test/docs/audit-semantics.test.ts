// Every query of docs/audit-semantics.md is run on the records of the scenario.
import { execFileSync, spawnSync } from 'node:child_process'
import { beforeAll, describe, expect, it } from '@jest/globals'
import { AuditLogger, memory } from '../../src/index.js'
import { finalRecords, playScenario } from '../helpers/bank-scenario.js'
import { parseKql } from '../helpers/kql.js'
import { readJson, readText } from '../helpers/read-file.js'

const PAGE = 'docs/audit-semantics.md'

interface Row {
  readonly question: string
  readonly kql: string
  readonly jq: string
}

const rows = [...readText(PAGE).matchAll(/^\| ([^|]+\?[^|]*) \| [^|]+ \| `([^`]+)` \| `([^`]+)` \|$/gm)].map(
  ([, question = '', kql = '', jq = '']): Row => ({ question, kql, jq }),
)
const blocks = new Map(
  [...readText(PAGE).matchAll(/^<!-- query: (.+) -->\n```sh\njq (-\w+) '([^']+)' audit\.ndjson\n```$/gm)].map(
    ([, name = '', flags = '', program = '']) => [name, { flags, program }],
  ),
)

/** Nothing in the scenario is lost, cut or of an unknown user. */
const WITHOUT_RECORDS = /not known who|shortened|report a loss/

const hasJq = spawnSync('jq', ['--version']).status === 0
if (!hasJq) console.error('jq is not installed: the queries for jq were not run')

let output = ''
let lines: { audit: Record<string, unknown> }[] = []

beforeAll(async () => {
  output = await playScenario('express')
  lines = (await finalRecords('express')).map((audit) => ({ audit: { ...audit } }))
}, 60_000)

function runJq(flags: string, program: string, input: string): unknown[] {
  const printed = execFileSync('jq', [flags, program], { input, encoding: 'utf8' })
  return printed
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))
}

const finalOutput = () => lines.map((line) => `${JSON.stringify(line)}\n`).join('')

const idsOf = (found: readonly { audit: { id?: unknown } }[]) => found.map(({ audit }) => audit.id)

describe('the table of questions', () => {
  it('has at least twenty', () => {
    expect(rows.length).toBeGreaterThanOrEqual(20)
  })

  it.each(rows.map((row) => [row.question, row] as const))(
    '%s finds the same by KQL and jq',
    (_name, row) => {
      const requestId = String(lines.find(({ audit }) => audit.action === 'transfer')?.audit.request_id)
      const [kql, jq] = [row.kql, row.jq].map((query) => query.replace('REQUEST_ID', requestId))
      const found = lines.filter((line) => parseKql(kql ?? '').matches(line))
      expect(found.length === 0).toBe(WITHOUT_RECORDS.test(row.question))
      if (!hasJq) return
      const foundByJq = runJq('-c', `select(${jq})`, finalOutput()) as typeof lines
      expect(idsOf(foundByJq)).toEqual(idsOf(found))
    },
  )

  it('finds the account that was locked, and the customer of whom only the email address is known', () => {
    const sink = memory()
    new AuditLogger({ sink }).setAction('lock', { type: 'User', id: '1' }).sendLog()
    const onBehalfOf = { email: 'c@example.org' }
    new AuditLogger({ sink })
      .setUser({ authenticated: true, id: 'e', onBehalfOf })
      .setAction('close')
      .sendLog()
    const find = (question: string) => {
      const row = rows.find((other) => other.question === question)
      const found = sink.records().filter((line) => parseKql(row?.kql ?? '').matches(line))
      if (hasJq) expect(runJq('-c', `select(${row?.jq})`, sink.lines.join(''))).toEqual(found)
      return found.map(({ audit }) => audit.action)
    }
    expect(find('Which accounts were locked?')).toEqual(['lock'])
    expect(find('Who acted on behalf of somebody else?')).toEqual(['close'])
  })

  it('names only fields that the template indexes and the schema describes', () => {
    const fields = new Set(rows.flatMap(({ kql }) => parseKql(kql).fields))
    expect([...fields].filter((field) => !isIndexed(field))).toEqual([])
    expect([...fields].filter((field) => !isDescribed(field))).toEqual([])
  })
})

describe('the longer queries', () => {
  const run = (name: string, input = output) => {
    const { flags, program } = blocks.get(name) ?? { flags: '', program: '' }
    expect([name, program]).toEqual([name, expect.stringMatching(/./)])
    return hasJq ? runJq(flags, program, input) : undefined
  }
  const check = (printed: unknown[] | undefined, expected: unknown) => {
    if (printed !== undefined) expect(printed).toEqual(expected)
  }

  it('find the lists that contained a person', () => {
    check(run('lists', finalOutput()), [[expect.any(String), 'alice@example.org']])
  })

  it('find a person in a list that was shortened, and pass over results that are no list', () => {
    const sink = memory()
    const list = (results: unknown) =>
      new AuditLogger({ sink, maxRecordBytes: 1024 })
        .setUser({ authenticated: true, email: 'ann@example.org' })
        .setAction('list', { type: 'Person' })
        .setResults(results)
        .sendLog()
    list(Array.from({ length: 5000 }, (_, id) => ({ id })))
    for (const results of ['none', { id: 1 }, ['one'], [1], [{ id: 2 }]]) list(results)
    expect(sink.last()?.audit.truncated).toBeUndefined()
    check(run('lists', sink.lines.join('')), [[expect.any(String), 'ann@example.org']])
  })

  it('count the failed logins of each account', () => {
    check(run('failed logins', finalOutput()), [
      ['alice', 4],
      ['eve@example.org', 1],
    ])
  })

  it('print the numbers of missing records', () => {
    const processRun = lines[0]?.audit.run
    check(run('missing records'), [{ run: processRun, missing: [] }])
    const withoutThird = output.split('\n').filter((line) => !line.includes('"seq":3,'))
    check(run('missing records', withoutThird.join('\n')), [{ run: processRun, missing: [3] }])
  })

  it('print what was running when the process was killed', () => {
    check(run('running'), [])
    const killed = output
      .split('\n')
      .filter((line) => !(line.includes('/events') && line.includes('"stage":"completed"')))
    check(run('running', killed.join('\n')), [
      { url: expect.stringMatching(/\/accounts\/A-300\/events$/), stages: ['received', 'started'] },
    ])
  })

  it('print the history of an object', () => {
    check(run('history', finalOutput()), [[expect.any(String), 'bob@example.org', 'balance', 0, 200]])
  })
})

interface Mapping {
  readonly type?: string
  readonly enabled?: boolean
  readonly properties?: Record<string, Mapping>
}

function isIndexed(field: string): boolean {
  const { template } = readJson<{ template: { mappings: Mapping & { runtime: object } } }>(
    'deploy/elasticsearch/index-template-audit.json',
  )
  if (field in template.mappings.runtime) return true
  let mapping: Mapping | undefined = template.mappings
  for (const name of field.split('.')) {
    if (mapping?.type === 'flattened') return true
    mapping = mapping?.properties?.[name]
  }
  return mapping?.type !== undefined && mapping.type !== 'object' && mapping.enabled !== false
}

interface Schema {
  readonly $ref?: string
  readonly type?: unknown
  readonly properties?: Record<string, Schema>
  readonly items?: Schema
  readonly anyOf?: readonly Schema[]
}

function isDescribed(field: string): boolean {
  const { $defs, ...root } = readJson<Schema & { $defs: Record<string, Schema> }>('schema.json')
  const alternativesOf = (schema: Schema): Schema[] => {
    const referred = schema.$ref && $defs[schema.$ref.replace('#/$defs/', '')]
    if (referred) return alternativesOf(referred)
    return [
      schema,
      ...(schema.anyOf ?? []).flatMap(alternativesOf),
      ...(schema.items ? alternativesOf(schema.items) : []),
    ]
  }
  let schemas = alternativesOf(root)
  for (const name of field.split('.')) {
    // An object without known properties can have any.
    const isOpen = schemas.some(({ type, properties }) => type === 'object' && properties === undefined)
    if (isOpen) return true
    schemas = schemas.flatMap(({ properties }) =>
      properties?.[name] ? alternativesOf(properties[name]) : [],
    )
  }
  return schemas.length > 0
}
