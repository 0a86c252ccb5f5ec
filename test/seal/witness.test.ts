import { describe, expect, it } from '@jest/globals'
import { memory } from 'http-audit-log'
import { ControllableSink } from '../helpers/controllable-sink.js'
import {
  createSealedPipeline,
  parseSealed,
  sendMessages,
  summarizeSealed,
  verifyLines,
} from '../helpers/seal.js'

const WITNESS_DOWN = /The witness of the seal failed to write a record/

describe('a witness', () => {
  it('gets the notes alone, which prove that the log was not replaced', async () => {
    const witness = memory()
    const sink = memory()
    const { pipeline } = createSealedPipeline({ sink }, { witness, every: { records: 2 } })
    sendMessages(pipeline, 'a', 'b')
    await pipeline.close()
    const notes = parseSealed(sink.lines).flatMap(({ checkpoint }) => checkpoint?.note ?? [])
    expect(notes).toHaveLength(3)
    // The first one is of the first record, so that the run is known as soon as it begins.
    expect(witness.lines.slice(1)).toEqual(notes)
    expect(witness.lines[0]?.split('\n')[1]).toBe('1')
    expect(pipeline.counts().seal?.witness).toEqual({ written: 4, waiting: 0, lost: 0 })

    const witnesses = [witness.lines.join('')]
    expect((await verifyLines(sink.lines, { witnesses })).verdict).toBe('intact')
    // The tail was cut off, together with its checkpoint.
    expect((await verifyLines(sink.lines.slice(0, 3), { witnesses })).verdict).toBe('missing')
    expect((await verifyLines([], { witnesses })).verdict).toBe('run missing')
  })

  it.each(['throw', 'reject', 'hang'] as const)(
    'that is down holds up no record, is reported once, and counted: %s',
    async (mode) => {
      const witness = new ControllableSink(mode)
      const sink = memory()
      const options = { sink, sinkTimeoutMs: 50 }
      const { pipeline, errors } = createSealedPipeline(options, { witness, every: { records: 1 } })
      sendMessages(pipeline, 'a', 'b', 'c')
      // Written at once, whatever becomes of the witness.
      expect(summarizeSealed(sink.lines).filter((word) => !word.startsWith('checkpoint'))).toEqual([
        'started',
        'a',
        'b',
        'c',
      ])
      await pipeline.close()
      expect(summarizeSealed(sink.lines).slice(-2)[0]).toBe('stopped')
      expect(errors.filter(({ message }) => WITNESS_DOWN.test(message))).toHaveLength(1)
      expect(pipeline.counts()).toMatchObject({ lost: 0, waiting: 0 })
      const { written, waiting, lost } = pipeline.counts().seal?.witness ?? {
        written: 1,
        waiting: 0,
        lost: 1,
      }
      expect({ written, lost }).toEqual({ written: 0, lost: 0 })
      expect(waiting).toBeGreaterThan(3)
      expect((await verifyLines(sink.lines)).verdict).toBe('intact')
    },
  )

  it('that is back gets the notes of its outage', async () => {
    const witness = new ControllableSink('throw')
    const { pipeline } = createSealedPipeline({ sink: memory() }, { witness, every: { records: 1 } })
    sendMessages(pipeline, 'a', 'b')
    witness.mode = 'accept'
    await pipeline.close()
    expect(pipeline.counts().seal?.witness).toEqual({ written: witness.lines.length, waiting: 0, lost: 0 })
    expect(witness.lines.map((note) => note.split('\n')[1])).toEqual(['1', '3', '5', '7'])
  })

  it('whose close() fails is reported', async () => {
    const witness = { write() {}, close: () => Promise.reject(new Error('stuck')) }
    const { pipeline, errors } = createSealedPipeline({ sink: memory() }, { witness })
    await pipeline.close()
    expect(errors.map(({ message }) => message)).toEqual([
      expect.stringMatching(/witness of the seal could not be closed: .*stuck/),
    ])
  })
})
