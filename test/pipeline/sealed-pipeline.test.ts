// How a sealed pipeline ends.
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from '@jest/globals'
import { memory, type Sink } from 'http-audit-log'
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

it('waits for another process that writes the state file, so that it has the last checkpoint', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ends-'))
  const state = join(folder, 'state.json')
  const { pipeline, errors } = createSealedPipeline({ sink: memory() }, { state })
  sendMessages(pipeline, 'one')
  // The other process releases the lock while this thread is blocked, so no event can tell it when.
  writeFileSync(`${state}.lock`, JSON.stringify({ pid: process.ppid, time: Date.now() }))
  spawn('sh', ['-c', 'sleep 0.3; rm "$0"', `${state}.lock`])
  await pipeline.close()
  expect(errors).toEqual([])
  expect(JSON.parse(readFileSync(state, 'utf8')).runs).toEqual([expect.objectContaining({ size: 3 })])
  rmSync(folder, { recursive: true })
})
