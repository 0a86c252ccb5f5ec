// Decides whether the value under a sensitive key can be a secret at all. Everything can that no rule knows as harmless.
import { lazy } from '../../lib/lazy.js'
import { looksRandom } from '../texts/looks-random.js'
import type { SensitiveKeys } from './sensitive-keys.js'

/** A kind of value that stays visible under a sensitive key. */
export interface HarmlessValueRule {
  readonly id: string
  /** Why such a value gives no access. */
  readonly reason: string
  readonly sources: readonly string[]
  /**
   * The rule applies to the keys of the option `redact.keys` too. Those may be personal data, so that a description of the
   * value says too much.
   * @default false
   */
  readonly appliesToConfiguredKeys?: true
  isHarmless(value: unknown, key: string, sensitiveKeys: SensitiveKeys): boolean
  /** Values that stay visible, and look-alikes that do not, each with its key. */
  readonly examples: {
    readonly visible: readonly (readonly [key: string, value: unknown])[]
    readonly hidden: readonly (readonly [key: string, value: unknown])[]
  }
}

/** Bounds the work for a list or an object; longer ones are hidden. */
const MAX_ENTRIES = 32

const QUESTION_KEY = /^(?:has|is|needs)(?:[A-Z_-]|\s)/
const ABSENT_TEXT = /^(?:|null|undefined|none|nil|true|false)$/i
const ANSWER = /^(?:yes|no|true|false|on|off|[01yn])$/i

