import type { Detector, DetectorContext } from './detector.js'

const BOUNDARY = /(\r?\n--)/
const END_OF_HEADERS = /\r?\n\r?\n/
const PART_NAME = /\bname=(?:"([^"\r\n]{1,100})"|([^\s;"]{1,100}))/

export const formData: Detector = {
  id: 'form-data',
  secret: 'The body of a part of `multipart/form-data` that has a sensitive name',
  reason: 'Login forms and uploads send passwords and tokens as parts',
  visible: 'The headers of the part, and the other parts',
  sources: ['https://www.rfc-editor.org/rfc/rfc7578'],
  examples: [
    [
      '--x\r\nContent-Disposition: form-data; name="password"\r\n\r\ngeheim\r\n--x--',
      '--x\r\nContent-Disposition: form-data; name="password"\r\n\r\n[REDACTED]\r\n--x--',
    ],
    [
      '--x\r\nContent-Disposition: form-data; name="city"\r\n\r\nDelft\r\n--x--',
      '--x\r\nContent-Disposition: form-data; name="city"\r\n\r\nDelft\r\n--x--',
    ],
  ],
  markers: ['form-data'],
  needsName: true,
  redact(text, context) {
    const parts = text.split(BOUNDARY)
    return parts.map((part) => redactPart(part, context)).join('')
  },
}

function redactPart(part: string, { sensitiveKeys, replacement }: DetectorContext): string {
  const end = END_OF_HEADERS.exec(part)
  if (end === null) return part
  const match = PART_NAME.exec(part.slice(0, end.index))
  const name = match?.[1] ?? match?.[2]
  if (name === undefined || !sensitiveKeys.isSensitive(name)) return part
  return `${part.slice(0, end.index + end[0].length)}${replacement}`
}
