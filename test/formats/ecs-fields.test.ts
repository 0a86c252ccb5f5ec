// Compares the list of ECS fields in test/schemas with the package that Elastic publishes.
import { EcsFlat, EcsVersion } from '@elastic/ecs'
import { expect, it } from '@jest/globals'
import { formatEcs } from '#src/formats/ecs.js'
import { completeRecord } from '#src/record/complete-record.js'
import { createDraft } from '#src/record/record-draft.js'
import { readJson } from '../helpers/read-file.js'

interface PublishedField {
  readonly type: string
  readonly normalize: readonly string[]
  readonly allowed_values?: readonly {
    readonly name: string
    readonly expected_event_types?: readonly string[]
  }[]
}

it('the list of ECS fields is the same as in @elastic/ecs', () => {
  const { fields, version } = readJson<{ fields: object; version: string }>(
    'test/schemas/ecs-9.4.0-fields.json',
  )
  const published = Object.entries(EcsFlat as unknown as Record<string, PublishedField>).map(
    ([name, { type, normalize, allowed_values }]) => [
      name,
      {
        type,
        ...(normalize.length > 0 && { normalize }),
        ...(allowed_values && {
          allowed_values: allowed_values.map(({ name, expected_event_types }) => ({
            name,
            ...(expected_event_types && { expected_event_types }),
          })),
        }),
      },
    ],
  )
  const ours = Object.entries(fields).map(([name, { level: _level, ...field }]) => [name, field])
  expect(version).toBe(EcsVersion)
  expect(Object.fromEntries(ours)).toEqual(Object.fromEntries(published))
})

it('the list of ECS fields has the version that records name', () => {
  const record = completeRecord(createDraft(0), { run: 'run', seq: 1 })
  expect(formatEcs(record)['ecs.version']).toBe(EcsVersion)
})
