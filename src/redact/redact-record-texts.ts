import { DroppedNotes } from '../record/notes.js'
import type { AuditRecord, UserRecord } from '../record/record.js'
import type { SecretCollector } from './found/found-secrets.js'
import type { PathMatcher } from './rules/path-matcher.js'
import type { Rules } from './rules/rules.js'
import { mayBeJson } from './texts/parse-json.js'
import { redactText } from './texts/redact-text.js'
import { mayHaveStandaloneSecret } from './texts/run-detectors.js'
import { createTextContext } from './values/create-text-context.js'
import { ValueRedactor } from './values/value-redactor.js'

/**
 * Creates a function that redacts the texts of a record by the shapes in them: messages, notes and errors as any text, and
 * the others, which have no prose, only if they contain a character that a secret needs. A text to which a path leads stays
 * as the path has left it. `undefined` with `redact: false`.
 */
export function createTextsRedactor(
  rules: Rules,
): ((record: AuditRecord, secrets: SecretCollector) => void) | undefined {
  const { sensitiveKeys, replacement, paths } = rules
  if (sensitiveKeys === undefined) return undefined
  const keys = sensitiveKeys
  const valueRedactor = new ValueRedactor(rules)

  function redactAny(text: string, part: string, name: string, secrets: SecretCollector): string {
    if (text.length < MIN_TEXT_LENGTH || hasPath(paths, part, name)) return text
    const path = name === '' ? part : `${part}.${name}`
    if (mayBeJson(text)) return valueRedactor.redactJson(text, path, secrets)
    const fixed = replacement.fixed ?? replacement.replace(undefined, path)
    return redactText(text, createTextContext(keys, fixed, secrets))
  }

  function redactToken(text: string, part: string, name: string, secrets: SecretCollector): string {
    return MARKER_IN_TOKEN.test(text) || mayHaveStandaloneSecret(text)
      ? redactAny(text, part, name, secrets)
      : text
  }

  function redactUser(user: UserRecord, secrets: SecretCollector): UserRecord {
    let redacted = user
    for (const name of USER_TEXTS) {
      const text = user[name]
      if (text === undefined || text === '') continue
      const redactedText = redactToken(text, 'user', name, secrets)
      if (redactedText !== text) redacted = { ...redacted, [name]: redactedText }
    }
    return redacted
  }

  return (record, secrets) => {
    const { http_request, user, error, notes, request_id } = record
    if (http_request) {
      const user_agent = redactToken(http_request.user_agent, 'http_request', 'user_agent', secrets)
      if (user_agent !== http_request.user_agent) record.http_request = { ...http_request, user_agent }
    }
    if (user) record.user = redactUser(user, secrets)
    if (error)
      record.error = {
        name: redactAny(error.name, 'error', 'name', secrets),
        message: redactAny(error.message, 'error', 'message', secrets),
      }
    record.message = redactAny(record.message, 'message', '', secrets)
    if (notes !== undefined)
      record.notes = notes.map((note) =>
        note instanceof DroppedNotes
          ? note
          : { ...note, message: redactAny(note.message, 'notes', 'message', secrets) },
      )
    if (request_id !== null && !UUID.test(request_id))
      record.request_id = redactToken(request_id, 'request_id', '', secrets)
  }
}

/** Shorter texts have no room for a name, a separator and a secret. */
const MIN_TEXT_LENGTH = 5
/** A parameter or user info. Hot path: most user agents, email addresses and ids have neither. */
const MARKER_IN_TOKEN = /=|\/\/[^/\s]{0,200}@/
const USER_TEXTS = ['provider', 'realm', 'email', 'id'] as const
/** Hot path: most request ids. */
const UUID = /^[\da-f]{8}-?(?:[\da-f]{4}-?){3}[\da-f]{12}$/i

function hasPath(paths: PathMatcher | undefined, part: string, name: string): boolean {
  const step = paths?.step(part)
  return step !== undefined && (step.action !== undefined || name === '' || step.step(name) !== undefined)
}
