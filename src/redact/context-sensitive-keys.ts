// Names that are harmless alone, and secret beside others: the parameters of a callback or of a signed URL, as
// `req.query` and `req.body` hand them over, and what stands beside a name: `{ name: 'password', value: '...' }`.

import { Dictionary } from '../lib/dictionary.js'
import { readSafely, suppressRejection } from '../lib/safe-read.js'
import { isCutShort } from './parse-json.js'
import type { SensitiveKeys } from './sensitive-keys.js'

/** Names under which the value of a named thing stands: `{ name: 'password', value: '...' }`, as forms and HAR files have it. */
const LABELS = [
  'name',
  'key',
  'field',
  'header',
  'param',
  'parameter',
  'path',
  'property',
  'label',
  'Name',
  'Key',
  ...[
    'attribute',
    'column',
    'fieldName',
    'field_name',
    'columnName',
    'column_name',
    'instancePath',
    'dataPath',
  ],
]
const LABELLED = new Set([
  ...['value', 'values', 'val', 'content', 'data', 'text', 'input', 'Value', 'received', 'actual'],
  // What a change was from and to.
  ...['oldValue', 'newValue', 'old_value', 'new_value', 'previousValue', 'previous_value', 'before', 'after'],
])
/** What `id` says as well: other things than values have one. */
const IDENTIFIED = new Set(['value', 'values', 'val', 'Value'])

/** What a payment card says beside its number. */
const ON_A_CARD = [
  ...['exp_month', 'expMonth', 'exp_year', 'expYear', 'expiryMonth', 'expiry_month', 'expirationMonth'],
  ...['cvc', 'cvv', 'cvn', 'csc', 'securityCode', 'security_code', 'cardholder', 'cardHolder', 'card_holder'],
]
/** Names under which a card stands. Under `creditCard` all is hidden anyway. */
const CARDS = ['card', 'Card', 'paymentCard', 'payment_card', 'bankCard', 'bank_card']
const cards = new WeakSet<object>()

/** RFC 6749 and OpenID Connect; Azure shared access signatures; signed URLs of CloudFront and older S3. */
const COMPANIONS: readonly (readonly [name: string, companions: readonly string[]])[] = [
  ['code', ['state', 'grant_type', 'redirect_uri', 'session_state', 'client_id', 'grantType', 'redirectUri']],
  ['state', ['code', 'response_type', 'session_state', 'redirect_uri']],
  ['nonce', ['state', 'response_type', 'client_id']],
  ['sig', ['se', 'sv', 'sp', 'expires']],
  ['signature', ['expires', 'timestamp', 'policy']],
  ['Signature', ['Expires', 'AWSAccessKeyId', 'GoogleAccessId', 'Key-Pair-Id', 'Policy']],
  ['number', ON_A_CARD],
]

/** Which keys of an object are secret because of what else it says. */
export function findContextSensitiveKeys(
  object: Record<string, unknown>,
  keys: readonly string[],
  names: SensitiveKeys | undefined,
): ReadonlySet<string> | undefined {
  if (names === undefined) return undefined
  const secrets: string[] = hasOneOf(IN_COMPANY, object, keys) ? secretsByCompany(object) : []
  // Looked for first: most objects have none of them, and what stands under a label is seldom known already.
  if (hasOneOf(LABELLED, object, keys)) secrets.push(...secretsByLabel(object, names))
  if (isCutShort(object)) secrets.push(...secretsOfCut(object))
  return secrets.length === 0 ? undefined : new Set(secrets)
}

/** The same of a Map, of which only the names that matter are asked for: it may have any number of others. */
export function findContextSensitiveMapKeys(
  map: Map<unknown, unknown>,
  names: SensitiveKeys | undefined,
): ReadonlySet<string> | undefined {
  if (names === undefined) return undefined
  const object = new Dictionary<unknown>()
  for (const name of ALL_NAMES)
    if (readSafely(() => map.has(name)) === true) object[name] = readSafely(() => map.get(name))
  if (cards.has(map)) cards.add(object)
  return findContextSensitiveKeys(object, Object.keys(object), names)
}

function secretsByLabel(object: Record<string, unknown>, names: SensitiveKeys): Iterable<string> {
  const says = (name: string) => saysSecret(suppressRejection(object[name]), names)
  return LABELS.some(says) ? LABELLED : says('id') ? IDENTIFIED : []
}

/** What a label or a companion behind the cut may have called secret. Not what contains others: they have names. */
function secretsOfCut(object: Record<string, unknown>): string[] {
  const isLabelled = LABELS.some((label) => typeof object[label] === 'string')
  const names = isLabelled ? SECRET_IN_COMPANY : [...LABELLED, ...SECRET_IN_COMPANY]
  return names.filter((name) => SCALARS.has(typeof object[name]))
}

const SCALARS = new Set(['string', 'number', 'boolean'])

const MAX_LABELS = 20

/** `'password'`, and `['body', 'password', 0]` as validators say where they looked; a query may have a label twice. */
function saysSecret(label: unknown, names: SensitiveKeys): boolean {
  const said: unknown[] = Array.isArray(label) ? label.slice(-MAX_LABELS) : [label]
  return said.some((name) => typeof name === 'string' && names.isSensitive(name))
}

/** Which names of this object are secret because of what stands beside them. */
function secretsByCompany(object: object): string[] {
  rememberCards(object)
  return COMPANIONS.filter(
    ([name, companions]) =>
      Object.hasOwn(object, name) &&
      ((name === 'number' && cards.has(object)) ||
        // Also by one that is not going to be shown.
        companions.some((companion) => Object.hasOwn(object, companion))),
  ).map(([name]) => name)
}

/** Whether an object with these keys has one of the names. By whichever there are less of: 1 µs less for most objects. */
function hasOneOf(names: ReadonlySet<string>, object: object, keys: readonly string[]): boolean {
  if (keys.length <= names.size) return keys.some((key) => names.has(key))
  for (const name of names) if (Object.hasOwn(object, name)) return true
  return false
}

/** Names that would be secret beside others. */
const SECRET_IN_COMPANY: readonly string[] = COMPANIONS.map(([name]) => name)

/** An object that has none of these need not be asked for its secrets, nor for what they depend on further down. */
const IN_COMPANY: ReadonlySet<string> = new Set([...SECRET_IN_COMPANY, ...CARDS])

/** In an object, or a query, that has none of these names all are judged by themselves. */
export const CONTEXT_SENSITIVE_KEYS: ReadonlySet<string> = new Set([...LABELLED, ...IN_COMPANY])

/** All that is looked at to judge the names of an object. */
const ALL_NAMES: ReadonlySet<string> = new Set([
  ...[...LABELS, 'id', ...CONTEXT_SENSITIVE_KEYS],
  ...COMPANIONS.flatMap(([, companions]) => companions),
])

/** What stands under `card` is asked for its secrets after what it stands in. */
function rememberCards(object: object): void {
  for (const name of CARDS) {
    const value: unknown = Object.hasOwn(object, name)
      ? Object.getOwnPropertyDescriptor(object, name)?.value
      : 0
    if (typeof value === 'object' && value !== null) cards.add(value)
  }
}
