// A new shape of secret is one file and one line in the list: every part of a record finds it from there on.
import { expect, it, jest } from '@jest/globals'
import type { Detector } from '#src/redact/detectors/detector.js'

const TICKET = 'tkt_abcdefgh1234'

const ticket: Detector = {
  id: 'ticket',
  secret: 'A made-up ticket',
  reason: 'For this test',
  visible: 'The text around the ticket',
  sources: [],
  examples: [],
  markers: ['tkt_'],
  standsAlone: true,
  redact: (text, { replacement }) => text.replace(/\btkt_\w{8,}/g, () => replacement),
}

/** The package, with one more detector in the list. */
function loadWithTicketDetector(): typeof import('./redacted-parts.js') {
  const path = '#src/redact/detectors/index.js'
  const { DETECTORS } = jest.requireActual<typeof import('#src/redact/detectors/index.js')>(path)
  jest.doMock(path, () => ({ DETECTORS: [...DETECTORS, ticket] }))
  let parts: typeof import('./redacted-parts.js') | undefined
  jest.isolateModules(() => {
    parts = jest.requireActual('./redacted-parts.js')
  })
  return parts as typeof import('./redacted-parts.js')
}

const { headersOf, kwargsOf, urlOf } = loadWithTicketDetector()

it('finds the secret of a new detector that stands alone in a plain URL', () => {
  expect(urlOf(`https://example.org/x?ref=${TICKET}&page=2`)).toBe(
    'https://example.org/x?ref=[REDACTED]&page=2',
  )
  expect(urlOf(`/persons/${TICKET}`)).toBe('/persons/[REDACTED]')
})

it('finds the secret of a new detector that stands alone in headers', () => {
  expect(headersOf({ Location: `/y?ref=${TICKET}`, 'X-A': `ref ${TICKET}` })).toEqual({
    Location: '/y?ref=[REDACTED]',
    'X-A': 'ref [REDACTED]',
  })
})

it('finds the secret of a new detector that stands alone in keys and values', () => {
  expect(kwargsOf({ [TICKET]: 1, ref: TICKET, link: `https://example.org/x?ref=${TICKET}` })).toEqual({
    '[REDACTED]': 1,
    ref: '[REDACTED]',
    link: 'https://example.org/x?ref=[REDACTED]',
  })
})

it('leaves a look-alike visible', () => {
  expect(urlOf('/persons/tkt_abc')).toBe('/persons/tkt_abc')
})
