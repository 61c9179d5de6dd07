/** Something that a gateway is given, or is made of. */
export interface TranslationRow {
  readonly gateway: string;
  readonly type: string;
  readonly name: string;
  /** What is worth seeing at once. */
  readonly about: string;
}
