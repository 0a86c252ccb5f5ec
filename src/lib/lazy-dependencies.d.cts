import type { ServerResponse } from 'node:http'
import type diff from 'microdiff'

/** Loads on-headers, whose function calls the listener when `writeHead` is called for the first time. */
export function loadOnHeaders(): (response: ServerResponse, listener: () => void) => void

/**
 * Loads microdiff, whose function lists the differences between two lists or objects. Recursive and without a limit, so only for
 * bounded copies.
 */
export function loadMicrodiff(): typeof diff

/** A built-in module of Node, such as `node:fs`. */
export function loadBuiltin(name: string): unknown
