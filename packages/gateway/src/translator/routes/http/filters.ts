import type {
  IrCors,
  IrExternalAuth,
  IrHeaderMutation,
  IrMirror,
  IrRedirect,
  IrRewrite,
} from "../../../ir/route.ts";
import type { RouteFilter, UrlRewriteFilter } from "../objects.ts";
import { refuseBesideRedirect } from "./beside-redirect.ts";
import { cors } from "./cors.ts";
import { externalAuth } from "./external-auth.ts";
import { headerMutation } from "./header-mutation.ts";
import { mirror } from "./mirror.ts";
import { pathChange } from "./path-change.ts";
import { redirect } from "./redirect.ts";
import type { RuleContext } from "./rule-context.ts";

/** What the filters of a rule, or of one of its backends, do. */
export interface FilterEffects {
  requestHeaders?: IrHeaderMutation;
  responseHeaders?: IrHeaderMutation;
  cors?: IrCors;
  redirect?: IrRedirect;
  rewrite?: IrRewrite;
  /** Null: there is nobody to ask, so nobody may pass. */
  externalAuth?: IrExternalAuth | null;
  readonly mirrors: IrMirror[];
  /** Also those that come to nothing. */
  readonly types: Set<string>;
}

type Apply = (
  filter: RouteFilter,
  effects: FilterEffects,
  where: string,
  context: RuleContext,
) => void;

/** Types of filters, each with the member that it is told by. */
const FILTERS: Readonly<Record<string, { readonly member: keyof RouteFilter; apply: Apply }>> = {
  RequestHeaderModifier: {
    member: "requestHeaderModifier",
    apply: ({ requestHeaderModifier }, effects, where, { faults }) => {
      effects.requestHeaders = headerMutation(requestHeaderModifier!, where, faults);
    },
  },
  ResponseHeaderModifier: {
    member: "responseHeaderModifier",
    apply: ({ responseHeaderModifier }, effects, where, { faults }) => {
      effects.responseHeaders = headerMutation(responseHeaderModifier!, where, faults);
    },
  },
  RequestMirror: {
    member: "requestMirror",
    apply: ({ requestMirror }, { mirrors }, where, context) => {
      const one = mirror(requestMirror!, where, context);
      if (one !== undefined) mirrors.push(one);
    },
  },
  RequestRedirect: {
    member: "requestRedirect",
    apply: ({ requestRedirect }, effects, where, { matches, faults }) => {
      effects.redirect = redirect(requestRedirect!, { matches, where, faults });
    },
  },
  URLRewrite: {
    member: "urlRewrite",
    apply: ({ urlRewrite }, effects, where, context) => {
      effects.rewrite = rewrite(urlRewrite!, where, context);
    },
  },
  CORS: {
    member: "cors",
    apply: (filter, effects) => {
      effects.cors = cors(filter.cors!);
    },
  },
  ExternalAuth: {
    member: "externalAuth",
    apply: (filter, effects, where, context) => {
      effects.externalAuth = externalAuth(filter.externalAuth!, where, context);
    },
  },
};

const GRPC_FILTERS = new Set(["RequestHeaderModifier", "ResponseHeaderModifier", "RequestMirror"]);

/** The effects of all filters together. `where`: `rules[0].filters`. */
export function filterEffects(
  filters: readonly RouteFilter[] | undefined,
  where: string,
  context: RuleContext,
): FilterEffects {
  const types = new Set<string>();
  const effects: FilterEffects = { mirrors: [], types };
  const { faults, kind } = context;
  for (const [i, filter] of (filters ?? []).entries()) {
    const place = `${where}[${i}]`;
    const { type } = filter;
    const known = kind === "GRPCRoute" && !GRPC_FILTERS.has(type) ? undefined : FILTERS[type];
    if (known === undefined) refuse(filter, place, context);
    else if (filter[known.member] === undefined)
      faults.unsupported(place, `expected ${known.member} with type ${type}, got none`);
    else known.apply(filter, effects, `${place}.${known.member}`, context);
    if (types.has(type) && type !== "RequestMirror" && known !== undefined)
      faults.incompatible(place, `expected one ${type}, got another one`);
    types.add(type);
  }
  refuseBesideRedirect(types, types, (type) =>
    faults.incompatible(where, `expected either RequestRedirect or ${type}, got both`),
  );
  return effects;
}

/** A filter that is not known must not be passed by: requests get an error. */
function refuse({ type, extensionRef }: RouteFilter, where: string, { faults }: RuleContext): void {
  faults.fails = true;
  if (type !== "ExtensionRef" || extensionRef === undefined) {
    faults.unsupported(where, `filters of type ${type} are not supported`);
    return;
  }
  const { group, kind, name } = extensionRef;
  faults.unsupported(where, `ExtensionRef to ${group}/${kind} ${name}: no such filter is known`);
}

function rewrite(
  { hostname, path }: UrlRewriteFilter,
  where: string,
  { matches, faults }: RuleContext,
): IrRewrite {
  return {
    ...(hostname !== undefined && { hostname }),
    ...(path !== undefined && {
      path: pathChange(path, { matches, where: `${where}.path`, faults }),
    }),
  };
}
