import { describe, expect, it } from '@jest/globals'
import type { AuditLogError } from '#src/lib/errors.js'
import { createReporter } from '#src/lib/reporter.js'
import { runScript } from '../helpers/child-process.js'

describe('reportOnce', () => {
  it('reports each code and message once', () => {
    const errors: AuditLogError[] = []
    const { reportOnce } = createReporter((error) => errors.push(error))
    const cause = new Error('not available')
    for (let count = 0; count < 3; count++) {
      reportOnce('ERR_AUDIT_CALLBACK', 'The `exempt` option failed', cause)
      reportOnce('ERR_AUDIT_CALLBACK', 'The `user` option failed', cause)
      reportOnce('ERR_AUDIT_FORMAT', 'The `user` option failed', cause)
    }
    expect(errors.map(({ code, message }) => [code, message])).toEqual([
      ['ERR_AUDIT_CALLBACK', 'The `exempt` option failed (reported once): Error: not available'],
      ['ERR_AUDIT_CALLBACK', 'The `user` option failed (reported once): Error: not available'],
      ['ERR_AUDIT_FORMAT', 'The `user` option failed (reported once): Error: not available'],
    ])
    expect(errors.every((error) => error.cause === cause)).toBe(true)
  })

  it('reports a message without a cause as it is', () => {
    const errors: AuditLogError[] = []
    createReporter((error) => errors.push(error)).reportOnce(
      'ERR_AUDIT_CONTEXT',
      'No record. Mount auditLog()',
    )
    expect(errors).toMatchObject([{ message: 'No record. Mount auditLog() (reported once)' }])
    expect(errors[0]).not.toHaveProperty('cause')
  })

  it('reports at most 20 different messages for each code', () => {
    const codes: string[] = []
    const { reportOnce } = createReporter(({ code }) => codes.push(code))
    for (let count = 0; count < 150; count++) reportOnce('ERR_AUDIT_CALLBACK', `Request ${count} failed`)
    reportOnce('ERR_AUDIT_FORMAT', 'The format failed')
    expect(codes).toEqual([...Array(20).fill('ERR_AUDIT_CALLBACK'), 'ERR_AUDIT_FORMAT'])
  })

  it('reports a constant message, however many messages with the same code vary at a place of their own', () => {
    const errors: AuditLogError[] = []
    const { reportOnce } = createReporter((error) => errors.push(error))
    for (let count = 0; count < 150; count++) {
      reportOnce('ERR_AUDIT_PROPERTY', `Unknown property ${count}`, undefined, 'setUser()')
    }
    reportOnce('ERR_AUDIT_PROPERTY', 'Unknown property 0', undefined, 'setHttpRequest()')
    reportOnce('ERR_AUDIT_PROPERTY', 'A user without `authenticated`')
    expect(errors).toHaveLength(22)
  })
})

it('writes one line to stderr, whatever characters the cause contains', async () => {
  const { stderr } = await runScript(`
    import { createReporter } from '#src/lib/reporter.js'
    createReporter().report('ERR_AUDIT_SINK', 'Failed', new Error('a\\n\\r\\u001b[31mb\\u0085c\\u2028d\\u2029e\\u007ff'))
  `)
  expect(stderr).toBe('http-audit-log: [ERR_AUDIT_SINK] Failed: Error: a [31mb c d e f\n')
})

it('shows the cause behind what happened, and the advice last', () => {
  const errors: AuditLogError[] = []
  const { report } = createReporter((error) => errors.push(error))
  report(
    'ERR_AUDIT_SINK',
    'The sink failed. Records are buffered. Check the disk',
    new Error('ENOSPC: disk full.'),
  )
  expect(errors[0]?.message).toBe(
    'The sink failed: Error: ENOSPC: disk full. Records are buffered. Check the disk',
  )
})
