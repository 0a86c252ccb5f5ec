// The tests that are slow by nature, with all their repetitions: those that `npm test` shortens, and `*.slow.test.ts`.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import quick from './jest.config.js'

process.env.AUDIT_SLOW = '1'

const folder = join(import.meta.dirname, 'test')
const slowFiles = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.test.ts'))
  .filter((file) => file.endsWith('.slow.test.ts') || isShortened(join(folder, file)))

function isShortened(path) {
  return /from '[./]+\/helpers\/slow\.js'/.test(readFileSync(path, 'utf8'))
}

/** @type {import('jest').Config} */
export default {
  ...quick,
  testPathIgnorePatterns: ['/node_modules/'],
  testMatch: slowFiles.map((file) => `<rootDir>/test/${file.replaceAll('\\', '/')}`),
}
