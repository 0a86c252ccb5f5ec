import { replaceUrls } from '../urls/find-urls.js'
import type { Detector } from './detector.js'

export const links: Detector = {
  id: 'links',
  secret: 'The secrets of a URL within a text or within HTML: parameters, and segments of the path',
  reason:
    'Links in mails, redirects and signed downloads act with the rights of the person for whom they were made',
  visible: 'The URL, the names of its parameters and the values of the others',
  sources: [
    'https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2',
    'https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-query-string-auth.html',
  ],
  examples: [
    [
      'See https://example.org/cb?code=abcdef&lang=nl.',
      'See https://example.org/cb?code=[REDACTED]&lang=nl.',
    ],
    ['<form action="/cb?code=abcdef">', '<form action="/cb?code=[REDACTED]">'],
    ['See https://h/?next=%2Fcb%3Fcode%3Dabcdef', 'See https://h/?next=%2Fcb%3Fcode%3D%5BREDACTED%5D'],
    ['GET /reset/7f3a9c1e5b2d8064 failed', 'GET /reset/[REDACTED] failed'],
    ['See https://h/persons?page=2&sort=name.', 'See https://h/persons?page=2&sort=name.'],
  ],
  markers: ['/', '?', 'href='],
  redact: (text, context) => replaceUrls(text, (url) => context.redactUrl(url)),
}
