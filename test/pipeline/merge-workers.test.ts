import { describe, expect, it } from '@jest/globals'
import { mergeWorkers } from 'http-audit-log'

describe('mergeWorkers()', () => {
  it.each([undefined, null, {}, 'cluster', () => {}])('throws ERR_AUDIT_OPTIONS for %p', (cluster) => {
    expect(() => mergeWorkers(cluster as never)).toThrow(
      expect.objectContaining({
        code: 'ERR_AUDIT_OPTIONS',
        message: expect.stringContaining('node:cluster in the primary process, got '),
      }),
    )
  })
})
