import { SyntaxProblem, quote } from "../text-node.ts";
import type {
  ListNode,
  LoadLimits,
  MapEntry,
  MapNode,
  ScalarNode,
  TextNode,
} from "../text-node.ts";
import { Anchors } from "./anchors.ts";
import { blockScalar } from "./block-scalar.ts";
import { Cursor, colon, dash, doubleQuote, newline, singleQuote } from "./cursor.ts";
import { FlowParser } from "./flow-parser.ts";
import { isMergeKey, mergedEntries } from "./merge-keys.ts";
import type { MergeKeys } from "./merge-keys.ts";
import { PlainReader } from "./plain-reader.ts";
import { plainScalar } from "./plain-scalar.ts";
import { PropertyReader } from "./properties.ts";
import type { Properties } from "./properties.ts";
import { quotedScalar } from "./quoted-scalar.ts";

/**
 * Parses one YAML document into nodes, with the scalars of YAML 1.1 as Envoy's parser reads them. Aliases give the node of
 * their anchor; entries whose key has the tag `!ignore` are left out; other tags mean nothing, except that `!` makes a
 * plain scalar a string. Keys that are not scalars, and explicit keys (`? `) are refused.
 * @param text with line ends of single newlines
 * @throws SyntaxProblem
 */
export function parseYaml(
  text: string,
  limits: LoadLimits,
  mergeKeys: MergeKeys = "refused",
): TextNode {
  return new YamlParser(text, limits, mergeKeys).document();
}

interface Key {
  readonly text: string;
  readonly at: number;
  readonly ignored: boolean;
  readonly merges: boolean;
}

class YamlParser {
  readonly #cursor: Cursor;
  readonly #plain: PlainReader;
  readonly #anchors: Anchors;
  readonly #properties: PropertyReader;
  readonly #flow: FlowParser;
  readonly #mergeKeys: MergeKeys;

