/** The clock of durations. Hot path: the global itself is a getter. */
export const { performance } = globalThis
