// Parameters whose name of one word is sensitive only in context: code, state, key, hash, session, ticket, nonce.

/** Letters and digits only, so that no encoding changes a piece of it. */
export const SECRET = 'Kq7Zx2Wm9Vt4LpRb6Nd'
/** A secret that does not look random, so that only the context shows it. */
export const WORD = 'geheimnis'

/** Queries that are hidden in a URL and in a filter alike. */
export const SECRET_QUERIES: readonly (readonly [title: string, query: Readonly<Record<string, string>>])[] =
  [
    ['a callback of OAuth', { code: WORD, state: WORD }],
    ['a callback with an issuer', { code: WORD, iss: 'https://id.example.org' }],
    ['a callback with a scope', { code: WORD, scope: 'email', authuser: '0' }],
    ['a token request', { grant_type: 'authorization_code', code: WORD }],
    ['an authorization request', { response_type: 'code', client_id: 'app', state: WORD, nonce: WORD }],
    ['a random code alone', { code: SECRET }],
    ['a random state alone', { state: SECRET }],
    ['a random session alone', { session: SECRET }],
    ['a ticket of CAS', { ticket: `ST-1-${WORD}` }],
    ['a one-time code', { email: 'a@example.org', code: '482913' }],
    ['a field name', { name: 'password', value: WORD }],
    ['a card', { number: WORD, cvc: '1' }],
    ['a key of a user', { user: 'jan', key: SECRET }],
    ['a salted hash', { salt: 'a', hash: WORD }],
  ]

/** URLs whose path shows that a parameter is a secret, and values that are secrets only in a URL. */
export const SECRET_URLS: readonly string[] = [
  `/cb?code=${WORD}`,
  `https://example.org/oauth/callback?code=${WORD}`,
  `https://login.example.org/?code=${WORD}`,
  `/signin-oidc?code=${WORD}`,
  `/auth/callback#state=${WORD}`,
  `/authCallback?code=${WORD}`,
  `/verify?code=${WORD}`,
  `/email/confirm?key=${WORD}`,
  `/reset-password?hash=${WORD}`,
  `/invite?code=${WORD}`,
  `/cas/login?ticket=${WORD}`,
  `/login?next=/cb?code=${WORD}`,
  `/login?next=${encodeURIComponent(`/cb?code=${WORD}`)}`,
  `/maps?key=${SECRET}&q=Amsterdam`,
  `/activate.php?hash=${SECRET}`,
  `/?ticket=${SECRET}`,
  `/#nonce=${SECRET}`,
  `/files/1?sig=${WORD}`,
  `/files/1?signature=${WORD}`,
  `/?%63ode=${SECRET}`,
  `/?code[]=${SECRET}`,
  `/?CODE=${SECRET}`,
  `/?key=${SECRET.slice(0, 10)}`,
]

/** Visible in a URL and in a filter. */
export const HARMLESS_QUERIES: readonly Readonly<Record<string, string>>[] = [
  { code: 'NL-1234' },
  { code: 'NL' },
  { code: '1011PN', page: '2' },
  { code: 'SUMMER2026' },
  { code: 'AB12CD34' },
  { code: '20261124T093000Z' },
  { code: 'INV-2026-000123' },
  { code: 'ERR_INVALID_ARG_TYPE' },
  { state: 'California', page: '2' },
  { state: 'open', sort: 'name' },
  { state: 'in_progress', assignee: 'jan' },
  { code: 'CA', state: 'California', country: 'US' },
  { key: 'name' },
  { key: 'last_name', order: 'asc' },
  { key: 'PROJ-1234' },
  { hash: 'sha256' },
  { session: 'morning' },
  { session: '2026-11-24' },
  { ticket: 'PROJ-1234' },
  { page_token: 'CAUQAA' },
  { pageToken: 'Q0FVUUFBQ0FVUUFB' },
  { name: 'city', value: 'Delft' },
  { number: '12', street: 'Markt' },
  { email: 'a@example.org', code: 'NL' },
]

/** Paths that contain parts of the words above. */
export const HARMLESS_URLS: readonly string[] = [
  '/countries?code=NL',
  '/authors?state=California&page=2',
  '/settings?key=name',
  '/states/CA?code=06',
  '/postcodes/validate?code=1011PN',
  '/conferences?session=morning',
  '/issues?ticket=PROJ-1234',
  'https://example.org/products?code=NL-1234&lang=nl',
]
