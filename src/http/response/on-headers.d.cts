import type { ServerResponse } from 'node:http'

/** Loads on-headers, whose function calls the listener when `writeHead` is called for the first time. */
export function loadOnHeaders(): (response: ServerResponse, listener: () => void) => void
