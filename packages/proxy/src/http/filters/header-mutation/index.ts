import type {
  HeaderMutation,
  HeaderMutationPerRoute,
} from "@nuncio/api/types/envoy/extensions/filters/http/header_mutation/v3/header_mutation_pb";
import type { HttpFilterExtension } from "../extension.ts";
import { headerMutationConfigSide } from "./config.ts";
import { headerMutationWorkerSide } from "./filter.ts";
import type { HeaderMutationConfig, MutationsConfig } from "./model.ts";

/** The header mutation filter, both sides. */
export const headerMutation: HttpFilterExtension<
  HeaderMutation,
  HeaderMutationPerRoute,
  HeaderMutationConfig,
  MutationsConfig
> = { ...headerMutationConfigSide, ...headerMutationWorkerSide };
