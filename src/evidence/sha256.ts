import * as crypto from 'node:crypto'

type Hash = (
  algorithm: string,
  data: Uint8Array | string,
  encoding: 'buffer' | 'base64url',
) => Buffer | string

/** Since Node 20.12. It takes a third of the time of a `Hash` object. */
const { hash } = crypto as { hash?: Hash }

/** The SHA-256 of bytes: 32 bytes. */
export function sha256(data: Uint8Array): Buffer {
  return hash === undefined
    ? crypto.createHash('sha256').update(data).digest()
    : (hash('sha256', data, 'buffer') as Buffer)
}

/** The SHA-256 of bytes, or of the UTF-8 of a text, in base64url: 43 characters. */
export function hashText(text: Uint8Array | string): string {
  return hash === undefined
    ? crypto.createHash('sha256').update(text).digest('base64url')
    : (hash('sha256', text, 'base64url') as string)
}
