// The actions of audited(): those of Django REST framework, with the messages of django-audit-log, and those of the application.
import type { SuggestedAction } from '../../logger/suggestions.js'
import type { ActionPhrases } from '../../record/action-message.js'
import { AUDITED_ACTIONS, type AuditedAction } from '../../record/record.js'

const PHRASES: Readonly<Record<AuditedAction, (objectName: string) => ActionPhrases>> = {
  list: (objectName) => samePhrase(`List ${objectName}`),
  retrieve: (objectName) => samePhrase(`Retrieve ${objectName}`),
  create: (objectName) => ({ done: `Created ${objectName} object`, attempt: `Create ${objectName}` }),
  update: (objectName) => ({ done: `Update of ${objectName}`, attempt: `Update ${objectName}` }),
  partial_update: (objectName) => samePhrase(`Partial update of ${objectName}`),
  destroy: (objectName) => samePhrase(`Destroy ${objectName}`),
}
const phrasesByAction = new Map(Object.entries(PHRASES))

const ACTIONS_BY_METHOD = new Map<string | undefined, AuditedAction>([
  ['GET', 'retrieve'],
  ['HEAD', 'retrieve'],
  ['POST', 'create'],
  ['PUT', 'update'],
  ['PATCH', 'partial_update'],
  ['DELETE', 'destroy'],
])

export function findActionByMethod(method: string | undefined): AuditedAction | undefined {
  return ACTIONS_BY_METHOD.get(method)
}

export function createAction(action: string, objectName: string): SuggestedAction {
  const phrases =
    phrasesByAction.get(action)?.(objectName) ?? samePhrase(`${capitalize(action)} ${objectName}`)
  return { action, phrases }
}

export function createActions(objectName: string): Readonly<Record<AuditedAction, SuggestedAction>> {
  const entries = AUDITED_ACTIONS.map((action) => [action, createAction(action, objectName)])
  return Object.fromEntries(entries)
}

function samePhrase(phrase: string): ActionPhrases {
  return { done: phrase, attempt: phrase }
}

/** `send_reminder` is `Send reminder`, as `partial_update` is `Partial update`. */
function capitalize(action: string): string {
  return `${action.charAt(0).toUpperCase()}${action.slice(1).replaceAll('_', ' ')}`
}
