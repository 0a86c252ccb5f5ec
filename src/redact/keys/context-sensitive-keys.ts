// Keys that are harmless alone and sensitive next to certain siblings: `code` beside `grant_type`, and `value` beside
// `name: 'password'`. Web frameworks parse queries and bodies into such objects. The lists are spread from groups, as in
// sensitive-key-lists.ts.
import { Dictionary } from '../../lib/dictionary.js'
import { readSafely, suppressRejection } from '../../lib/safe-read.js'
import type { SensitiveKeys } from './sensitive-keys.js'

/**
 * Keys that hold the name of a field, in `{ name: 'password', value: '...' }`: forms, HAR files, AWS tags, and the errors of
 * express-validator, class-validator, Joi, zod and Ajv.
 */
const FIELD_NAME_KEYS = [
  ...['name', 'key', 'field', 'header', 'param', 'parameter', 'path', 'property', 'label', 'Name', 'Key'],
  ...['attribute', 'column', 'fieldName', 'field_name', 'columnName', 'column_name'],
  ...['instancePath', 'dataPath'],
]
/** Keys that hold the value of the field. */
const FIELD_VALUE_KEYS: ReadonlySet<string> = new Set([
  ...['value', 'values', 'val', 'content', 'data', 'text', 'input', 'Value', 'received', 'actual'],
  // Audit trails write a changed field with its old and its new value.
  ...['oldValue', 'newValue', 'old_value', 'new_value', 'previousValue', 'previous_value', 'before', 'after'],
])
/** Keys that hold the value if `id` names the field. Fewer, because an `id` names many other things. */
const VALUE_KEYS_BESIDE_ID: ReadonlySet<string> = new Set(['value', 'values', 'val', 'Value'])

/** Keys that make a `number` beside them the number of a payment card (PCI DSS 3.3). */
const PAYMENT_CARD_DETAILS = [
  ...['exp_month', 'expMonth', 'exp_year', 'expYear', 'expiryMonth', 'expiry_month', 'expirationMonth'],
  ...['cvc', 'cvv', 'cvn', 'csc', 'securityCode', 'security_code', 'cardholder', 'cardHolder', 'card_holder'],
]
/** Keys that hold a payment card, whose `number` is sensitive. `creditCard` is not here, because it is a sensitive key. */
const PAYMENT_CARD_KEYS: ReadonlySet<string> = new Set([
  'card',
  'Card',
  'paymentCard',
  'payment_card',
  'bankCard',
  'bank_card',
])

/**
 * Keys, each with the siblings that make it sensitive: OAuth 2 (RFC 6749) and OpenID Connect; Azure shared access
 * signatures; signed URLs of CloudFront, Google Cloud Storage and S3; payment cards.
 */
const SENSITIVE_BESIDE: readonly (readonly [key: string, siblings: readonly string[]])[] = [
  ['code', ['state', 'grant_type', 'redirect_uri', 'session_state', 'client_id', 'grantType', 'redirectUri']],
  ['state', ['code', 'response_type', 'session_state', 'redirect_uri']],
  ['nonce', ['state', 'response_type', 'client_id']],
  ['sig', ['se', 'sv', 'sp', 'expires']],
  ['signature', ['expires', 'timestamp', 'policy']],
  ['Signature', ['Expires', 'AWSAccessKeyId', 'GoogleAccessId', 'Key-Pair-Id', 'Policy']],
  ['number', PAYMENT_CARD_DETAILS],
]
const KEYS_WITH_SIBLINGS: ReadonlySet<string> = new Set(SENSITIVE_BESIDE.map(([key]) => key))

/** Objects and queries without any of these keys need no look at siblings. */
export const CONTEXT_SENSITIVE_KEYS: ReadonlySet<string> = new Set([
  ...FIELD_VALUE_KEYS,
  ...KEYS_WITH_SIBLINGS,
])

/** Every key that decides about an object, or about which the object decides. */
const ALL_KEYS: ReadonlySet<string> = new Set([
  ...FIELD_NAME_KEYS,
  'id',
  ...CONTEXT_SENSITIVE_KEYS,
  ...SENSITIVE_BESIDE.flatMap(([, siblings]) => siblings),
])

/** Facts about an object that its own keys do not show. */
export interface ObjectContext {
  /** The object stands under a key such as `card`. */
  readonly isPaymentCard: boolean
  /** The object comes from JSON that was truncated within it, so that siblings may be missing. */
  readonly isTruncated: boolean
}

