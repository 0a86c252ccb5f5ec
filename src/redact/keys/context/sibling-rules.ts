import { looksRandom } from '../../texts/looks-random.js'
import type { ContextRule } from './context-rule.js'

/** Shorter codes are typed by people, and name products, seats or vouchers. */
const MIN_RANDOM_LENGTH = 10

/** Prose and source code have spaces. */
function isRandomToken(text: string): boolean {
  return looksRandom(text, MIN_RANDOM_LENGTH) && !/\s/.test(text)
}

/**
 * A state of an order, a code of a country and a postcode are words or short. Generated codes are longer, and mix letters,
 * digits or capitals.
 */
const ONE_WORD = '[A-Z]?[a-z]{1,8}|[A-Z]{1,8}'
const SEVERAL_WORDS = '[A-Z]?[a-z]{1,15}(?:[ _-][A-Z]?[a-z]{1,15}){1,5}|[A-Z_-]{1,40}'
const GENERATED = new RegExp(`^(?!(?:${ONE_WORD}|${SEVERAL_WORDS})$).{7}`, 's')

function isGenerated(text: string): boolean {
  return GENERATED.test(text)
}

/** Card numbers have at least 12 digits, and may be shortened or replaced by a token; those of houses are shorter. */
function isLongNumber(text: string): boolean {
  return text.length >= 8
}

/** Words in paths of URLs to which a login redirects, or that a mail links to. */
const LOGIN_PATHS = [
  ...[
    'callback',
    'cb',
    'oauth',
    'oauth2',
    'oidc',
    'openid',
    'auth',
    'authorize',
    'authorization',
    'authenticate',
  ],
  ...['login', 'signin', 'sso', 'saml', 'cas', 'logon', 'redirect', 'token'],
]
const LINK_PATHS = [
  ...[
    'verify',
    'verification',
    'confirm',
    'confirmation',
    'activate',
    'activation',
    'reset',
    'recover',
    'magic',
  ],
  ...[
    'invite',
    'invitation',
    'accept',
    'unsubscribe',
    'otp',
    'mfa',
    '2fa',
    'passwordless',
    'unlock',
    'register',
  ],
  ...['password', 'join', 'signup', 'share', 'shared'],
]

/** Keys of things that have a code and a state without any login: countries, products, errors. */
const DESCRIPTIONS = [
  'name',
  'id',
  'title',
  'message',
  'description',
  'country',
  'city',
  'zip',
  'label',
  'status',
]

/** Keys that only occur with a payment card. */
const CARD_DETAILS = [
  ...['exp', 'exp month', 'exp year', 'expiry month', 'expiry year', 'expiration month', 'expiration year'],
  ...[
    'cvc',
    'cvv',
    'cvn',
    'csc',
    'cvc2',
    'cvv2',
    'security code',
    'cardholder',
    'card holder',
    'cardholder name',
  ],
  ...['name on card', 'card type', 'card brand'],
]

