import type { Place } from "@nuncio/api";
import type {
  Check,
  ChosenRoute,
  Explanation,
  FilterStep,
  HashStep,
  HeaderChange,
  LocalResponse,
  ManagerStep,
  MatcherStep,
  Outcome,
  RouteTrial,
  ScopeChoice,
  QuestionStep,
  UpstreamStep,
  VirtualHostChoice,
} from "./model.ts";
import { renderTree, type Paint, type TextNode } from "./text-tree.ts";

/** What may be left out of the text; the JSON form has all of it. */
export interface ExplanationTextOptions {
  readonly paint: Paint;
  /** Every route that was asked; else long runs of routes that are for other paths are one line. */
  readonly allRoutes: boolean;
}

/** An explanation as a tree of lines. */
export function explanationText(
  explanation: Explanation,
  { paint, allRoutes }: ExplanationTextOptions,
): string {
  const { request, listener, filterChain, manager, scope, virtualHost } = explanation;
  const { routes, outcomes } = explanation;
  const { method, scheme, host, path, source } = request;
  const children: TextNode[] = [
    at(`listener ${listener.name} (${listener.address}): ${listener.why}`, listener.place),
    {
      ...at(named("filter chain", filterChain.name, filterChain.why), filterChain.place),
      children: [
        ...filterChain.matcher.map(stepNode),
        ...filterChain.refused.map((each) => ({
          ...at(`✗ ${named("filter chain", each.name, each.why)}`, each.place),
          style: "red" as const,
        })),
      ],
    },
  ];
  if (explanation.network !== "") children.push({ text: explanation.network, style: "bold" });
  if (manager !== null) children.push(managerNode(manager));
  if (scope !== null) children.push(scopeNode(scope));
  if (virtualHost !== null) children.push(virtualHostNode(virtualHost));
  if (routes.length > 0) children.push(routesNode(routes, allRoutes));
  children.push(...outcomes.map(outcomeNode));
  const url = path.startsWith("/") ? `${scheme}://${host}${path}` : path;
  return renderTree({ text: `${method} ${url} from ${source}`, style: "bold", children }, paint);
}

/** A probability as it is shown: `25 %`, `0.1 %`. */
export function percent(probability: number): string {
  return `${Number((probability * 100).toPrecision(4))} %`;
}

/** `file:line`; empty for no place. */
function placeText(place: Place | null): string {
  return place === null ? "" : `${place.file}:${place.line}`;
}

function at(text: string, place: Place | null): TextNode {
  return { text, place: placeText(place) };
}

function named(what: string, name: string, why: string): string {
  return `${what}${name === "" ? "" : ` ${name}`}: ${why}`;
}

function managerNode({
  statPrefix,
  place,
  clientAddress,
  internal,
  changes,
}: ManagerStep): TextNode {
  const client =
    clientAddress === ""
      ? []
      : [{ text: `client ${clientAddress}, ${internal ? "internal" : "external"}` }];
  return {
    ...at(`HTTP connection manager ${statPrefix}`, place),
    children: [...client, ...changes.map(changeNode)],
  };
}

function changeNode({ name, before, after }: HeaderChange): TextNode {
  if (before === null) return { text: `+ ${name}: ${after}`, style: "green" };
  if (after === null) return { text: `- ${name}: ${before}`, style: "red" };
  return { text: `~ ${name}: ${before} → ${after}`, style: "yellow" };
}

function scopeNode({ key, found, place }: ScopeChoice): TextNode {
  const text = key === null ? "a part of the key is missing" : `key ${JSON.stringify(key)}`;
  if (found) return at(`route scope: ${text}`, place);
  return { text: `no route scope: ${text}`, style: "red" };
}

function stepNode({ text, seen, held }: MatcherStep): TextNode {
  const values = seen === "" ? "" : `: seen ${seen}`;
  return { text: `${held ? "✓" : "✗"} matcher ${text}${values}`, style: held ? "green" : "red" };
}

