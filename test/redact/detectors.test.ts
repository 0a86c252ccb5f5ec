// Runs over every detector in the list: a new detector needs no test of its own besides its examples.
import { readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import type { Detector } from '#src/redact/detectors/detector.js'
import { DETECTORS } from '#src/redact/detectors/index.js'
import { createSensitiveKeys } from '#src/redact/keys/sensitive-keys.js'
import { mayHaveStandaloneSecret, runDetectors } from '#src/redact/texts/run-detectors.js'
import { createTextContext } from '#src/redact/values/create-text-context.js'
import { takesAtMostMs } from '../helpers/cpu-time.js'
import { HARMLESS } from './secret-corpus.js'

const context = createTextContext(createSensitiveKeys({}), '[REDACTED]')

const LENGTH = 120_000
/** A linear detector takes some milliseconds; a quadratic one would take many seconds. */
const MAX_MS = 600

/** Files of the folder that are no detectors: the contract, the list, and tables. */
const OTHER_FILES = ['detector', 'index', 'library-error-messages', 'vendor-key-formats']

function hasMarker({ markers }: Detector, text: string): boolean {
  if (typeof markers === 'function') return markers(text)
  return markers instanceof RegExp ? markers.test(text) : markers.some((marker) => text.includes(marker))
}

/** The parts of an example in whose place `[REDACTED]` stands. */
function replacedParts(input: string, output: string): string[] {
  const pattern = output.split('[REDACTED]').map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'))
  return new RegExp(`^${pattern.join('(.*?)')}$`, 's').exec(input)?.slice(1) ?? []
}

it('every file of the folder is in the list, under its name', () => {
  const folder = join(__dirname, '../../src/redact/detectors')
  const files = readdirSync(folder).filter((name) => name.endsWith('.ts'))
  const names = files.map((file) => basename(file, '.ts'))
  const ids = DETECTORS.map(({ id }) => id)
  expect([...ids, ...OTHER_FILES].sort()).toEqual(names.sort())
})

describe.each(DETECTORS.map((detector): [string, Detector] => [detector.id, detector]))(
  '%s',
  (_id, detector) => {
    const { examples } = detector

    it('documents the shape, the harm, what remains visible and where the shape is defined', () => {
      for (const text of [detector.secret, detector.reason, detector.visible]) expect(text).not.toBe('')
      expect(detector.sources.length).toBeGreaterThan(0)
      for (const source of detector.sources) expect(() => new URL(source)).not.toThrow()
    })

    it('has an example with a secret and one without', () => {
      expect(examples.some(([input, output]) => input !== output)).toBe(true)
      expect(examples.some(([input, output]) => input === output)).toBe(true)
    })

    it.each(examples)('redacts %j to %j', (input, output) => {
      expect(detector.redact(input, context)).toBe(output)
      if (input !== output) expect(hasMarker(detector, input)).toBe(true)
    })

    it('is declared to stand alone if it finds a secret that looks like one word, without its surroundings', () => {
      const found = examples
        .flatMap(([input, output]) => replacedParts(input, output))
        .filter((part) => /^[\w.~-]+$/.test(part) && detector.redact(part, context) !== part)
      if (found.length > 0) expect([found, detector.standsAlone]).toEqual([found, true])
    })

    it('finds a secret that stands alone only where the quick check sees one, however short it is', () => {
      if (detector.standsAlone !== true) return
      for (const [input] of examples)
        for (const word of input.split(/[^\w.~-]+/))
          for (let length = 1; length <= Math.min(word.length, 40); length++) {
            const short = word.slice(0, length)
            if (detector.redact(short, context) !== short) expect(mayHaveStandaloneSecret(short)).toBe(true)
          }
    })

    it.each(examples)('gives the same result among all detectors: %j', (input, output) => {
      expect(runDetectors(input, context)).toBe(output)
    })

    it.each(examples)('changes nothing more when it runs again: %j', (_input, output) => {
      expect(detector.redact(output, context)).toBe(output)
    })

    it.each(examples)('takes a time that grows linearly with the text: %j', (input) => {
      const repeated = input.repeat(Math.ceil(LENGTH / input.length))
      for (const text of [repeated, `${repeated}…[+12 characters]`, `"${repeated}`])
        expect(takesAtMostMs(MAX_MS, () => detector.redact(text, context))).toBe(true)
    })

    it('leaves the harmless look-alikes as they are', () => {
      for (const [, value] of HARMLESS)
        if (typeof value === 'string') expect(detector.redact(value, context)).toBe(value)
    })
  },
)

it('a text in which no detector finds a secret is returned as it is', () => {
  for (const text of ['', 'Delft', '2026-11-24T09:30:00.123Z', 'See https://example.org/persons?page=2'])
    expect(runDetectors(text, context)).toBe(text)
})
