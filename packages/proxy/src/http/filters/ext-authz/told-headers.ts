import { HeaderMap } from "@nuncio/codec";
import { makeUtf8 } from "../../../protobuf/make-utf8.ts";
import type { BodyConfig, ExtAuthzConfig } from "./model.ts";
import { buildNameTest } from "./name-test.ts";

/** Tells whether the service saw the whole body. */
export const PARTIAL_BODY = "x-envoy-auth-partial-body";
/** What a service by HTTP is told whatever is allowed. */
const BY_HTTP: readonly string[] = ["authorization", ":method", ":path", ":authority"];

/** Which headers services are told. */
export class ToldHeaders {
  /** Null: all. */
  readonly #allowed: ((name: string) => boolean) | null;
  readonly #disallowed: (name: string) => boolean;

  constructor({ allowedHeaders: allowed, disallowedHeaders, service }: ExtAuthzConfig) {
    const test = allowed === null ? null : buildNameTest(allowed);
    this.#allowed =
      test !== null && service.kind === "http"
        ? (name) => BY_HTTP.includes(name) || test(name)
        : test;
    this.#disallowed = buildNameTest(disallowedHeaders);
  }

  /** `name` is in lower case; pseudo headers are asked for, too. */
  has(name: string): boolean {
    return (this.#allowed === null || this.#allowed(name)) && !this.#disallowed(name);
  }

  /** As a request of its own: method, authority and path, and what may be told; lines of one name are one. */
  asRequest(request: HeaderMap): HeaderMap {
    const told = new HeaderMap();
    told.method = request.method;
    told.authority = request.authority;
    told.path = request.path;
    const { entries } = request;
    for (let i = 0; i < entries.length; i += 2) {
      const name = entries[i]!;
      if (!this.has(name)) continue;
      const before = told.get(name);
      const value = toUtf8(entries[i + 1]!);
      told.set(name, before === undefined ? value : `${before},${value}`);
    }
    return told;
  }
}

/** The part of a body that the service is told; a view. */
export function toldBody(body: Buffer, { bytesMax }: BodyConfig): Buffer {
  return body.subarray(0, bytesMax);
}

const NOT_ASCII = /[^\x00-\x7f]/;

function toUtf8(value: string): string {
  if (!NOT_ASCII.test(value)) return value;
  const bytes = Buffer.from(value, "latin1");
  makeUtf8(bytes);
  return bytes.toString("latin1");
}
