import { describe, expect, it } from '@jest/globals'
import { AuditLogError } from 'http-audit-log'
import { runScript } from '../helpers/child-process.js'

describe('instanceof AuditLogError', () => {
  it('is true for the errors of another copy of the package, and only for them', async () => {
    // A query makes Node load the module a second time, as the CommonJS build is loaded beside the ES module.
    const { stdout } = await runScript(`
      import { AuditLogError as first } from './src/lib/errors.js'
      import { AuditLogError as second } from './src/lib/errors.js?another-copy'
      class Subclass extends first {}
      const error = new second('ERR_AUDIT_SINK', 'message')
      console.log(JSON.stringify([
        first === second,
        error instanceof first,
        new first('ERR_AUDIT_SINK', 'message') instanceof second,
        new Subclass('ERR_AUDIT_SINK', 'message') instanceof second,
        new Subclass('ERR_AUDIT_SINK', 'message') instanceof Subclass,
        error instanceof Subclass,
        Object.assign(new Error('x'), { name: 'AuditLogError', code: 'ERR_AUDIT_SINK' }) instanceof first,
        Object.keys(error),
      ]))
    `)
    expect(JSON.parse(stdout)).toEqual([false, true, true, true, true, false, false, ['code', 'name']])
  })

  it.each<[string, unknown]>([
    ['null', null],
    ['undefined', undefined],
    ['a text', 'AuditLogError'],
    [
      'a proxy that throws',
      new Proxy(
        {},
        {
          get() {
            throw new Error('for the test')
          },
        },
      ),
    ],
  ])('is false for %s', (_name, value) => {
    expect(value instanceof AuditLogError).toBe(false)
  })
})
