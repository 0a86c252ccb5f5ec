import type { Detector } from './detector.js'

/** PEM (RFC 7468) and ASCII armor of OpenPGP (RFC 9580), and the armor of SSH2 with four hyphens and a space. */
const ARMOR = '-{4,5} ?BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)? ?-{4,5}'
/** OpenVPN: the key that both sides share, and the keys of clients and servers. */
const OPENVPN = '-----BEGIN OpenVPN (?:Static key V1|tls-crypt-v2 (?:client|server) key)-----'
/** PuTTY: the header of the file. Public keys are exported in other formats. */
const PUTTY = 'PuTTY-User-Key-File-[1-9]: '
/** minisign and signify. Their public keys have the same comment without `secret`. */
const SIGNIFY = 'untrusted comment: [^\r\n]{0,100}secret key'
const PRIVATE_KEY = new RegExp([ARMOR, OPENVPN, PUTTY, SIGNIFY].join('|'))

export const privateKey: Detector = {
  id: 'private-key',
  secret:
    'A private key in PEM or ASCII armor, as OpenSSL, OpenSSH, OpenPGP, SSH2, PuTTY, OpenVPN, minisign and signify write keys',
  reason: 'Anyone who has the key can sign and decrypt as its owner',
  visible:
    'Nothing of the text: the end marker may be missing from a truncated text, so no part is known to be harmless',
  sources: [
    'https://www.rfc-editor.org/rfc/rfc7468',
    'https://www.rfc-editor.org/rfc/rfc9580#section-6.2',
    'https://tartarus.org/~simon/putty-snapshots/htmldoc/AppendixC.html',
    'https://openvpn.net/community-resources/static-key-mini-howto/',
    'https://man.openbsd.org/signify',
  ],
  examples: [
    ['key:\n-----BEGIN RSA PRIVATE KEY-----\nMIIEabcdef\n-----END RSA PRIVATE KEY-----\n', '[REDACTED]'],
    ['---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\nP2/56wAAAi4', '[REDACTED]'],
    ['PuTTY-User-Key-File-3: ssh-ed25519\nPrivate-Lines: 1\nAAAAIabcdef', '[REDACTED]'],
    ['-----BEGIN OpenVPN Static key V1-----\n0a1b2c', '[REDACTED]'],
    ['-----BEGIN PUBLIC KEY-----\nMIIEabcdef\n', '-----BEGIN PUBLIC KEY-----\nMIIEabcdef\n'],
    ['---- BEGIN SSH2 PUBLIC KEY ----\nAAAAB3Nz', '---- BEGIN SSH2 PUBLIC KEY ----\nAAAAB3Nz'],
  ],
  markers: ['---- BEGIN ', '-----BEGIN ', 'PuTTY-User-Key-File-', 'untrusted comment: '],
  redact: (text, { replacement }) => (PRIVATE_KEY.test(text) ? replacement : text),
}
