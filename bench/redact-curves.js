// Measures how the time for redaction grows with the size of the input: texts that are built to make a pattern slow, and
// records with large results. Ten times the input should take ten times as long, never a hundred times.
// Usage: npm run build && node bench/redact-curves.js       under half a minute
//        node bench/redact-curves.js --short                a few seconds, fewer runs
//        node bench/redact-curves.js --smoke                checks that it works; prints no usable figures
import { parseArgs } from 'node:util'
import { atMost } from './lib/goals.js'
import { markdownTable } from './lib/markdown-table.js'
import {
  AuditLogger,
  createSensitiveKeys,
  createTextContext,
  memory,
  redactText,
} from './lib/package-under-test.js'
import { COMMON_OPTIONS, concludeRun } from './lib/save-run.js'

const { values: options } = parseArgs({ options: COMMON_OPTIONS })
const upTo = (largest, sizes) => sizes.filter((size) => size <= largest)
const settings = {
  sizes: upTo(options.smoke ? 10_000 : 1_000_000, [1_000, 10_000, 100_000, 1_000_000]),
  rows: options.smoke ? [100, 1_000] : [100, 1_000, 10_000, 100_000, 1_000_000],
  lengths: upTo(options.smoke ? 1e4 : 1e8, [1e3, 1e4, 1e5, 1e6, 1e7, 1e8]),
  runs: options.smoke ? 1 : options.short ? 5 : 20,
  smallRecords: options.smoke ? 100 : 20_000,
  warmUpRecords: options.smoke ? 1 : 200,
}
/** By the pattern that each is aimed at: a piece that is repeated to the size of the text. */
const PIECES = {
  letters: 'a',
  'JSON Web Token': 'eyJ',
  'JSON Web Token, dots': 'eyJaaaaaaaaaaaaa.',
  'private key': '-----BEGIN ',
  'user info': '//a',
  'user info, slashes': '/',
  credentials: 'bearer ',
  'key and value': 'password=',
  'key and quoted value': 'password:"',
  'key, escaped quotes': 'password=\\"',
  'header lines': 'a:\n',
  'XML elements': '</a ',
  'form parts': 'form-data; name="a"\r\n',
  'URL parameters': '&a=b',
  'escaped parameters': '&%70assword=%25',
  'nested parameters': '%3Fa%3D',
  'broken JSON': '{"a":',
}
const context = createTextContext(createSensitiveKeys({}), '[REDACTED]')

/** The fastest of several runs, in milliseconds. */
function time(run, runs = 5) {
  let best = Number.POSITIVE_INFINITY
  for (let index = 0; index < runs; index++) {
    const startedAt = performance.now()
    run()
    best = Math.min(best, performance.now() - startedAt)
  }
  return best
}

const patterns = Object.entries(PIECES).map(([name, piece]) => ({
  name,
  milliseconds: settings.sizes.map((size) => {
    const text = `x ${piece.repeat(size / piece.length)}`
    const url = `/?a=${text}`
    const run = () => [redactText(text, context), redactText(url, context)]
    return round(time(run, size > 100_000 ? 2 : 5))
  }),
}))

const lines = []
const sink = { write: (line) => void lines.splice(0, 1, line) }

/** One record, from `setResults` to its line. */
function sendRecord(results) {
  new AuditLogger({ sink }).setResults(results).sendLog()
}

function timeRecord(results) {
  return { ms: round(time(() => sendRecord(results), settings.runs)), bytes: lines[0].length }
}

function createRows(count) {
  return Array.from({ length: count }, (_, id) => ({ id, name: `Jansen ${id}`, email: `j${id}@example.org` }))
}

// Without a warm-up, the measurement of the fewest rows would include the compiler.
for (let index = 0; index < settings.warmUpRecords; index++) sendRecord(createRows(1_000))
const rows = settings.rows.map((count) => ({ rows: count, ...timeRecord(createRows(count)) }))
const texts = settings.lengths.map((length) => ({ length, ...timeRecord('x'.repeat(length)) }))

const smallResults = {
  rows: [
    { id: 1, name: 'Jansen' },
    { id: 2, name: 'De Vries' },
  ],
}
const smallRecords = Object.entries({ 'redact: {}': {}, 'redact: false': false }).map(([name, redact]) => {
  const logger = new AuditLogger({ sink: memory(), redact })
  const ms = time(() => {
    for (let index = 0; index < settings.smallRecords; index++)
      logger.setFilter('Person', { last_name: 'Jansen' }).setResults(smallResults)
  })
  return { option: name, us: round((ms * 1000) / settings.smallRecords) }
})

const thousand = rows.find((one) => one.rows === 1_000)
const most = rows.at(-1)
const ratio = Number((most.ms / thousand.ms).toFixed(2))
const goals = [atMost(1.5, ratio, `time for ${most.rows} rows relative to 1,000 rows`)]
concludeRun(options, 'redact-curves', {
  settings,
  patterns,
  rows,
  texts,
  smallRecords,
  goals,
  tables: {
    'Patterns: milliseconds by length of the text': markdownTable(
      patterns.map(({ name, milliseconds }) => ({
        pattern: name,
        ...Object.fromEntries(
          settings.sizes.map((size, index) => [size.toLocaleString('en'), milliseconds[index]]),
        ),
      })),
    ),
    'setResults with rows, and sendLog': markdownTable(rows),
    'setResults with one string, and sendLog': markdownTable(texts),
    'setFilter and setResults with a small value': markdownTable(smallRecords),
  },
})

function round(value) {
  return Number(value.toFixed(3))
}
