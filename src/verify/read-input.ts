// Where records are read from: files, which may be compressed, a stream, or Elasticsearch.
import { createReadStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
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
  for await (const { lines, tooLong, bytes } of readLines(decompress(readBytes(input))))
    yield { records: lines.flatMap(readRecords), tooLongLines: tooLong, bytes }
}

const CHUNK_BYTES = 64 * 1024

async function* readBytes(input: string | AsyncIterable<Uint8Array | string>): AsyncGenerator<Uint8Array> {
  if (typeof input === 'string') yield* createReadStream(input, { highWaterMark: CHUNK_BYTES })
  else for await (const chunk of input) yield typeof chunk === 'string' ? Buffer.from(chunk) : chunk
}

/** Detects gzip by the first bytes, because rotated files have any name. A pipe cannot be read twice, so the bytes are passed on. */
async function* decompress(chunks: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
  let start: Uint8Array = Buffer.alloc(0)
  while (start.length < GZIP_MAGIC.length) {
    const { value, done } = await chunks.next()
    if (done) break
    start = start.length === 0 ? value : Buffer.concat([start, value])
  }
  const all = prepend(start, chunks)
  if (!GZIP_MAGIC.every((byte, index) => start[index] === byte)) return yield* all
  const gunzip = createGunzip({ chunkSize: CHUNK_BYTES })
  // The rejection is ignored, because `yield* gunzip` throws the same error.
  pipeline(Readable.from(all), gunzip).catch(() => {})
  yield* gunzip
}

async function* prepend(start: Uint8Array, rest: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield start
  yield* rest
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
