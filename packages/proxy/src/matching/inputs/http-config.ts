import type { Message } from "@bufbuild/protobuf";
import type { DynamicMetadataInput } from "@nuncio/api/types/envoy/extensions/matching/common_inputs/network/v3/network_inputs_pb";
import type { HttpRequestQueryParamMatchInput } from "@nuncio/api/types/envoy/type/matcher/v3/http_inputs_pb";
import { toByteString } from "../../observe/format/byte-string.ts";
import type { MatchInputConfigSide, MatchInputs } from "../extension.ts";
import { environmentVariableConfigSide } from "./environment-variable-config.ts";
import { connectionInputConfigSides } from "./network-config.ts";

const TYPE = "envoy.type.matcher.v3";
const METADATA = "envoy.extensions.matching.common_inputs.network.v3.DynamicMetadataInput";
const QUERY = `${TYPE}.HttpRequestQueryParamMatchInput`;

/** All four messages of headers and trailers. */
type HeaderMatchInput = Message & { readonly headerName: string };

function header(configType: string): MatchInputConfigSide<HeaderMatchInput, string> {
  return {
    configType,
    valueKind: "string",
    implemented: { [configType]: "all" },
    compile: ({ headerName }) => headerName.toLowerCase(),
  };
}

const queryParameter: MatchInputConfigSide<HttpRequestQueryParamMatchInput, string> = {
  configType: QUERY,
  valueKind: "string",
  implemented: { [QUERY]: "all" },
  compile: ({ queryParam }) => toByteString(queryParam),
};

function status(configType: string): MatchInputConfigSide {
  return {
    configType,
    valueKind: "string",
    implemented: { [configType]: "all" },
    compile: () => null,
  };
}

/** The namespace, then the keys. */
const dynamicMetadata: MatchInputConfigSide<DynamicMetadataInput, readonly string[]> = {
  configType: METADATA,
  valueKind: "metadata",
  implemented: { [METADATA]: "all", [`${METADATA}.PathSegment`]: "all" },
  compile: ({ filter, path }) => [filter, ...path.map(({ segment }) => segment.value ?? "")],
};

const SIDES: readonly MatchInputConfigSide[] = [
  environmentVariableConfigSide,
  header(`${TYPE}.HttpRequestHeaderMatchInput`),
  header(`${TYPE}.HttpRequestTrailerMatchInput`),
  header(`${TYPE}.HttpResponseHeaderMatchInput`),
  header(`${TYPE}.HttpResponseTrailerMatchInput`),
  queryParameter,
  status(`${TYPE}.HttpResponseStatusCodeMatchInput`),
  status(`${TYPE}.HttpResponseStatusCodeClassMatchInput`),
  dynamicMetadata,
];

/** Inputs of matchers over requests, main side, by message type (`envoy.matching.http.input`). */
export const httpInputConfigSides: MatchInputs = new Map([
  ...connectionInputConfigSides,
  ...SIDES.map((side) => [side.configType, side] as const),
]);
