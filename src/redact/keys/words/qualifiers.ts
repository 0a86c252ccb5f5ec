// Words that may stand behind a sensitive word without changing that the value is a secret: `passwordConfirm`,
// `token_value`, `password__exact`. Those of other languages are in `languages/`.

/** Hyphens and spaces as in a `KeyGroup`. */
export const QUALIFIERS = [
  // Forms that ask for a password more than once.
  'confirm confirmation confirmed again repeat repeated verify verification retype reenter check',
  'old new current previous original temp temporary initial',
  'value raw plain text plaintext cleartext string str data field input header param parameter',
  // Settings have a secret for each environment.
  'prod production live dev test staging sandbox',
  // A hash can be attacked offline, and an encoding is no protection.
  'hash hashed digest encoded encrypted enc b64 base64 pem hex salt md5 sha1 sha256 sha512 bcrypt argon2',
].join(' ')

/** Operators of filters, as the last word: `password_eq`, `password_not_in`. */
export const OPERATORS = 'eq ne neq not in nin gt gte lt lte like ilike cont'

/** Field lookups of Django, behind `__`: `password__startswith`. */
export const LOOKUPS = `exact iexact contains icontains startswith istartswith endswith iendswith range regex iregex nlike
  matches lower upper`
