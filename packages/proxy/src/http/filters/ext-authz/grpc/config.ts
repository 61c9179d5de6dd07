import type { JsonValue } from "@bufbuild/protobuf";
import type { GrpcService } from "@nuncio/api/types/envoy/config/core/v3/grpc_service_pb";
import type { ExtAuthz } from "@nuncio/api/types/envoy/extensions/filters/http/ext_authz/v3/ext_authz_pb";
import type { CompileContext } from "../../../../config/context.ts";
import { compileGrpcService } from "../../../../grpc-client/compile.ts";
import { toByteString } from "../../../../observe/format/byte-string.ts";
import type { ExtAuthzConfig, GrpcAuthorizationConfig } from "../model.ts";

/** Envoy's, where the service has none. */
const TIMEOUT_MS = 200;

/** Null for a service that is refused. */
export function compileGrpcAuthorization(
  message: GrpcService,
  ctx: CompileContext,
): GrpcAuthorizationConfig | null {
  const service = compileGrpcService(message, ctx);
  if (service === null) return null;
  return { kind: "grpc", service, timeoutMs: service.timeoutMs ?? TIMEOUT_MS };
}

/** What services of gRPC are told, and how. */
export function compileQuestion(
  message: ExtAuthz,
  { node }: CompileContext,
): Pick<
  ExtAuthzConfig,
  | "packAsBytes"
  | "encodeRawHeaders"
  | "includePeerCertificate"
  | "includeTlsSession"
  | "metadataContextNamespaces"
  | "routeMetadataContextNamespaces"
  | "destinationLabels"
> {
  return {
    packAsBytes: message.withRequestBody?.packAsBytes ?? false,
    encodeRawHeaders: message.encodeRawHeaders,
    includePeerCertificate: message.includePeerCertificate,
    includeTlsSession: message.includeTlsSession,
    metadataContextNamespaces: message.metadataContextNamespaces,
    routeMetadataContextNamespaces: message.routeMetadataContextNamespaces,
    destinationLabels: labelsOf(node.metadata?.[message.bootstrapMetadataLabelsKey]),
  };
}

/** The entries of a map of texts, as byte strings. */
export function compileTexts(map: { readonly [key: string]: string }): [string, string][] {
  return Object.entries(map).map(([key, value]) => [toByteString(key), toByteString(value)]);
}

/** As in Envoy what is no text is an empty one. */
function labelsOf(value: JsonValue | undefined): [string, string][] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [];
  const texts = Object.entries(value).map(([key, label]): [string, string] => [
    key,
    typeof label === "string" ? label : "",
  ]);
  return compileTexts(Object.fromEntries(texts));
}
