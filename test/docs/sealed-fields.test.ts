// The table "Sealed fields" of docs/evidence.md, against the lists by which lines are sealed.
import { describe, expect, it } from '@jest/globals'
import { SEALED_FORMATS, type SealedFormatName } from '#src/evidence/sealed-formats/index.js'
import { findSealed, type SealedMembers } from '#src/evidence/sealed-formats/sealed-format.js'
import { readText } from '../helpers/read-file.js'

const page = readText('docs/evidence.md')

/** The names in the cell "sealed" of a format, before and after "Not sealed:". Remarks in brackets are left out. */
function readRow(format: string): { sealed: string[]; notSealed: string[] } {
  const [, cell = ''] = new RegExp(`^\\| \`${format}\` \\| (.*?) \\|`, 'm').exec(page) ?? []
  const [sealed = '', notSealed = ''] = cell.replaceAll(/\(.*?\)/g, '').split('Not sealed:')
  const namesIn = (text: string) => [...text.matchAll(/`(.*?)`/g)].map(([, name]) => name as string)
  return { sealed: namesIn(sealed), notSealed: namesIn(notSealed) }
}

/** What `findSealed` has of a name with dots, member by member. */
function findSealedPath(members: SealedMembers, path: string): SealedMembers {
  return path.split('.').reduce(findSealed, members)
}

describe.each(Object.keys(SEALED_FORMATS) as SealedFormatName[])('the sealed fields of %s', (format) => {
  const { members } = SEALED_FORMATS[format]

  it('are those of the source', () => {
    const named = typeof members === 'boolean' ? [] : [...members.named.keys()]
    expect(readRow(format).sealed.toSorted()).toEqual(named.toSorted())
  })

  it('do not include those that the page excludes', () => {
    const { notSealed } = readRow(format)
    expect(notSealed.length).toBeGreaterThan(1)
    expect(notSealed.filter((path) => findSealedPath(members, path) !== false)).toEqual([])
  })
})
