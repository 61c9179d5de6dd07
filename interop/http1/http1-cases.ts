import { readFileSync } from "node:fs";
import type { DiffCase, Step } from "../diff/case.ts";
import { parseCases } from "../diff/load-cases.ts";
import type { Answer } from "../diff/upstream-script.ts";

/** Latin-1 text, or [text, repeat count] parts. */
type RawText = string | [string, number][];

/** A raw request with the verdict a strict proxy should give. */
export interface RequestCase {
  readonly id: string;
  readonly raw: RawText;
  readonly expect: "reject" | "accept" | "either";
  /** The most complete requests that the upstream may see. */
  readonly up_max: number;
  /** Over the first upstream request's head and body. */
  readonly must?: string;
  /** Must match no upstream request. */
  readonly must_not?: string;
  readonly why: string;
  readonly observed: { readonly envoy: { readonly class: string } };
}

/** A raw upstream answer with the verdict a strict proxy should give. */
export interface ResponseCase {
  readonly id: string;
  readonly method: string;
  readonly upstream_sends: RawText;
  readonly upstream_then: "keep-open" | "close";
  readonly expect: "pass" | "502" | "truncate" | "either";
  /** Over what the client got. */
  readonly must?: string;
  readonly must_not?: string;
  readonly why: string;
  readonly observed: { readonly envoy: { readonly class: string } };
}

export interface Http1Cases {
  readonly requests: readonly RequestCase[];
  readonly responses: readonly ResponseCase[];
}

/** The second answer of an upstream under test: it must reach the second request and no other. */
export const SECOND_BODY = "the second answer";

export function readHttp1Cases(file: string): Http1Cases {
  const { requests, responses } = JSON.parse(readFileSync(file, "utf8")) as Http1Cases;
  return { requests: requests.map(asEnvoyWhereMeant), responses };
}

/** Where the table is strict by choice, and Nuncio is not because Envoy is not. */
function asEnvoyWhereMeant(source: RequestCase): RequestCase {
  if (!SERVED_AS_BY_ENVOY.has(source.id)) return source;
  return { ...source, expect: "accept", up_max: 1, observed: { envoy: { class: "ok" } } };
}

/** A Host's characters are looked at, not what they make. */
const SERVED_AS_BY_ENVOY: ReadonlySet<string> = new Set(["host-badport"]);

/** A request case as steps for the harness: the bytes, then up to two final responses. */
export function requestDiffCase(source: RequestCase): DiffCase {
  const raw = typeof source.raw === "string" ? source.raw : [...source.raw];
  return base(`requests/${source.id}`, [{ raw, wait: Math.max(1, source.up_max) }], [{}]);
}

/** A response case: the request, and a second one on the same connection. */
export function responseDiffCase(source: ResponseCase): DiffCase {
  const raw = [source.upstream_sends]
    .flat()
    .map((part) => (typeof part === "string" ? part : part[0].repeat(part[1])));
  const first: Answer = { raw: raw.join("") };
  if (source.upstream_then === "close") Object.assign(first, { afterwards: "close", hold_ms: 50 });
  const steps: Step[] = [
    { request: `${source.method} /first` },
    { pause_ms: 100 },
    { request: "GET /second" },
  ];
  return base(`responses/${source.id}`, steps, [first, { body: SECOND_BODY }]);
}

/** Everything else is as in any case file, and the listener speaks nothing but HTTP/1. */
function base(name: string, steps: Step[], upstream: Answer[]): DiffCase {
  const [area = "", id = ""] = name.split("/");
  const [diffCase] = parseCases(
    JSON.stringify({
      cases: [{ name: id, steps, patience_ms: 800, hcm: { codec_type: "HTTP1" } }],
    }),
    area,
  );
  return { ...diffCase!, upstream };
}
