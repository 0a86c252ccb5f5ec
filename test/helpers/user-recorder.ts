import { type AuditLogError, memory } from 'http-audit-log'

/** The user that a record shows for a request, and the response. */
export interface RecordedUser {
  readonly user: Record<string, unknown>
  readonly status: number
  /** The cookies that the response sets, as a client sends them back. */
  readonly cookie: string
  readonly headers: Headers
}

/** Options for one application, the errors that were reported with them, and a client that returns the recorded user. */
export function createUserRecorder(defaults: RequestInit = {}) {
  const sink = memory()
  const errors: AuditLogError[] = []
  const options = { sink, onError: (error: AuditLogError) => void errors.push(error) }
  async function send(url: string, init: RequestInit = {}): Promise<RecordedUser> {
    const count = sink.lines.length
    const response = await fetch(url, { redirect: 'manual', ...defaults, ...init })
    await response.text()
    const { user } = (await sink.waitFor(count + 1))[count].audit
    const cookies = response.headers.getSetCookie().map((line) => line.split(';', 1)[0])
    return { user, status: response.status, cookie: cookies.join('; '), headers: response.headers }
  }
  return { options, errors, send }
}
