// The README shows one exchange in each format: the record at its top, as that format has it.
import { expect, it } from '@jest/globals'
import { formatDatapunt } from '#src/formats/datapunt.js'
import { formatEcs } from '#src/formats/ecs.js'
import { formatOcsf } from '#src/formats/ocsf.js'
import type { AuditRecord } from '#src/record/record.js'
import { readText } from '../helpers/read-file.js'

const [{ audit }, ...shown] = [...readText('README.md').matchAll(/```json\n([\s\S]+?)```/g)].map(
  ([, json = '']) => JSON.parse(json),
) as [{ audit: AuditRecord }, ...object[]]

it.each([
  ['datapunt', formatDatapunt(audit)],
  ['ecs', formatEcs(audit, { name: 'persons-api' })],
  ['ocsf', formatOcsf(audit, { name: 'persons-api' })],
])('%s', (_name, line) => {
  expect(shown).toContainEqual(JSON.parse(JSON.stringify(line)))
})
