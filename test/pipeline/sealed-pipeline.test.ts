// How long a sealed pipeline stays in memory.
import { expect, it } from '@jest/globals'
import type { Sink } from 'http-audit-log'
import { createSealedPipeline, sendMessages } from '../helpers/seal.js'
import { collectGarbage } from '../helpers/v8.js'

it('is garbage after close(), though a sealed log is ended at exit', async () => {
  const sinks: WeakRef<Sink>[] = []
  for (let i = 0; i < 3; i++) {
    const sink: Sink = { write: () => {} }
    sinks.push(new WeakRef(sink))
    const { pipeline } = createSealedPipeline({ sink })
    sendMessages(pipeline, 'one')
    await pipeline.close()
  }
  // A WeakRef holds its target until the end of the turn in which it was created or read.
  await new Promise((resolve) => setImmediate(resolve))
  collectGarbage()
  // V8 may hold the last one in a register.
  expect(sinks.slice(0, 2).map((sink) => sink.deref() !== undefined)).toEqual([false, false])
})
