import { typeNameOfAny, unpack } from "@nuncio/api";
import type {
  HttpConnectionManager_Tracing,
  RequestIDExtension,
} from "@nuncio/api/types/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb";
import type { UuidRequestIdConfig } from "@nuncio/api/types/envoy/extensions/request_id/uuid/v3/uuid_pb";
import type { CompileContext } from "../../config/context.ts";
import type { FractionConfig } from "../../runtime/model.ts";
import type { TraceSamples } from "../trace-samples.ts";
import type { RequestIdConfig } from "./header-rules-model.ts";

const PACKAGE = "envoy.extensions.filters.network.http_connection_manager.v3";
const UUID = "envoy.extensions.request_id.uuid.v3.UuidRequestIdConfig";

/** Fields of request ids, and of tracing as far as ids show it. */
export const implemented = {
  [`${PACKAGE}.RequestIDExtension`]: ["typed_config"],
  [UUID]: ["pack_trace_reason", "use_request_id_for_trace_sampling"],
  [`${PACKAGE}.HttpConnectionManager.Tracing`]: [
    "client_sampling",
    "random_sampling",
    "overall_sampling",
  ],
  "envoy.type.v3.Percent": "all",
} as const;

/** `request_id_extension`; without one, and with an empty one, Envoy takes this with its defaults. */
export function compileRequestId(
  extension: RequestIDExtension | undefined,
  ctx: CompileContext,
): RequestIdConfig {
  const any = extension?.typedConfig;
  const message = any === undefined ? undefined : unpack(any);
  if (any !== undefined && message?.$typeName !== UUID) {
    const text = `Didn't find a registered implementation for type: '${typeNameOfAny(any)}'`;
    ctx.problems.error(extension!, "typed_config", text);
  }
  const uuid = message?.$typeName === UUID ? (message as UuidRequestIdConfig) : undefined;
  return {
    packTraceReason: uuid?.packTraceReason ?? true,
    usedForSampling: uuid?.useRequestIdForTraceSampling ?? true,
  };
}

const TEN_THOUSAND = 10_000;

/** The samples of `tracing`; all of them by default. */
export function compileTraceSampling(
  tracing: HttpConnectionManager_Tracing | undefined,
): TraceSamples | null {
  if (tracing === undefined) return null;
  return {
    client: { numerator: Math.trunc(tracing.clientSampling?.value ?? 100), denominator: 100 },
    random: inTenThousand(tracing.randomSampling?.value),
    overall: inTenThousand(tracing.overallSampling?.value),
  };
}

function inTenThousand(percent = 100): FractionConfig {
  return { numerator: Math.round((percent / 100) * TEN_THOUSAND), denominator: TEN_THOUSAND };
}
