// docs/formats.md shows the record of the README in each format.
import { expect, it } from '@jest/globals'
import { formatDatapunt } from '#src/formats/datapunt.js'
import { formatEcs } from '#src/formats/ecs.js'
import { formatOcsf } from '#src/formats/ocsf.js'
import type { AuditRecord } from '#src/record/record.js'
import { codeBlocksOf } from './markdown.js'

const [{ audit }] = jsonBlocksOf('README.md') as [{ audit: AuditRecord }]

it.each([
  ['datapunt', formatDatapunt(audit)],
  ['ecs', formatEcs(audit)],
  ['ocsf', formatOcsf(audit)],
])('docs/formats.md shows the record of the README in the format %s', (_name, line) => {
  expect(jsonBlocksOf('docs/formats.md')).toContainEqual(JSON.parse(JSON.stringify(line)))
})

function jsonBlocksOf(page: string): object[] {
  return codeBlocksOf(page)
    .filter(({ language }) => language === 'json')
    .map(({ code }) => JSON.parse(code))
}
