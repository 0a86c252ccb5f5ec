// The property by which this package finds its exchange of a request again.

/**
 * The number changes with the interface of the exchange. It is in the key of everything that calls an exchange, so that different
 * versions of this package do not call each other.
 */
export const INTERFACE_VERSION = 1

/**
 * The key of the only property that this package adds to a request, beside `audit`: first the method that the client sent, then the
 * exchange, which has the method too. Hot path: a property rather than a WeakMap, because every WeakMap entry costs the garbage
 * collector time, and one rather than two, because on Node 20 and 22 each property that is added to a request of Express costs time.
 */
export const ATTACHMENT_KEY = Symbol.for(`http-audit-log/exchange@${INTERFACE_VERSION}`)
