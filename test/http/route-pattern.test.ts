import { describe, expect, it } from '@jest/globals'
import { fitsPath, formatRoute, mayFitPath } from '#src/http/route-pattern.js'
import { takesAtMostMs } from '../helpers/cpu-time.js'

describe('a route pattern', () => {
  it.each<[pattern: string, path: string, params?: object]>([
    ['/', '/'],
    ['/persons', '/persons'],
    ['/Persons', '/persons/'],
    ['/persons/', '/persons'],
    ['/persons/:id', '/persons/1'],
    ['/persons/:id', '/persons/a%2Fb'],
    ['/persons/:id', '/persons/a b', { id: 'changed by the handler' }],
    ['/p%C3%A9/:id', '/p%C3%A9/1'],
    // Express 5 and @koa/router
    ['/*splat', '/a/b/c', { splat: ['a', 'b', 'c'] }],
    ['/files/*path', '/files/a/b', { path: 'a/b' }],
    ['/files/*path', '/files/a%2Fb/c', { path: ['a/b', 'c'] }],
    ['/:file{.:ext}', '/a.txt', { file: 'a', ext: 'txt' }],
    ['/:file{.:ext}', '/a', { file: 'a' }],
    ['/persons{/:id}{/photo}', '/persons/1/photo', { id: '1' }],
    ['/:"user name"/x', '/7/x', { 'user name': '7' }],
    ['/a\\:b', '/a:b'],
    ['/:from-:to', '/a-b', { from: 'a', to: 'b' }],
    // Express 4 and koa-router
    ['/files/*', '/files/a/b', { 0: 'a/b' }],
    ['/files/*', '/files/', { 0: '' }],
    ['*', '/files/', { 0: '/files/' }],
    ['/persons/(.*)', '/persons/a/b', { 0: 'a/b' }],
    ['/persons/:id(\\d+)', '/persons/12', { id: '12' }],
    ['/:version(v1|v2)/x', '/v2/x', { version: 'v2' }],
    ['/persons/:id?', '/persons', {}],
    ['/persons/:id?', '/persons/1', { id: '1' }],
    ['/persons/:path+', '/persons/a/b', { path: 'a/b' }],
  ])('%p fits %p', (pattern, path, params = {}) => {
    expect(fitsPath(pattern, path, params)).toBe(true)
  })

  it.each<[pattern: string, path: string, params?: unknown]>([
    ['/persons', '/'],
    ['/persons', '/person'],
    ['/persons', '/personsx'],
    ['/persons/:id', '/persons'],
    ['/persons/:id', '/persons/'],
    ['/persons/:id', '/persons/1/photo'],
    ['/persons/:id', '/admin/persons/1'],
    ['/persons/:id', '/persons//1'],
    ['/persons/:a/:b', '/persons/a%2Fb'],
    ['/*splat', '/admin/a', { splat: ['a'] }],
    ['/*splat', '/a', {}],
    ['/*splat', '/a', undefined],
    ['/*splat', '/a', { splat: [1] }],
    ['/:a{/:b}', '/admin/x', { a: 'x' }],
    ['/persons/:id?', '/persons/1', {}],
    // Express 4 reads the asterisk as a wildcard of its own, followed by text.
    ['/ab*cd', '/abxcd', { 0: 'x' }],
    ['/ab?cd', '/ab?cd', {}],
    ['/ab+cd', '/abbcd', {}],
    ['/a(bc)?d', '/abcbcd', { 0: 'bc' }],
    ['/api(?:\\/|$)', '/api/', {}],
    ['/api(?:\\/|$)', '/api(?:\\/|$)', {}],
    ['/[ab]', '/a', {}],
    ['/a{b', '/a', {}],
    ['/a}b', '/a', {}],
    ['/persons/:id((a|b))', '/persons/a', { id: 'a' }],
    ['/^\\/persons/', '/persons', {}],
  ])('%p does not fit %p', (pattern, path, params = {}) => {
    expect(fitsPath(pattern, path, params)).toBe(false)
  })

  it.each([
    ['', '/', '/'],
    ['/api', '/', '/api'],
    ['/api', '/persons/:id', '/api/persons/:id'],
    ['', '/persons/:id(\\d+)', '/persons/:id'],
    ['', '/:from(\\d+)-:to(\\d+)?', '/:from-:to?'],
    ['', '/files/(.*)', '/files/*'],
    ['', '/a\\(b\\)', '/a\\(b\\)'],
    ['/files', '*', '/files*'],
    ['', '*', '/*'],
  ])('at %p of %p is the route %p', (base, pattern, route) => {
    expect(formatRoute(base, pattern)).toBe(route)
  })

  it.each([
    ['/persons/:id', '/persons/1', true],
    ['/persons/:id', '/admin/persons/1', false],
    ['/persons/:id', '/persons', false],
    ['/persons/:id?', '/persons', true],
    ['/persons/*rest', '/persons/1/2', true],
    ['/persons/*rest', '/people/1', false],
    ['/per(?:sons|haps)', '/perhaps', true],
    ['/per(?:sons|haps)', '/people', false],
  ])('%p may fit %p by itself: %p', (pattern, path, isPossible) => {
    expect(mayFitPath(pattern, path)).toBe(isPossible)
  })

  it('is matched in linear time', () => {
    const long = '/a'.repeat(500_000)
    const matchHostilePaths = () => {
      fitsPath(`${long}/:id`, `${long}/1`, {})
      fitsPath(long, `${long}/1`, {})
      fitsPath('/*splat', '/'.repeat(1_000_000), { splat: '/'.repeat(999_998) })
      fitsPath('{a}'.repeat(1000), 'a'.repeat(1_000_000), {})
      fitsPath('{'.repeat(10_000), 'a', {})
      mayFitPath('/:a'.repeat(1000), long)
    }
    expect(takesAtMostMs(2000, matchHostilePaths)).toBe(true)
  })
})
