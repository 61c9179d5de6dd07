import { readFileSync } from "node:fs";
import { parse } from "yaml";
import type { Resource } from "../../resources/object.ts";
import { keyOf } from "../../resources/object.ts";
import type { StatusFields } from "../../status/object-status.ts";
import { readOriginalCase } from "./read-case.ts";
import { statusFacts } from "./status-facts.ts";

/** Kinds whose statuses are compared, by what they are called in the cases. */
const COMPARED: Readonly<Record<string, string>> = {
  gateways: "Gateway",
  listenersets: "ListenerSet",
  httproutes: "HTTPRoute",
  grpcroutes: "GRPCRoute",
  tlsroutes: "TLSRoute",
  tcproutes: "TCPRoute",
  udproutes: "UDPRoute",
  backendtlspolicies: "BackendTLSPolicy",
};

/** What one side says of an object, and the other does not: `HTTPRoute default/a parent ...: Accepted=True/Accepted`. */
export interface Difference {
  readonly original: readonly string[];
  readonly ours: readonly string[];
}

/** Translates a case of the original, and compares what is said of its objects with what the original says. */
export function compareCase(
  folder: URL,
  name: string,
  translate: (
    resources: readonly Resource[],
  ) => (kind: string, key: string) => StatusFields | undefined,
): Difference {
  const statusOf = translate(readOriginalCase(folder, name));
  const difference: { original: string[]; ours: string[] } = { original: [], ours: [] };
  for (const { kind, key, status } of statusesOf(new URL(`${name}.out.yaml`, folder))) {
    const own: Partial<StatusFields> = statusOf(kind, key) ?? {};
    const theirFacts = statusFacts(status, status);
    const ourFacts = statusFacts(own, status);
    const about = `${kind} ${key} `;
    for (const fact of theirFacts) if (!ourFacts.has(fact)) difference.original.push(about + fact);
    for (const fact of ourFacts) if (!theirFacts.has(fact)) difference.ours.push(about + fact);
  }
  return difference;
}

interface OriginalStatus {
  readonly kind: string;
  readonly key: string;
  readonly status: Partial<StatusFields>;
}

function statusesOf(file: URL): OriginalStatus[] {
  const tree = parse(readFileSync(file, "utf8")) as Readonly<Record<string, unknown>>;
  return Object.entries(tree).flatMap(([list, objects]) => {
    const kind = COMPARED[list.toLowerCase()];
    if (kind === undefined) return [];
    return (objects as (Resource & { readonly status?: Partial<StatusFields> })[]).map(
      (object) => ({
        kind,
        key: keyOf(object),
        status: object.status ?? {},
      }),
    );
  });
}
