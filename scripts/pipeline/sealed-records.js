// Sealed records on a real way to an auditor: 20,000 requests with hostile content to real applications, their files read by a real
// Filebeat, into a real Elasticsearch, and verified there. Then one record is changed and one deleted. run.sh starts this file.
// Its environment: ELASTICSEARCH_URL, ELASTICSEARCH_VERSION, FILEBEAT (the program). Its arguments: the formats, by default all.
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  createReadStream,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'
import { Elasticsearch } from './elasticsearch.js'
import { createFront } from './elasticsearch-front.js'
import { sendToElasticsearch } from './filebeat-config.js'
import { runApplication } from './run-applications.js'

/** In the second run each request has two records. */
const REQUESTS = [5000, 2500]
const SHIPPING_TIMEOUT_MS = 120_000
const root = join(import.meta.dirname, '../..')
const CLI = join(root, 'dist/esm/cli.js')
const LOGS = [
  {
    format: 'audit',
    framework: 'express',
    index: 'logs-http_audit-default',
    idField: 'audit.id',
    seq: 'audit.seq',
    record: ({ audit }) => ({
      run: audit.run,
      seq: audit.seq,
      index: audit.integrity.index,
      time: audit.time,
    }),
    change: { audit: { outcome: 'success', message: 'changed' } },
  },
  {
    format: 'ecs',
    framework: 'koa',
    index: 'logs-http_audit_ecs-default',
    idField: 'event.id',
    seq: 'event.sequence',
    record: ({ event, Audit }) => ({
      run: Audit.run,
      seq: event.sequence,
      index: Audit.integrity.index,
      time: event.start,
    }),
    change: { event: { outcome: 'changed' } },
  },
]

const formats = process.argv.slice(2)
const work = mkdtempSync(join(tmpdir(), 'sealed-records-'))
const elasticsearch = new Elasticsearch(process.env.ELASTICSEARCH_URL)
const started = performance.now()
let filebeat
process.on('exit', () => {
  filebeat?.kill('SIGKILL')
  rmSync(work, { recursive: true, force: true })
})
process.once('SIGINT', () => process.exit(130))
process.once('SIGTERM', () => process.exit(143))

const key = JSON.parse((await runCli(['keygen', '--name', 'audit.example.org', '--json'])).stdout)
for (const log of LOGS.filter(({ format }) => formats.length === 0 || formats.includes(format)))
  await checkLog(log, key)
report('Everything is as expected')

async function checkLog(log, { private_key, verifier_key }) {
  const file = await writeLog(log, private_key)
  const lines = await countLines(file)
  await verify(`${log.format}: the file`, verifier_key, [file], { code: 0, verdict: 'intact' })
  await ship(log, file, lines)
  const server = ['--elasticsearch', elasticsearch.url, '--index', log.index]
  await verify(`${log.format}: Elasticsearch`, verifier_key, server, {
    code: 0,
    verdict: 'intact',
    records: lines,
  })
  const hits = await exportHits(log)
  await verify(`${log.format}: exported in another order, with duplicates`, verifier_key, hits.files, {
    code: 0,
    verdict: 'intact',
    records: lines,
  })
  await checkPeriods(log, verifier_key, server, hits)
  await checkAttacks(log, verifier_key, server, hits)
}

/** Two runs of an application, linked by a state file. */
async function writeLog({ format, framework }, key) {
  const file = join(work, `${format}.log`)
  const environment = {
    FRAMEWORK: framework,
    AUDIT_FILE: file,
    AUDIT_STATE: join(work, `${format}.json`),
    AUDIT_SIGNING_KEY: key,
  }
  await runApplication(environment, REQUESTS[0])
  await runApplication({ ...environment, STAGES: 'received' }, REQUESTS[1])
  report(`${format}: ${REQUESTS.join(' and ')} requests to ${framework}, in two runs`)
  return file
}

/** Sends a file to Elasticsearch, and waits until all of its lines are there. */
async function ship({ format, index, idField }, file, lines) {
  await elasticsearch.installTemplate(format)
  const front = createFront(elasticsearch.url, process.env.ELASTICSEARCH_VERSION)
  await once(front, 'listening')
  const home = join(work, `filebeat-${format}`)
  mkdirSync(home)
  writeFileSync(
    join(home, 'filebeat.yml'),
    sendToElasticsearch(readFileSync(join(root, 'deploy/filebeat.yml'), 'utf8'), index),
  )
  const log = join(home, 'log')
  filebeat = spawn(process.env.FILEBEAT, ['-e', '--strict.perms=false', '--path.home', home], {
    stdio: ['ignore', openSync(log, 'w'), openSync(log, 'a')],
    env: {
      ...process.env,
      ELASTICSEARCH_URL: `http://127.0.0.1:${front.address().port}`,
      AUDIT_FROM_CONTAINERS: 'false',
      AUDIT_FROM_FILES: 'true',
      AUDIT_FILES: file,
      AUDIT_ID_FIELD: idField,
    },
  })
  const exit = once(filebeat, 'exit')
  try {
    await Promise.race([
      elasticsearch.waitForDocuments(index, lines, SHIPPING_TIMEOUT_MS),
      exit.then(([code]) => Promise.reject(new Error(`Filebeat ended with ${code}`))),
    ])
  } catch (error) {
    console.error(
      readFileSync(log, 'utf8')
        .split('\n')
        .filter((line) => /\t(?:WARN|ERROR)\t/.test(line))
        .slice(-20)
        .join('\n'),
    )
    throw error
  } finally {
    filebeat.kill('SIGTERM')
    await exit
    front.closeAllConnections()
    front.close()
  }
  report(`${format}: Filebeat has sent ${lines} records`)
}

