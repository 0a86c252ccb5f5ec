// What protection costs against the size of what it is given: every pattern over texts made to trip it, and setResults.
// Usage: npm run build && node bench/protect-curves.js
import { AuditLogger, memory } from '../dist/esm/index.js'
import { cleanText } from '../dist/esm/protect/clean-text.js'
import { createSecretNames } from '../dist/esm/protect/secret-names.js'

const SIZES = [1_000, 10_000, 100_000, 1_000_000]
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

function show(title, rows) {
  console.log(`\n${title}`)
  console.table(rows)
}

show(
  'Patterns: milliseconds by length of text (linear: ten times the length, ten times the time)',
  Object.fromEntries(
    Object.entries(TEXTS).map(([name, piece]) => [
      name,
      Object.fromEntries(
        SIZES.map((size) => {
          const text = `x ${piece.repeat(size / piece.length)}`
          const url = `/?a=${text}`
          const run = () => [cleanText(text, names, '[REDACTED]'), cleanText(url, names, '[REDACTED]')]
          return [size, Number(time(run, size > 100_000 ? 2 : 5).toFixed(3))]
        }),
      ),
    ]),
  ),
)

/** One record with these results, from setResults to its line. */
function record(results) {
  new AuditLogger({ sink }).setResults(results).sendLog()
}

const lines = []
const sink = { write: (line) => void lines.splice(0, 1, line) }
show(
  'setResults with rows, and sendLog: milliseconds, bytes of the line',
  Object.fromEntries(
    [100, 1_000, 10_000, 100_000, 1_000_000].map((count) => {
      const rows = Array.from({ length: count }, (_, id) => ({
        id,
        name: `Jansen ${id}`,
        email: `j${id}@example.org`,
      }))
      return [count, { ms: Number(time(() => record(rows), 20).toFixed(3)), bytes: lines[0].length }]
    }),
  ),
)
show(
  'setResults with one string, and sendLog: milliseconds, bytes of the line',
  Object.fromEntries(
    [1e3, 1e4, 1e5, 1e6, 1e7, 1e8].map((length) => {
      const text = 'x'.repeat(length)
      return [length, { ms: Number(time(() => record(text), 20).toFixed(3)), bytes: lines[0].length }]
    }),
  ),
)
const small = {
  rows: [
    { id: 1, name: 'Jansen' },
    { id: 2, name: 'De Vries' },
  ],
}
const big = 20_000
for (const [name, redact] of [
  ['with redact', {}],
  ['redact: false', false],
]) {
  const options = { sink: memory(), redact }
  const logger = new AuditLogger(options)
  const ms = time(() => {
    for (let index = 0; index < big; index++)
      logger.setFilter('Person', { last_name: 'Jansen' }).setResults(small)
  })
  console.log(`setFilter and setResults of a usual size, ${name}: ${((ms * 1000) / big).toFixed(2)} us`)
}
