'use strict'

/**
 * Loads a dependency when it is needed, and not when the package is imported. CommonJS, because only `require` is
 * synchronous and resolved by every bundler; the build ships this file beside the ES modules as it is.
 */
exports.loadOnHeaders = () => require('on-headers')
exports.loadMicrodiff = () => require('microdiff').default

/**
 * A built-in module of Node. The build replaces the imports of built-in modules in ES modules by this call, because Node reads
 * every property of a built-in module that an ES module imports (`syncExports` in lib/internal/bootstrap/realm.js). The getters
 * of node:http then load undici, which takes longer than everything else.
 */
exports.loadBuiltin = (name) => process.getBuiltinModule?.(name) ?? builtins[name]()

/** For Node before 20.16, which has no `process.getBuiltinModule`. Bundlers only resolve a `require` of a constant. */
const builtins = {
  'node:async_hooks': () => require('node:async_hooks'),
  'node:crypto': () => require('node:crypto'),
  'node:diagnostics_channel': () => require('node:diagnostics_channel'),
  'node:events': () => require('node:events'),
  'node:fs': () => require('node:fs'),
  'node:http': () => require('node:http'),
  'node:net': () => require('node:net'),
  'node:os': () => require('node:os'),
  'node:path': () => require('node:path'),
  'node:stream': () => require('node:stream'),
  'node:timers/promises': () => require('node:timers/promises'),
  'node:util': () => require('node:util'),
  'node:worker_threads': () => require('node:worker_threads'),
}
