import type { Cells } from "../../../incremental/cells.ts";
import { Stage, type Read } from "../../../incremental/stage.ts";
import type { IrUpstreamTls } from "../../../ir/cluster.ts";
import type { ObjectKey } from "../../../resources/object.ts";
import type { TranslatedGateway } from "../../translated-gateway.ts";
import type { BackendDemand } from "../../translated-route.ts";
import type { BackendSources } from "../backend-references.ts";
import type { ResolvedBackend } from "../resolve.ts";
import { checkBackendTls, type CheckedBackendTls } from "./backend-tls.ts";
import { targetKey, type CheckedPolicy, type PolicyTls } from "./checked-policy.ts";
import type { PolicyWinner } from "./policy-winners.ts";
import { backendSecretName, clientSecretName, policySecretName } from "./secret-names.ts";

/** What is offered follows from what is spoken behind it. */
type Tls = Omit<IrUpstreamTls, "alpn">;

export interface TlsInputs extends BackendSources {
  readonly policies: Cells<CheckedPolicy>;
  readonly winners: Cells<PolicyWinner>;
  readonly clientCertificates: Cells<{ readonly secret: string }>;
}

/** By the key of the Gateway: the name of the secret that it shows to upstreams. */
export function clientCertificates(
  gateways: Cells<TranslatedGateway>,
): Stage<{ readonly secret: string }> {
  return new Stage<{ readonly secret: string }>({
    name: "client certificates",
    compute: (key, read) => {
      const secret = read.one(gateways, key)?.clientCertificate;
      return secret === undefined ? undefined : { secret };
    },
  }).forEach(gateways);
}

/**
 * TLS towards a backend: as the policy of its port has it, or of the whole backend, or the Backend itself. Undefined: in
 * the clear. Null: it cannot be as it is to be, so nobody is connected.
 */
export function upstreamTls(
  inputs: TlsInputs,
  read: Read,
  demand: BackendDemand,
  backend: ResolvedBackend,
): Tls | undefined | null {
  const { gateway, protocol } = demand;
  if (protocol === "udp" || protocol === "tls") return undefined;
  const policy = policyOf(inputs, read, demand, backend);
  const shown = read.one(inputs.clientCertificates, gateway)?.secret;
  if (policy !== undefined)
    return policy.tls === undefined ? null : ofPolicy(policy.tls, policy.key, gateway, shown);
  if (backend.kind !== "Backend") return undefined;
  const own = checkBackendTls(read, inputs, backend.backend);
  if (own === undefined) return undefined;
  return "problem" in own ? null : ofBackend(own, demand, shown);
}

function policyOf(
  { policies, winners }: TlsInputs,
  read: Read,
  demand: BackendDemand,
  backend: ResolvedBackend,
): CheckedPolicy | undefined {
  const ofPort =
    backend.kind === "Service"
      ? read.one(winners, targetKey(demand, backend.port.name ?? ""))
      : undefined;
  const winner = ofPort ?? read.one(winners, targetKey(demand));
  return winner === undefined ? undefined : read.one(policies, winner.policy);
}

function ofPolicy(
  { hostname, subjectAltNames, authorities }: PolicyTls,
  policy: ObjectKey,
  gateway: ObjectKey,
  shown: string | undefined,
): Tls {
  return {
    sni: hostname,
    ca: authorities === "system" ? "system" : policySecretName(gateway, policy),
    subjectAltNames,
    ...(shown !== undefined && { clientCertificate: shown }),
  };
}

function ofBackend(
  { sni, authorities, clientCertificate }: CheckedBackendTls,
  { gateway, namespace, name }: BackendDemand,
  ofGateway: string | undefined,
): Tls {
  const ca =
    authorities === "system" ? "system" : backendSecretName(gateway, `${namespace}/${name}`);
  const shown =
    clientCertificate === undefined ? ofGateway : clientSecretName(gateway, clientCertificate);
  return {
    sni,
    ...(authorities !== undefined && { ca }),
    subjectAltNames: [],
    ...(shown !== undefined && { clientCertificate: shown }),
  };
}