/** References to a secret that is elsewhere. Each is the whole text. */
const REFERENCES: readonly RegExp[] = [
  // GitHub Actions, Helm, Ansible and other templates.
  /^\$?\{\{ ?[\w.-]{1,100}(?: ?\| ?\w{1,20})? ?\}\}$/,
  // A variable of the environment.
  /^\$\{[A-Z][A-Z0-9_]{0,100}\}$/,
  /^\$\([A-Z][A-Z0-9_]{0,100}\)$/,
  /^process\.env\.[A-Z][A-Z0-9_]{0,100}$/,
  // An expression of Terraform.
  /^\$\{(?:var|local|module|data)(?:\.[a-z_][\w-]{0,60}){1,5}\}$/,
  // AWS, Google Cloud, Azure, 1Password and Vault.
  /^arn:aws[\w-]{0,10}:(?:secretsmanager|ssm):[\w:/+=,.@-]{1,300}$/,
  /^projects\/[\w-]{1,100}\/secrets\/[\w-]{1,255}(?:\/versions\/\w{1,20})?$/,
  /^@Microsoft\.KeyVault\([^()]{1,300}\)$/,
  /^op:\/\/[\w .-]{1,60}(?:\/[\w .-]{1,60}){2,3}$/,
  /^(?:vault:)?secret\/data\/[\w/-]{1,200}(?:#[\w-]{1,60})?$/,
]

/** Keys of objects that describe a secret, with the values that they may have. */
const TIME =
  /^(?:expir|created|updated|issued|revoked|last_?used|rotated|changed|iat$|exp$|nbf$|ttl$|max_?age$)/i
const COUNT = /^(?:min|max|(?:min|max)_?length|length|attempts|count|score|strength|id|version|size)$/i
const KIND = /^(?:(?:token_?|grant_?)?type|kind|alg|algorithm|status|format)$/i
const SCOPE = /^scopes?$/i
const PLACE = /^(?:lat|lng|lon|latitude|longitude|x|y|z|line|column|col|offset|start|end|pos|position)$/i
/** Keys in the schema of a value. */
const SCHEMA_TEXT = /^(?:description|title)$/
const SCHEMA_REFERENCE = /^#\/[\w./-]{1,200}$/
/** At least two words, and nothing that looks generated. */
const PROSE = lazy(() => /^[\p{L}\p{P}]{1,30}(?: [\p{L}\p{P}]{1,30}){1,40}$/u)
const TIME_TEXT = /^[\d:.TZ+ -]{1,40}$/
const SHORT_WORDS = /^[a-z][a-z .:/_-]{0,100}$/i

/** Behind these names, a value of this shape is too short or of the wrong kind to be a secret. */
const WEAK_VALUES: readonly (readonly [name: RegExp, value: RegExp])[] = [
  [/(?:^|[^a-z])nonce$/i, /^\d{1,4}$/],
  [/(?:^|[^a-z])pan$/i, /^[a-z]{1,20}$/i],
  [
    /(?:^|[^a-z])auth$/i,
    /^(?:basic|bearer|digest|ntlm|negotiate|kerberos|oauth2?|oidc|saml2?|ldap|jwt|cookie|session|local|anonymous|required|optional)$/i,
  ],
]

/** A certificate or a public key, or several of them. */
const PUBLIC_PEM =
  /^(?:\s{0,9}-----BEGIN (CERTIFICATE|(?:RSA )?PUBLIC KEY|CERTIFICATE REQUEST)-----[\w+/=\s\\]{1,20000}-----END \1-----){1,9}\s{0,9}$/

/** Kubernetes names are DNS names; Docker allows `_`. */
const RESOURCE_NAME = /^[a-z0-9][a-z0-9_.-]{0,252}$/
const RESOURCE_NAME_KEYS: ReadonlySet<string> = new Set([
  'name',
  'secretName',
  'namespace',
  'source',
  'target',
  'environment',
  ...['path', 'audience'],
])
const RESOURCE_SETTINGS: ReadonlySet<string> = new Set([
  ...['defaultMode', 'mode', 'uid', 'gid', 'expirationSeconds'],
])
const FILE_PATH = /^[\w.~-]{0,60}\/[\w./~-]{1,200}$/
const KEY_OF_SECRETS = /secrets?$|^serviceAccountToken$/i
/** In an ExternalSecret, the name under which a Secret has a value. */
const NAME_IN_SECRET = 'secretKey'
const NAME_WORDS = /^[a-z]{2,20}(?:[_-][a-z]{2,20}){0,4}$/
/** Ends of names of secrets that are no sensitive keys. */
const NAME_OF_SECRET = /(?:cert|certificate|key|crt|config|conf|env|tls|htpasswd)$/

export const HARMLESS_VALUE_RULES: readonly HarmlessValueRule[] = [
  {
    id: 'absent',
    reason: 'A missing value and a boolean only show whether a secret exists',
    sources: ['https://cheatsheetseries.owasp.org/cheatsheets/Logging_Cheat_Sheet.html#data-to-exclude'],
    appliesToConfiguredKeys: true,
    isHarmless: isAbsent,
    examples: {
      visible: [
        ['password', null],
        ['token', true],
      ],
      hidden: [['pin', 1234]],
    },
  },
  {
    id: 'absent-text',
    reason: 'An empty text, and words for nothing in forms and URLs: `?token=null` is a missing token',
    sources: ['https://cheatsheetseries.owasp.org/cheatsheets/Logging_Cheat_Sheet.html#data-to-exclude'],
    isHarmless: (value) => typeof value === 'string' && ABSENT_TEXT.test(value),
    examples: {
      visible: [
        ['password', ''],
        ['token', 'undefined'],
      ],
      hidden: [['password', 'nothing']],
    },
  },
  {
    id: 'weak-value',
    reason: 'A counter, a direction and the name of a method are named like secrets, and give no access',
    sources: [
      'https://ethereum.org/developers/docs/transactions/',
      'https://www.iana.org/assignments/http-authschemes/http-authschemes.xhtml',
    ],
    isHarmless: (value, key) =>
      typeof value === 'string' && WEAK_VALUES.some(([name, shape]) => name.test(key) && shape.test(value)),
    examples: {
      visible: [
        ['nonce', '1'],
        ['pan', 'left'],
        ['auth', 'basic'],
      ],
      hidden: [
        ['nonce', '12345'],
        ['pan', '4111'],
        ['auth', 'geheim'],
        ['password', 'basic'],
      ],
    },
  },
  {
    id: 'public-key',
    reason: 'A certificate and a public key are made to be shown to everyone',
    sources: ['https://www.rfc-editor.org/rfc/rfc7468#section-5'],
    isHarmless: (value) => typeof value === 'string' && PUBLIC_PEM.test(value),
    examples: {
      visible: [['pem', '-----BEGIN CERTIFICATE-----\nMIIBszCC\n-----END CERTIFICATE-----\n']],
      hidden: [
        ['pem', '-----BEGIN CERTIFICATE-----\nMIIBszCC\n-----END CERTIFICATE-----\nS'],
        ['pem', '-----BEGIN EC PRIVATE KEY-----\nMIIBszCC\n-----END EC PRIVATE KEY-----\n'],
      ],
    },
  },
  {
    id: 'answer',
    reason: 'A question such as hasPassword is answered, unless the answer is a longer text',
    sources: ['https://docs.djangoproject.com/en/stable/ref/models/querysets/#isnull'],
    appliesToConfiguredKeys: true,
    isHarmless: (value, key) => typeof value === 'string' && QUESTION_KEY.test(key) && ANSWER.test(value),
    examples: { visible: [['hasPassword', 'yes']], hidden: [['hasPassword', 'geheim']] },
  },
  {
    id: 'count',
    reason: 'A number under max_tokens or tokens_in counts tokens',
    sources: ['https://platform.openai.com/docs/api-reference/chat/object'],
    appliesToConfiguredKeys: true,
    isHarmless: (value, key) => KEY_OF_TOKENS.test(key) && isCount(value),
    examples: {
      visible: [
        ['tokens', 512],
        ['tokens', { prompt: 12, completion: 4 }],
        ['tokens_in', 5],
        ['tokensOut', 5],
      ],
      hidden: [
        ['token', 512],
        ['token', { prompt: 12 }],
        ['tokens', { prompt: 12, access: 'S' }],
      ],
    },
  },
  {
    id: 'words',
    reason: 'The tokens of a text are its words and punctuation marks, which nobody generated',
    sources: ['https://www.elastic.co/docs/api/doc/elasticsearch/operation/operation-indices-analyze'],
    isHarmless: (value, key) =>
      /tokens$/i.test(key) &&
      isShortList(value) &&
      value.length > 1 &&
      value.every((item) => isText(item, WORD())),
    examples: {
      visible: [['tokens', ['the', 'cat', "'s", '.']]],
      hidden: [
        ['tokens', ['hunter']],
        ['tokens', ['the', 'hunter2']],
        ['tokens', ['aBcD', 'eFgH']],
        ['passwords', ['the', 'cat']],
      ],
    },
  },
  {
    id: 'measure',
    reason:
      'A fraction is no secret. PINs, card numbers and ids of sessions have more than two digits, unlike contacts of a chip and angles',
    sources: ['https://www.iso.org/standard/79033.html'],
    isHarmless: (value, key) =>
      isFraction(value) || (KEY_OF_LONG_NUMBER.test(key) && isListOrOne(value, isSmallNumber)),
    examples: {
      visible: [
        ['tan', 0.11],
        ['pan', 30],
        ['pan', '12.5'],
        ['pin', 4],
        ['pins', [1, 2, 3]],
      ],
      hidden: [
        ['pin', 1234],
        ['pin', 123],
        ['pin', '4'],
        ['cvc', 12],
        ['pins', [1, 1234]],
        ['password', 12],
        ['pan', 4_111_111_111_111_111],
      ],
    },
  },
  {
    id: 'public-id',
    reason: 'SIDs of Twilio and of Windows identify a thing or an account; the credentials are others',
    sources: [
      'https://www.twilio.com/docs/glossary/what-is-a-sid',
      'https://learn.microsoft.com/windows-server/identity/ad-ds/manage/understand-security-identifiers',
    ],
    isHarmless: (value, key) =>
      typeof value === 'string' &&
      /sid$/i.test(key) &&
      /^(?:[A-Z]{2}[0-9a-f]{32}|S-1-\d[\d-]{0,180})$/.test(value),
    examples: {
      visible: [
        ['sid', `CA${'0a'.repeat(16)}`],
        ['ParentCallSid', `CA${'0a'.repeat(16)}`],
        ['objectSid', 'S-1-5-21-1004336348-1177238915-682003330-512'],
      ],
      hidden: [
        ['sid', 's%3Aabc.def'],
        ['token', `CA${'0a'.repeat(16)}`],
      ],
    },
  },
  {
    id: 'reference',
    reason: 'Templates and references name a secret that is stored elsewhere',
    sources: [
      'https://docs.github.com/actions/reference/workflows-and-actions/contexts#secrets-context',
      'https://docs.aws.amazon.com/secretsmanager/latest/userguide/whats-in-a-secret.html',
      'https://developer.1password.com/docs/cli/secret-reference-syntax/',
    ],
    isHarmless: (value) => typeof value === 'string' && REFERENCES.some((pattern) => pattern.test(value)),
    examples: {
      visible: [
        ['token', '$' + '{{ secrets.GITHUB_TOKEN }}'],
        ['password', '$' + '{DB_PASSWORD}'],
        ['password', 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:db-a1b2c3'],
        ['secret', 'projects/p/secrets/db/versions/latest'],
        ['password', 'op://vault/item/password'],
        ['secret', 'secret/data/app#password'],
      ],
      hidden: [
        ['password', '$' + '{geheim}'],
        ['password', 'secret/geheim'],
        ['token', 'x$' + '{{ secrets.A }}'],
      ],
    },
  },
  {
    id: 'description',
    reason:
      'An object that has only kinds, times, limits and flags describes a secret and does not contain it',
    sources: [
      'https://www.rfc-editor.org/rfc/rfc7662#section-2.2',
      'https://www.mongodb.com/docs/manual/reference/operator/query/exists/',
    ],
    isHarmless: (value) => isDescription(value) || (isShortList(value) && value.every(isDescription)),
    examples: {
      visible: [
        ['token', { type: 'Bearer', expires_in: 3600 }],
        ['password', { $exists: true }],
        ['password', { minLength: 8, required: true }],
        ['password', { type: 'string', sensitive: true, description: 'Password of the database' }],
        ['token', { $ref: '#/components/schemas/Token' }],
        ['token', { type: 'identifier', text: 'foo', line: 3, column: 4 }],
        ['pin', { lat: 52.3, lng: 4.9 }],
        ['password', { min: 8, max: 64 }],
        ['tokens', [{ id: 1, type: 'access', createdAt: '2026-11-24T09:30:00Z' }]],
      ],
      hidden: [
        ['token', { value: 'S' }],
        ['token', { type: 'Bearer', access: 'S' }],
        ['token', { id: 'S' }],
        ['token', { $ref: 'S' }],
        ['token', { description: 'two words' }],
        ['token', { type: 'string', description: 'S' }],
        ['token', { type: 'string', description: 'word a1b2c3' }],
        ['token', { type: 'string', text: 'S' }],
        ['pin', { lat: 52.3, code: 'S' }],
        ['password', { $ne: 'S' }],
        ['password', { count: '1234', type: 'a1B2' }],
        ['pin', { number: 1234 }],
        ['password', { min: 'geheim' }],
      ],
    },
  },
  {
    id: 'resource',
    reason: 'Kubernetes, Docker and GitHub Actions refer to a secret by its name or its file',
    sources: [
      'https://kubernetes.io/docs/concepts/configuration/secret/#using-a-secret',
      'https://docs.docker.com/reference/compose-file/secrets/',
      'https://docs.github.com/actions/how-tos/reuse-automations/reuse-workflows#passing-inputs-and-secrets-to-a-reusable-workflow',
    ],
    isHarmless: (value, key, sensitiveKeys) =>
      (KEY_OF_SECRETS.test(key) && isResource(value, sensitiveKeys)) ||
      (key === NAME_IN_SECRET && isText(value, NAME_WORDS) && sensitiveKeys.isSensitive(value)),
    examples: {
      visible: [
        ['imagePullSecrets', [{ name: 'registry' }]],
        ['secret', { secretName: 'tls', defaultMode: 420, items: [{ key: 'tls.crt', path: 'tls.crt' }] }],
        ['secrets', [{ source: 'db_password', target: 'db', mode: 288 }]],
        ['secrets', { db_password: { file: './db_password.txt' }, api: { external: true } }],
        ['secrets', ['db_password', 'server-cert']],
        ['secrets', 'inherit'],
        ['serviceAccountToken', { path: 'token', expirationSeconds: 3600, audience: 'vault' }],
        ['secretKey', 'db-password'],
      ],
      hidden: [
        ['token', { name: 'registry' }],
        ['secret', { name: 'Kq7Zx2Wm9V' }],
        ['secret', { name: 'registry', key: 'S' }],
        ['secret', { data: 'S' }],
        ['secrets', ['hunter']],
        ['secrets', { db: 'S' }],
        ['secret', 'inherited'],
        ['secretKey', 'hunter'],
        ['secret_key', 'password'],
      ],
    },
  },
]

const RULES_FOR_CONFIGURED_KEYS = HARMLESS_VALUE_RULES.filter((rule) => rule.appliesToConfiguredKeys)

/**
 * Whether the value under a sensitive key can be a secret.
 *
 * @param isMarked the key is sensitive only because of its context
 */
export function canBeSecret(
  key: string,
  value: unknown,
  sensitiveKeys: SensitiveKeys,
  isMarked = false,
): boolean {
  const rules = isMarked || sensitiveKeys.isConfigured(key) ? RULES_FOR_CONFIGURED_KEYS : HARMLESS_VALUE_RULES
  return !rules.some((rule) => rule.isHarmless(value, key, sensitiveKeys))
}

/** A missing value and a boolean only show whether there is a secret. */
export function isAbsent(value: unknown): boolean {
  return value === null || value === undefined || typeof value === 'boolean'
}

function isShortList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value) && value.length > 0 && value.length <= MAX_ENTRIES
}

