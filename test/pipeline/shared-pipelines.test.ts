import { describe, expect, it } from '@jest/globals'
import { getSharedPipeline } from '#src/pipeline/shared-pipelines.js'
import { memory } from '#src/sinks/memory.js'

describe('getSharedPipeline()', () => {
  it('returns the same pipeline for equal options', () => {
    const sink = memory()
    const pipeline = getSharedPipeline({ sink, level: 'info' })
    expect(getSharedPipeline({ level: 'info', sink })).toBe(pipeline)
  })

  it('returns one default pipeline per process', () => {
    expect(getSharedPipeline({})).toBe(getSharedPipeline())
  })

  it.each([
    ['another value', { level: 'error' as const }],
    ['an option more', { level: 'info' as const, maxRecordBytes: 2048 }],
    ['an option less', {}],
  ])('returns another pipeline for %s', (_difference, other) => {
    const sink = memory()
    const pipeline = getSharedPipeline({ sink, level: 'info' })
    expect(getSharedPipeline({ sink, ...other })).not.toBe(pipeline)
  })

  it('returns another pipeline for another sink', () => {
    expect(getSharedPipeline({ sink: memory() })).not.toBe(getSharedPipeline({ sink: memory() }))
  })

  it('compares with the options as they were, even if the caller has changed the object', () => {
    const options: { sink: ReturnType<typeof memory>; level: 'info' | 'error' } = {
      sink: memory(),
      level: 'info',
    }
    const pipeline = getSharedPipeline(options)
    options.level = 'error'
    expect(getSharedPipeline(options)).not.toBe(pipeline)
  })

  it.each([null, 7, { levle: 'info' }])('throws ERR_AUDIT_OPTIONS for %p', (options) => {
    expect(() => getSharedPipeline(options as never)).toThrow(
      expect.objectContaining({ code: 'ERR_AUDIT_OPTIONS' }),
    )
  })
})
