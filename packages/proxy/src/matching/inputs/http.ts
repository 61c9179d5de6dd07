import { requestHeaderKey, type HeaderMap } from "@nuncio/codec";
import type { MatchInput, MatchInputBuilders, MatchInputWorkerSide } from "../extension.ts";
import type { HttpMatchingData } from "../matching-data.ts";
import { environmentVariableInput } from "./environment-variable.ts";
import { connectionInputs } from "./network.ts";
import { queryParameter } from "./query-parameter.ts";

type Input = MatchInput<HttpMatchingData>;
type HeaderSource = (data: HttpMatchingData) => HeaderMap | null;

const TYPE = "envoy.type.matcher.v3";

const status: Input = ({ responseHeaders }) => {
  if (responseHeaders === null) return undefined;
  return responseHeaders.status === 0 ? null : String(responseHeaders.status);
};

/** `1xx` to `5xx`. */
const statusClass: Input = ({ responseHeaders }) => {
  if (responseHeaders === null) return undefined;
  const hundreds = Math.floor(responseHeaders.status / 100);
  return hundreds >= 1 && hundreds <= 5 ? `${hundreds}xx` : null;
};

const SIDES: readonly MatchInputWorkerSide<HttpMatchingData>[] = [
  {
    configType: `${TYPE}.HttpRequestHeaderMatchInput`,
    build: (name: string) => header(requestHeaderKey(name), ({ requestHeaders }) => requestHeaders),
  },
  {
    configType: `${TYPE}.HttpRequestTrailerMatchInput`,
    build: (name: string) => header(name, ({ requestTrailers }) => requestTrailers),
  },
  {
    configType: `${TYPE}.HttpResponseHeaderMatchInput`,
    build: (name: string) => header(name, ({ responseHeaders }) => responseHeaders),
  },
  {
    configType: `${TYPE}.HttpResponseTrailerMatchInput`,
    build: (name: string) => header(name, ({ responseTrailers }) => responseTrailers),
  },
  {
    configType: `${TYPE}.HttpRequestQueryParamMatchInput`,
    build: (name: string) => query(name),
  },
  { configType: `${TYPE}.HttpResponseStatusCodeMatchInput`, build: () => status },
  { configType: `${TYPE}.HttpResponseStatusCodeClassMatchInput`, build: () => statusClass },
  {
    configType: "envoy.extensions.matching.common_inputs.network.v3.DynamicMetadataInput",
    build: (path: readonly string[]) => dynamicMetadata(path),
  },
];

/** Inputs of matchers over requests, by message type. */
export const httpInputs: MatchInputBuilders<HttpMatchingData> = new Map(
  [environmentVariableInput, ...connectionInputs, ...SIDES].map((side) => [side.configType, side]),
);

/** Repeated lines are one value, with commas between. */
function header(name: string, source: HeaderSource): Input {
  if (name.startsWith(":")) {
    return (data) => {
      const headers = source(data);
      return headers === null ? undefined : (headers.get(name) ?? null);
    };
  }
  return (data) => {
    const headers = source(data);
    return headers === null ? undefined : joined(headers, name);
  };
}

function joined({ entries }: HeaderMap, name: string): string | null {
  let value: string | null = null;
  for (let i = 0; i < entries.length; i += 2) {
    if (entries[i] !== name) continue;
    value = value === null ? entries[i + 1]! : `${value},${entries[i + 1]!}`;
  }
  return value;
}

function query(name: string): Input {
  return ({ requestHeaders }) => {
    if (requestHeaders === null || requestHeaders.path === "") return undefined;
    return queryParameter(requestHeaders.path, name);
  };
}

/** JSON, in an object of its own: its null is a value, too. */
function dynamicMetadata([namespace = "", ...path]: readonly string[]): Input {
  return ({ streamInfo }) => {
    let value: unknown = streamInfo?.dynamicMetadata?.[namespace];
    for (const key of path) {
      if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return MISSING;
      value = (value as { readonly [name: string]: unknown })[key];
    }
    return { value };
  };
}

const MISSING = { value: undefined };
