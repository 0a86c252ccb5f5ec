// Plays all endings against a runtime, and names what differs between client, record and expectation.
import { ENDINGS, type Ending, type ExpectedRecord, type SeenResponse } from './endings.js'
import { type Line, type Runtime, RuntimeServer } from './runtime-server.js'

export const FRAMEWORKS = ['express', 'koa'] as const

export interface EndingResult {
  readonly ending: string
  readonly framework: string
  /** Empty where the record matches. */
  readonly differences: readonly string[]
}

export interface RuntimeReport {
  readonly results: readonly EndingResult[]
  /** What the package reported on stderr. */
  readonly stderr: string
}

interface Played {
  readonly ending: Ending
  readonly marker: string
  readonly seen: readonly SeenResponse[]
  readonly failure: string | undefined
}

/** @param folder of the package, with index.js and koa.js */
export async function compareEndings(
  runtime: Runtime,
  folder: string,
  framework: (typeof FRAMEWORKS)[number],
  isChosen: (name: string) => boolean = () => true,
): Promise<RuntimeReport> {
  const endings = ENDINGS.filter(({ name }) => isChosen(name))
  const run = async (some: readonly Ending[]) =>
    runEndings(await RuntimeServer.start(runtime, folder, framework), framework, some)
  const runEach = async (some: readonly Ending[]) => {
    const each: RuntimeReport[] = []
    for (const ending of some) each.push(await run([ending]))
    return each
  }
  const [together, each] = await Promise.all([
    run(endings.filter(({ isLast }) => !isLast)),
    runEach(endings.filter(({ isLast }) => isLast)),
  ])
  const reports = [together, ...each]
  return {
    results: reports.flatMap(({ results }) => results),
    stderr: reports.map(({ stderr }) => stderr).join(''),
  }
}

async function runEndings(
  server: RuntimeServer,
  framework: string,
  endings: readonly Ending[],
): Promise<RuntimeReport> {
  const played: Played[] = []
  for (const [index, ending] of endings.entries()) {
    const marker = `?ending=${index}.`
    const { seen, failure } = await play(server, ending, marker)
    // One after another, so that records without a request can be told apart.
    await server.waitForRecords((line) => belongsTo(line, { ending, marker }), countLines(ending))
    played.push({ ending, marker, seen, failure })
  }
  if (endings[0]?.isLast) await server.waitForExit()
  else await server.stop()
  const results = played.map((one) => ({
    ending: one.ending.name,
    framework,
    differences: [
      ...(one.failure === undefined ? findDifferences(one, server.lines) : [one.failure]),
      ...server.tornLines.map((line) => `torn line on stdout: ${line}`),
    ],
  }))
  return { results, stderr: server.stderr }
}

async function play(server: RuntimeServer, ending: Ending, marker: string) {
  try {
    return { seen: await ending.play(server, marker), failure: undefined }
  } catch (error) {
    return { seen: [], failure: `client: ${(error as Error).message.slice(0, 200)}` }
  }
}

/** Records of requests that could not be read have no URL; their endings follow each other. */
function belongsTo(line: Line, { ending, marker }: Pick<Played, 'ending' | 'marker'>): boolean {
  if (line.http_request?.url !== undefined && line.http_request.url !== null)
    return line.http_request.url.includes(marker)
  return ending.expected.some(({ message }) => message === line.message) && !claimed.has(line)
}

const claimed = new WeakSet<Line>()

function findDifferences(played: Played, lines: readonly Line[]): string[] {
  const { ending, seen } = played
  const exchanges = new Map<string, Line>()
  for (const line of lines.filter((one) => belongsTo(one, played))) exchanges.set(line.id, line)
  const records = [...exchanges.values()]
    .sort(byArrival)
    .slice(0, hasNoUrl(ending) ? ending.expected.length : undefined)
  for (const record of records) claimed.add(record)
  if (records.length !== ending.expected.length) {
    return [`${records.length} records instead of ${ending.expected.length}`]
  }
  return ending.expected.flatMap(({ stages, ...expected }, index) => {
    const record = records[index] as Line
    const found = stagesOf(record, lines)
    const response = seen[index]
    return [
      ...compareWithExpected(expected, record),
      ...(stages === undefined || found === stages ? [] : [`stages are ${found} instead of ${stages}`]),
      ...(response ? compareWithClient(response, record, ending.leaves === true) : []),
    ]
  })
}

function countLines({ expected }: Ending): number {
  return expected.reduce((count, { stages }) => count + (stages?.split(', ').length ?? 1), 0)
}

function stagesOf({ id }: Line, lines: readonly Line[]): string {
  return lines
    .filter((line) => line.id === id)
    .map(({ stage }) => stage)
    .join(', ')
}

function hasNoUrl({ expected }: Ending): boolean {
  return expected.some(({ message }) => message === 'A request could not be read')
}

function byArrival(one: Line, other: Line): number {
  return Number(one.http_request === null) - Number(other.http_request === null) || one.seq - other.seq
}

function compareWithExpected(expected: ExpectedRecord, record: Line): string[] {
  const actual = {
    status: statusOf(record),
    ended: record.ended,
    message: record.message,
    scheme: new URL(record.http_request?.url ?? 'none:').protocol.slice(0, -1),
  }
  return Object.entries(expected)
    .filter(([name, value]) => actual[name as keyof typeof actual] !== value)
    .map(([name, value]) => `${name} is ${actual[name as keyof typeof actual]} instead of ${value}`)
}

function compareWithClient(seen: SeenResponse, record: Line, leaves: boolean): string[] {
  const status = statusOf(record)
  const isUnseen = leaves && seen.status === null
  const differences: string[] = []
  if (status !== seen.status && !isUnseen) differences.push(`client has ${seen.status}, record has ${status}`)
  if (seen.status !== null && status === seen.status && record.http_response.reason !== seen.reason) {
    differences.push(`client has the reason ${seen.reason}, record has ${record.http_response.reason}`)
  }
  if ((record.ended === 'completed') !== seen.isComplete && !leaves) {
    differences.push(`client has ${seen.isComplete ? 'all' : 'not all'} of it, record is ${record.ended}`)
  }
  if (seen.status !== null && typeof status === 'number')
    differences.push(...compareHeaders(seen, record.http_response.headers ?? {}))
  return differences
}

/** `http_response: null` means that it is not known what the client received. */
function statusOf({ http_response }: Line): number | null | 'unknown' {
  return http_response === null ? 'unknown' : http_response.status_code
}

function compareHeaders({ headers: seen }: SeenResponse, recorded: Record<string, unknown>): string[] {
  const isSame = (name: string) => {
    const [one, other] = [recorded[name], seen[name]].map((value) => JSON.stringify([value].flat()))
    return one === other || (name === 'set-cookie' && [recorded[name]].flat().length === seen[name]?.length)
  }
  const wrong = Object.keys(recorded).filter((name) => !isSame(name))
  const missing = Object.keys(seen).filter((name) => !(name in recorded))
  return [
    ...wrong.map(
      (name) =>
        `header ${name} is ${JSON.stringify(recorded[name])}, client has ${JSON.stringify(seen[name])}`,
    ),
    ...(missing.length > 0 ? [`without header ${missing.sort().join(', ')}`] : []),
  ]
}