/** Keys that become sensitive beside other keys. */
export const SIBLING_RULES: readonly ContextRule[] = [
  {
    id: 'authorization-code',
    reason:
      'Whoever has the code gets the tokens of the user. Alone, a code may be that of a country or an error',
    sources: ['https://www.rfc-editor.org/rfc/rfc6749#section-4.1.3'],
    keys: ['code'],
    beside: ['grant type', 'redirect uri', 'code verifier', 'client secret'],
    unlessBeside: DESCRIPTIONS,
    examples: [
      { object: { code: 'a', grant_type: 'authorization_code' }, hidden: ['code'] },
      { object: { code: 'a', redirect_uri: 'https://example.org/cb' }, hidden: ['code'] },
      { object: { code: 'NL-1234', page: 2 }, hidden: [] },
    ],
  },
  {
    id: 'returned-authorization-code',
    reason:
      'A server of logins returns a code beside keys that other objects have too, so that the value counts',
    sources: [
      'https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2',
      'https://www.rfc-editor.org/rfc/rfc9207#section-2',
    ],
    keys: ['code'],
    beside: ['state', 'session state', 'client id', 'iss', 'scope', 'authuser'],
    unlessBeside: DESCRIPTIONS,
    value: isGenerated,
    examples: [
      { object: { code: 'SplxlOBe', state: 'b' }, hidden: ['code'] },
      { object: { code: '4/0AX4XfWh', iss: 'https://id.example.org' }, hidden: ['code'] },
      { object: { code: '94103', state: 'CA' }, hidden: [] },
      { object: { code: 'EXPRESS', state: 'open' }, hidden: [] },
      { object: { code: 'CA', state: 'California', country: 'US' }, hidden: [] },
    ],
  },
  {
    id: 'authorization-state',
    reason:
      'The state protects a login against forgery (CSRF). Alone, a state may be that of an order or a country',
    sources: ['https://www.rfc-editor.org/rfc/rfc6749#section-10.12'],
    keys: ['state'],
    beside: ['response type', 'redirect uri', 'session state'],
    unlessBeside: DESCRIPTIONS,
    examples: [
      { object: { response_type: 'code', state: 'b' }, hidden: ['state'] },
      { object: { state: 'California', page: 2 }, hidden: [] },
    ],
  },
  {
    id: 'returned-authorization-state',
    reason:
      'A server of logins returns the state beside keys that other objects have too, so that the value counts',
    sources: ['https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2'],
    keys: ['state'],
    beside: ['client id', 'error description', 'iss'],
    unlessBeside: DESCRIPTIONS,
    value: isGenerated,
    examples: [
      { object: { client_id: 'a', state: 'af0ifjsldkj1' }, hidden: ['state'] },
      { object: { client_id: 42, state: 'active' }, hidden: [] },
    ],
  },
  {
    id: 'state-of-a-code',
    reason:
      'A state beside a code is that of a login if the code is generated, and that of a thing otherwise',
    sources: ['https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2'],
    keys: ['state'],
    besideText: { key: 'code', matches: GENERATED },
    unlessBeside: DESCRIPTIONS,
    examples: [
      { object: { code: 'SplxlOBe', state: 'b' }, hidden: ['state'] },
      { object: { code: 'EXPR', state: 'in_progress' }, hidden: [] },
      { object: { code: 'L1', state: 'qualified' }, hidden: [] },
      { object: { id: 1, code: 'SplxlOBe', state: 'open' }, hidden: [] },
    ],
  },
  {
    id: 'openid-nonce',
    reason: 'The nonce binds an ID token to a login',
    sources: ['https://openid.net/specs/openid-connect-core-1_0.html#NonceNotes'],
    keys: ['nonce'],
    beside: ['state', 'response type', 'client id', 'redirect uri', 'id token', 'code'],
    examples: [
      { object: { response_type: 'id_token', nonce: 'a' }, hidden: ['nonce'] },
      { object: { nonce: 42, gas: 21000 }, hidden: [] },
    ],
  },
  {
    id: 'in-login-url',
    reason:
      'A server that redirects to a login, or back from it, passes its codes in the query, sometimes nothing else',
    sources: [
      'https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2',
      'https://apereo.github.io/cas/development/protocol/CAS-Protocol-Specification.html',
    ],
    keys: ['code', 'state', 'session', 'ticket', 'nonce'],
    inPathWith: LOGIN_PATHS,
    examples: [
      { object: { code: 'a' }, urlPath: '/cb', hidden: ['code'] },
      { object: { code: 'a' }, urlPath: '/signin-oidc', hidden: ['code'] },
      { object: { state: 'a' }, urlPath: '/auth/callback', hidden: ['state'] },
      { object: { code: 'NL-1234' }, urlPath: '/countries', hidden: [] },
      { object: { state: 'California' }, urlPath: '/authors', hidden: [] },
    ],
  },
  {
    id: 'in-link-of-a-mail',
    reason: 'A link in a mail acts with the rights of the person who receives it',
    sources: ['https://cheatsheetseries.owasp.org/cheatsheets/Forgot_Password_Cheat_Sheet.html#url-tokens'],
    keys: ['code', 'key', 'hash', 'ticket', 'nonce'],
    inPathWith: LINK_PATHS,
    examples: [
      { object: { code: '123456' }, urlPath: '/verify', hidden: ['code'] },
      { object: { key: 'abc' }, urlPath: '/account/reset-password', hidden: ['key'] },
      { object: { key: 'name' }, urlPath: '/settings', hidden: [] },
    ],
  },
  {
    id: 'random-code',
    reason:
      'A code, state or session that a machine has generated is more likely to be a credential than the name of something',
    sources: ['https://www.rfc-editor.org/rfc/rfc6749#section-10.10'],
    keys: ['code', 'state', 'session'],
    value: isRandomToken,
    examples: [
      { object: { code: '4/0AX4XfWhQ9zT8bN5k' }, hidden: ['code'] },
      { object: { session: '550e8400-e29b-41d4-a716-446655440000' }, hidden: ['session'] },
      { object: { code: 'NL-1234' }, hidden: [] },
      { object: { code: 'ERR_INVALID_ARG_TYPE' }, hidden: [] },
      { object: { code: 'INV-2026-000123' }, hidden: [] },
      { object: { state: 'California' }, hidden: [] },
      { object: { session: 'morning' }, hidden: [] },
    ],
  },
  {
    id: 'random-parameter',
    reason:
      'API keys, tickets and the hashes of links travel in URLs. Elsewhere, a key or a hash identifies content, such as a file or a commit',
    sources: ['https://docs.cloud.google.com/docs/authentication/api-keys-use'],
    keys: ['key', 'hash', 'ticket', 'nonce'],
    inUrl: true,
    value: isRandomToken,
    examples: [
      { object: { key: 'Kq7Zx2Wm9Vt4LpRb6Nd' }, urlPath: '/maps', hidden: ['key'] },
      { object: { key: 'wTqeYM7CIcoJhXrB' }, urlPath: '/maps', hidden: ['key'] },
      { object: { key: 'sortByFirstName2' }, urlPath: '/persons', hidden: [] },
      { object: { hash: 'Chapter4OfTheManual' }, urlPath: '/docs', hidden: [] },
      { object: { key: 'Kq7Zx2Wm9Vt4LpRb6Nd' }, hidden: [] },
      { object: { key: 'name' }, urlPath: '/persons', hidden: [] },
      { object: { ticket: 'PROJ-1234' }, urlPath: '/issues', hidden: [] },
    ],
  },
  {
    id: 'cas-ticket',
    reason: 'A service ticket logs in, a proxy ticket acts for the user',
    sources: ['https://apereo.github.io/cas/development/protocol/CAS-Protocol-Specification.html'],
    keys: ['ticket'],
    value: (text) => /^(?:ST|PT|PGT|PGTIOU|TGT|TGC|LT)-(?:\d|(?=[a-z.-]{0,40}[A-Z\d])[\w.-]{10})/.test(text),
    examples: [
      { object: { ticket: 'ST-1-abc' }, hidden: ['ticket'] },
      { object: { ticket: 'ST-aB3dE6gH9j' }, hidden: ['ticket'] },
      { object: { ticket: 'ST-second-class' }, hidden: [] },
      { object: { ticket: 'PROJ-1234' }, hidden: [] },
    ],
  },
  {
    id: 'session-of-a-login',
    reason: 'A session beside the token or the signature of a login is that of a person',
    sources: ['https://shopify.dev/docs/apps/build/authentication-authorization/session-tokens'],
    keys: ['session'],
    beside: ['id token', 'access token', 'hmac'],
    examples: [
      { object: { id_token: 'S', session: 'S' }, hidden: ['session'] },
      { object: { session: 'morning', shop: 'acme' }, hidden: [] },
    ],
  },
  {
    id: 'wordpress-reset',
    reason: 'The key in a mail from WordPress sets a new password',
    sources: ['https://developer.wordpress.org/reference/functions/get_password_reset_key/'],
    keys: ['key'],
    besideText: { key: 'action', matches: /^(?:rp|resetpass)$/ },
    examples: [
      { object: { action: 'rp', key: 'S', login: 'jan' }, hidden: ['key'] },
      { object: { action: 'edit', key: 'title' }, hidden: [] },
    ],
  },
  {
    id: 'asp-net-view-state',
    reason: 'The state of a page, which its server accepts again and which may show what the page hides',
    sources: ['https://learn.microsoft.com/previous-versions/aspnet/bb386448(v=vs.100)'],
    keys: ['__VIEWSTATE', '__EVENTVALIDATION'],
    examples: [
      { object: { __VIEWSTATE: 'S' }, hidden: ['__VIEWSTATE'] },
      { object: { viewState: 'collapsed' }, hidden: [] },
    ],
  },
  {
    id: 'bigbluebutton',
    reason: 'The checksum of a call signs it, so that whoever has the link joins the meeting',
    sources: ['https://docs.bigbluebutton.org/development/api/#usage'],
    keys: ['checksum'],
    beside: ['meeting id', 'meetingID'],
    examples: [
      { object: { meetingID: 'm', checksum: 'S' }, hidden: ['checksum'] },
      { object: { checksum: '0a1b', file: 'a.txt' }, hidden: [] },
    ],
  },
  {
    id: 'short-password',
    reason: 'InfluxDB 1 and Subsonic abbreviate user and password. Elsewhere, p is a page or a product',
    sources: ['https://docs.influxdata.com/influxdb/v1/tools/api/#query-string-parameters-1'],
    keys: ['p'],
    beside: ['u'],
    value: (text) => /[a-z]/i.test(text) && /[^a-z-]/i.test(text),
    inUrl: true,
    examples: [
      { object: { u: 'jan', p: 'geheim7' }, urlPath: '/query', hidden: ['p'] },
      { object: { u: 'jan', p: '2' }, urlPath: '/posts', hidden: [] },
      { object: { u: 'jan', p: 'about-us' }, urlPath: '/posts', hidden: [] },
    ],
  },
  {
    id: 'openweather-key',
    reason: 'The API key of OpenWeather. Other ids of applications are public',
    sources: ['https://openweathermap.org/appid'],
    keys: ['appid'],
    inUrl: true,
    value: (text) => /^[0-9a-f]{32}$/.test(text),
    examples: [
      { object: { appid: '0123456789abcdef'.repeat(2) }, urlPath: '/weather', hidden: ['appid'] },
      { object: { appid: 'wx8888888888888888' }, urlPath: '/login', hidden: [] },
    ],
  },
  {
    id: 'remember-me-cookie',
    reason: 'Some frameworks name the cookie that logs in again like the box that asks for it',
    sources: [
      'https://shiro.apache.org/static/current/apidocs/org/apache/shiro/web/mgt/CookieRememberMeManager.html',
    ],
    keys: ['remember me'],
    value: (text) => text.length >= 10,
    examples: [
      { object: { rememberMe: 'aB3dE6gH9jK2' }, hidden: ['rememberMe'] },
      { object: { rememberMe: 'on' }, hidden: [] },
    ],
  },
  {
    id: 'access-key-in-portuguese',
    reason: 'In Brazil the 44 digits under this name identify an invoice, and are printed on it',
    sources: ['https://www.nfe.fazenda.gov.br/'],
    keys: ['chave acesso', 'chave de acesso'],
    value: (text) => !/^[\d .-]{40,70}$/.test(text),
    examples: [
      { object: { chave_acesso: 'S' }, hidden: ['chave_acesso'] },
      { object: { chaveDeAcesso: '3526'.repeat(11) }, hidden: [] },
    ],
  },
  {
    id: 'one-time-code',
    reason: 'Six digits beside the address to which they were sent are a one-time code',
    sources: ['https://www.rfc-editor.org/rfc/rfc6238#section-5.3'],
    keys: ['code'],
    beside: [
      'email',
      'phone',
      'phone number',
      'mobile',
      'username',
      'challenge',
      'challenge id',
      'mfa token',
    ],
    value: (text) => /^\d{6}$/.test(text),
    examples: [
      { object: { email: 'a@example.org', code: '123456' }, hidden: ['code'] },
      { object: { email: 'a@example.org', code: 'NL' }, hidden: [] },
      { object: { code: '123456' }, hidden: [] },
    ],
  },
  {
    id: 'verification-hash',
    reason:
      'A hash beside its salt is a password hash, which can be attacked offline. A salt is no answer and no amount',
    sources: ['https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html'],
    keys: ['hash'],
    besideText: { key: 'salt', matches: /^(?!(?:yes|no|true|false|none)$)\S+$/i },
    examples: [
      { object: { salt: 'a', hash: 'b' }, hidden: ['hash'] },
      { object: { salt: 'yes', hash: 'b' }, hidden: [] },
      { object: { hash: 'abcdef12', file: 'a.txt' }, hidden: [] },
    ],
  },
  {
    id: 'signature-of-telegram',
    reason: 'A hash beside auth_date signs a login',
    sources: ['https://core.telegram.org/widgets/login#checking-authorization'],
    keys: ['hash'],
    beside: ['auth date'],
    examples: [
      { object: { id: 1, auth_date: 1, hash: 'b' }, hidden: ['hash'] },
      { object: { hash: 'abcdef12', file: 'a.txt' }, hidden: [] },
    ],
  },
  {
    id: 'signed-url',
    reason: 'A signed URL, parsed by a framework, gives access to what it signs',
    sources: [
      'https://learn.microsoft.com/rest/api/storageservices/create-service-sas',
      'https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-creating-signed-url-canned-policy.html',
      'https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTForms.html',
    ],
    keys: ['sig', 'signature'],
    beside: [
      ...['se', 'sv', 'sp', 'expires', 'timestamp', 'policy', 'AWSAccessKeyId', 'aws access key id'],
      ...['google access id', 'key pair id', 'expiry', 'nonce'],
    ],
    examples: [
      { object: { sv: '2022', se: '2030', sig: 'a' }, hidden: ['sig'] },
      { object: { Expires: '1', Signature: 'a', AWSAccessKeyId: 'b' }, hidden: ['Signature'] },
      { object: { signature: 'Jansen', date: '2026-11-24' }, hidden: [] },
    ],
  },
  {
    id: 'payment-card',
    reason: 'The full number of a payment card may not be stored readable (PCI DSS 3.5)',
    sources: ['https://www.pcisecuritystandards.org/document_library/'],
    keys: ['number'],
    beside: CARD_DETAILS,
    value: isLongNumber,
    examples: [
      { object: { number: '41111111', cvc: 2 }, hidden: ['number'] },
      { object: { number: '41111111', exp: '12/30' }, hidden: ['number'] },
      { object: { number: 'A12', expiryDate: '2030-01-01' }, hidden: [] },
      { object: { street: 'Markt', number: 12, cvc: null }, hidden: [] },
    ],
  },
  {
    id: 'payment-card-under-its-name',
    reason: 'The full number of a payment card may not be stored readable (PCI DSS 3.5)',
    sources: ['https://www.pcisecuritystandards.org/document_library/'],
    keys: ['number'],
    under: ['card', 'payment card', 'bank card'],
    value: isLongNumber,
    examples: [
      { object: { number: '4111 1111' }, under: 'card', hidden: ['number'] },
      { object: { number: '4111 1111' }, under: 'house', hidden: [] },
    ],
  },
  {
    id: 'payment-card-by-its-length',
    reason: 'A number of 12 to 19 digits beside an expiry date is that of a payment card',
    sources: ['https://www.iso.org/standard/70484.html'],
    keys: ['number', 'account number'],
    beside: [
      'expiry',
      'expiry date',
      'expiration',
      'expiration date',
      'valid thru',
      'valid until',
      'brand',
      'scheme',
    ],
    value: (text) => /^\d(?:[ -]?\d){11,18}$/.test(text),
    examples: [
      { object: { number: '4111 1111 1111 1111', expiry: '12/30' }, hidden: ['number'] },
      { object: { number: 'A12', expiry: '12/30' }, hidden: [] },
    ],
  },
  {
    id: 'strong-customer-authentication',
    reason: 'The authentication value of 3-D Secure lets a merchant charge a card',
    sources: ['https://www.emvco.com/emv-technologies/3-d-secure/'],
    keys: ['xid', 'authentication value', 'pares', 'cres'],
    beside: ['eci', 'cavv', 'ds trans id', 'ds transaction id', 'md', 'three ds version'],
    examples: [
      { object: { eci: '05', authenticationValue: 'a' }, hidden: ['authenticationValue'] },
      { object: { xid: 'a' }, hidden: [] },
    ],
  },
  {
    id: 'json-web-key',
    reason: 'These members of a JSON Web Key are the private key or the shared secret',
    sources: [
      'https://www.rfc-editor.org/rfc/rfc7518#section-6.2.2',
      'https://www.rfc-editor.org/rfc/rfc7518#section-6.3.2',
      'https://www.rfc-editor.org/rfc/rfc7518#section-6.4.1',
    ],
    keys: ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'],
    beside: ['kty'],
    examples: [
      { object: { kty: 'EC', crv: 'P-256', x: 'a', y: 'b', d: 'S' }, hidden: ['d'] },
      { object: { kty: 'oct', k: 'S' }, hidden: ['k'] },
      {
        object: { kty: 'RSA', n: 'a', e: 'AQAB', d: 'S', p: 'S', q: 'S', dp: 'S', dq: 'S', qi: 'S' },
        hidden: ['d', 'p', 'q', 'dp', 'dq', 'qi'],
      },
      { object: { kty: 'RSA', n: 'a', e: 'AQAB', kid: '1' }, hidden: [] },
      { object: { q: 'Delft', p: 2, d: 'asc' }, hidden: [] },
    ],
  },
  {
    id: 'cryptographic-key',
    reason:
      'A key beside a certificate, an initialization vector or an algorithm is a private or a shared key',
    sources: [
      'https://nodejs.org/api/tls.html#tlscreatesecurecontextoptions',
      'https://github.com/mozilla/hawk/blob/main/API.md',
    ],
    keys: ['key'],
    beside: ['cert', 'certificate', 'crt', 'pfx', 'iv', 'algorithm'],
    // Shorter keys are words, or numbers of a certificate: 16 characters are 96 bits of base64 or 64 of hexadecimal digits.
    value: (text) => text.length >= 16 || looksRandom(text, MIN_RANDOM_LENGTH),
    examples: [
      { object: { key: 'aB3'.repeat(6), cert: 'a' }, hidden: ['key'] },
      { object: { id: 'a', key: '0a1b2c3d'.repeat(4), algorithm: 'sha256' }, hidden: ['key'] },
      { object: { cert: 'BREEAM', key: 'building' }, hidden: [] },
      { object: { key: 'name', value: 'Delft' }, hidden: [] },
    ],
  },
  {
    id: 'key-of-a-user',
    reason: 'Many APIs have a user name and a generated key in place of a password',
    sources: ['https://www.rfc-editor.org/rfc/rfc7617#section-2'],
    keys: ['key'],
    beside: ['user', 'username', 'user name', 'login', 'account', 'account name', 'api user', 'email'],
    value: isRandomToken,
    examples: [
      { object: { username: 'jan', key: 'Kq7Zx2Wm9Vt4LpRb6Nd' }, hidden: ['key'] },
      { object: { user: 'jan', key: 'theme' }, hidden: [] },
    ],
  },
]
