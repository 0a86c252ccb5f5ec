import { generateKeyPairSync } from 'node:crypto'
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { auditLog, memory } from 'http-audit-log'
import { AuditLogError } from '#src/lib/errors.js'
import { seal } from '#src/seal/create-seal.js'
import type { SealOptions } from '#src/seal/seal.js'
import { createTestSeal, LOG_NAME, SIGNING_KEY, VERIFIER_KEY } from '../helpers/seal.js'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'audit-seal-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

function messageOf(act: () => unknown): string {
  try {
    act()
  } catch (error) {
    expect(error).toBeInstanceOf(AuditLogError)
    const { code, message } = error as AuditLogError
    return `${code}: ${message}`
  }
  throw new Error('Nothing was thrown')
}

const { privateKey, publicKey } = generateKeyPairSync('ed25519')
const { privateKey: rsaKey } = generateKeyPairSync('rsa', { modulusLength: 1024 })
const SECRET = SIGNING_KEY.split('+').slice(4).join('+')

describe('an option of seal() that is not valid', () => {
  it.each<[string, unknown, RegExp]>([
    ['none at all', undefined, /ERR_AUDIT_OPTIONS: .*plain object, got undefined/],
    ['no key', {}, /ERR_AUDIT_OPTIONS: .*`?key.*keygen/],
    ['an environment variable that is not set', { key: undefined }, /ERR_AUDIT_OPTIONS: .*keygen/],
    ['an empty key', { key: '' }, /ERR_AUDIT_OPTIONS: .*keygen.*got/],
    ['the public key', { key: VERIFIER_KEY }, /ERR_AUDIT_KEY: Expected a private key .* got .*keygen/],
    ['a key that was cut', { key: SIGNING_KEY.slice(0, -5) }, /ERR_AUDIT_KEY: Expected .* got .*keygen/],
    [
      'a key with another name',
      { key: SIGNING_KEY.replace('example', 'sample') },
      /ERR_AUDIT_KEY: .*changed/,
    ],
    [
      'a name with a space',
      { key: { name: 'my log', privateKey } },
      /ERR_AUDIT_KEY: .*without white space.*"my log"/,
    ],
    ['a name with +', { key: { name: 'a+b', privateKey } }, /ERR_AUDIT_KEY: .*"\+".*"a\+b"/],
    ['an empty name', { key: { name: '', privateKey } }, /ERR_AUDIT_KEY: .*got ""/],
    ['a public KeyObject', { key: { name: LOG_NAME, privateKey: publicKey } }, /ERR_AUDIT_KEY: .*public key/],
    ['a key of RSA', { key: { name: LOG_NAME, privateKey: rsaKey } }, /ERR_AUDIT_KEY: .*Ed25519.*rsa/],
    ['a key that is no KeyObject', { key: { name: LOG_NAME, privateKey: 'x' } }, /ERR_AUDIT_OPTIONS/],
    ['records of 0', { key: SIGNING_KEY, every: { records: 0 } }, /ERR_AUDIT_OPTIONS: .*records.*got 0/],
    ['seconds of -1', { key: SIGNING_KEY, every: { seconds: -1 } }, /ERR_AUDIT_OPTIONS: .*seconds.*got -1/],
    ['a misspelt option', { key: SIGNING_KEY, wittness: memory() }, /ERR_AUDIT_OPTIONS: .*wittness.*witness/],
    [
      'a witness that is a path',
      { key: SIGNING_KEY, witness: '/mnt/x' },
      /ERR_AUDIT_OPTIONS: .*witness.*sink/,
    ],
    ['an empty path', { key: SIGNING_KEY, state: '' }, /ERR_AUDIT_OPTIONS: .*state.*path/],
  ])('is an error that says what to do: %s', (_case, options, expected) => {
    expect(messageOf(() => seal(options as SealOptions))).toMatch(expected)
  })

  it.each([
    SIGNING_KEY.slice(0, -5),
    SIGNING_KEY.replace('+', '-'),
    SECRET,
    ` ${SIGNING_KEY}x`,
    `${SECRET}${SECRET}`,
  ])('never has a part of the key in its message: case %#', (key) => {
    const message = messageOf(() => seal({ key }))
    for (let i = 0; i + 6 <= SECRET.length; i += 3) expect(message).not.toContain(SECRET.slice(i, i + 6))
  })

  it('never has the key in the message of auditLog()', () => {
    for (const wrong of [SIGNING_KEY, { key: SIGNING_KEY }]) {
      const message = messageOf(() => auditLog({ seal: wrong as never }))
      expect(message).toMatch(/ERR_AUDIT_OPTIONS: .*seal/)
      expect(message).not.toContain(SECRET.slice(4, 12))
    }
  })
})

describe('an option that does not go with seal', () => {
  it.each<[string, object, RegExp]>([
    ['the format datapunt', { format: 'datapunt' }, /format.*'audit', 'ecs' or 'ocsf'.*datapunt.*no place/],
    ['a format function', { format: () => ({}) }, /format.*'audit', 'ecs' or 'ocsf'.*function/i],
    ['short lines', { maxRecordBytes: 4095 }, /maxRecordBytes.*at least 4096.*got 4095/],
  ])('is an error at start-up: %s', (_case, options, expected) => {
    const sink = memory()
    expect(messageOf(() => auditLog({ sink, seal: createTestSeal(), ...options }))).toMatch(expected)
    expect(sink.lines).toEqual([])
  })
})

describe('a state file that cannot be used', () => {
  const start = (state: string) =>
    messageOf(() => auditLog({ sink: memory(), seal: createTestSeal({ state }) }))

  it('is an error at start-up if it is that of another log', () => {
    const state = join(folder, 'state.json')
    const content = JSON.stringify({ version: 1, log: 'other.example.org', runs: [], starting: [] })
    writeFileSync(state, content)
    expect(start(state)).toMatch(
      /ERR_AUDIT_SEAL: .*state\.json.*belongs to the log "other\.example\.org", not to "audit\.example\.org".*Give each log/,
    )
    expect(readFileSync(state, 'utf8')).toBe(content)
    expect(existsSync(`${state}.lock`)).toBe(false)
  })

  it.each([
    ['cut in the middle', '{"version":1,"log":"audit.example.org","ru'],
    ['empty', ''],
    ['another file', '{"name":"app"}'],
    ['a newer version', '{"version":2,"log":"audit.example.org","runs":[],"starting":[]}'],
    [
      'a run without a note',
      '{"version":1,"log":"audit.example.org","runs":[{"run":"a","size":1}],"starting":[]}',
    ],
    [
      'a note that is none',
      '{"version":1,"log":"audit.example.org","runs":[{"run":"a","size":1,"note":"x"}],"starting":[]}',
    ],
  ])('is an error at start-up if it is damaged: %s', (_case, content) => {
    const state = join(folder, 'state.json')
    writeFileSync(state, content)
    expect(start(state)).toMatch(
      /ERR_AUDIT_SEAL: .*state\.json.*(?:is damaged|is not one of this package).*Move it away/,
    )
    expect(readFileSync(state, 'utf8')).toBe(content)
  })

  it('is an error at start-up if its folder does not exist', () => {
    expect(start(join(folder, 'missing', 'state.json'))).toMatch(
      /ERR_AUDIT_SEAL: .*ENOENT.*folder must exist/,
    )
  })

  it('is an error at start-up if it is a folder', () => {
    expect(start(folder)).toMatch(/ERR_AUDIT_SEAL: .*cannot be read.*EISDIR/)
  })

  it('is created for its owner only', () => {
    chmodSync(folder, 0o755)
    const state = join(folder, 'state.json')
    auditLog({ sink: memory(), seal: createTestSeal({ state }) })
    expect(JSON.parse(readFileSync(state, 'utf8'))).toMatchObject({ version: 1, log: LOG_NAME })
  })
})