/** The entries of a plain object, or `undefined` if it has none or too many. */
function entriesOf(value: unknown): readonly (readonly [string, unknown])[] | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) return undefined
  const keys = Object.keys(value)
  if (keys.length === 0 || keys.length > MAX_ENTRIES) return undefined
  return keys.map((key) => [key, (value as Record<string, unknown>)[key]])
}

const KEY_OF_TOKENS = /tokens(?:_?(?:in|out|used|left))?$/i

/** A number, or an object that has only numbers. */
function isCount(value: unknown): boolean {
  return (
    typeof value === 'number' || entriesOf(value)?.every(([, count]) => typeof count === 'number') === true
  )
}

/** A word in small letters, with a capital in front at most, or punctuation. */
const WORD = lazy(() => /^(?:\p{P}{0,2}\p{Lu}?\p{Ll}{0,14}\p{P}{0,2})$/u)

/** Keys of numbers with at least three digits. The three digits of a CVC may begin with zeros. */
const KEY_OF_LONG_NUMBER = /(?:pin|pan|tan|sid)s?$/i

function isFraction(value: unknown): boolean {
  return typeof value === 'number' ? !Number.isInteger(value) : isText(value, /^-?\d{1,4}\.\d{1,3}$/)
}

function isSmallNumber(value: unknown): boolean {
  return typeof value === 'number' && Math.abs(value) < 100
}

