// Names that are harmless alone, and secret beside others: the parameters of a callback or of a signed URL, as
// `req.query` and `req.body` hand them over.

/** RFC 6749 and OpenID Connect; Azure shared access signatures; signed URLs of CloudFront and older S3. */
const COMPANIONS: readonly (readonly [name: string, companions: readonly string[]])[] = [
  ['code', ['state', 'grant_type', 'redirect_uri', 'session_state', 'client_id', 'grantType', 'redirectUri']],
  ['state', ['code', 'response_type', 'session_state', 'redirect_uri']],
  ['nonce', ['state', 'response_type', 'client_id']],
  ['sig', ['se', 'sv', 'sp', 'expires']],
  ['signature', ['expires', 'timestamp', 'policy']],
  ['Signature', ['Expires', 'AWSAccessKeyId', 'GoogleAccessId', 'Key-Pair-Id', 'Policy']],
]

/** Which names of this object are secret because of what stands beside them. */
export function secretsByCompany(object: object): readonly string[] {
  return COMPANIONS.filter(
    ([name, companions]) =>
      Object.hasOwn(object, name) && companions.some((companion) => Object.hasOwn(object, companion)),
  ).map(([name]) => name)
}
