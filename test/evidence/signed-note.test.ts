import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { formatCheckpoint, parseCheckpoint } from '#src/evidence/checkpoint.js'
import { hashLeaf } from '#src/evidence/merkle-tree.js'
import {
  formatSignerKey,
  formatVerifierKey,
  generateSignerKey,
  isKeyName,
  parseSignerKey,
  parseVerifierKey,
} from '#src/evidence/note-keys.js'
import { openNote, signNote } from '#src/evidence/signed-note.js'

// The example of the Go package golang.org/x/mod/sumdb/note.
const SIGNER = 'PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz'
const VERIFIER = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW'
const TEXT =
  "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
const NOTE = `${TEXT}
— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=
`

describe('a key', () => {
  it('is written as the example has it', () => {
    expect(formatVerifierKey(parseSignerKey(SIGNER))).toBe(VERIFIER)
    expect(formatSignerKey(parseSignerKey(SIGNER))).toBe(SIGNER)
    expect(formatVerifierKey(parseVerifierKey(VERIFIER))).toBe(VERIFIER)
  })

  it('can be read after it was created', () => {
    const key = generateSignerKey('audit.example.org')
    expect(parseSignerKey(formatSignerKey(key)).id).toEqual(key.id)
    expect(parseVerifierKey(formatVerifierKey(key)).id).toEqual(key.id)
  })

  it.each([
    ['', 'a text without "+"'],
    [VERIFIER, 'another text'],
    [SIGNER.replace('Peter', 'Pater'), 'name or a key that was changed'],
    [SIGNER.replace('c74f20a3', 'c74f20a4'), 'name or a key that was changed'],
    [SIGNER.replace('+AYEK', '+AoEK'), 'got a byte 2 and 32 bytes'],
    [SIGNER.slice(0, -4), 'got a byte 1 and 29 bytes'],
    [SIGNER.replace('PeterNeumann', 'Peter Neumann'), 'other characters'],
  ])('is refused by an error without the key: %j', (text, reason) => {
    expect(() => parseSignerKey(text)).toThrow(expect.objectContaining({ code: 'ERR_AUDIT_KEY' }))
    const message = String(readError(() => parseSignerKey(text)))
    expect(message).toContain(reason)
    expect(message).not.toContain(text.split('+').at(-1) || 'nothing')
  })

  it('that is private is refused where a public one is expected', () => {
    const message = String(readError(() => parseVerifierKey(SIGNER)))
    expect(message).toContain('got the private key')
    expect(message).not.toContain('AYEKF')
  })

  it.each(['', 'a b', 'a+b', 'a\nb', 'a\u00a0b', 'a'.repeat(201)])('cannot have the name %j', (name) => {
    expect(isKeyName(name)).toBe(false)
    expect(() => generateSignerKey(name)).toThrow(expect.objectContaining({ code: 'ERR_AUDIT_KEY' }))
  })
})

function readError(run: () => unknown): unknown {
  try {
    return run()
  } catch (error) {
    return error
  }
}

describe('a note', () => {
  const verifier = parseVerifierKey(VERIFIER)
  const signer = parseSignerKey(SIGNER)

  it('is signed as the example is', () => {
    expect(signNote(TEXT, signer)).toBe(NOTE)
  })

  it('can be opened by the public key alone', () => {
    expect(openNote(NOTE, [verifier])).toEqual({ text: TEXT, signers: [verifier], unknownNames: [] })
  })

  it('keeps its signature beside that of an unknown key', () => {
    const other = signNote(TEXT, generateSignerKey('witness')).slice(TEXT.length + 1)
    expect(openNote(NOTE + other, [verifier])).toMatchObject({
      signers: [verifier],
      unknownNames: ['witness'],
    })
    expect(openNote(`${TEXT}\n${other}`, [verifier])).toBe('unknown key')
  })

  it('is invalid with a wrong signature of a known key, also beside a right one', () => {
    const wrong = NOTE.replace('JnAM=', 'JnAN=').slice(TEXT.length + 1)
    expect(openNote(`${TEXT}\n${wrong}`, [verifier])).toBe('malformed')
    const changed = NOTE.replace('answer', 'Answer')
    expect(openNote(changed, [verifier])).toBe('wrong signature')
  })

  it.each([
    ['', 'nothing'],
    [TEXT, 'no signature'],
    [NOTE.trimEnd(), 'no line break at the end'],
    [NOTE.replace('— ', '- '), 'another dash'],
    [NOTE.replace('\n\n', '\n'), 'no empty line'],
    [NOTE.replace('x08go', 'x08g\u0000'), 'a control character'],
    [NOTE + NOTE.slice(TEXT.length + 1).repeat(100), 'too many signatures'],
    [NOTE.replace('=\n', '\n'), 'base64 without padding'],
  ])('is malformed: %#, %s', (note) => {
    expect(openNote(note, [verifier])).toBe('malformed')
  })

  it('never opens after a change of one character', () => {
    fc.assert(
      fc.property(fc.nat(NOTE.length - 1), fc.string({ minLength: 1, maxLength: 1 }), (index, character) => {
        if (NOTE[index] === character) return
        const changed = NOTE.slice(0, index) + character + NOTE.slice(index + 1)
        expect(openNote(changed, [verifier])).not.toHaveProperty('text')
      }),
    )
  })
})

describe('a checkpoint', () => {
  const checkpoint = { origin: 'audit.example.org/run', size: 1000, root: hashLeaf(Buffer.from('x')) }

  it('can be read again', () => {
    expect(parseCheckpoint(formatCheckpoint(checkpoint))).toEqual(checkpoint)
    expect(parseCheckpoint(`${formatCheckpoint(checkpoint)}an extension\n`)).toEqual(checkpoint)
  })

  it.each([
    ['01000', '1000'],
    ['-1', '1000'],
    ['1e3', '1000'],
    ['9007199254740993', '1000'],
    ['', '1000'],
    ['', 'audit.example.org/run'],
  ])('is refused with %j in place of %j', (text, part) => {
    expect(parseCheckpoint(formatCheckpoint(checkpoint).replace(part, text))).toBeUndefined()
  })

  it('is refused with a root of another length', () => {
    expect(parseCheckpoint(formatCheckpoint({ ...checkpoint, root: Buffer.alloc(31) }))).toBeUndefined()
  })
})
