import { expect, it } from '@jest/globals'
import { resolveLoggerOptions } from '#src/options/resolve.js'
import { createPipeline } from '#src/pipeline/pipeline.js'
import { createDraft } from '#src/record/record-draft.js'
import { memory } from '#src/sinks/memory.js'

it('writes a record without its content if it cannot be redacted, and reports that', () => {
  const sink = memory()
  const messages: string[] = []
  const pipeline = createPipeline(
    resolveLoggerOptions({ sink, onError: ({ message }) => messages.push(message) }),
  )
  pipeline.redactor.redactRecord = () => {
    throw new URIError('URI malformed')
  }
  void pipeline.send({
    ...createDraft(Date.now()),
    http_request: { method: 'GET', url: 'https://localhost/?token=geheim', user_agent: 'geheim' },
    user: { authenticated: true, provider: '', realm: '', email: 'geheim', roles: null, ip: '' },
    http_response: { status_code: 500, reason: 'geheim', headers: { 'x-a': 'geheim' } },
    error: { name: 'Error', message: 'geheim' },
    message: 'geheim',
  })

  expect(sink.lines).toHaveLength(1)
  expect(sink.lines[0]).not.toContain('geheim')
  expect(sink.last().audit).toMatchObject({
    http_request: { method: 'GET', url: '' },
    outcome: 'failure',
    truncated: ['*'],
    id: expect.any(String),
  })
  expect(messages).toEqual([expect.stringMatching(/written without its content.*URI malformed/)])
})
