import { describe, expect, it } from '@jest/globals'
import { kwargsOf, lineOf, urlOf } from '../redacted-parts.js'

const SECRET = 'Kq7Zx2Wm9Vt4LpRb6NdKq7Zx2Wm9Vt4LpRb6Nd'
const armored = (label: string, dashes = '-----') => {
  const space = dashes === '----' ? ' ' : ''
  return `${dashes}${space}BEGIN ${label}${space}${dashes}\n${SECRET}\n${dashes}${space}END ${label}${space}${dashes}\n`
}

const KEYS: readonly (readonly [title: string, key: string])[] = [
  ...['PRIVATE KEY', 'RSA PRIVATE KEY', 'EC PRIVATE KEY', 'ENCRYPTED PRIVATE KEY', 'OPENSSH PRIVATE KEY'].map(
    (label) => [label, armored(label)] as const,
  ),
  ['OpenPGP', armored('PGP PRIVATE KEY BLOCK')],
  ['SSH2', armored('SSH2 PRIVATE KEY', '----')],
  ['SSH2, encrypted', armored('SSH2 ENCRYPTED PRIVATE KEY', '----')],
  ['OpenVPN', armored('OpenVPN Static key V1')],
  ['OpenVPN, client', armored('OpenVPN tls-crypt-v2 client key')],
  ['PuTTY', `PuTTY-User-Key-File-2: ssh-rsa\nEncryption: none\nPrivate-Lines: 1\n${SECRET}\nPrivate-MAC: 0a`],
  ['PuTTY, version 3', `PuTTY-User-Key-File-3: ssh-ed25519\r\nPrivate-Lines: 1\r\n${SECRET}\r\n`],
  ['minisign', `untrusted comment: minisign encrypted secret key\n${SECRET}\n`],
  ['signify', `untrusted comment: signify secret key\n${SECRET}\n`],
  ['WireGuard', `[Interface]\nPrivateKey = ${SECRET}=\nAddress = 10.0.0.2/32\n`],
  ['age', `# created: 2026-11-28\nAGE-SECRET-${'KEY-1'}${SECRET.toUpperCase()}\n`],
]

describe('a private key', () => {
  it.each(KEYS)('is hidden in a text, truncated or with escaped line breaks: %s', (_title, key) => {
    const escaped = key.replaceAll('\n', '\\n')
    const oneLine = key.replaceAll(/\r?\n/g, ' ')
    const json = JSON.stringify({ remark: key })
    const texts = [key, `Loaded:\n${key}`, key.slice(0, key.indexOf(SECRET) + 30), escaped]
    for (const text of [
      ...texts,
      oneLine,
      json,
      JSON.stringify(json),
      `Got ${json}`,
      `Got ${JSON.stringify(json)}`,
    ])
      expect(lineOf('kwargs', { remark: text })).not.toContain(SECRET.slice(0, 20))
  })

  it.each(KEYS)('is hidden in the parameter of a URL: %s', (_title, key) => {
    expect(urlOf(`/keys?remark=${encodeURIComponent(key)}`)).not.toContain(SECRET.slice(0, 20))
  })
})

it.each([
  armored('PUBLIC KEY'),
  armored('CERTIFICATE'),
  armored('PGP PUBLIC KEY BLOCK'),
  armored('SSH2 PUBLIC KEY', '----'),
  `untrusted comment: minisign public key 1234\n${SECRET}`,
  'The PuTTY-User-Key-File- header has a version',
  'BEGIN PRIVATE KEY',
])('leaves what is public as it is: %j', (text) => {
  expect(kwargsOf({ remark: text })).toEqual({ remark: text })
})
