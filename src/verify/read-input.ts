// Where records are read from: files, which may be compressed, a stream, or Elasticsearch.
import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { createGunzip } from 'node:zlib'
import type { JsonObject } from '../evidence/sealed-formats/sealed-format.js'
import { AuditLogError } from '../lib/errors.js'
import { describeCause } from '../lib/inspect.js'
import { readLines } from './read-lines.js'
import { type InputRecord, readParsed, readRecords } from './read-record.js'

/** Reads documents from somewhere else, such as `elasticsearch()`. */
export interface DocumentSource {
  /** For messages. */
  readonly name: string
  /** Yields some documents at a time. What it throws is a problem of the input. */
  readDocuments(): AsyncIterable<readonly JsonObject[]>
}

/** The path of a file with a record in each line, which may be compressed by gzip; a stream of such lines; or another source. */
export type VerifyInput = string | AsyncIterable<Uint8Array | string> | DocumentSource

/** Some records, and how far the input was read. */
export interface RecordBatch {
  readonly records: readonly InputRecord[]
  readonly tooLongLines: number
  readonly bytes: number
}

const GZIP_MAGIC = [0x1f, 0x8b]

/** @throws what reading throws, with a message that names the input */
export async function* readInput(input: VerifyInput): AsyncGenerator<RecordBatch> {
  if (typeof input === 'object' && 'readDocuments' in input) {
    for await (const documents of input.readDocuments())
      yield { records: documents.flatMap(readParsed), tooLongLines: 0, bytes: 0 }
    return
  }
  const chunks = typeof input === 'string' ? readFile(input) : toBytes(input)
  for await (const { lines, tooLong, bytes } of readLines(chunks))
    yield { records: lines.flatMap(readRecords), tooLongLines: tooLong, bytes }
}

/** By its first bytes, because rotated files have any name. */
async function* readFile(path: string): AsyncGenerator<Uint8Array> {
  const isCompressed = await isGzip(path)
  const file = createReadStream(path, { highWaterMark: CHUNK_BYTES })
  if (!isCompressed) return yield* file
  const gunzip = createGunzip({ chunkSize: CHUNK_BYTES })
  file.on('error', (error) => gunzip.destroy(error))
  try {
    yield* file.pipe(gunzip)
  } finally {
    file.destroy()
  }
}

const CHUNK_BYTES = 256 * 1024

async function isGzip(path: string): Promise<boolean> {
  const file = await open(path)
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(2), 0, 2, 0)
    return bytesRead === 2 && buffer[0] === GZIP_MAGIC[0] && buffer[1] === GZIP_MAGIC[1]
  } catch {
    // A pipe cannot be read from a position: it is read as it is.
    return false
  } finally {
    await file.close()
  }
}

async function* toBytes(chunks: AsyncIterable<Uint8Array | string>): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) yield typeof chunk === 'string' ? Buffer.from(chunk) : chunk
}

export function nameOf(input: VerifyInput): string {
  if (typeof input === 'string') return input
  return 'readDocuments' in input ? input.name : 'the stream'
}

export function describeProblem(input: VerifyInput, error: unknown): string {
  const { code } = error as NodeJS.ErrnoException
  const what =
    code === 'Z_BUF_ERROR'
      ? 'the compressed data ends in the middle'
      : code === 'Z_DATA_ERROR'
        ? 'the compressed data is damaged'
        : error instanceof AuditLogError
          ? error.message
          : describeCause(error)
  return `${nameOf(input)}: ${what}`
}
