// GitHub Actions cannot run here. What can be checked: the syntax, the pinned actions and the scripts that are named.
import { readdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { parse } from 'yaml'
import { readJson, readText } from '../helpers/read-file.js'

const FOLDER = '.github/workflows'
const workflows = readdirSync(resolve(__dirname, '../..', FOLDER)).map((name) => join(FOLDER, name))

interface Step {
  readonly uses?: string
  readonly run?: string
}

describe.each(workflows)('%s', (path) => {
  const { jobs } = parse(readText(path)) as { jobs: Record<string, { steps: Step[] }> }
  const steps = Object.values(jobs).flatMap((job) => job.steps)

  it('pins every action by its commit, with the version in a comment', () => {
    const actions = readText(path).match(/uses: .*/g) ?? []
    expect(actions).toHaveLength(steps.filter(({ uses }) => uses).length)
    for (const action of actions)
      expect(action).toMatch(/^uses: [\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/)
  })

  it('runs scripts of package.json that exist', () => {
    const { scripts } = readJson<{ scripts: Record<string, string> }>('package.json')
    const named = steps.flatMap(({ run = '' }) =>
      [...run.matchAll(/npm run ([\w:-]+)/g)].map(([, name]) => name),
    )
    expect(named).not.toEqual([])
    expect(Object.keys(scripts)).toEqual(expect.arrayContaining(named))
  })
})

it('the issue form is valid YAML with the keys that GitHub requires', () => {
  const form = parse(readText('.github/ISSUE_TEMPLATE/bug.yml'))
  expect(form).toMatchObject({
    name: expect.any(String),
    description: expect.any(String),
    body: expect.any(Array),
  })
})
