import { STATIC_NAMES, STATIC_VALUES } from "./static-table.ts";

/** Tells what a field is: any bits that its reader likes. Depends on name and value only. */
export type ClassifyField = (name: string, value: string) => number;

/**
 * What the reader of header blocks wants to know of each field, as an integer of 31 bits (which pseudo header it is,
 * whether name and value may stand in a message …). It is asked once per field that comes spelt out; the answer is kept
 * beside the field in the table, and given again with each reference to it. One object serves all connections.
 */
export class FieldClassifier {
  readonly classify: ClassifyField;
  /** The answers for the static table. */
  readonly staticFacts: Int32Array;

  constructor(classify: ClassifyField) {
    this.classify = classify;
    this.staticFacts = Int32Array.from(STATIC_NAMES, (name, index) =>
      index === 0 ? 0 : classify(name, STATIC_VALUES[index]!),
    );
  }
}
