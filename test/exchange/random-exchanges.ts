// Random handlers and clients, for property tests.
import type { IncomingMessage, ServerResponse } from 'node:http'
import { setImmediate as nextTurn } from 'node:timers/promises'
import fc from 'fast-check'
import type { AuditLogger } from 'http-audit-log'

export type Action =
  | { readonly do: 'write' | 'end'; readonly size: number }
  | { readonly do: 'writeHead'; readonly status: number }
  | { readonly do: 'setHeader' | 'earlyHints' | 'throw' | 'readBody' | 'sendLog' }
  | { readonly do: 'destroy'; readonly what: 'response' | 'request' | 'socket' }
  | { readonly do: 'wait'; readonly turns: number }
  | { readonly do: 'set'; readonly method: Setter; readonly value: unknown }
  | { readonly do: 'set'; readonly method: Setter; readonly hostile: number }

const SETTERS = [
  'setFilter',
  'setResults',
  'setUser',
  'setError',
  'setHttpRequest',
  'setHttpResponse',
  'info',
  'critical',
] as const
type Setter = (typeof SETTERS)[number]

export interface RandomRequest {
  readonly method: 'GET' | 'HEAD' | 'POST'
  /** Bytes of the body; used by POST only. */
  readonly bodySize: number
  readonly isChunked: boolean
  readonly script: readonly Action[]
}

export type ClientKind = 'reads all' | 'reads slowly' | 'half-closes' | 'aborts at once' | 'aborts after'

export interface RandomConnection {
  readonly requests: readonly RandomRequest[]
  readonly client: { readonly kind: ClientKind; readonly bytes: number }
}

/** Actions refer to these values by index, because some cannot be printed when a property fails. */
const HOSTILE: readonly (() => unknown)[] = [
  () => undefined,
  () => null,
  () => Number.NaN,
  () => 10n,
  () => Symbol('hostile'),
  () => () => 'a function',
  () => new Date(Number.NaN),
  () => '\0\n\r\u2028\ud800"\\',
  () => 'x'.repeat(100_000),
  () => Object.create(null),
  () => JSON.parse('{"__proto__":{"polluted":true},"constructor":1}'),
  () => ({
    toJSON() {
      throw new Error('toJSON')
    },
  }),
  () => ({
    get value() {
      throw new Error('a getter')
    },
  }),
  () => {
    const circular: Record<string, unknown> = {}
    circular.self = circular
    return circular
  },
  () => {
    let deep: unknown = 'bottom'
    for (let i = 0; i < 20_000; i++) deep = [deep]
    return deep
  },
  () => {
    const { proxy, revoke } = Proxy.revocable({}, {})
    revoke()
    return proxy
  },
  () =>
    new Proxy(
      {},
      {
        get() {
          throw new Error('a proxy')
        },
        getPrototypeOf() {
          throw new Error('a proxy')
        },
      },
    ),
]

const size = fc.oneof(
  { weight: 4, arbitrary: fc.nat(200) },
  { weight: 1, arbitrary: fc.constantFrom(0, 16_384, 70_000, 300_000) },
)

const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant('write' as const), size }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('end' as const), size }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('writeHead' as const),
      status: fc.constantFrom(200, 201, 204, 304, 404, 500),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom(
        'setHeader' as const,
        'earlyHints' as const,
        'throw' as const,
        'readBody' as const,
        'sendLog' as const,
      ),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('destroy' as const),
      what: fc.constantFrom('response' as const, 'request' as const, 'socket' as const),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('wait' as const), turns: fc.integer({ min: 1, max: 4 }) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('set' as const),
      method: fc.constantFrom(...SETTERS),
      hostile: fc.nat(HOSTILE.length - 1),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('set' as const),
      method: fc.constantFrom(...SETTERS),
      value: fc.anything({ withBigInt: true, withNullPrototype: true, withMap: true, withSet: true }),
    }),
  },
)

export const randomConnection: fc.Arbitrary<RandomConnection> = fc.record({
  requests: fc.array(
    fc.record({
      method: fc.constantFrom('GET' as const, 'GET' as const, 'HEAD' as const, 'POST' as const),
      bodySize: size,
      isChunked: fc.boolean(),
      script: fc.array(action, { maxLength: 6 }),
    }),
    { minLength: 1, maxLength: 5 },
  ),
  client: fc.record({
    kind: fc.constantFrom<ClientKind>(
      'reads all',
      'reads all',
      'reads slowly',
      'half-closes',
      'aborts at once',
      'aborts after',
    ),
    bytes: fc.oneof(fc.constant(1), fc.nat(500), fc.constant(100_000)),
  }),
})

/** The bytes that a client sends: all requests pipelined, the last one with `Connection: close`. */
export function bytesOf(requests: readonly RandomRequest[], idOf: (index: number) => string): string {
  return requests
    .map(({ method, bodySize, isChunked }, index) => {
      const head = `${method} / HTTP/1.1\r\nHost: localhost\r\nX-Request-Id: ${idOf(index)}\r\n`
      const close = index === requests.length - 1 ? 'Connection: close\r\n' : ''
      if (method !== 'POST') return `${head}${close}\r\n`
      const body = 'b'.repeat(bodySize)
      if (!isChunked) return `${head}${close}Content-Length: ${bodySize}\r\n\r\n${body}`
      const chunk = bodySize === 0 ? '' : `${bodySize.toString(16)}\r\n${body}\r\n`
      return `${head}${close}Transfer-Encoding: chunked\r\n\r\n${chunk}0\r\n\r\n`
    })
    .join('')
}

/** Whether a handler may have destroyed the connection, directly or by an error that makes the framework do so. */
export function mayCut({ script }: RandomRequest): boolean {
  return script.some((action) =>
    ['destroy', 'throw', 'setHeader', 'writeHead', 'earlyHints'].includes(action.do),
  )
}

/**
 * Runs a script. It throws only errors that an application could throw; an error of a setter of AuditLogger is passed to
 * `onSetterError`.
 */
export async function play(
  script: readonly Action[],
  { request, response, audit }: { request: IncomingMessage; response: ServerResponse; audit: AuditLogger },
  onSetterError: (error: unknown) => void,
): Promise<void> {
  // Without a listener, a write after the end would crash the process, even without auditLog().
  response.on('error', () => {})
  for (const action of script) {
    switch (action.do) {
      case 'write':
        response.write('w'.repeat(action.size))
        break
      case 'end':
        response.end('e'.repeat(action.size))
        break
      case 'writeHead':
        response.writeHead(action.status, { 'x-status': String(action.status) })
        break
      case 'setHeader':
        response.setHeader('x-late', 'maybe')
        break
      case 'earlyHints':
        response.writeEarlyHints({ link: '</style.css>; rel=preload; as=style' })
        break
      case 'throw':
        throw new Error('The handler failed')
      case 'readBody':
        request.resume()
        break
      case 'sendLog':
        audit.sendLog()
        break
      case 'destroy':
        if (action.what === 'socket') request.socket.destroy()
        else ({ request, response })[action.what].destroy()
        break
      case 'wait':
        for (let turn = 0; turn < action.turns; turn++) await nextTurn()
        break
      case 'set':
        try {
          const value = 'hostile' in action ? HOSTILE[action.hostile]?.() : action.value
          ;(audit[action.method] as (first: unknown, second: unknown) => unknown)(value, value)
        } catch (error) {
          onSetterError(error)
        }
    }
  }
}
