// The capabilities that the options need of the runtime, checked when an option is used. They are observed rather than deduced
// from the name of the runtime, because the same name stands for many versions.
import { AsyncLocalStorage } from 'node:async_hooks'
import fs from 'node:fs'
import { AuditLogError } from './errors.js'
import { getHttpModule } from './http-module.js'
import { RUNTIME } from './runtime.js'

interface Capability {
  /** Names the missing part in the message. */
  readonly missing: string
  isPresent(): boolean
}

const CAPABILITIES = {
  responses: {
    missing:
      'a `ServerResponse` of node:http with readable status and headers, `writeHead`, `write` and `end`',
    isPresent: hasReadableResponses,
  },
  exit: {
    missing: "the event 'exit' of `process`",
    isPresent: () => typeof process.prependListener === 'function',
  },
  asyncContext: {
    missing: 'a working `AsyncLocalStorage` of node:async_hooks',
    isPresent: hasAsyncContext,
  },
  synchronousWrites: {
    missing: '`writeSync` of node:fs',
    isPresent: () => typeof fs.writeSync === 'function' && typeof fs.openSync === 'function',
  },
  fdatasync: {
    missing: '`fdatasync` and `fsyncSync` of node:fs',
    isPresent: () => typeof fs.fdatasync === 'function' && typeof fs.fsyncSync === 'function',
  },
} satisfies Record<string, Capability>

/**
 * @param need who needs the capability and what for, such as '`context` finds the record of a request by it'
 * @param remedy what to do, such as 'Leave the option out'
 * @throws AuditLogError `ERR_AUDIT_RUNTIME` if this runtime lacks the capability
 */
export function requireCapability(name: keyof typeof CAPABILITIES, need: string, remedy: string): void {
  const { isPresent, missing }: Capability = CAPABILITIES[name]
  if (!isSafelyTrue(isPresent)) throw createRuntimeError(missing, need, remedy)
}

/** The error of a runtime that lacks something. `cause` is what it threw, if anything. */
export function createRuntimeError(
  missing: string,
  need: string,
  remedy: string,
  cause?: unknown,
): AuditLogError {
  const message = `${RUNTIME.description} lacks ${missing}. ${need}. ${remedy}, or run on Node.js`
  return new AuditLogError('ERR_AUDIT_RUNTIME', message, { cause })
}

function isSafelyTrue(isPresent: () => boolean): boolean {
  try {
    return isPresent()
  } catch {
    return false
  }
}

function hasReadableResponses(): boolean {
  const http = getHttpModule()
  const request = { method: 'GET', httpVersionMajor: 1, httpVersionMinor: 1, headers: {} }
  const response = new http.ServerResponse(request as never)
  response.statusCode = 418
  response.setHeader('x-test', 'yes')
  const methods = [response.writeHead, response.write, response.end, response.flushHeaders, response.once]
  return (
    response.headersSent === false &&
    response.writableEnded === false &&
    response.statusCode === 418 &&
    response.getHeaders()['x-test'] === 'yes' &&
    methods.every((method) => typeof method === 'function')
  )
}

function hasAsyncContext(): boolean {
  const storage = new AsyncLocalStorage<object>()
  const store = {}
  return storage.run(store, () => storage.getStore() === store) && storage.getStore() === undefined
}
