import type { Cells } from "../../incremental/cells.ts";
import type { AnyStage } from "../../incremental/stage-order.ts";
import type { IrCluster, IrEndpoints } from "../../ir/cluster.ts";
import type { IrSecret } from "../../ir/secret.ts";
import type { TranslatedGateway } from "../translated-gateway.ts";
import type { BackendDemand, TranslatedRoute } from "../translated-route.ts";
import type { BackendSources } from "./backend-references.ts";
import { irClusters } from "./clusters.ts";
import { backendDemands } from "./demands.ts";
import { clusterEndpoints } from "./endpoints.ts";
import { slicesByOwner } from "./slices.ts";
import { checkedPolicies, type CheckedPolicy } from "./tls/checked-policy.ts";
import { clusterSecrets } from "./tls/cluster-secrets.ts";
import { policyWinners, type PolicyWinner } from "./tls/policy-winners.ts";
import { clientCertificates, upstreamTls } from "./tls/upstream-tls.ts";

/** What routes send requests to. */
export interface BackendStages {
  /** In the order in which they are computed, all behind those of routes. */
  readonly order: readonly AnyStage[];
  readonly demands: Cells<BackendDemand>;
  readonly clusters: Cells<IrCluster>;
  readonly endpoints: Cells<IrEndpoints>;
  readonly secrets: Cells<IrSecret>;
  /** By the key of the BackendTLSPolicy. */
  readonly policies: Cells<CheckedPolicy>;
  readonly winners: Cells<PolicyWinner>;
}

interface BackendInputs extends BackendSources {
  readonly gateways: Cells<TranslatedGateway>;
  readonly routes: Cells<TranslatedRoute>;
}

/** All stages from what routes demand to endpoints. */
export function backendStages(inputs: BackendInputs): BackendStages {
  const { store, gateways, routes } = inputs;
  const demands = backendDemands(routes);
  const policies = checkedPolicies(store);
  const winners = policyWinners(policies);
  const certificates = clientCertificates(gateways);
  const tls = { ...inputs, policies, winners, clientCertificates: certificates };
  const clusters = irClusters({
    store,
    demands,
    tlsOf: (read, demand, backend) => upstreamTls(tls, read, demand, backend),
  });
  const endpoints = clusterEndpoints({ store, demands, clusters, slices: slicesByOwner(store) });
  const secrets = clusterSecrets({ ...inputs, clusters, policies });
  const order = [demands, policies, winners, certificates, clusters, endpoints, secrets];
  return { order, demands, clusters, endpoints, secrets, policies, winners };
}
