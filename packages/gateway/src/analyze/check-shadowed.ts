import type { IrRoute, IrRouteMatch, IrStringMatch } from "../ir/route.ts";
import type { Check, Finding } from "./mistake.ts";

/** `httproute/<namespace>/<name>/rule/<i>/match/<j>`, alone or with a backend. Preflights are no match that somebody wrote. */
const NAME = /^(http|grpc)route\/([^/]+)\/([^/]+)\/rule\/(\d+)\/match\/(\d+)(?=$|\/backend\/\d+$)/;

/** Matches that never see a request: wherever they stand, one before them takes all that they would. */
export const checkShadowed: Check = ({ store, pipeline }) => {
  const shadows = new Map<string, string | undefined>();
  for (const host of pipeline.pieces.virtualHosts.values()) {
    for (const [name, by] of shadowsOf(host.routes)) {
      const isFirst = !shadows.has(name);
      const before = shadows.get(name);
      shadows.set(name, isFirst || before !== undefined ? by : undefined);
    }
  }
  return [...shadows].flatMap(([name, by]): Finding[] => {
    if (by === undefined) return [];
    const [, kind, namespace, route, rule, match] = NAME.exec(name)!;
    const table = store.table(kind === "http" ? "HTTPRoute" : "GRPCRoute");
    const object = table.peek(`${namespace}/${route}`);
    if (object === undefined) return [];
    return [
      {
        rule: "shadowed",
        severity: "warning",
        object,
        path: ["spec", "rules", Number(rule), "matches", Number(match)],
        message: `never matches: ${described(by)} comes before it and takes all of its requests`,
      },
    ];
  });
};

/** Each match of a virtual host, and the one before it that takes all that it would; undefined: there is none. */
function shadowsOf(routes: readonly IrRoute[]): Map<string, string | undefined> {
  const shadows = new Map<string, string | undefined>();
  const before = new Map<string, IrRoute[]>();
  for (const route of routes) {
    const name = NAME.exec(route.name)?.[0];
    if (name === undefined) continue;
    const own = pathKey(route.match.path);
    const candidates = [own, ...prefixesOf(route.match.path)].flatMap(
      (key) => before.get(key) ?? [],
    );
    const by = candidates.find(
      (other) => !other.name.startsWith(name) && takesAllOf(other.match, route.match),
    );
    // A match that is made of several routes is alive as long as one of them is.
    if (!shadows.has(name) || by === undefined) shadows.set(name, by && NAME.exec(by.name)?.[0]);
    before.set(own, [...(before.get(own) ?? []), route]);
  }
  return shadows;
}

function takesAllOf(one: IrRouteMatch, other: IrRouteMatch): boolean {
  return (
    one.fraction === undefined &&
    (one.grpc === undefined || other.grpc === true) &&
    (one.method === undefined || one.method === other.method) &&
    isPart(one.headers, other.headers) &&
    isPart(one.queryParams, other.queryParams)
  );
}

/** Whether whatever satisfies the second list satisfies the first. */
function isPart(some: readonly IrStringMatch[], all: readonly IrStringMatch[]): boolean {
  return some.every(({ name, kind, value }) =>
    all.some((other) => other.name === name && other.kind === kind && other.value === value),
  );
}

function pathKey({ kind, value }: IrRouteMatch["path"]): string {
  return `${kind} ${value}`;
}

/** Prefixes that take whatever this path takes. */
function prefixesOf({ kind, value }: IrRouteMatch["path"]): string[] {
  if (kind === "regex") return ["prefix /"];
  const segments = value.split("/").filter((segment) => segment !== "");
  const prefixes = segments.map((_, i) => `prefix /${segments.slice(0, i + 1).join("/")}`);
  return ["prefix /", ...prefixes].filter((key) => key !== `${kind} ${value}`);
}

function described(name: string): string {
  const [, kind, namespace, route, rule, match] = NAME.exec(name)!;
  const what = kind === "http" ? "HTTPRoute" : "GRPCRoute";
  return `spec.rules[${rule}].matches[${match}] of ${what} ${namespace}/${route}`;
}
