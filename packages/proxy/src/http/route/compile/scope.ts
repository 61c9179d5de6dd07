import type { Message } from "@bufbuild/protobuf";
import type { Any } from "@bufbuild/protobuf/wkt";
import type { HeaderValueOption } from "@nuncio/api/types/envoy/config/core/v3/base_pb";
import { compileHeaderValueOptions } from "../../header-mutations/compile.ts";
import type { ScopeConfig } from "../model.ts";
import { compilePerFilterConfigs } from "./per-filter-config.ts";
import type { RouteContext } from "./route-context.ts";

/** The fields that table, virtual host, route and weighted cluster have in common. */
interface ScopeMessage extends Message {
  readonly requestHeadersToAdd: HeaderValueOption[];
  readonly requestHeadersToRemove: string[];
  readonly responseHeadersToAdd: HeaderValueOption[];
  readonly responseHeadersToRemove: string[];
  readonly typedPerFilterConfig: { [key: string]: Any };
}

/** Header edits and filter configurations of one level; only what is set. */
export function compileScope(message: ScopeMessage, context: RouteContext): ScopeConfig {
  const { ctx } = context;
  const {
    requestHeadersToAdd,
    requestHeadersToRemove,
    responseHeadersToAdd,
    responseHeadersToRemove,
  } = message;
  const requestEdits = compileHeaderValueOptions(
    requestHeadersToAdd,
    requestHeadersToRemove,
    ctx,
    message,
    "request_headers_to_remove",
  );
  const responseEdits = compileHeaderValueOptions(
    responseHeadersToAdd,
    responseHeadersToRemove,
    ctx,
    message,
    "response_headers_to_remove",
  );
  const perFilter = compilePerFilterConfigs(message, message.typedPerFilterConfig, context);
  return {
    ...(requestEdits !== null && { requestEdits }),
    ...(responseEdits !== null && { responseEdits }),
    ...(perFilter !== null && { perFilter }),
  };
}
