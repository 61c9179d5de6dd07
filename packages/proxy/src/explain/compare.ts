import { outcomeTitle, percent } from "./explanation-text.ts";
import type { Explanation, HeaderLine, Outcome, UpstreamStep } from "./model.ts";

/** One thing that is not the same in two explanations of a request; null where it is not there. */
export interface Difference {
  /** `listener`, `route`, `cluster`, `request header x-a`, … */
  readonly what: string;
  readonly before: string | null;
  readonly after: string | null;
}

/**
 * What another configuration would do differently with a request. Places, and the numbers of routes, may change: what
 * counts is what becomes of the request.
 */
export function compareExplanations(before: Explanation, after: Explanation): Difference[] {
  const differences = compareFacts("", choices(before), choices(after));
  for (const [old, now] of pairs(before.outcomes, after.outcomes)) {
    const several = before.outcomes.length > 1 || after.outcomes.length > 1;
    const prefix = several ? `${outcomeTitle((now ?? old)!)}: ` : "";
    if (old === null || now === null) {
      const [was, is] = [old, now].map((each) => each && percent(each.probability));
      differences.push({ what: `${prefix}share`, before: was ?? null, after: is ?? null });
    } else {
      differences.push(...compareFacts(prefix, outcomeFacts(old), outcomeFacts(now)));
    }
  }
  return differences;
}

type Facts = ReadonlyMap<string, string>;

function compareFacts(prefix: string, before: Facts, after: Facts): Difference[] {
  const differences: Difference[] = [];
  for (const name of new Set([...before.keys(), ...after.keys()])) {
    const old = before.get(name) ?? null;
    const now = after.get(name) ?? null;
    if (old !== now) differences.push({ what: prefix + name, before: old, after: now });
  }
  return differences;
}

function choices(explanation: Explanation): Facts {
  const { listener, filterChain, network, manager, virtualHost } = explanation;
  const facts = new Map([["listener", listener.name]]);
  put(facts, "filter chain", filterChain.name);
  put(facts, "connection", network);
  put(facts, "virtual host", virtualHost?.name ?? "");
  if (manager !== null) {
    put(facts, "client address", manager.clientAddress);
    put(facts, "internal request", String(manager.internal));
  }
  return facts;
}

/** Outcomes that go the same way belong together; of two that are alone, one has taken the other's place. */
function pairs(
  before: readonly Outcome[],
  after: readonly Outcome[],
): (readonly [Outcome | null, Outcome | null])[] {
  if (before.length === 1 && after.length === 1) return [[before[0]!, after[0]!]];
  const left = [...after];
  const paired = before.map((old) => {
    const at = left.findIndex((now) => wayOf(now) === wayOf(old));
    return [old, at < 0 ? null : left.splice(at, 1)[0]!] as const;
  });
  return [...paired, ...left.map((now) => [null, now] as const)];
}

function wayOf({ upstream, response }: Outcome): string {
  return upstream[0] === undefined
    ? `status ${response?.status}`
    : `cluster ${upstream[0].cluster}`;
}

function outcomeFacts(outcome: Outcome): Facts {
  const { probability, route, filters, asked, upstream, response, responseHeaders } = outcome;
  const facts = new Map<string, string>();
  put(facts, "share", percent(probability));
  put(facts, "route", route?.name ?? "");
  put(facts, "kind", route?.kind ?? "no route");
  for (const [name, ms] of Object.entries(route?.timeouts ?? {})) put(facts, name, String(ms));
  if (route !== null && route.retries !== null)
    put(facts, "retries", `${route.retries.max} on ${route.retries.on.join(", ")}`);
  put(facts, "HTTP filters", filters.flatMap(({ name, runs }) => (runs ? name : [])).join(", "));
  asked.forEach(({ cluster, method, host, path, headers }, index) => {
    put(facts, `question ${index + 1}`, `${method} ${path} for host ${host} to cluster ${cluster}`);
    putHeaders(facts, `question ${index + 1} header`, headers);
  });
  upstream.forEach((step, index) =>
    putUpstream(facts, index === 0 ? "" : `mirror ${index} `, step),
  );
  if (response !== null) {
    put(facts, "status", String(response.status));
    put(facts, "body", response.body);
    put(facts, "flags", response.flags);
    put(facts, "details", response.details);
    putHeaders(facts, "response header", response.headers);
  }
  putHeaders(facts, "response header", responseHeaders);
  return facts;
}

function putUpstream(facts: Map<string, string>, prefix: string, step: UpstreamStep): void {
  put(facts, `${prefix}cluster`, step.cluster);
  put(facts, `${prefix}priority`, step.priority);
  put(facts, `${prefix}endpoints`, step.endpoints.map(({ address }) => address).join(", "));
  const policies = step.hash?.policies.map(({ policy }) => policy) ?? [];
  put(facts, `${prefix}hash policies`, policies.join(", "));
  put(facts, `${prefix}method`, step.method);
  put(facts, `${prefix}host`, step.host);
  put(facts, `${prefix}path`, step.path);
  putHeaders(facts, `${prefix}request header`, step.headers);
}

function putHeaders(
  facts: Map<string, string>,
  what: string,
  headers: readonly HeaderLine[],
): void {
  for (const [name, value] of headers) {
    const key = `${what} ${name.toLowerCase()}`;
    const known = facts.get(key);
    facts.set(key, known === undefined ? value : `${known}, ${value}`);
  }
}

/** What is empty is not there. */
function put(facts: Map<string, string>, name: string, value: string): void {
  if (value !== "") facts.set(name, value);
}
