import type { DescMessage, Message } from "@bufbuild/protobuf";
import { fieldValue } from "../message-walk.ts";

/** The rules that one rules message sets, by proto name. Each must be taken, so that no rule is passed over in silence. */
export class RuleSet {
  readonly #typeName: string;
  readonly #rules = new Map<string, unknown>();

  constructor(desc: DescMessage, message: Message) {
    this.#typeName = desc.typeName;
    for (const field of desc.fields) {
      const value = fieldValue(message, field);
      if (value !== undefined) this.#rules.set(field.name, value);
    }
  }

  /** The value of a rule, or undefined when it is not set. */
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- each rule has a type of its own
  take<Value>(name: string): Value | undefined {
    const value = this.#rules.get(name) as Value | undefined;
    this.#rules.delete(name);
    return value;
  }

  /** @throws when a rule is left that nobody took */
  finish(): void {
    const [left] = this.#rules.keys();
    if (left !== undefined) throw new Error(`rule ${this.#typeName}.${left} is not supported`);
  }
}
