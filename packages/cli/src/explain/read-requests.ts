import { createReadStream } from "node:fs";
import type { RequestText } from "@nuncio/proxy";
import { JsonItems } from "./json-items.ts";
import { requestOfHar, requestOfLine } from "./request-json.ts";

/** A request of a file, or what is wrong with it. */
export type FileRequest = { readonly line: number } & (
  | { readonly request: RequestText }
  | { readonly error: string }
);

/** How a HAR file begins. */
const HAR = /^\s*\{\s*"log"\s*:/;
/** Enough of a file to tell what it is. */
const BEGINNING_CHARACTERS = 1024;

/**
 * The requests of a file, one after the other: a HAR file, or a JSON object a line.
 *
 * @throws the system's error when the file cannot be read
 */
export async function* readRequests(path: string): AsyncGenerator<FileRequest> {
  const stream = createReadStream(path, { encoding: "utf8" });
  const pieces = stream[Symbol.asyncIterator]() as AsyncIterator<string>;
  let first = "";
  let next = await pieces.next();
  while (next.done !== true) {
    first += next.value;
    if (first.length >= BEGINNING_CHARACTERS) break;
    next = await pieces.next();
  }
  const text = joined(first.replace(/^\ufeff/, ""), next.done === true ? null : pieces);
  yield* HAR.test(first.replace(/^\ufeff/, "")) ? harRequests(text) : lineRequests(text);
}

async function* joined(first: string, rest: AsyncIterator<string> | null): AsyncGenerator<string> {
  yield first;
  if (rest === null) return;
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
}

async function* harRequests(text: AsyncIterable<string>): AsyncGenerator<FileRequest> {
  const items = new JsonItems(["log", "entries"]);
  for await (const piece of text) {
    for (const item of items.feed(piece)) yield parsed(item.line, item.text, requestOfHar);
  }
  if (!items.complete) yield { line: 1, error: "the HAR file ends before its last bracket" };
}

async function* lineRequests(text: AsyncIterable<string>): AsyncGenerator<FileRequest> {
  let line = 0;
  let rest = "";
  for await (const piece of text) {
    const lines = (rest + piece).split("\n");
    rest = lines.pop()!;
    for (const each of lines) {
      line++;
      if (each.trim() !== "") yield parsed(line, each, requestOfLine);
    }
  }
  if (rest.trim() !== "") yield parsed(line + 1, rest, requestOfLine);
}

function parsed(
  line: number,
  text: string,
  read: (value: unknown) => RequestText | string,
): FileRequest {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { line, error: `expected a JSON object: ${(error as Error).message}` };
  }
  const request = read(value);
  return typeof request === "string" ? { line, error: request } : { line, request };
}