function isListOrOne(value: unknown, accepts: (item: unknown) => boolean): boolean {
  return isShortList(value) ? value.every(accepts) : accepts(value)
}

function isDescription(value: unknown): boolean {
  const entries = entriesOf(value)
  if (entries === undefined) return false
  const hasType = entries.some(([key, detail]) => KIND.test(key) && isText(detail, SHORT_WORDS))
  const hasPlace = entries.some(([key, detail]) => PLACE.test(key) && typeof detail === 'number')
  return entries.every(
    ([key, detail]) =>
      isAbsent(detail) ||
      describes(key, detail) ||
      (hasType && SCHEMA_TEXT.test(key) && isText(detail, PROSE())) ||
      // The tokens of a parser; their text is redacted as any other.
      (hasType && hasPlace && /^(?:text|value)$/.test(key)),
  )
}

function describes(key: string, detail: unknown): boolean {
  if (TIME.test(key)) return typeof detail === 'number' || detail instanceof Date || isText(detail, TIME_TEXT)
  if (key === 'file') return isText(detail, FILE_PATH)
  if (key === '$ref') return isText(detail, SCHEMA_REFERENCE)
  if (PLACE.test(key)) return typeof detail === 'number'
  if (COUNT.test(key)) return typeof detail === 'number'
  if (SCOPE.test(key) && isShortList(detail)) return detail.every((scope) => isText(scope, SHORT_WORDS))
  return (KIND.test(key) || SCOPE.test(key)) && isText(detail, SHORT_WORDS)
}

