// Options of pino-http, and of koa-pino-logger, which passes them on, for a line with the content of this package's default
// record. They use what the documentation of pino-http recommends for this: `genReqId`, `serializers` with
// `wrapSerializers: false`, `customAttributeKeys`, `customSuccessObject` (cheaper than `customProps`, which creates a child
// logger per request) and pino's `redact`. Left out, because pino has nothing like it: redaction by key at any depth, of
// secrets by their shape and in URLs; a limit on the length of a line; and `id`, which repeats `run` and `seq`.
import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'

const REQUEST_ID = /^[\w.:-]{1,64}$/

export async function createSameContentOptions() {
  const { default: pino } = await import('pino')
  let seq = 0
  return {
    base: { run: randomUUID(), service: { name: 'http-audit-log-bench' }, host: { name: hostname() } },
    timestamp: pino.stdTimeFunctions.isoTime,
    messageKey: 'message',
    formatters: { level: (label) => ({ type: label }) },
    customAttributeKeys: { req: 'http_request', res: 'http_response', responseTime: 'duration_ms' },
    wrapSerializers: false,
    serializers: { http_request: serializeRequest, http_response: serializeResponse },
    redact: {
      paths: ['set-cookie', 'authorization', 'proxy-authorization', 'x-api-key'].map(
        (name) => `http_response.headers["${name}"]`,
      ),
      censor: '[REDACTED]',
    },
    genReqId(request) {
      const id = request.headers['x-request-id']
      return id !== undefined && REQUEST_ID.test(id) ? id : randomUUID()
    },
    customSuccessObject(request, response, values) {
      const isComplete = response.writableFinished
      seq += 1
      return {
        ...values,
        user: {
          authenticated: false,
          provider: '',
          realm: '',
          email: '',
          roles: null,
          ip: request.socket.remoteAddress,
        },
        filter: null,
        results: null,
        outcome: isComplete ? (response.statusCode < 400 ? 'success' : 'failure') : 'unknown',
        ended: isComplete ? 'completed' : 'aborted',
        request_id: request.id,
        trace_id: null,
        seq,
        route: request.route?.path,
      }
    },
  }
}

function serializeRequest(request) {
  return {
    method: request.method,
    url: `http://${request.headers.host}${request.originalUrl ?? request.url}`,
    user_agent: request.headers['user-agent'],
  }
}

function serializeResponse(response) {
  return {
    status_code: response.statusCode,
    reason: response.statusMessage,
    headers: response.getHeaders(),
  }
}
