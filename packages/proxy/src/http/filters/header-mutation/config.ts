import type {
  HeaderMutation,
  HeaderMutationPerRoute,
  Mutations,
} from "@nuncio/api/types/envoy/extensions/filters/http/header_mutation/v3/header_mutation_pb";
import type { CompileContext } from "../../../config/context.ts";
import { withExtensions } from "../../../observe/format/compile.ts";
import { compileHeaderMutations, compileQueryMutations } from "../../header-mutations/compile.ts";
import { implemented } from "../../header-mutations/implemented.ts";
import type { HttpFilterConfigSide } from "../extension.ts";
import type { HeaderMutationConfig, MutationsConfig } from "./model.ts";

const PACKAGE = "envoy.extensions.filters.http.header_mutation.v3";

/** Main side of the header mutation filter. */
export const headerMutationConfigSide: HttpFilterConfigSide<
  HeaderMutation,
  HeaderMutationPerRoute,
  HeaderMutationConfig,
  MutationsConfig
> = {
  name: "envoy.filters.http.header_mutation",
  configType: `${PACKAGE}.HeaderMutation`,
  perRouteType: `${PACKAGE}.HeaderMutationPerRoute`,
  terminal: false,
  implemented: {
    ...implemented,
    [`${PACKAGE}.HeaderMutation`]: ["mutations", "most_specific_header_mutations_wins"],
    [`${PACKAGE}.HeaderMutationPerRoute`]: ["mutations"],
    [`${PACKAGE}.Mutations`]: [
      "request_mutations",
      "query_parameter_mutations",
      "response_mutations",
      "response_trailers_mutations",
      "request_trailers_mutations",
      "formatters",
    ],
  },
  compile: (message, ctx) => ({
    mutations: compileMutations(message.mutations, ctx),
    mostSpecificWins: message.mostSpecificHeaderMutationsWins,
  }),
  compilePerRoute: (message, ctx) => compileMutations(message.mutations, ctx),
};

function compileMutations(message: Mutations | undefined, ctx: CompileContext): MutationsConfig {
  const commands = withExtensions(message?.formatters ?? [], ctx);
  return {
    request: compileHeaderMutations(message?.requestMutations ?? [], commands, ctx),
    query: compileQueryMutations(message?.queryParameterMutations ?? [], commands, ctx),
    requestTrailers: compileHeaderMutations(message?.requestTrailersMutations ?? [], commands, ctx),
    response: compileHeaderMutations(message?.responseMutations ?? [], commands, ctx),
    responseTrailers: compileHeaderMutations(
      message?.responseTrailersMutations ?? [],
      commands,
      ctx,
    ),
  };
}
