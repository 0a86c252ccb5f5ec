/** `npm run test:slow` runs every file that imports this module, and the files named `*.slow.test.ts`. */
export const isSlowRun = process.env.AUDIT_SLOW === '1'

/** How often to repeat something: a few times in `npm test`, all times in `npm run test:slow`. */
export function repetitions(quick: number, full: number): number {
  return isSlowRun ? full : quick
}
