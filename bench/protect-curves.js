// What protection costs against the size of what it is given: every pattern over texts made to trip it, and setResults.
// Usage: npm run build && node bench/protect-curves.js       under half a minute
//        node bench/protect-curves.js --short                a few seconds, fewer runs
//        node bench/protect-curves.js --smoke                whether it works, no figures
import { parseArgs } from 'node:util'
import { AuditLogger, memory } from '../dist/esm/index.js'
import { cleanText } from '../dist/modules/protect/clean-text.js'
import { createSecretNames } from '../dist/modules/protect/secret-names.js'
import { atMost } from './lib/goals.js'
import { markdownTable } from './lib/markdown-table.js'
import { COMMON_OPTIONS, concludeRun } from './lib/saved-run.js'

const { values: given } = parseArgs({ options: COMMON_OPTIONS })
const upTo = (largest, sizes) => sizes.filter((size) => size <= largest)
const settings = {
  sizes: upTo(given.smoke ? 10_000 : 1_000_000, [1_000, 10_000, 100_000, 1_000_000]),
  rows: given.smoke ? [100, 1_000] : [100, 1_000, 10_000, 100_000, 1_000_000],
  lengths: upTo(given.smoke ? 1e4 : 1e8, [1e3, 1e4, 1e5, 1e6, 1e7, 1e8]),
  runs: given.smoke ? 1 : given.short ? 5 : 20,
  usualRecords: given.smoke ? 100 : 20_000,
  warmUpRecords: given.smoke ? 1 : 200,
}
const TEXTS = {
  letters: 'a',
  'JSON Web Token': 'eyJ',
  'JSON Web Token, dots': 'eyJaaaaaaaaaaaaa.',
  'private key': '-----BEGIN ',
  'user info': '//a',
  'user info, slashes': '/',
  credentials: 'bearer ',
  'name and value': 'password=',
  'name and quoted value': 'password:"',
  'name, escaped quotes': 'password=\\"',
  'header lines': 'a:\n',
  'XML elements': '</a ',
  'form parts': 'form-data; name="a"\r\n',
  'URL parameters': '&a=b',
  'escaped parameters': '&%70assword=%25',
  'nested parameters': '%3Fa%3D',
  'broken JSON': '{"a":',
}

const names = createSecretNames({})

/** The best of some runs, milliseconds. */
function time(run, runs = 5) {
  let best = Number.POSITIVE_INFINITY
  for (let index = 0; index < runs; index++) {
    const begin = performance.now()
    run()
    best = Math.min(best, performance.now() - begin)
  }
  return best
}

const patterns = Object.entries(TEXTS).map(([name, piece]) => ({
  name,
  milliseconds: settings.sizes.map((size) => {
    const text = `x ${piece.repeat(size / piece.length)}`
    const url = `/?a=${text}`
    const run = () => [cleanText(text, names, '[REDACTED]'), cleanText(url, names, '[REDACTED]')]
    return rounded(time(run, size > 100_000 ? 2 : 5))
  }),
}))

/** One record with these results, from setResults to its line. */
function record(results) {
  new AuditLogger({ sink }).setResults(results).sendLog()
}

const lines = []
const sink = { write: (line) => void lines.splice(0, 1, line) }

function timeRecord(results) {
  return { ms: rounded(time(() => record(results), settings.runs)), bytes: lines[0].length }
}

function rowsOf(count) {
  return Array.from({ length: count }, (_, id) => ({ id, name: `Jansen ${id}`, email: `j${id}@example.org` }))
}

// Else the fewest rows, which come first, pay for the compiler.
for (let index = 0; index < settings.warmUpRecords; index++) record(rowsOf(1_000))
const rows = settings.rows.map((count) => ({ rows: count, ...timeRecord(rowsOf(count)) }))
const texts = settings.lengths.map((length) => ({ length, ...timeRecord('x'.repeat(length)) }))

const small = {
  rows: [
    { id: 1, name: 'Jansen' },
    { id: 2, name: 'De Vries' },
  ],
}
const usual = Object.entries({ 'with redact': {}, 'redact: false': false }).map(([name, redact]) => {
  const logger = new AuditLogger({ sink: memory(), redact })
  const ms = time(() => {
    for (let index = 0; index < settings.usualRecords; index++)
      logger.setFilter('Person', { last_name: 'Jansen' }).setResults(small)
  })
  return { 'a usual size': name, us: rounded((ms * 1000) / settings.usualRecords) }
})

const thousand = rows.find((one) => one.rows === 1_000)
const most = rows.at(-1)
const ratio = Number((most.ms / thousand.ms).toFixed(2))
const goals = [atMost(1.5, ratio, `${most.rows} rows to 1,000: ratio of the times`)]
concludeRun(given, 'protect-curves', {
  settings,
  patterns,
  rows,
  texts,
  usual,
  goals,
  tables: {
    'Patterns: milliseconds by length of text (linear: ten times the length, ten times the time)':
      markdownTable(
        patterns.map(({ name, milliseconds }) => ({
          pattern: name,
          ...Object.fromEntries(
            settings.sizes.map((size, index) => [size.toLocaleString('en'), milliseconds[index]]),
          ),
        })),
      ),
    [`setResults with rows, and sendLog: ${ratio} times as long for ${most.rows} as for 1,000`]:
      markdownTable(rows),
    'setResults with one string, and sendLog': markdownTable(texts),
    'setFilter and setResults': markdownTable(usual),
  },
})

function rounded(ms) {
  return Number(ms.toFixed(3))
}