function virtualHostNode(choice: VirtualHostChoice): TextNode {
  const { name, why, place, candidates, matcher } = choice;
  const children = [
    ...candidates.map((each) => at(`not virtual host ${each.name}: ${each.why}`, each.place)),
    ...matcher.map(stepNode),
  ];
  if (name === null) return { text: `no virtual host: ${why}`, style: "red" };
  return { ...at(`virtual host ${name}: ${why}`, place), children };
}

function routesNode(routes: readonly RouteTrial[], all: boolean): TextNode {
  return { text: "routes, in order", children: all ? routes.map(routeNode) : shortened(routes) };
}

/** A run of routes for other paths is cut when it is longer than both ends that are shown of it. */
const HEAD_ROUTES = 8;
const TAIL_ROUTES = 4;

function shortened(routes: readonly RouteTrial[]): TextNode[] {
  const nodes: TextNode[] = [];
  for (let start = 0; start < routes.length;) {
    let end = start;
    while (end < routes.length && isOtherPath(routes[end]!)) end++;
    const run = routes.slice(start, end);
    if (run.length > HEAD_ROUTES + TAIL_ROUTES + 1) {
      const left = run.length - HEAD_ROUTES - TAIL_ROUTES;
      nodes.push(...run.slice(0, HEAD_ROUTES).map(routeNode));
      nodes.push({ text: `… ${left} more routes, all for other paths`, style: "dim" });
      nodes.push(...run.slice(-TAIL_ROUTES).map(routeNode));
    } else {
      nodes.push(...run.map(routeNode));
    }
    if (end < routes.length) nodes.push(routeNode(routes[end]!));
    start = end + 1;
  }
  return nodes;
}

function isOtherPath({ checks }: RouteTrial): boolean {
  return checks[0]?.held === false;
}

function routeNode({
  index,
  name,
  place,
  path,
  verdict,
  probability,
  checks,
}: RouteTrial): TextNode {
  const title = `#${index + 1}${name === "" ? "" : ` ${name}`} ${path}`;
  const refusal = checks.find(({ held }) => !held);
  if (verdict === "refused" && refusal !== undefined)
    return {
      ...at(`✗ ${title}: ${refusalText(refusal, refusal === checks[0])}`, place),
      style: "red",
    };
  if (verdict === "taken" && probability === 1)
    return { ...at(`✓ ${title}`, place), style: "green" };
  return { ...at(`? ${title}: ${percent(probability)} of the requests`, place), style: "yellow" };
}

function refusalText({ criterion, wanted, seen }: Check, isPath: boolean): string {
  // The title says already which path the route is for.
  return isPath ? `seen ${seen}` : `${criterion}: wanted ${wanted}, seen ${seen}`;
}

function outcomeNode(outcome: Outcome): TextNode {
  const { probability, route, filters, asked, upstream, response, responseHeaders } = outcome;
  const share = probability === 1 ? "" : `${percent(probability)}: `;
  const children: TextNode[] = filters.map(filterNode);
  if (route !== null) children.push(...timeoutNodes(route.timeouts), ...retryNodes(route.retries));
  children.push(...asked.map(questionNode), ...upstream.map((step) => upstreamNode(step)));
  if (response !== null) children.push(...responseNodes(response));
  if (responseHeaders.length > 0) {
    const names = responseHeaders.map(([name, value]) => ({
      text: `+ ${name}: ${value}`,
      style: "green" as const,
    }));
    children.push({ text: "a response gets", children: names });
  }
  return {
    ...at(`${share}${outcomeTitle(outcome)}`, route?.place ?? null),
    style: "bold",
    children,
  };
}

