// The header of a response on a runtime that does not show the block that it sends (Bun).
import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { ResponseRecord } from '../../record/record.js'
import { describeProperties } from '../response/describe-response.js'

type Method = (...args: unknown[]) => unknown

/** Methods that hand the header to the connection; `writeHead` only makes it final. */
const SENDING_METHODS = ['write', 'end', 'flushHeaders'] as const

/**
 * Notes status and headers when they become final, because a handler may change `statusCode` afterwards, and whether they
 * were handed to a connection that was alive. Headers that the runtime adds by itself (Date, Connection) are unknown.
 *
 * The methods of the response are replaced by methods that pass everything on. Every response calls `writeHead`, for a
 * header that the handler did not write itself the runtime does.
 */
export class ObservedHeader {
  /** `undefined` until the header is final. */
  final: ResponseRecord | undefined
  isSent = false

  constructor(response: ServerResponse, connection: Socket | undefined) {
    const methods = response as unknown as Record<string, Method>
    const writeHead = methods.writeHead as Method
    methods.writeHead = (...args) => {
      const result = writeHead.apply(response, args)
      this.final ??= describeProperties(response)
      return result
    }
    for (const name of SENDING_METHODS) {
      const send = methods[name] as Method
      methods[name] = (...args) => {
        const wasAlive = connection?.destroyed !== true && response.socket !== null
        const result = send.apply(response, args)
        if (response.headersSent && wasAlive) this.isSent = true
        return result
      }
    }
    // The runtime queues what is written to a pipelined response, and sends it when the response gets the socket.
    if (response.socket === null) {
      response.once('socket', () => {
        this.isSent ||= response.headersSent || response.writableEnded
      })
    }
  }
}
