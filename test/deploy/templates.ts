import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { IndexTemplate } from './elasticsearch-model.js'

export const DEPLOY = resolve(__dirname, '../../deploy')

export const FORMATS_WITH_TEMPLATE = ['audit', 'datapunt', 'ecs'] as const

export function readTemplate(format: string): IndexTemplate {
  return readJson(`elasticsearch/index-template-${format}.json`)
}

// biome-ignore lint/suspicious/noExplicitAny: the tests know the content of the file.
export function readJson(name: string): any {
  return JSON.parse(readText(name))
}

export function readText(name: string): string {
  return readFileSync(resolve(DEPLOY, name), 'utf8')
}
