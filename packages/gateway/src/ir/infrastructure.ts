import type { ObjectKey } from "../resources/object.ts";

/** What has to run for a gateway: the infrastructure manager makes it so. */
export interface IrInfrastructure {
  readonly gateway: ObjectKey;
  readonly gatewayClass: string;
  readonly dataPlane: "Nuncio" | "Envoy";
  /** As `spec.addresses` gives them; empty: all interfaces, or one of a pool. */
  readonly addresses: readonly string[];
  readonly ports: readonly IrPort[];
  /** For objects that are made for it. */
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly concurrency?: number;
  readonly logLevel?: string;
  readonly drainSeconds?: number;
}

export interface IrPort {
  readonly name: string;
  readonly protocol: "TCP" | "UDP";
  readonly port: number;
}
