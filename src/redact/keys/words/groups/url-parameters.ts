// Names that are sensitive only as parameters in the query or the fragment of a URL, where names are short.
import type { KeyGroup } from '../key-group.js'

export const URL_PARAMETER_GROUPS: readonly KeyGroup[] = [
  {
    id: 'short-parameters',
    reason:
      'Signed URLs and links in mails, under a name of one word. Names that are harmless alone (`code`, `state`, `key`) are decided by their context. Not here, because they mean other things too: `ak`, `sk`, `vt` (ids), `hk` and `cc` (countries), `tok` (a part of a text)',
    sources: ['https://learn.microsoft.com/rest/api/storageservices/create-service-sas'],
    match: 'whole key',
    onlyInUrls: true,
    words: 'sig sign signature zak tk otk ott sharekey magic',
  },
  {
    id: 'signatures',
    reason:
      'Whoever has a signed URL has the file: AWS, Google, Azure, Akamai, Dropbox, OneDrive, Google Drive',
    sources: [
      'https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html',
      'https://cloud.google.com/storage/docs/authentication/signatures',
      'https://techdocs.akamai.com/property-mgr/docs/auth-token-2-0-ver',
    ],
    match: 'ending',
    onlyInUrls: true,
    words: 'signature resourcekey rlkey hdnts hdnea hdntl',
  },
  {
    id: 'nonces-and-tickets',
    reason: 'Nonces, tickets and challenges bind a login to one browser',
    sources: ['https://openid.net/specs/openid-connect-core-1_0.html#NonceNotes'],
    match: 'ending',
    onlyInUrls: true,
    words:
      'nonce login-ticket sso-ticket service-ticket proxy-ticket pgtiou pgtid login-challenge consent-challenge mkt-tok',
  },
]
