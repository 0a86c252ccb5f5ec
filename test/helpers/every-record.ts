// Runs before each test file: whatever a test sends in the default format is held against its JSON Schema.
import { afterAll, expect, jest } from '@jest/globals'
import type { Format } from '#src/formats/format.js'

type Complain = typeof import('./audit-schema.js')['complaintsAboutAudit']

const mockComplaints: string[] = []
let mockComplain: Complain | undefined

jest.mock<{ formatAudit: Format }>('#src/formats/audit.js', () => {
  const { formatAudit } = jest.requireActual<{ formatAudit: Format }>('#src/formats/audit.js')
  return {
    formatAudit(record) {
      const line = formatAudit(record)
      // Once a test file is over, nothing can be loaded for what it left in flight.
      mockComplain ??= jest.requireActual<{ complaintsAboutAudit?: Complain }>(
        './audit-schema.js',
      ).complaintsAboutAudit
      // As it leaves: what is undefined does not.
      mockComplaints.push(...(mockComplain?.(JSON.parse(JSON.stringify(line))) ?? []))
      return line
    },
  }
})

afterAll(() => expect([...new Set(mockComplaints)]).toEqual([]))
