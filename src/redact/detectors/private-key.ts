import type { Detector } from './detector.js'

const BEGIN_MARKER = /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/

export const privateKey: Detector = {
  id: 'private-key',
  secret: 'A private key in PEM or ASCII armor, as OpenSSL, OpenSSH and OpenPGP write keys',
  reason: 'Anyone who has the key can sign and decrypt as its owner',
  visible:
    'Nothing of the text: the end marker may be missing from a truncated text, so no part is known to be harmless',
  sources: ['https://www.rfc-editor.org/rfc/rfc7468', 'https://www.rfc-editor.org/rfc/rfc9580#section-6.2'],
  examples: [
    ['key:\n-----BEGIN RSA PRIVATE KEY-----\nMIIEabcdef\n-----END RSA PRIVATE KEY-----\n', '[REDACTED]'],
    ['-----BEGIN PUBLIC KEY-----\nMIIEabcdef\n', '-----BEGIN PUBLIC KEY-----\nMIIEabcdef\n'],
  ],
  markers: ['-----BEGIN '],
  redact: (text, { replacement }) => (BEGIN_MARKER.test(text) ? replacement : text),
}
