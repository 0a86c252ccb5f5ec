import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { join } from 'node:path'

const root = join(__dirname, '../..')

/** Runs a TypeScript program of this repository in a process of its own. */
export function spawnProgram(file: string, env: Record<string, string> = {}): ChildProcessWithoutNullStreams {
  return spawn(process.execPath, ['--import', 'tsx', file], { cwd: root, env: { ...process.env, ...env } })
}

/** Everything a stream says until it ends. */
export async function readAll(stream: NodeJS.ReadableStream): Promise<string> {
  let text = ''
  for await (const chunk of stream.setEncoding('utf8')) text += chunk
  return text
}

/** Waits until a stream has said something that matches; what it says later is read and dropped. */
export function waitForText(stream: NodeJS.ReadableStream, pattern: RegExp): Promise<RegExpExecArray> {
  return new Promise((resolve, reject) => {
    let text = ''
    stream.setEncoding('utf8')
    stream.on('data', (chunk) => {
      text += chunk
      const found = pattern.exec(text)
      if (found) resolve(found)
    })
    stream.on('end', () => reject(new Error(`The stream ended without ${pattern}: ${text}`)))
  })
}
