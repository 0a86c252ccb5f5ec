// The keys of signed notes (https://github.com/C2SP/C2SP/blob/main/signed-note.md): one line of text each, with the name of the
// signer. Only keys of Ed25519 are supported.
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { AuditLogError } from '../lib/errors.js'
import { sha256 } from './sha256.js'

/** Marks a key of Ed25519 in the text of a key. */
const ED25519 = 1
const KEY_BYTES = 32
const ID_BYTES = 4
const PRIVATE_PREFIX = 'PRIVATE+KEY+'
/** What precedes the 32 bytes of a key in DER (RFC 8410 section 4 and 7). */
const PUBLIC_DER = Buffer.from('302a300506032b6570032100', 'hex')
const PRIVATE_DER = Buffer.from('302e020100300506032b657004220420', 'hex')

/** Checks signatures. */
export interface VerifierKey {
  /** The name of the signer. */
  readonly name: string
  /** The first four bytes of a hash of name and key, which a signature begins with: several keys may have one name. */
  readonly id: Buffer
  readonly key: KeyObject
}

/** Signs. */
export interface SignerKey extends VerifierKey {
  readonly privateKey: KeyObject
}

/** Whether a text may be the name of a key: a name has no white space and no `+`, which ends it. */
export function isKeyName(name: string): boolean {
  return name !== '' && name.length <= MAX_NAME_LENGTH && !/[\s+\p{C}]/u.test(name)
}

const MAX_NAME_LENGTH = 200

/** @throws AuditLogError `ERR_AUDIT_KEY` if the name cannot be one */
export function createSignerKey(name: string, privateKey: KeyObject): SignerKey {
  if (!isKeyName(name))
    throw new AuditLogError(
      'ERR_AUDIT_KEY',
      `Expected a name without white space and "+", of at most ${MAX_NAME_LENGTH} characters, got ${JSON.stringify(name)}. ` +
        'Use the name of the log, such as audit.example.org',
    )
  if (privateKey.type !== 'private' || privateKey.asymmetricKeyType !== 'ed25519')
    throw new AuditLogError(
      'ERR_AUDIT_KEY',
      `Expected a private key of Ed25519, got a ${privateKey.type} key of ${privateKey.asymmetricKeyType ?? 'another kind'}`,
    )
  const key = createPublicKey(privateKey)
  return { name, id: createKeyId(name, key), key, privateKey }
}

/** Creates a new key. */
export function generateSignerKey(name: string): SignerKey {
  return createSignerKey(name, generateKeyPairSync('ed25519').privateKey)
}

/**
 * Reads a key that signs: `PRIVATE+KEY+name+id+key`.
 *
 * @throws AuditLogError `ERR_AUDIT_KEY`. The message never has a part of the key.
 */
export function parseSignerKey(text: string): SignerKey {
  if (!text.startsWith(PRIVATE_PREFIX))
    throw invalidKey(
      'a private key that begins with PRIVATE+KEY+',
      text.includes('+') ? 'another text' : 'a text without "+"',
    )
  const { name, id, bytes } = parseParts(text.slice(PRIVATE_PREFIX.length), 'private key')
  const privateKey = createPrivateKey({
    key: Buffer.concat([PRIVATE_DER, bytes]),
    format: 'der',
    type: 'pkcs8',
  })
  const signer = createSignerKey(name, privateKey)
  if (!signer.id.equals(id))
    throw invalidKey('a private key whose parts belong together', 'a name or a key that was changed')
  return signer
}

/**
 * Reads a key that checks signatures: `name+id+key`.
 *
 * @throws AuditLogError `ERR_AUDIT_KEY`
 */
export function parseVerifierKey(text: string): VerifierKey {
  // Not in the message: it would be printed.
  if (text.startsWith(PRIVATE_PREFIX))
    throw invalidKey('the verifier key, which is public', 'the private key')
  const { name, id, bytes } = parseParts(text, 'verifier key')
  const key = createPublicKey({ key: Buffer.concat([PUBLIC_DER, bytes]), format: 'der', type: 'spki' })
  if (!createKeyId(name, key).equals(id))
    throw invalidKey('a verifier key whose parts belong together', 'a name or a key that was changed')
  return { name, id, key }
}

export function formatSignerKey({ name, id, privateKey }: SignerKey): string {
  const bytes = privateKey.export({ format: 'der', type: 'pkcs8' }).subarray(PRIVATE_DER.length)
  return `${PRIVATE_PREFIX}${name}+${id.toString('hex')}+${withKind(bytes).toString('base64')}`
}

export function formatVerifierKey({ name, id, key }: VerifierKey): string {
  return `${name}+${id.toString('hex')}+${withKind(readPublicBytes(key)).toString('base64')}`
}

function parseParts(text: string, kind: string): { name: string; id: Buffer; bytes: Buffer } {
  // The key is base64, which has `+` as well.
  const [, name, id, base64] = /^([^+]+)\+([\da-f]{8})\+([A-Za-z\d+/]+=*)$/.exec(text.trim()) ?? []
  if (name === undefined || id === undefined || base64 === undefined || !isKeyName(name))
    throw invalidKey(
      `a ${kind}: name, eight hexadecimal digits and base64, joined by "+"`,
      `${text.trim().length} other characters`,
    )
  const data = Buffer.from(base64, 'base64')
  if (data[0] !== ED25519 || data.length !== KEY_BYTES + 1)
    throw invalidKey(
      `a ${kind} of Ed25519: a byte ${ED25519} and ${KEY_BYTES} bytes`,
      `a byte ${data[0] ?? 'less'} and ${Math.max(0, data.length - 1)} bytes`,
    )
  return { name, id: Buffer.from(id, 'hex'), bytes: data.subarray(1) }
}

function createKeyId(name: string, key: KeyObject): Buffer {
  const data = Buffer.concat([Buffer.from(`${name}\n`), withKind(readPublicBytes(key))])
  return sha256(data).subarray(0, ID_BYTES)
}

function readPublicBytes(key: KeyObject): Buffer {
  return key.export({ format: 'der', type: 'spki' }).subarray(PUBLIC_DER.length)
}

function withKind(bytes: Uint8Array): Buffer {
  return Buffer.concat([Uint8Array.of(ED25519), bytes])
}

function invalidKey(expected: string, got: string): AuditLogError {
  return new AuditLogError(
    'ERR_AUDIT_KEY',
    `Expected ${expected}, got ${got}. \`http-audit-log keygen\` creates keys`,
  )
}
