// Runs before each test file: every record that a test writes in the default format is validated against schema.json.
import { afterAll, expect, jest } from '@jest/globals'
import type { Format } from '#src/formats/format.js'

type FindViolations = typeof import('./audit-schema.js')['findAuditViolations']

const mockViolations: string[] = []
let mockFindViolations: FindViolations | undefined

jest.mock<{ formatAudit: Format }>('#src/formats/audit.js', () => {
  const { formatAudit } = jest.requireActual<{ formatAudit: Format }>('#src/formats/audit.js')
  return {
    formatAudit(record) {
      const line = formatAudit(record)
      // Modules cannot be loaded after a test file has ended, when a record of an open request may still be formatted.
      mockFindViolations ??= jest.requireActual<{ findAuditViolations?: FindViolations }>(
        './audit-schema.js',
      ).findAuditViolations
      // Serialized as in the output, where undefined properties are omitted.
      mockViolations.push(...(mockFindViolations?.(JSON.parse(JSON.stringify(line))) ?? []))
      return line
    },
  }
})

afterAll(() => expect([...new Set(mockViolations)]).toEqual([]))
