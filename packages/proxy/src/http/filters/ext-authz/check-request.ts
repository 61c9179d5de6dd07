import { HeaderMap } from "@nuncio/codec";
import { makeUtf8 } from "../../../protobuf/make-utf8.ts";
import { buildNameTest } from "./http-service.ts";
import type { BodyConfig, ExtAuthzConfig } from "./model.ts";

/** Tells whether the service saw the whole body. */
const PARTIAL_BODY = "x-envoy-auth-partial-body";

/** What a service is told of requests. */
export class CheckRequests {
  readonly #allowed: (name: string) => boolean;
  readonly #disallowed: (name: string) => boolean;

  constructor({ allowedHeaders, disallowedHeaders }: ExtAuthzConfig) {
    this.#allowed = buildNameTest(allowedHeaders);
    this.#disallowed = buildNameTest(disallowedHeaders);
  }

  /** Method, authority and path, and the headers that it may see; lines of one name are one. */
  headersOf(request: HeaderMap): HeaderMap {
    const told = new HeaderMap();
    told.method = request.method;
    told.authority = request.authority;
    told.path = request.path;
    const { entries } = request;
    for (let i = 0; i < entries.length; i += 2) {
      const name = entries[i]!;
      if (!this.#tells(name)) continue;
      const before = told.get(name);
      const value = toUtf8(entries[i + 1]!);
      told.set(name, before === undefined ? value : `${before},${value}`);
    }
    return told;
  }

  #tells(name: string): boolean {
    return (name === "authorization" || this.#allowed(name)) && !this.#disallowed(name);
  }
}

/** The part of a body that the service is told, which `told` says. */
export function bodyToTell(body: Buffer, { bytesMax }: BodyConfig, told: HeaderMap): Buffer {
  const part = body.subarray(0, bytesMax);
  told.set(PARTIAL_BODY, String(part.length < body.length));
  return Buffer.from(part);
}

const NOT_ASCII = /[^\x00-\x7f]/;

function toUtf8(value: string): string {
  if (!NOT_ASCII.test(value)) return value;
  const bytes = Buffer.from(value, "latin1");
  makeUtf8(bytes);
  return bytes.toString("latin1");
}