/** An outcome in one line: `cluster service_a`, `301 to http://h/x`, `404 NR route_not_found`. */
export function outcomeTitle({ route, upstream, response }: Outcome): string {
  const by = route === null || route.name === "" ? "" : ` by route ${route.name}`;
  const first = upstream[0];
  if (first !== undefined) return `goes to cluster ${first.cluster}${by}`;
  if (response === null) return `waits${by}: nothing is sent yet`;
  const location = response.headers.find(([name]) => name.toLowerCase() === "location")?.[1];
  const to = location === undefined ? "" : ` to ${location}`;
  const flags = response.flags === "-" ? "" : ` ${response.flags}`;
  return `is answered ${response.status}${to}${flags}${by}`;
}

function filterNode({ name, runs, why, changes, stopped }: FilterStep): TextNode {
  const state = runs ? (stopped ? ": answers or waits" : "") : `: ${why}`;
  return {
    text: `${runs ? "" : "✗ "}HTTP filter ${name}${state}`,
    ...(!runs && { style: "dim" as const }),
    children: changes.map(changeNode),
  };
}

function timeoutNodes(timeouts: { readonly [name: string]: number }): TextNode[] {
  const texts = Object.entries(timeouts).map(
    ([name, ms]) => `${name.replace(/_ms$/, "")} ${ms === 0 ? "none" : `${ms} ms`}`,
  );
  return texts.length === 0 ? [] : [{ text: texts.join(", ") }];
}

function retryNodes(retries: ChosenRoute["retries"]): TextNode[] {
  if (retries === null) return [];
  const { on, max } = retries;
  return [
    { text: `is sent again on ${on.join(", ")}, ${max} ${max === 1 ? "time" : "times"} at most` },
  ];
}

function questionNode({ cluster, place, method, path, host, headers }: QuestionStep): TextNode {
  const lines = headers.map(([name, value]) => ({ text: `${name}: ${value}` }));
  const text = `cluster ${cluster} is asked by a filter: ${method} ${path} for host ${host}`;
  return { ...at(text, place), children: lines };
}

function upstreamNode(step: UpstreamStep): TextNode {
  const { cluster, place, priority, endpoints, hash, method, host, path, changes } = step;
  const high = priority === "high" ? " with high priority" : "";
  const hosts = endpoints.map(({ address, hostname, weight, priority: level, health }) => {
    const facts = [
      hostname === "" ? "" : `hostname ${hostname}`,
      weight === 1 ? "" : `weight ${weight}`,
      level === 0 ? "" : `priority ${level}`,
      health === "healthy" ? "" : health,
    ].filter((fact) => fact !== "");
    return { text: `endpoint ${[address, ...facts].join(", ")}` };
  });
  return {
    ...at(`cluster ${cluster}${high} gets ${method} ${path} for host ${host}`, place),
    style: "cyan",
    children: [...changes.map(changeNode), ...hosts, ...hashNodes(hash)],
  };
}

function hashNodes(step: HashStep | null): TextNode[] {
  if (step === null) return [];
  const { algorithm, policies, hash, endpoint } = step;
  const way = hash === null ? "without a hash, by chance" : `${endpoint} by hash ${hash}`;
  const children = policies.map(({ policy, seen, held }) => ({
    text: `${held ? "✓" : "✗"} ${policy}: ${seen}`,
    style: held ? ("green" as const) : ("red" as const),
  }));
  return [{ text: `${algorithm} chooses ${way}`, children }];
}

/** How much of a body is shown. */
const BODY_CHARACTERS = 200;

function responseNodes({ headers, body, details, missingCluster }: LocalResponse): TextNode[] {
  const nodes: TextNode[] = [{ text: `details ${details}` }];
  if (missingCluster !== "")
    nodes.push({ text: `no such cluster: ${missingCluster}`, style: "red" });
  nodes.push(...headers.map(([name, value]) => ({ text: `${name}: ${value}` })));
  if (body !== "") {
    const more = body.length > BODY_CHARACTERS ? "…" : "";
    nodes.push({ text: `body ${JSON.stringify(body.slice(0, BODY_CHARACTERS))}${more}` });
  }
  return nodes;
}
