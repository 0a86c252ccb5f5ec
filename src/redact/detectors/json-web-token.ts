import type { Detector } from './detector.js'

/** The header of a token is JSON, and `{"` is `eyJ` in base64url. The signature is optional: the text may be truncated. */
const TOKEN = /(?<![\w-])eyJ[\w-]{12,}\.[\w-]+(?:\.[\w-]*){0,3}/g

export const jsonWebToken: Detector = {
  id: 'json-web-token',
  secret: 'A JSON Web Token: base64url parts, separated by dots, of which the first begins with `eyJ`',
  reason: 'A token is accepted from anyone who presents it until it expires, and its payload names a person',
  visible: 'The text around the token',
  sources: ['https://www.rfc-editor.org/rfc/rfc7519', 'https://www.rfc-editor.org/rfc/rfc7516#section-3'],
  examples: [
    [
      'sent eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI3In0.c2lnbmF0dXJl, which had expired',
      'sent [REDACTED], which had expired',
    ],
    ['truncated: eyJhbGciOiJIUzI1NiJ9.eyJzdW', 'truncated: [REDACTED]'],
    ['eyJewellery.box', 'eyJewellery.box'],
  ],
  markers: ['eyJ'],
  standsAlone: true,
  redact: (text, { replacement }) => text.replace(TOKEN, () => replacement),
}
