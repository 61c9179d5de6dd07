import type { Message } from "@bufbuild/protobuf";

/** A place in a configuration text; lines and columns count from 1. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** One thing that is wrong with a configuration. */
export interface Problem {
  readonly severity: "error" | "warning";
  /** Null where there is no text: binary input, xDS. */
  readonly place: Place | null;
  /** `static_resources.listeners[0].address`; empty for the whole. */
  readonly path: string;
  /** Lower case, no full stop: what was expected and what was seen. */
  readonly message: string;
}

/** Finds the place and path of a message, or of one of its fields, by what the loader remembered. */
export interface Locator {
  /** `field` is the proto name (`stat_prefix`); `index` an element of a repeated field, or the key of a map entry. */
  locate(
    message: Message,
    field?: string,
    index?: number | string,
  ): { readonly place: Place | null; readonly path: string };
}

/** Collects the problems of one configuration, so that all of them are reported at once. */
export class Problems {
  readonly list: Problem[] = [];
  readonly #locator: Locator;

  constructor(locator: Locator) {
    this.#locator = locator;
  }

  /** An error at a field of a message (or at the message itself without `field`). */
  error(message: Message, field: string | undefined, text: string, index?: number | string): void {
    this.#add("error", message, field, text, index);
  }

  warning(
    message: Message,
    field: string | undefined,
    text: string,
    index?: number | string,
  ): void {
    this.#add("warning", message, field, text, index);
  }

  /** Where a message stands. */
  locate(message: Message): ReturnType<Locator["locate"]> {
    return this.#locator.locate(message);
  }

  /** A problem whose place is known without a message. */
  add(problem: Problem): void {
    this.list.push(problem);
  }

  get hasErrors(): boolean {
    return this.list.some((problem) => problem.severity === "error");
  }

  #add(
    severity: Problem["severity"],
    message: Message,
    field: string | undefined,
    text: string,
    index: number | string | undefined,
  ): void {
    const { place, path } = this.#locator.locate(message, field, index);
    this.list.push({ severity, place, path, message: text });
  }
}
