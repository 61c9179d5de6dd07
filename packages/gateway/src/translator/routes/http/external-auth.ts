import { MESSAGE_HEADERS } from "../../../ir/message-headers.ts";
import type { IrExternalAuth } from "../../../ir/route.ts";
import type { BackendDemand } from "../../translated-route.ts";
import type { ExternalAuthFilter } from "../objects.ts";
import type { RuleFaults } from "./faults.ts";
import { checkHeaderName } from "./header-names.ts";
import type { RuleContext } from "./rule-context.ts";

/** As much as data planes can be told (uint32). */
const BODY_BYTES_MAX = 2 ** 32 - 1;

/** What a service by HTTP is told whatever is allowed. */
const ALWAYS_TOLD = new Set(["authorization", "content-length", "host"]);

/** Null: there is nobody to ask, so nobody may pass. */
export function externalAuth(
  filter: ExternalAuthFilter,
  where: string,
  { backends, faults }: RuleContext,
): IrExternalAuth | null {
  const { protocol, http, grpc, forwardBody } = filter;
  if (protocol !== "GRPC" && protocol !== "HTTP") {
    faults.unsupported(`${where}.protocol`, `expected GRPC or HTTP, got ${protocol}`);
    return null;
  }
  const cluster = backends.resolve(filter.backendRef, {
    protocol: protocol === "GRPC" ? "grpc" : "http",
    where: `${where}.backendRef`,
  });
  const bodyBytesMax = forwardBody?.maxSize ?? 0;
  if (bodyBytesMax < 0 || bodyBytesMax > BODY_BYTES_MAX) {
    const expected = `expected 0 to ${BODY_BYTES_MAX} bytes`;
    refuse(`${where}.forwardBody.maxSize`, `${expected}, got ${bodyBytesMax}`, faults);
  }
  const told =
    protocol === "HTTP"
      ? httpHeaders(http, `${where}.http`, faults)
      : grpcHeaders(grpc, `${where}.grpc`, faults);
  if (cluster === null) return null;
  return {
    protocol,
    cluster,
    ...(protocol === "GRPC" && { authority: authorityOf(backends.demands.get(cluster)!) }),
    ...told,
    ...(bodyBytesMax > 0 && { bodyBytesMax }),
  };
}

/** Names of clusters are no hosts: servers refuse to be called by them. */
function authorityOf({ name, namespace, port }: BackendDemand): string {
  return port === 0 ? `${name}.${namespace}` : `${name}.${namespace}:${port}`;
}

type Told = Pick<IrExternalAuth, "pathPrefix" | "requestHeaders" | "responseHeaders">;

function grpcHeaders(grpc: ExternalAuthFilter["grpc"], where: string, faults: RuleFaults): Told {
  const requestHeaders = headerNames(grpc?.allowedHeaders, `${where}.allowedHeaders`, faults);
  return { requestHeaders, responseHeaders: [] };
}

function httpHeaders(
  { path, allowedHeaders, allowedResponseHeaders }: ExternalAuthFilter["http"] = {},
  where: string,
  faults: RuleFaults,
): Told {
  const requestHeaders = headerNames(allowedHeaders, `${where}.allowedHeaders`, faults);
  const whereAnswer = `${where}.allowedResponseHeaders`;
  const responseHeaders = headerNames(allowedResponseHeaders, whereAnswer, faults);
  for (const name of responseHeaders.filter(isNeverHandedOn))
    refuse(whereAnswer, `${name} cannot be handed on`, faults);
  if (path !== undefined && !path.startsWith("/"))
    refuse(`${where}.path`, `expected a path that begins with "/", got "${path}"`, faults);
  return {
    ...(path !== undefined && { pathPrefix: path }),
    requestHeaders: requestHeaders.filter((name) => !ALWAYS_TOLD.has(name)),
    responseHeaders,
  };
}

/** Without the filter everybody would pass, or what another rule has would be served: requests get an error. */
function refuse(where: string, message: string, faults: RuleFaults): void {
  faults.fails = true;
  faults.unsupported(where, message);
}

/** Data planes are told what to do by `x-envoy-*`: that is not for services to say. */
function isNeverHandedOn(name: string): boolean {
  return MESSAGE_HEADERS.includes(name) || name.startsWith("x-envoy-");
}

/** Lower case, sorted, each once: however it is written, a set of names is told alike. */
function headerNames(
  names: readonly string[] = [],
  where: string,
  faults: RuleFaults,
): readonly string[] {
  for (const [i, name] of names.entries())
    if (!checkHeaderName(name, `${where}[${i}]`, faults)) faults.fails = true;
  return [...new Set(names.map((name) => name.toLowerCase()))].toSorted();
}
