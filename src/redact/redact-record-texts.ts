import { isUuid } from '../lib/uuid.js'
import { DroppedItems } from '../record/dropped-items.js'
import type { AuditRecord, OnBehalfOfRecord, TargetRecord, UserRecord } from '../record/record.js'
import type { SecretCollector } from './found/found-secrets.js'
import { RecordTextRedactor } from './record-text-redactor.js'
import type { Rules } from './rules/rules.js'

/**
 * Creates a function that redacts the texts of a record by the shapes in them: messages, notes and errors as any text, and
 * the others, which have no prose, only if they contain a character that a secret needs. A text to which a path leads stays
 * as the path has left it. `undefined` with `redact: false`.
 */
export function createTextsRedactor(
  rules: Rules,
): ((record: AuditRecord, secrets: SecretCollector) => void) | undefined {
  if (rules.sensitiveKeys === undefined) return undefined
  const texts = new RecordTextRedactor(rules, rules.sensitiveKeys)

  function redactUser(user: UserRecord, secrets: SecretCollector): UserRecord {
    const redacted = redactUserTexts(user, 'user', secrets)
    const { on_behalf_of } = redacted
    if (on_behalf_of === undefined) return redacted
    return { ...redacted, on_behalf_of: redactPrincipal(on_behalf_of, secrets) }
  }

  function redactPrincipal(principal: OnBehalfOfRecord, secrets: SecretCollector): OnBehalfOfRecord {
    const redacted = redactUserTexts(principal, 'user.on_behalf_of', secrets)
    if (redacted.via === undefined) return redacted
    const via = redacted.via.map((actor) => texts.redactToken(actor, 'user.on_behalf_of', 'via', secrets))
    return { ...redacted, via }
  }

  function redactUserTexts<User extends UserRecord | OnBehalfOfRecord>(
    user: User,
    part: string,
    secrets: SecretCollector,
  ): User {
    // Hot path: without a login there are no texts.
    if (!hasTexts(user)) return user
    let redacted = user
    for (const name of USER_TEXTS) {
      const text = user[name]
      if (text === undefined || text === '') continue
      const redactedText = texts.redactToken(text, part, name, secrets)
      if (redactedText !== text) redacted = { ...redacted, [name]: redactedText }
    }
    return redacted
  }

  /** Action and targets are names and ids, the reason is prose. */
  function redactAct(record: AuditRecord, secrets: SecretCollector): void {
    const { action, target, reason } = record
    if (action !== undefined) record.action = texts.redactToken(action, 'action', '', secrets)
    if (target !== undefined) record.target = target.map((single) => redactTarget(single, secrets))
    if (reason !== undefined) record.reason = texts.redactAny(reason, 'reason', '', secrets)
  }

  function redactTarget(target: TargetRecord, secrets: SecretCollector): TargetRecord {
    if (target instanceof DroppedItems) return target
    const type = texts.redactToken(target.type, 'target', 'type', secrets)
    if (target.id === undefined) return { type }
    return { type, id: texts.redactToken(target.id, 'target', 'id', secrets) }
  }

  return (record, secrets) => {
    const { http_request, user, error, notes, request_id } = record
    if (http_request) {
      const user_agent = texts.redactToken(http_request.user_agent, 'http_request', 'user_agent', secrets)
      if (user_agent !== http_request.user_agent) record.http_request = { ...http_request, user_agent }
    }
    if (user) record.user = redactUser(user, secrets)
    if (error)
      record.error = {
        name: texts.redactAny(error.name, 'error', 'name', secrets),
        message: texts.redactAny(error.message, 'error', 'message', secrets),
      }
    record.message = texts.redactAny(record.message, 'message', '', secrets)
    if (notes !== undefined)
      record.notes = notes.map((note) =>
        note instanceof DroppedItems
          ? note
          : { ...note, message: texts.redactAny(note.message, 'notes', 'message', secrets) },
      )
    if (record.action !== undefined || record.target !== undefined || record.reason !== undefined)
      redactAct(record, secrets)
    // Hot path: most request ids are UUIDs.
    if (request_id !== null && !isUuid(request_id))
      record.request_id = texts.redactToken(request_id, 'request_id', '', secrets)
  }
}

const USER_TEXTS = ['provider', 'realm', 'email', 'id', 'name', 'tenant'] as const

function hasTexts({ provider, realm, email, id, name, tenant }: UserRecord | OnBehalfOfRecord): boolean {
  return Boolean(provider || realm || email || id || name || tenant)
}
