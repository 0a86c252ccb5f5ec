export interface SeenResponse {
  readonly status: number
  /** Its last byte has come. */
  readonly isWhole: boolean
}

/**
 * What a client can tell of the responses to these requests from the bytes of its connection (RFC 9112 section
 * 6.3), interim ones left out. One whose header did not come whole is none.
 */
export function readResponses(bytes: string, methods: readonly string[]): SeenResponse[] {
  const seen: SeenResponse[] = []
  let rest = bytes
  while (seen.length < methods.length) {
    const headerEnd = rest.indexOf('\r\n\r\n') + 4
    if (headerEnd < 4) break
    const header = rest.slice(0, headerEnd)
    const status = Number(header.slice(9, 12))
    rest = rest.slice(headerEnd)
    if (status < 200) continue
    const hasBody = methods[seen.length] !== 'HEAD' && status !== 204 && status !== 304
    const length = hasBody ? bodyLength(header, rest) : 0
    seen.push({ status, isWhole: length !== undefined && length <= rest.length })
    rest = rest.slice(length)
    if (length === undefined) break
  }
  return seen
}

/** How many bytes the body takes; `undefined` while that cannot be told. */
function bodyLength(header: string, rest: string): number | undefined {
  if (/^transfer-encoding: chunked\r$/im.test(header)) return chunkedLength(rest)
  const declared = /^content-length: (\d+)\r$/im.exec(header)?.[1]
  return declared === undefined ? undefined : Number(declared)
}

function chunkedLength(rest: string): number | undefined {
  const sizeLine = /([0-9a-f]+)\r\n/iy
  for (let position = 0; ; ) {
    sizeLine.lastIndex = position
    const size = sizeLine.exec(rest)?.[1]
    if (size === undefined) return undefined
    const chunk = Number.parseInt(size, 16)
    position = sizeLine.lastIndex + chunk + '\r\n'.length
    if (chunk === 0) return position
  }
}
