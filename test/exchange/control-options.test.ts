import { expect, it } from '@jest/globals'
import { auditLog, memory } from 'http-audit-log'

it.each([undefined, null])('takes %s for no options in logger() and close()', async (options) => {
  const sink = memory()
  const audit = auditLog({ sink })
  audit
    .logger(options as undefined)
    .setAction('expire')
    .sendLog()
  await audit.close(options as undefined)
  expect(sink.records()[0]?.audit.action).toBe('expire')
})
