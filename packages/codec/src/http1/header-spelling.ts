import { type HeadScanner, LINE_STRIDE, NAME_END, NAME_START } from "./head-scanner.ts";
import { formatHeaderKey, type OwnLines, ownLines } from "./header-keys.ts";
import type { PreserveCaseOptions } from "./options.ts";

/**
 * How a peer spelled the header names of one message (Envoy's preserve_case). It travels with the header map, so that
 * whoever writes the message out writes it so; names that were added on the way follow `ownHeaders`.
 */
export class HeaderSpelling {
  /** Of a response, where it is to be forwarded; empty means the usual one. */
  readonly reasonPhrase: string;
  readonly #ownHeaders: PreserveCaseOptions["ownHeaders"];
  /** Lower case to the first spelling that came. */
  readonly #spelled = new Map<string, string>();
  #own: OwnLines | null = null;

  /** Reads the names of a scanned head; `text` holds its bytes from `start` on. */
  constructor(
    options: PreserveCaseOptions,
    scanner: HeadScanner,
    text: string,
    start: number,
    reasonPhrase = "",
  ) {
    this.#ownHeaders = options.ownHeaders;
    this.reasonPhrase = options.forwardReasonPhrase ? reasonPhrase : "";
    const { lines } = scanner;
    const end = scanner.count * LINE_STRIDE;
    for (let i = 0; i < end; i += LINE_STRIDE) {
      const name = text.slice(lines[i + NAME_START]! - start, lines[i + NAME_END]! - start);
      const lower = name.toLowerCase();
      if (!this.#spelled.has(lower)) this.#spelled.set(lower, name);
    }
  }

  /** `name` is in lower case. */
  spell(name: string): string {
    return this.#spelled.get(name) ?? formatHeaderKey(name, this.#ownHeaders);
  }

  /** The lines that a codec writes itself into this message. */
  ownLines(): OwnLines {
    this.#own ??= ownLines((name) => this.spell(name));
    return this.#own;
  }
}
