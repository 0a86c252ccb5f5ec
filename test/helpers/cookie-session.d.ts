// cookie-session has no types of its own.
declare module 'cookie-session' {
  export default function cookieSession(options: object): unknown
}
