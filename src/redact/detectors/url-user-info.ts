import { TRUNCATION_MARK_PATTERN } from '../../serialize/truncate.js'
import type { Detector } from './detector.js'

/** Up to the last `@` before the host ends, since a password may have an `@`. In a truncated text the `@` may be missing. */
const ESCAPED_USER_INFO = String.raw`[^/?#\s"'<>]*(?:@|(?=${TRUNCATION_MARK_PATTERN}))`
/** Not a port: `//host:8080/@jan` is a path with an `@`. */
const NOT_A_PORT = String.raw`(?![/?#]|\d{1,5}(?:[/?#]|$))`
/** A password in which `/`, `?` or `#` was not escaped. */
const UNESCAPED_USER_INFO = String.raw`[^/?#\s"'<>:@[]{1,100}:${NOT_A_PORT}[^\s"'<>]{1,200}@`
const USER_INFO = new RegExp(`//(?:${ESCAPED_USER_INFO}|${UNESCAPED_USER_INFO})`, 'g')

export const urlUserInfo: Detector = {
  id: 'url-user-info',
  secret: 'The user name and password of a URL: `scheme://user:password@host`',
  reason: 'Connection strings of databases and queues carry their password here',
  visible: 'The scheme, the host and everything behind it',
  sources: ['https://www.rfc-editor.org/rfc/rfc3986#section-3.2.1'],
  examples: [
    ['postgres://app:geheim@db.example.org:5432/app', 'postgres://[REDACTED]@db.example.org:5432/app'],
    ['amqp://guest:p#a/ss@mq for jobs', 'amqp://[REDACTED]@mq for jobs'],
    ['https://example.org:8080/@jan/photos', 'https://example.org:8080/@jan/photos'],
  ],
  markers: ['//'],
  redact: (text, { replacement }) => text.replace(USER_INFO, () => `//${replacement}@`),
}
