// How to test the audit records of your own application. This suite uses node:test; Jest and Vitest work the same way.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import express from 'express'
import { auditLog, memory, type Sink } from 'http-audit-log'
import request from 'supertest'

function createApp(sink: Sink) {
  const app = express()
  app.use(auditLog({ sink }))
  app.get('/persons/:id', (req, res) => {
    req.audit.setFilter('Person', req.params).info('Retrieve Person')
    res.json({ id: 1 })
  })
  return app
}

test('records who reads a person', async () => {
  const sink = memory()
  await request(createApp(sink)).get('/persons/1').expect(200)
  // The record is written when the response has ended, which can be after the client has received it.
  const [record] = await sink.waitFor(1)
  assert.equal(record.audit.message, 'Retrieve Person')
  assert.deepEqual(sink.last(), record)
})
