import type { Any } from "@bufbuild/protobuf/wkt";
import { typeNameOfAny, unpack } from "@nuncio/api";
import type { TypedExtensionConfig } from "@nuncio/api/types/envoy/config/core/v3/extension_pb";
import type {
  RetryPolicy,
  RetryPolicy_RetryHostPredicate,
  RetryPolicy_RetryPriority,
} from "@nuncio/api/types/envoy/config/route/v3/route_components_pb";
import type { OmitHostMetadataConfig } from "@nuncio/api/types/envoy/extensions/retry/host/omit_host_metadata/v3/omit_host_metadata_config_pb";
import type { PreviousPrioritiesConfig } from "@nuncio/api/types/envoy/extensions/retry/priority/previous_priorities/v3/previous_priorities_config_pb";
import type { CompileContext } from "../../config/context.ts";
import { lbMetadata } from "../route/compile/lb-metadata.ts";
import type { HostPredicateConfig } from "./model.ts";

/** The messages of the extensions of a retry policy. */
export const EXTENSION_TYPES = {
  previousHosts: "envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate",
  omitCanaryHosts: "envoy.extensions.retry.host.omit_canary_hosts.v3.OmitCanaryHostsPredicate",
  omitHostMetadata: "envoy.extensions.retry.host.omit_host_metadata.v3.OmitHostMetadataConfig",
  previousPriorities:
    "envoy.extensions.retry.priority.previous_priorities.v3.PreviousPrioritiesConfig",
} as const;

/** Null for one that does not exist, with an error. */
export function compileHostPredicate(
  message: RetryPolicy_RetryHostPredicate,
  ctx: CompileContext,
): HostPredicateConfig | null {
  const type = typeOf(message);
  switch (type) {
    case EXTENSION_TYPES.previousHosts:
      return { kind: "previous_hosts" };
    case EXTENSION_TYPES.omitCanaryHosts:
      return { kind: "omit_canary_hosts" };
    case EXTENSION_TYPES.omitHostMetadata: {
      const any = anyOf(message);
      const config = any === null ? null : unpack<OmitHostMetadataConfig>(any);
      return { kind: "omit_host_metadata", labels: lbMetadata(config?.metadataMatch) ?? {} };
    }
    default:
      refuse(message, type, ctx);
      return null;
  }
}

/** The `update_frequency` of `previous_priorities`; 0 for no extension. */
export function compileRetryPriority(
  message: RetryPolicy_RetryPriority | undefined,
  ctx: CompileContext,
): number {
  // Envoy takes one without a name for none.
  if (message === undefined || message.name === "") return 0;
  const type = typeOf(message);
  if (type !== EXTENSION_TYPES.previousPriorities) {
    refuse(message, type, ctx);
    return 0;
  }
  const any = anyOf(message);
  const config = any === null ? null : unpack<PreviousPrioritiesConfig>(any);
  return config?.updateFrequency ?? 0;
}

/** There are none, neither here nor in Envoy. */
export function refuseOptionsPredicates(
  { retryOptionsPredicates }: RetryPolicy,
  ctx: CompileContext,
): void {
  for (const predicate of retryOptionsPredicates) {
    const { typedConfig } = predicate;
    refuse(predicate, typedConfig === undefined ? "" : typeNameOfAny(typedConfig), ctx);
  }
}

type ExtensionMessage = RetryPolicy_RetryHostPredicate | RetryPolicy_RetryPriority;

function typeOf(message: ExtensionMessage): string {
  const any = anyOf(message);
  return any === null ? "" : typeNameOfAny(any);
}

function anyOf({ configType }: ExtensionMessage): Any | null {
  return configType.case === "typedConfig" ? configType.value : null;
}

function refuse(
  message: ExtensionMessage | TypedExtensionConfig,
  type: string,
  ctx: CompileContext,
): void {
  const text = `Didn't find a registered implementation for '${message.name}' with type URL: '${type}'`;
  ctx.problems.error(message, "name", text);
}
