// The bank of examples/, with Express and with Koa: the same requests leave the same records.
import { describe, expect, it } from '@jest/globals'
import type { AuditRecord } from 'http-audit-log'
import { ACTS, actOf, finalRecords } from '../helpers/bank-scenario.js'

const FRAMEWORKS = ['express', 'koa'] as const

describe.each(FRAMEWORKS)('the bank with %s', (framework) => {
  it('records who did what to which object, with which outcome, and why', async () => {
    expect((await finalRecords(framework)).map(actOf)).toEqual(ACTS)
  })

  it('records what a change replaced, and nothing else of the person', async () => {
    const patch = (await finalRecords(framework)).find(
      ({ action, outcome }) => action === 'partial_update' && outcome === 'success',
    )
    expect(patch).toMatchObject({
      message: 'Partial update of Person',
      changes: [{ path: 'email', from: 'jansen@example.org', to: 'jansen-new@example.org' }],
      results: { id: 1 },
    })
  })

  it('records the property of a request body that the route names', async () => {
    const creations = (await finalRecords(framework)).filter(({ action }) => action === 'create')
    expect(creations.map(({ request_body }) => request_body)).toEqual([undefined, { last_name: 'Mulder' }])
  })

  it('records a transfer and what happened to each account as three acts of one request', async () => {
    const records = await finalRecords(framework)
    const [transfer, debit, credit] = ['transfer', 'debit', 'credit'].map((name) =>
      records.find(({ action }) => action === name),
    )
    expect(transfer).toMatchObject({ attributes: { amount: 200, case_number: '2026/200' }, children: 2 })
    expect(transfer).not.toHaveProperty('changes')
    const shared = { parent: transfer?.id, request_id: transfer?.request_id }
    expect(debit).toMatchObject({ ...shared, changes: [{ path: 'balance', from: 500, to: 300 }] })
    expect(credit).toMatchObject({ ...shared, changes: [{ path: 'balance', from: 0, to: 200 }] })
  })

  it('never records a password or a token', async () => {
    const text = JSON.stringify(await finalRecords(framework))
    for (const secret of ['alice likes tea', 'bob likes coffee', 'guess', 'cocoa', 'Bearer']) {
      expect(text).not.toContain(secret)
    }
  })
})

it('the records of Express and Koa agree in all that an auditor reads', async () => {
  const [express, koa] = await Promise.all(FRAMEWORKS.map(finalRecords))
  expect(koa?.map(meaningOf)).toEqual(express?.map(meaningOf))
})

/** The fields that do not differ by framework, process or time. */
function meaningOf(record: AuditRecord) {
  const { http_request, http_response, user, filter, results, type, message, ended, route, changes } = record
  const { attributes, error, notes, children, service, request_body } = record
  const [method, status] = [http_request?.method, http_response?.status_code]
  const others = { attributes, error, notes, children, service, request_body, act: actOf(record) }
  return { method, status, user, filter, results, type, message, ended, route, changes, ...others }
}