  constructor(text: string, limits: LoadLimits, mergeKeys: MergeKeys) {
    this.#cursor = new Cursor(text);
    this.#plain = new PlainReader(this.#cursor);
    this.#anchors = new Anchors(limits);
    this.#properties = new PropertyReader(this.#cursor, this.#anchors);
    this.#flow = new FlowParser(
      this.#cursor,
      this.#plain,
      this.#anchors,
      this.#properties,
      mergeKeys,
    );
    this.#mergeKeys = mergeKeys;
  }

  document(): TextNode {
    const cursor = this.#cursor;
    this.#directives();
    const node = this.#blockNode(-1, true);
    cursor.skipToContent();
    if (cursor.atMarker("...")) {
      cursor.at += 3;
      cursor.endLine('"..."');
      cursor.skipToContent();
    }
    if (cursor.atMarker("---"))
      throw new SyntaxProblem(cursor.at, "expected one document, got a second one");
    if (!cursor.atEnd) throw cursor.unexpected("the end of the document");
    return node;
  }

  #directives(): void {
    const cursor = this.#cursor;
    cursor.skipToContent();
    const start = cursor.at;
    while (cursor.column === 0 && cursor.text[cursor.at] === "%") {
      while (!cursor.atEnd && cursor.code !== newline) cursor.at++;
      cursor.skipToContent();
    }
    if (cursor.atMarker("---")) cursor.at += 3;
    else if (cursor.at > start) throw cursor.unexpected('"---" after the directives');
  }

  /**
   * Reads the node that starts at or after the position, in block style.
   * @param parentIndent column of the mapping or sequence around it; the node must stand further right
   * @param mappingHere whether `key: value` may stand on this line: not after another key
   */
  #blockNode(parentIndent: number, mappingHere: boolean): TextNode {
    const cursor = this.#cursor;
    const start = cursor.at;
    const line = cursor.lineStart;
    cursor.skipToContent();
    const mayMap = mappingHere || cursor.lineStart !== line;
    if (this.#endsBlock(parentIndent)) return plainScalar("", start);
    const properties = this.#properties.read();
    if (properties === undefined) return this.#bareNode(parentIndent, mayMap, undefined);
    cursor.skipSpaces();
    const sameLine = !cursor.atEnd && cursor.code !== newline && cursor.text[cursor.at] !== "#";
    if (sameLine) {
      if (mayMap && this.#atKey()) return this.#bareNode(parentIndent, true, properties);
      return this.#properties.apply(properties, () =>
        this.#bareNode(parentIndent, false, undefined),
      );
    }
    return this.#properties.apply(properties, () => {
      cursor.skipToContent();
      return this.#endsBlock(parentIndent)
        ? plainScalar("", properties.at)
        : this.#blockNode(parentIndent, true);
    });
  }

  #endsBlock(parentIndent: number): boolean {
    return this.#cursor.atEnd || this.#cursor.column <= parentIndent || this.#cursor.atAnyMarker();
  }

  /** A node whose properties have been read, except those (`keyProperties`) that belong to its first key. */
  #bareNode(
    parentIndent: number,
    mayMap: boolean,
    keyProperties: Properties | undefined,
  ): TextNode {
    const cursor = this.#cursor;
    const char = cursor.text[cursor.at] ?? "";
    if (char === "-" && cursor.isBlankAt(cursor.at + 1)) {
      if (!mayMap) throw new SyntaxProblem(cursor.at, "a list must start on a line of its own");
      return this.#sequence(cursor.column);
    }
    if (char === "?" && cursor.isBlankAt(cursor.at + 1))
      throw new SyntaxProblem(cursor.at, 'keys with "? " are not supported');
    if (this.#atKey()) {
      if (!mayMap)
        throw new SyntaxProblem(
          cursor.at,
          'a second "key: value" on one line, quote the value or start a new line',
        );
      return this.#mapping(keyProperties);
    }
    if (char === "*") {
      const node = this.#properties.alias();
      cursor.endLine("an alias");
      return node;
    }
    if (char === "[" || char === "{") {
      const node = this.#flow.collection();
      cursor.endLine("a bracket");
      return node;
    }
    this.#anchors.countNode(cursor.at);
    if (char === "|" || char === ">") return blockScalar(cursor, parentIndent);
    if (char === '"' || char === "'") {
      const node = quotedScalar(cursor);
      cursor.endLine("a quoted string");
      return node;
    }
    return this.#plain.block(parentIndent + 1);
  }

  #sequence(column: number): ListNode {
    const cursor = this.#cursor;
    const at = cursor.at;
    this.#anchors.enter(at);
    const items: TextNode[] = [];
    while (
      cursor.column === column &&
      cursor.code === dash &&
      cursor.isBlankAt(cursor.at + 1) &&
      !cursor.atEnd
    ) {
      cursor.at++;
      items.push(this.#blockNode(column, true));
      this.#nextLine(column);
    }
    this.#anchors.leave();
    return { kind: "list", at, items };
  }

  #mapping(firstProperties: Properties | undefined): MapNode {
    const cursor = this.#cursor;
    const at = firstProperties?.at ?? cursor.at;
    const column = at - cursor.lineStart;
    this.#anchors.enter(at);
    const entries: MapEntry[] = [];
    const merged: TextNode[] = [];
    let properties = firstProperties;
    for (;;) {
      const key = this.#key(properties);
      const value = this.#mappingValue(column);
      if (key.merges) merged.push(value);
      else if (!key.ignored) entries.push({ key: key.text, keyAt: key.at, value });
      this.#nextLine(column);
      if (cursor.atEnd || cursor.column !== column || cursor.atAnyMarker()) break;
      if (cursor.code === dash && cursor.isBlankAt(cursor.at + 1))
        throw cursor.unexpected("a key, as on the lines above");
      properties = this.#properties.read();
      cursor.skipSpaces();
    }
    this.#anchors.leave();
    return { kind: "map", at, entries: mergedEntries(entries, merged) };
  }

  /** The value after `key:`; a list may stand as far left as the key. */
  #mappingValue(column: number): TextNode {
    const cursor = this.#cursor;
    const { at, lineStart } = cursor;
    cursor.skipToContent();
    const isListBelow =
      cursor.lineStart !== lineStart &&
      cursor.column === column &&
      cursor.code === dash &&
      cursor.isBlankAt(cursor.at + 1);
    if (isListBelow && !cursor.atAnyMarker()) return this.#sequence(column);
    cursor.at = at;
    cursor.lineStart = lineStart;
    return this.#blockNode(column, false);
  }

  /** Moves to the next content and checks that it stands no further right than the block that goes on or ends there. */
  #nextLine(column: number): void {
    const cursor = this.#cursor;
    cursor.skipToContent();
    if (!cursor.atEnd && cursor.column > column) {
      throw new SyntaxProblem(
        cursor.at,
        `wrong indentation: expected column ${column + 1} or less, got column ${cursor.column + 1}`,
      );
    }
  }

  /** Whether a key stands at the position: a scalar on one line, and `:` with white space after it. */
  #atKey(): boolean {
    const cursor = this.#cursor;
    const { at, lineStart } = cursor;
    const code = cursor.code;
    let isKey: boolean;
    if (code === doubleQuote || code === singleQuote) {
      quotedScalar(cursor);
      isKey = cursor.lineStart === lineStart && this.#atColon();
    } else {
      isKey = this.#plain.isKey();
    }
    cursor.at = at;
    cursor.lineStart = lineStart;
    return isKey;
  }

  #atColon(): boolean {
    this.#cursor.skipSpaces();
    return this.#cursor.code === colon && this.#cursor.isBlankAt(this.#cursor.at + 1);
  }

  /** Reads a key of a block mapping and the colon after it. */
  #key(properties: Properties | undefined): Key {
    const cursor = this.#cursor;
    const at = cursor.at;
    const lineStart = cursor.lineStart;
    const isQuoted = cursor.code === doubleQuote || cursor.code === singleQuote;
    const scalar: ScalarNode = isQuoted ? quotedScalar(cursor) : this.#plain.line(false);
    if (!this.#atColon() || cursor.lineStart !== lineStart) {
      throw new SyntaxProblem(
        at,
        `expected "key: value", got ${quote(scalar.text)} without a colon`,
      );
    }
    cursor.at++;
    const merges = isMergeKey(scalar.text, isQuoted, at, this.#mergeKeys);
    if (properties?.anchor !== undefined) this.#anchors.define(properties.anchor, scalar, 1, 0);
    return { text: scalar.text, at, ignored: properties?.tag === "!ignore", merges };
  }
}
