// Checks the pages apart from their code: links, sizes, and the diagram of layers.
import { execFile } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from '@jest/globals'
import { readText } from '../helpers/read-file.js'
import { PAGES, proseOf } from './markdown.js'

const root = resolve(__dirname, '../..')
const LINK = /\]\(([^()\s]+)\)/g
const REPOSITORY_PATH = /`((?:src|test|scripts|deploy|examples|docs|bench)\/[\w./-]*)`/g
/** Written by a script, and ignored by git. */
const GENERATED: readonly string[] = ['bench/results/raw/', 'docs/api/']
const REGISTRY = /https?:\/\/(?:www\.)?(?:npmjs\.com|registry\.npmjs\.org|pypi\.org)/g

describe.each(PAGES)('%s', (page) => {
  it('links to files and headings that exist', () => {
    for (const [, link = ''] of proseOf(page).matchAll(LINK)) {
      if (/^(?:https?|mailto):/.test(link)) continue
      const [file = '', heading] = link.split('#')
      const target = file === '' ? page : join(dirname(page), file)
      expect([link, existsSync(join(root, target))]).toEqual([link, true])
      if (heading !== undefined)
        expect([link, anchorsOf(target)]).toEqual([link, expect.arrayContaining([heading])])
    }
  })

  it('names files of this repository that exist', () => {
    for (const [, file = ''] of proseOf(page).matchAll(REPOSITORY_PATH)) {
      expect([file, GENERATED.includes(file) || existsSync(join(root, file))]).toEqual([file, true])
    }
  })

  it('links to no package registry', () => {
    expect(readText(page).match(REGISTRY) ?? []).toHaveLength(0)
  })
})

it.each([
  ['README.md', 12 * 1024],
  ['CONTRIBUTING.md', 6 * 1024],
])('%s is short enough to be read at once', (page, maxBytes) => {
  expect(statSync(join(root, page)).size).toBeLessThanOrEqual(maxBytes)
})

it('the diagram of layers in docs/design.md shows the imports of src/', async () => {
  const check = promisify(execFile)(process.execPath, ['scripts/draw-layers.js', '--check'], { cwd: root })
  await expect(check).resolves.toMatchObject({ stderr: '' })
}, 60_000)

/** The anchors that GitHub makes of the headings of a page. */
function anchorsOf(page: string): string[] {
  return [...proseOf(page).matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )
}
