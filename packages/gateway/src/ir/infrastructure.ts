import type { ObjectKey } from "../resources/object.ts";

/** What has to run for a gateway: the infrastructure manager makes it so. */
export interface IrInfrastructure {
  readonly gateway: ObjectKey;
  readonly gatewayClass: string;
  /** Unless given, the one that the control plane usually runs. */
  readonly dataPlane?: "Nuncio" | "Envoy";
  /** Where it listens; empty: at all addresses. */
  readonly addresses: readonly string[];
  readonly ports: readonly IrPort[];
  /** For what is made for it: `node.metadata` of a process. */
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly concurrency?: number;
  readonly logLevel?: string;
  /** Where the admin interface listens, on loopback; 0: any free port. */
  readonly adminPort?: number;
  /** How long connections are asked to end. */
  readonly drainSeconds?: number;
  /** How long a data plane may take to stop. */
  readonly terminationSeconds?: number;
}

export interface IrPort {
  readonly name: string;
  readonly protocol: "TCP" | "UDP";
  readonly port: number;
}