const NO_CONTEXT: ObjectContext = { isPaymentCard: false, isTruncated: false }

export function isPaymentCardKey(key: string): boolean {
  return PAYMENT_CARD_KEYS.has(key)
}

/**
 * Returns the keys of an object that are sensitive because of the other keys, or `undefined` if there are none.
 *
 * @example
 * findContextSensitiveKeys({ name: 'pin', value: 1 }, ['name', 'value'], sensitiveKeys)   // the keys of FIELD_VALUE_KEYS
 */
export function findContextSensitiveKeys(
  object: Record<string, unknown>,
  keys: readonly string[],
  sensitiveKeys: SensitiveKeys,
  { isPaymentCard, isTruncated }: ObjectContext = NO_CONTEXT,
): ReadonlySet<string> | undefined {
  const found: string[] = []
  if (hasAnyKey(KEYS_WITH_SIBLINGS, object, keys))
    found.push(...findKeysBesideSiblings(object, isPaymentCard))
  // Hot path: most objects have no such key, and then no field name is checked.
  if (hasAnyKey(FIELD_VALUE_KEYS, object, keys)) found.push(...findFieldValueKeys(object, sensitiveKeys))
  if (isTruncated) found.push(...findPossiblySensitiveKeys(object))
  return found.length === 0 ? undefined : new Set(found)
}

/** The same for a Map. Only the keys that matter are read, because a Map may have any number of others. */
export function findContextSensitiveMapKeys(
  map: Map<unknown, unknown>,
  sensitiveKeys: SensitiveKeys,
  context: ObjectContext,
): ReadonlySet<string> | undefined {
  const object = new Dictionary<unknown>()
  for (const key of ALL_KEYS)
    if (readSafely(() => map.has(key)) === true) object[key] = readSafely(() => map.get(key))
  return findContextSensitiveKeys(object, Object.keys(object), sensitiveKeys, context)
}

function findKeysBesideSiblings(object: object, isPaymentCard: boolean): string[] {
  return SENSITIVE_BESIDE.filter(
    ([key, siblings]) =>
      Object.hasOwn(object, key) &&
      ((isPaymentCard && key === 'number') ||
        // Siblings count also if they are not enumerable.
        siblings.some((sibling) => Object.hasOwn(object, sibling))),
  ).map(([key]) => key)
}

function findFieldValueKeys(object: Record<string, unknown>, sensitiveKeys: SensitiveKeys): Iterable<string> {
  const namesSensitiveField = (key: string) =>
    isSensitiveFieldName(suppressRejection(object[key]), sensitiveKeys)
  if (FIELD_NAME_KEYS.some(namesSensitiveField)) return FIELD_VALUE_KEYS
  return namesSensitiveField('id') ? VALUE_KEYS_BESIDE_ID : []
}

/** Bounds the work for a list of field names; only the last ones are checked. */
const MAX_FIELD_NAMES = 20

/** Accepts one name or a list: validators give a path such as `['body', 'password', 0]`, and a query may repeat a key. */
function isSensitiveFieldName(value: unknown, sensitiveKeys: SensitiveKeys): boolean {
  const names: unknown[] = Array.isArray(value) ? value.slice(-MAX_FIELD_NAMES) : [value]
  return names.some((name) => typeof name === 'string' && sensitiveKeys.isSensitive(name))
}

/**
 * The keys that a sibling behind the truncation may have made sensitive. If the object shows its field name, that name
 * decides about the value keys (`findFieldValueKeys`), and the truncation hides only siblings of the other keys. Objects and
 * lists are left out, because their own keys are checked.
 */
function findPossiblySensitiveKeys(object: Record<string, unknown>): string[] {
  const hasFieldName = FIELD_NAME_KEYS.some((key) => typeof object[key] === 'string')
  const candidates = hasFieldName ? [...KEYS_WITH_SIBLINGS] : [...FIELD_VALUE_KEYS, ...KEYS_WITH_SIBLINGS]
  return candidates.filter((key) => SCALAR_TYPES.has(typeof object[key]))
}

const SCALAR_TYPES: ReadonlySet<string> = new Set(['string', 'number', 'boolean'])

/** Whether an object has one of some names. Hot path: searches for whichever are fewer, its own keys or the names. */
function hasAnyKey(names: ReadonlySet<string>, object: object, keys: readonly string[]): boolean {
  if (keys.length <= names.size) return keys.some((key) => names.has(key))
  for (const name of names) if (Object.hasOwn(object, name)) return true
  return false
}
