import type { Backend } from "#gen/resources";
import type { BackendDemand } from "../translated-route.ts";
import { transportOf } from "./backend-kinds.ts";
import type { ReferenceProblem } from "./backend-references.ts";
import type { ServiceObject } from "./objects.ts";
import { httpProtocol, servicePort } from "./service-ports.ts";

type Protocol = BackendDemand["protocol"];

/** What is wrong with a Service, or ServiceImport, as the target of a route. */
export function serviceProblem(
  service: ServiceObject | undefined,
  what: string,
  { port, protocol }: { readonly port?: number; readonly protocol: Protocol },
): ReferenceProblem | undefined {
  if (service === undefined)
    return { reason: "BackendNotFound", message: `${what} does not exist` };
  const outside = externalName(service);
  if (outside !== undefined)
    return {
      reason: "UnsupportedValue",
      message: `${what} is of type ExternalName, which requests are not sent to: use a Backend with the endpoint fqdn: { hostname: ${outside}, port: ${port ?? "..."} }`,
    };
  if (port === undefined)
    return { reason: "BackendNotFound", message: `${what}: expected a port, got none` };
  const found = servicePort(service, { port, protocol });
  if (found === undefined)
    return {
      reason: "BackendNotFound",
      message: `${what} has no ${transportOf({ protocol })} port ${port}`,
    };
  const { appProtocol } = found;
  return appProtocol === undefined ? undefined : spokenProblem([appProtocol], what, protocol);
}

/** The name that a Service of type ExternalName stands for; undefined: it is of another type. */
function externalName({ spec }: ServiceObject): string | undefined {
  if (spec?.type !== "ExternalName") return undefined;
  return ("externalName" in spec ? spec.externalName : undefined) ?? "...";
}

/** What is wrong with a Backend as the target of a route. */
export function backendProblem(
  backend: Backend | undefined,
  what: string,
  protocol: Protocol,
): ReferenceProblem | undefined {
  if (backend === undefined)
    return { reason: "BackendNotFound", message: `${what} does not exist` };
  const { endpoints, appProtocols = [], fallback, tls } = backend.spec;
  const hasSocket = endpoints.some(({ unix }) => unix !== undefined);
  if (hasSocket && protocol === "udp")
    return { reason: "UnsupportedProtocol", message: `${what}: a unix socket takes no datagrams` };
  if (hasSocket && endpoints.some(({ fqdn }) => fqdn !== undefined))
    return {
      reason: "UnsupportedValue",
      message: `${what}: expected either fqdn or unix endpoints, got both`,
    };
  if (fallback && (hasSocket || tls !== undefined))
    return {
      reason: "UnsupportedValue",
      message: `${what}: a fallback is spoken to as the others are, expected no tls and no unix endpoints`,
    };
  return spokenProblem(appProtocols, what, protocol);
}

function spokenProblem(
  appProtocols: readonly string[],
  what: string,
  protocol: Protocol,
): ReferenceProblem | undefined {
  if (protocol !== "http" && protocol !== "grpc") return undefined;
  if (httpProtocol({ protocol }, appProtocols) !== undefined) return undefined;
  return {
    reason: "UnsupportedProtocol",
    message: `${what} speaks ${appProtocols.join(", ")}, which this kind of route cannot`,
  };
}
