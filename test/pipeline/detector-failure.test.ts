// A detector that throws is a bug of this package: it must neither reach the request, nor make a secret visible, nor pass unheard.
import { expect, it, jest } from '@jest/globals'
import type { Detector } from '#src/redact/detectors/detector.js'

const broken: Detector = {
  id: 'broken',
  secret: 'A word on which the detector fails',
  reason: 'For this test',
  visible: 'Nothing',
  sources: [],
  examples: [],
  markers: ['brk_'],
  standsAlone: true,
  redact(text) {
    if (text.includes('brk_')) throw new RangeError('Maximum call stack size exceeded')
    return text
  },
}

function loadWithBrokenDetector(): typeof import('http-audit-log') {
  const path = '#src/redact/detectors/index.js'
  const { DETECTORS } = jest.requireActual<typeof import('#src/redact/detectors/index.js')>(path)
  jest.doMock(path, () => ({ DETECTORS: [broken, ...DETECTORS] }))
  let loaded: typeof import('http-audit-log') | undefined
  jest.isolateModules(() => {
    loaded = jest.requireActual('http-audit-log')
  })
  return loaded as typeof import('http-audit-log')
}

const { AuditLogger, memory } = loadWithBrokenDetector()
const WORD = 'brk_aaaaaaaaaaaaaaaaaaaaaaaa geheim'

function record(fill: (logger: InstanceType<typeof AuditLogger>) => void) {
  const sink = memory()
  const codes: string[] = []
  const logger = new AuditLogger({ sink, onError: ({ code }) => codes.push(code) })
  fill(logger)
  logger.sendLog()
  return { record: sink.last().audit, line: sink.lines[0] as string, codes }
}

const request = { method: 'GET', url: 'https://localhost/' }

it.each<[string, (logger: InstanceType<typeof AuditLogger>) => void]>([
  ['the URL', (logger) => logger.setHttpRequest({ ...request, url: `https://localhost/?q=${WORD}` })],
  [
    'a response header',
    (logger) => logger.setHttpResponse({ statusCode: 200, reason: 'OK', headers: { 'x-data': WORD } }),
  ],
])('writes a record without its content if a detector throws for %s', (_title, fill) => {
  const { record: written, line, codes } = record((logger) => fill(logger.setHttpRequest(request)))
  expect(line).not.toContain('geheim')
  expect(written.truncated).toEqual(['*'])
  expect(codes).toEqual(['ERR_AUDIT_FORMAT'])
})

it.each<[string, unknown]>([
  ['a text', { a: WORD, b: 'visible' }],
  ['a text in a list', { a: [WORD], b: 'visible' }],
  ['a key', { b: 'visible', c: { [`${WORD}=`]: 1 } }],
  ['a text in JSON', { a: JSON.stringify({ c: WORD }), b: 'visible' }],
])('hides %s for which a detector throws, and shows the rest', (_title, value) => {
  for (const part of ['results', 'filter'] as const) {
    const { line, codes } = record((logger) =>
      part === 'results' ? logger.setResults(value) : logger.setFilter('Person', value),
    )
    expect(line).not.toContain('geheim')
    expect(line).toContain('visible')
    expect(codes).toEqual(['ERR_AUDIT_FORMAT'])
  }
})
