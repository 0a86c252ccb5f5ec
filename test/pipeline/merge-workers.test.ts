import { describe, expect, it } from '@jest/globals'
import { mergeWorkers } from 'http-audit-log'

describe('mergeWorkers', () => {
  it.each([undefined, null, {}, 'cluster', () => {}])('says what it expects where it gets %p', (given) => {
    expect(() => mergeWorkers(given as never)).toThrow(
      expect.objectContaining({
        code: 'ERR_AUDIT_OPTIONS',
        message: expect.stringContaining('to be node:cluster, in the primary, got '),
      }),
    )
  })
})