/** All documents: as hits in random order, some of them twice, and as whole answers of `_search`. */
async function exportHits({ format, index, seq }) {
  const files = [join(work, `${format}-hits.ndjson`), join(work, `${format}-answers.ndjson`)]
  const hits = []
  const answers = []
  for await (const page of elasticsearch.search(index, { sort: [{ [seq]: 'desc' }], size: 250 })) {
    hits.push(...page.hits)
    if (answers.length < 20) answers.push(page.text)
  }
  const order = shuffle([...hits, ...hits.filter((_, number) => number % 7 === 0)])
  writeFileSync(files[0], `${order.map((hit) => JSON.stringify(hit)).join('\n')}\n`)
  writeFileSync(files[1], `${answers.join('\n')}\n`)
  return { files, hits }
}

async function checkPeriods({ format, record }, key, server, { hits }) {
  const times = hits.map(({ _source }) => record(_source).time).sort()
  const [first, within, last] = [times[0], times[times.length >> 2], times.at(-1)]
  const end = new Date(Date.parse(last) + 1).toISOString()
  await verify(`${format}: --from and --to around all`, key, [...server, '--from', first, '--to', end], {
    code: 0,
    verdict: 'intact',
    records: hits.length,
  })
  await verify(`${format}: --from within the first run`, key, [...server, '--from', within], { code: 3 })
  await verify(`${format}: --to within the first run`, key, [...server, '--to', within], { code: 3 })
}

async function checkAttacks({ format, record, change }, key, server, { hits }) {
  // An update by an ingest pipeline rewrites documents too, and must not count as a change.
  for (let start = 0; start < hits.length; start += 1000) {
    await elasticsearch.update(hits.slice(start, start + 1000), { labels: { reviewed: 'yes' } })
  }
  await verify(`${format}: a field of another's is added to each document`, key, server, {
    code: 0,
    verdict: 'intact',
    records: hits.length,
  })
  // In the second run two records have the same id.
  const firstRun = hits.map(({ _source }) => record(_source)).sort(byTime)[0].run
  const [changed, deleted] = [1000, 2000].map(
    (number) => hits.filter(({ _source }) => record(_source).run === firstRun)[number],
  )
  await elasticsearch.update([changed], change)
  await verify(`${format}: a record was changed`, key, server, {
    code: 1,
    verdict: 'modified',
    records: hits.length,
    named: record(changed._source),
  })
  await elasticsearch.delete(deleted)
  await verify(`${format}: a record was deleted`, key, server, {
    code: 1,
    verdict: 'modified',
    records: hits.length - 1,
    named: record(deleted._source),
  })
  const { time } = record(deleted._source)
  const around = ['--from', addMs(time, -1000), '--to', addMs(time, 1000)]
  await verify(`${format}: --from and --to around it`, key, [...server, ...around], {
    code: 1,
    named: record(deleted._source),
  })
}

/** Runs the command, and checks its exit code and output. */
async function verify(title, key, args, { code, verdict, records, named }) {
  const { stdout: json, code: actual } = await runCli(['verify', '--key', key, '--json', ...args])
  const result = JSON.parse(json)
  const text = actual === 1 ? (await runCli(['verify', '--key', key, ...args])).stdout : ''
  const faults = [
    actual !== code && `exit code ${actual}, expected ${code}`,
    verdict !== undefined && result.verdict !== verdict && `${result.verdict}, expected ${verdict}`,
    records !== undefined && result.records !== records && `${result.records} records, expected ${records}`,
    named && !isNamed(text, named) && `does not name index ${named.index}, id ${named.run}-${named.seq}`,
  ].filter(Boolean)
  report(`${title}: exit code ${actual}, ${result.verdict}, ${result.records} records`)
  if (text !== '') console.log(text.replace(/^(?=.)/gm, '    '))
  if (faults.length > 0) throw new Error(`${title}: ${faults.join('; ')}`)
}

function isNamed(output, { run, seq, index }) {
  return output.split('\n').some((line) => line.includes(`index ${index}`) && line.includes(`${run}-${seq}`))
}

async function runCli(args) {
  const options = { maxBuffer: 64 * 1024 * 1024, timeout: 120_000 }
  try {
    return { ...(await promisify(execFile)(process.execPath, [CLI, ...args], options)), code: 0 }
  } catch (error) {
    if (typeof error.code !== 'number') throw error
    return error
  }
}

async function countLines(file) {
  let count = 0
  for await (const _ of createInterface(createReadStream(file))) count += 1
  return count
}

function byTime(first, second) {
  return first.time < second.time ? -1 : 1
}

/** The same order each time. */
function shuffle(list) {
  let state = 1
  for (let last = list.length - 1; last > 0; last--) {
    state = (state * 48271) % 2147483647
    const other = state % (last + 1)
    ;[list[last], list[other]] = [list[other], list[last]]
  }
  return list
}

function addMs(time, milliseconds) {
  return new Date(Date.parse(time) + milliseconds).toISOString()
}

function report(text) {
  console.log(`${((performance.now() - started) / 1000).toFixed(1).padStart(6)} s  ${text}`)
}
