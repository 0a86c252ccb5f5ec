import * as microdiff from 'microdiff'

type Diff = typeof microdiff.default

/** In the CommonJS build of this package, the default export is the module that `require` returns. */
const imported = microdiff.default as Diff | { readonly default: Diff }

/** Lists the differences between two lists or objects. Recursive and without a limit, so only for bounded copies. */
export const diff: Diff = typeof imported === 'function' ? imported : imported.default
