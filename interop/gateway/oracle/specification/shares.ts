import { mirrorsText, rewriteText, type ActionParts } from "../actions.ts";
import { INVALID } from "../connections.ts";
import { percentages, sharesOfRoute } from "../route-shares.ts";
import type { PlainRoute } from "../routing.ts";
import { backendText } from "./backends.ts";
import type { DocumentObjects, Filter, Ref } from "./objects.ts";
import { routeOf, ruleOf } from "./route-names.ts";

/**
 * Where the requests of a rule of an HTTPRoute are to go, and with which changes of their address and copies: the filters
 * of the rule are done for all of them, those of a backend for its own (HTTPBackendRef.filters).
 *
 * @param name of what is made of the rule
 */
export function specifiedText(objects: DocumentObjects, name: string): string {
  const route = routeOf(objects, name)!;
  const { filters = [], backendRefs = [] } = ruleOf(objects, name) ?? {};
  const textOf = (ref: Ref): string => backendText(objects, route, ref);
  const served = backendRefs
    .filter(({ weight = 1 }) => weight > 0)
    .map(({ filters: own = [], weight = 1, ...ref }) => {
      const all = [...filters, ...own];
      const parts: ActionParts = {
        backends: [{ to: textOf(ref), weight: 1, headers: "" }],
        mirrors: all.flatMap(({ requestMirror }) => mirrorOf(requestMirror, textOf)),
        ...rewriteOf(all),
        requestHeaders: "",
        responseHeaders: "",
      };
      return { weight, parts };
    });
  const sum = served.reduce((total, { weight }) => total + weight, 0);
  return percentages(
    served.map((one) => ({ ...one, weight: one.weight / sum })),
    ({ parts }) => addressText(parts),
  );
}

/** The same of a route that is served. */
export function servedText(route: PlainRoute): string {
  return percentages(sharesOfRoute(route), ({ parts }) => addressText(parts));
}

function addressText({ backends = [], mirrors = [], rewrite, redirect }: ActionParts): string {
  if (redirect !== undefined) return "redirect";
  const to = backends[0]?.to ?? INVALID;
  if (to === INVALID) return to;
  // One that nobody can be connected to gets nothing.
  const copies = mirrors.filter((mirror) => mirror.to !== INVALID);
  return `${to} ${mirrorsText(copies)} ${rewriteText(rewrite)}`;
}

function mirrorOf(
  mirror: Filter["requestMirror"],
  textOf: (ref: Ref) => string,
): { to: string; percent: number }[] {
  if (mirror?.backendRef === undefined) return [];
  const { backendRef, percent, fraction } = mirror;
  const { numerator, denominator = 100 } = fraction ?? { numerator: percent ?? 100 };
  return [{ to: textOf(backendRef), percent: (100 * numerator) / denominator }];
}

/** What stands later goes before what stands earlier, host name and path each by itself. */
function rewriteOf(filters: readonly Filter[]): Pick<ActionParts, "rewrite"> {
  const rewrites = filters.flatMap(({ urlRewrite }) => urlRewrite ?? []);
  if (rewrites.length === 0) return {};
  const path = rewrites.findLast((one) => one.path !== undefined)?.path;
  const hostname = rewrites.findLast((one) => one.hostname !== undefined)?.hostname;
  return {
    rewrite: {
      hostname,
      path: { full: path?.replaceFullPath, prefix: path?.replacePrefixMatch },
    },
  };
}