function isResource(value: unknown, sensitiveKeys: SensitiveKeys): boolean {
  if (value === 'inherit') return true
  if (isShortList(value))
    return value.every((item) => isResourceReference(item) || isNameOfSecret(item, sensitiveKeys))
  if (isResourceReference(value)) return true
  // The section `secrets` of a compose file has the names as keys.
  return entriesOf(value)?.every(([, reference]) => isResourceReference(reference)) === true
}

function isResourceReference(value: unknown): boolean {
  return (
    entriesOf(value)?.every(([key, detail]) => {
      if (isAbsent(detail)) return true
      if (RESOURCE_NAME_KEYS.has(key)) return isText(detail, RESOURCE_NAME)
      if (RESOURCE_SETTINGS.has(key)) return typeof detail === 'number' || isText(detail, /^\d{1,6}$/)
      if (key === 'file') return isText(detail, FILE_PATH)
      return key === 'items' && isShortList(detail) && detail.every(isKeyAndPath)
    }) === true
  )
}

function isKeyAndPath(value: unknown): boolean {
  return (
    entriesOf(value)?.every(([key, detail]) => {
      return key === 'mode'
        ? typeof detail === 'number'
        : /^(?:key|path)$/.test(key) && isText(detail, RESOURCE_NAME)
    }) === true
  )
}

function isNameOfSecret(value: unknown, sensitiveKeys: SensitiveKeys): boolean {
  if (!isText(value, RESOURCE_NAME) || looksRandom(value)) return false
  return sensitiveKeys.isSensitive(value) || NAME_OF_SECRET.test(value)
}

function isText(value: unknown, pattern: RegExp): value is string {
  return typeof value === 'string' && pattern.test(value)
}
