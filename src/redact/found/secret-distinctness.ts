// Decides where a value that was found to be a secret is hidden in the rest of the record. `?token=x7Gh29aKq1` is hidden
// wherever it stands; `?session=new` and `?pin=1` are not, because the record would lose every `new` and every `1`.

import type { FoundSecret } from '../../record/record-draft.js'
import { listOf } from '../list-of.js'

/**
 * - `distinctive`: no other text contains the value by chance, so it is hidden at any place.
 * - `word`: prose may contain a longer word with it, so it is hidden as a whole word.
 * - `ordinary`: too short or too common: it is hidden only under the name that made it a secret.
 */
export type Distinctness = 'distinctive' | 'word' | 'ordinary'

/** Shorter values, such as a PIN of four digits or `nl`, also occur where they are no secrets: years, ids, languages. */
const MIN_WORD = 6
const MIN_DISTINCTIVE = 8
/** Even of letters alone, so long a text is no word. */
const MIN_LONG = 24

/** Values that parameters such as `session`, `token`, `state` and `hash` have where they hold no secret. */
const COMMON_VALUES: ReadonlySet<string> = new Set([
  // Literals of programming languages.
  ...['undefined', '[object object]', 'infinity', 'object'],
  // States and choices.
  ...listOf(`
    active, inactive, always, current, custom, default, deleted, disabled, enabled, expired, failed, failure,
    invalid, latest, missing, normal, online, offline, optional, pending, primary, private, public, random,
    refresh, removed, renewed, required, resolved, revoked, running, simple, single, standard, started,
    status, stopped, success, unknown, update, updated, verified, approved, rejected, completed, cancelled,
    canceled, created, archived, previous, persistent, temporary, confirmed, processing, production,
    development, staging
  `),
  // Kinds of credentials and of users, and names of algorithms.
  ...listOf(`
    access, access_token, refresh_token, id_token, authorization_code, client_credentials, bearer, basic,
    cookie, cookies, session, sessions, password, passwords, secret, secrets, token, tokens, credentials,
    public-key, none, anonymous, customer, employee, example, member, sha256, sha512, sha-256, sha-512,
    sha384, bcrypt, argon2, argon2id, scrypt, pbkdf2, hs256, rs256, es256, crc32c, base64, base64url
  `),
  // Media types and formats, and properties by which lists are sorted.
  ...listOf(`
    application/json, text/plain, text/html, utf-8, string, number, boolean, integer, firstname, first_name,
    lastname, last_name, surname, username, user_name, created_at, updated_at, person, persons, person_id,
    user_id, search, filter, message, results
  `),
  // Words that redaction itself writes.
  ...['[redacted]', 'redacted'],
])

const HAS_LETTER = /\p{L}/u
const HAS_DIGIT = /\d/
/** A capital letter behind a small one, which no ordinary word has. */
const MIXED_CASE = /[a-z][A-Z].*[A-Z]|[A-Z]{2}[a-z]/
/** `pas$word!`, but not `list-item`, `last_name`, `a.b@example` and `open sesame`. */
const RARE_SYMBOL = /[^\p{L}\p{N}\s._:/,@-]/u

/**
 * How far the value can be told from the rest of the record. A value with a pseudonym is at most a word: an address may be
 * the end of another one, as `jan@example.org` is of `arjan@example.org`.
 */
export function judgeDistinctness({ value, pseudonym }: FoundSecret): Distinctness {
  const { length } = value
  if (length < MIN_WORD || COMMON_VALUES.has(value.toLowerCase())) return 'ordinary'
  if (pseudonym !== undefined) return 'word'
  if (length >= MIN_LONG) return 'distinctive'
  if (length < MIN_DISTINCTIVE || !HAS_LETTER.test(value)) return 'word'
  const isDistinctive = HAS_DIGIT.test(value) || MIXED_CASE.test(value) || RARE_SYMBOL.test(value)
  return isDistinctive ? 'distinctive' : 'word'
}
