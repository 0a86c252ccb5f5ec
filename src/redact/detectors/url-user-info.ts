import { TRUNCATION_MARK_PATTERN } from '../../serialize/truncate.js'
import { listOf } from '../list-of.js'
import { looksRandom } from '../texts/looks-random.js'
import { reportSecret } from '../urls/report-secret.js'
import type { Detector, DetectorContext } from './detector.js'

/** Up to the last `@` before the host ends, since a password may have an `@`. In a truncated text the `@` may be missing. */
const ESCAPED_USER_INFO = String.raw`[^/?#\s"'<>]*(?:@|(?=${TRUNCATION_MARK_PATTERN}))`
/** Not a port: `//host:8080/@jan` is a path with an `@`. */
const NOT_A_PORT = String.raw`(?![/?#]|\d{1,5}(?:[/?#]|$))`
/** A password in which `/`, `?` or `#` was not escaped. */
const UNESCAPED_USER_INFO = String.raw`[^/?#\s"'<>:@[]{1,100}:${NOT_A_PORT}[^\s"'<>]{1,200}@`
const USER_INFO = new RegExp(`//(${ESCAPED_USER_INFO}|${UNESCAPED_USER_INFO})`, 'g')

const USER = String.raw`(?<![\w.%+@:/~-])([\w.%+~-]{1,64})`
const PASSWORD = String.raw`([^\s"'<>@/:,;=?&#(){}[\]|]{1,100})`
const HOST = String.raw`(\[[\da-f:.]{2,45}\]|\d{1,3}(?:\.\d{1,3}){3}|[a-z][a-z0-9.-]{0,252})`
/** A port or a path: an e-mail address has neither. */
const BEHIND_HOST = String.raw`(:\d{2,5}(?!\w)|/(?!/)|(?![\w:@-]))`
const WITHOUT_SLASHES = new RegExp(`${USER}:${PASSWORD}@${HOST}${BEHIND_HOST}`, 'gi')

/** In front of a colon and an address or a version, these are schemes and labels. */
const NOT_A_USER: ReadonlySet<string> = new Set([
  // URI schemes of addresses, without `//`.
  ...listOf('mailto, sip, sips, xmpp, acct, im, pres, tel, sms, smsto, jid, urn, tag, news'),
  // Package managers and images: `npm:pkg@1.2.3`, `docker:tag@sha256:...`.
  ...listOf('npm, yarn, pnpm, jsr, pkg, gem, pip, pypi, nuget, maven, cargo, docker, oci'),
  ...listOf('image, patch, workspace, catalog, link, file, git, github, gitlab, bitbucket, gist'),
  // Labels of addresses.
  ...listOf('to, cc, bcc, from, by, via, sender, reply-to, email, e-mail, mail, address'),
  ...listOf('contact, author, owner, maintainer, user, username, login, account, support, http'),
  ...listOf('https'),
])
/** `image:tag@sha256:...` and `package:name@v1.2`. */
const NOT_A_HOST = /^(?:sha\d+|md5|v\d[\d.]*|latest|next)$/i
const IP_ADDRESS = /^\[|^\d{1,3}(?:\.\d{1,3}){3}$/
/** The name of a variable in front of the user: `http_proxy=`. */
const NAME_OF_SERVER =
  /(?:proxy|url|uri|dsn|server|remote|upstream|endpoint)["']?[ \t]{0,3}[=:][ \t]{0,3}["']?$/i
/** Characters that passwords have and mailboxes do not. */
const UNUSUAL_IN_MAILBOX = /[^\w.+-]/

export const urlUserInfo: Detector = {
  id: 'url-user-info',
  secret:
    'The user name and password of a URL: `scheme://user:password@host`, and without a scheme `user:password@host:port`',
  reason: 'Connection strings of databases, queues and proxies carry their password here',
  visible: 'The scheme, the host and everything behind it',
  sources: ['https://www.rfc-editor.org/rfc/rfc3986#section-3.2.1', 'https://curl.se/docs/manpage.html#-x'],
  examples: [
    ['postgres://app:geheim@db.example.org:5432/app', 'postgres://[REDACTED]@db.example.org:5432/app'],
    ['amqp://guest:p#a/ss@mq for jobs', 'amqp://[REDACTED]@mq for jobs'],
    ['http_proxy=jan:geheim@proxy:8080', 'http_proxy=[REDACTED]@proxy:8080'],
    ['https://example.org:8080/@jan/photos', 'https://example.org:8080/@jan/photos'],
    ['ssh://git@github.com/org/repo', 'ssh://git@github.com/org/repo'],
    ['git@github.com:org/repo, mailto:jan@example.org', 'git@github.com:org/repo, mailto:jan@example.org'],
  ],
  markers: ['//', ':'],
  redact(text, context) {
    if (!text.includes('@') && !text.includes('//')) return text
    const redacted = text.replace(USER_INFO, (match, userInfo: string, index: number) => {
      const isAccount = userInfo.endsWith('@') && !userInfo.includes(':')
      if (isAccount && SSH.test(text.slice(Math.max(0, index - 6), index))) return match
      reportUserInfo(userInfo.endsWith('@') ? userInfo.slice(0, -1) : userInfo, context)
      return `//${context.replacement}@`
    })
    return redacted.includes('@') ? redactWithoutSlashes(redacted, context) : redacted
  },
}

/** SSH has no tokens: a user without a password is the name of an account, such as `git`. */
const SSH = /(?:ssh|sftp):$/i

function redactWithoutSlashes(text: string, context: DetectorContext): string {
  return text.replace(
    WITHOUT_SLASHES,
    (match: string, user: string, password: string, host: string, behind: string, index: number) => {
      const before = text.slice(Math.max(0, index - 40), index)
      if (!isUserInfo({ user, password, host, behind, before })) return match
      reportUserInfo(`${user}:${password}`, context)
      return `${context.replacement}@${host}${behind}`
    },
  )
}

/** Whether `user:password@host` is user info, and not a label in front of an address: `from:jan@example.org`. */
function isUserInfo({
  user,
  password,
  host,
  behind,
  before,
}: Record<'user' | 'password' | 'host' | 'behind' | 'before', string>): boolean {
  if (NOT_A_USER.has(user.toLowerCase()) || NOT_A_HOST.test(host)) return false
  // `12:30@room` is a time.
  if (/^\d+$/.test(user)) return false
  if (behind !== '' || IP_ADDRESS.test(host) || NAME_OF_SERVER.test(before)) return true
  return host.includes('.') && (UNUSUAL_IN_MAILBOX.test(password) || looksRandom(password))
}

/** A user without a password is a token. */
function reportUserInfo(userInfo: string, context: DetectorContext): void {
  reportSecret(userInfo, context)
  const colon = userInfo.indexOf(':')
  if (colon !== -1) reportSecret(userInfo.slice(colon + 1), context)
}
