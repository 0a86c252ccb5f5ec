import type { AuditLogger } from '#src/logger/audit-logger.js'

/** The same text wherever a request, a user and an error have one. */
export function sayInEachText(logger: AuditLogger, text: string): AuditLogger {
  return logger
    .setHttpRequest({ method: text, url: text, userAgent: text })
    .setUser({
      authenticated: true,
      provider: text,
      realm: text,
      email: text,
      roles: [text],
      ip: text,
      id: text,
    })
    .setError(Object.assign(new Error(text), { name: text }))
}
