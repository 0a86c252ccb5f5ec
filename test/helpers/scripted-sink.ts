import type { Sink } from '#src/sinks/sink.js'

/** What a sink does with a line; of those it holds `late`, the test says what becomes. */
export type Mood = 'takes' | 'throws' | 'rejects' | 'late' | 'hangs'

interface Held {
  readonly text: string
  accept(): void
  reject(): void
}

/** A sink that does as it is told, and remembers what it has accepted. */
export class ScriptedSink implements Sink {
  mood: Mood = 'takes'
  readonly accepted: string[] = []
  /** What it was given and has not answered for, oldest first. */
  readonly held: Held[] = []
  attempts = 0

  write(text: string): void | Promise<void> {
    this.attempts += 1
    switch (this.mood) {
      case 'takes':
        this.accepted.push(text)
        return
      case 'throws':
        throw new Error('the sink is broken')
      case 'rejects':
        return Promise.reject(new Error('the sink is broken'))
      case 'late':
        return this.#hold(text)
      case 'hangs':
        return new Promise(() => {})
    }
  }

  #hold(text: string): Promise<void> {
    return new Promise((resolve, reject) => {
      const answer = (settle: () => void) => {
        this.held.splice(this.held.indexOf(held), 1)
        settle()
      }
      const held: Held = {
        text,
        accept: () =>
          answer(() => {
            this.accepted.push(text)
            resolve()
          }),
        reject: () => answer(() => reject(new Error('the sink refused it'))),
      }
      this.held.push(held)
    })
  }
}
