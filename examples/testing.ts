// How your own tests assert on records; with Jest, Vitest or node:test it is the same.
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

test('whoever reads a person is recorded', async () => {
  const sink = memory()
  await request(createApp(sink)).get('/persons/1').expect(200)
  const [record] = await sink.waitFor(1)
  assert.equal(record.audit.message, 'Retrieve Person')
  assert.deepEqual(sink.last(), record)
})
