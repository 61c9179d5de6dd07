/** One element of the array, as text. */
export interface JsonItem {
  /** Of its first character, from 1. */
  readonly line: number;
  readonly text: string;
}

/**
 * Cuts the elements of one array out of a JSON text that comes in pieces, so that a file larger than memory can be read.
 * `path` leads to the array by the keys of the objects around it: `["log", "entries"]`. Elements are objects.
 */
export class JsonItems {
  readonly #path: readonly string[];
  /** Of each open object the key that is read, of each open array its mark. */
  readonly #open: string[] = [];
  #line = 1;
  #inString = false;
  #escaped = false;
  #string = "";
  /** Depth within the element; 0 outside. */
  #depth = 0;
  #startLine = 0;
  #text = "";

  constructor(path: readonly string[]) {
    this.#path = path;
  }

  /** The elements that end in this piece. */
  feed(piece: string): JsonItem[] {
    const items: JsonItem[] = [];
    let start = 0;
    for (let i = 0; i < piece.length; i++) {
      const char = piece[i]!;
      if (char === "\n") this.#line++;
      if (this.#inString) {
        this.#readString(char);
      } else if (this.#depth === 0) {
        if (char === "{" && this.#isInArray()) {
          this.#depth = 1;
          this.#startLine = this.#line;
          start = i;
        } else this.#readOutside(char);
      } else if (this.#readInside(char)) {
        items.push({ line: this.#startLine, text: this.#text + piece.slice(start, i + 1) });
        this.#text = "";
      }
    }
    if (this.#depth > 0) this.#text += piece.slice(start);
    return items;
  }

  /** Whether the text may end here. */
  get complete(): boolean {
    return this.#open.length === 0 && this.#depth === 0 && !this.#inString;
  }

  #isInArray(): boolean {
    const path = this.#path;
    return (
      this.#open.length === path.length + 1 &&
      this.#open.at(-1) === ARRAY &&
      path.every((key, index) => this.#open[index] === key)
    );
  }

  #readString(char: string): void {
    if (this.#escaped) this.#escaped = false;
    else if (char === "\\") this.#escaped = true;
    else if (char === '"') this.#inString = false;
    else if (this.#depth === 0) this.#string += char;
  }

  /** Says whether the element ends here. */
  #readInside(char: string): boolean {
    if (char === '"') this.#inString = true;
    else if (char === "{" || char === "[") this.#depth++;
    else if (char === "}" || char === "]") return --this.#depth === 0;
    return false;
  }

  #readOutside(char: string): void {
    if (char === '"') {
      this.#inString = true;
      this.#string = "";
    } else if (char === ":") this.#open[this.#open.length - 1] = this.#string;
    else if (char === "{") this.#open.push("");
    else if (char === "[") this.#open.push(ARRAY);
    else if (char === "}" || char === "]") this.#open.pop();
  }
}

/** No key of an object can be mistaken for it in the place where it counts. */
const ARRAY = "[]";
