// A client of the bank: sends requests as one user, and announces each on stderr.
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'

export class Client {
  readonly #url: string
  readonly #token: string | undefined

  constructor(server: Server, token?: string) {
    this.#url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    this.#token = token
  }

  /** Sends a request, and resolves with the parsed body of the response. */
  async send(title: string, request: string, body?: object): Promise<{ token?: string }> {
    const response = await this.fetch(title, request, body)
    const text = await response.text()
    return text.startsWith('{') ? JSON.parse(text) : {}
  }

  /** @param request such as `GET /persons/1` */
  fetch(title: string, request: string, body?: object, signal?: AbortSignal): Promise<Response> {
    const [method = '', path] = request.split(' ')
    console.error(`\n# ${title}: ${request}`)
    const headers = new Headers({ connection: 'close' })
    if (this.#token !== undefined) headers.set('authorization', `Bearer ${this.#token}`)
    if (body !== undefined) headers.set('content-type', 'application/json')
    return fetch(`${this.#url}${path}`, {
      method,
      headers,
      ...(body && { body: JSON.stringify(body) }),
      ...(signal && { signal }),
    })
  }
}
