import { suppressRejection } from './safe-read.js'

/**
 * Asks a function of the options, which has to answer at once.
 *
 * @throws what it throws, and a TypeError where it gives a promise: by the time that is settled nobody waits for it
 */
export function callOption<Answer>(ask: () => Answer): Answer {
  const answer = ask()
  if (isThenable(answer)) {
    // Nobody else will hear of its rejection, and an unheard one ends the process.
    Promise.resolve(answer).catch(() => {})
    throw new TypeError('it gave a promise where it has to answer at once')
  }
  return answer
}

function isThenable(answer: unknown): answer is PromiseLike<unknown> {
  return (
    typeof answer === 'object' &&
    answer !== null &&
    'then' in answer &&
    typeof suppressRejection(answer.then) === 'function'
  )
}
