'use strict'

/**
 * Loads a dependency when it is needed, and not when the package is imported. CommonJS, because only `require` is
 * synchronous and resolved by every bundler; the build ships this file beside the ES modules as it is.
 */
exports.loadOnHeaders = () => require('on-headers')
exports.loadMicrodiff = () => require('microdiff').default
