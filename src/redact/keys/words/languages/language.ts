/**
 * The words of one language for secrets. Write them as the language does, with accents; hyphens show the parts of a word and
 * are not compared. To add a language, add an entry to a file of this folder, or a file with its list to `index.ts`.
 */
export interface KeyLanguage {
  /** ISO 639-1. */
  readonly code: string
  /** In English. */
  readonly name: string
  /** A key is sensitive if it ends in one of these, also without a boundary: `nieuwWachtwoord`, `новыйпароль`. */
  readonly endings: string
  /** Sensitive only as the last words of a key, because other words end in them. */
  readonly lastWords?: string
  /** Sensitive only as the whole key, because behind other words they mean something else. */
  readonly wholeKeys?: string
  /** Words behind a secret that leave it a secret: `contrasena_nueva`, `密码确认`. */
  readonly qualifiers: string
  /**
   * Letters that are also written as others: `ü` as `ue`. Not needed: letters without their accents (`contrasena`, `sifre`),
   * and those of `PLAIN_LETTERS` in `key-spelling.ts` (`ł` as `l`, `ø` as `o`, `æ` as `ae`, `ß` as `ss`).
   */
  readonly transliterations?: Readonly<Record<string, string>>
  /** Words that end in a word of the lists and stay visible, with the reason. */
  readonly harmless?: readonly { readonly reason: string; readonly words: string }[]
}
