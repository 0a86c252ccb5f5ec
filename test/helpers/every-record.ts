// Runs before each test file: whatever a test sends in the default format is held against its JSON Schema.
import { afterAll, expect, jest } from '@jest/globals'
import type { Format } from '../../src/formats/format.js'

const mockComplaints: string[] = []

jest.mock<{ formatAudit: Format }>('../../src/formats/audit.js', () => {
  const { formatAudit } = jest.requireActual<{ formatAudit: Format }>('../../src/formats/audit.js')
  return {
    formatAudit(record) {
      const line = formatAudit(record)
      const { complaintsAboutAudit } =
        jest.requireActual<typeof import('./audit-schema.js')>('./audit-schema.js')
      // As it leaves: what is undefined does not.
      mockComplaints.push(...complaintsAboutAudit(JSON.parse(JSON.stringify(line))))
      return line
    },
  }
})

afterAll(() => expect([...new Set(mockComplaints)]).toEqual([]))
