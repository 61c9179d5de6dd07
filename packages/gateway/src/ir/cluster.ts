import type { ObjectKey, ObjectRef } from "../resources/object.ts";

/** Where requests, connections or datagrams can be sent. */
export interface IrCluster {
  readonly name: string;
  readonly gateway: ObjectKey;
  /** What it was made of. */
  readonly backend: ObjectRef;
  /** How upstreams are spoken to. `client`: as the client spoke. */
  readonly protocol: "http1" | "http2" | "client" | "tcp" | "udp";
  /** `endpoints`: pieces of their own; `dns`: names among them are looked up. */
  readonly discovery: "endpoints" | "dns";
  readonly tls?: IrUpstreamTls;
}

/** Where a cluster is at the moment. Changes more often than the cluster. */
export interface IrEndpoints {
  /** The name of the cluster. */
  readonly name: string;
  readonly gateway: ObjectKey;
  readonly endpoints: readonly IrEndpoint[];
}

export interface IrEndpoint {
  /** An IP address, a host name (`dns`), or the path of a socket. */
  readonly address: string;
  /** 0 for the path of a socket. */
  readonly port: number;
  readonly zone?: string;
  /** Higher ones are for when lower ones are gone; 0 unless given. */
  readonly priority?: number;
  /** No new connections, as the endpoint is about to go. */
  readonly draining?: true;
}

/** TLS towards upstreams. */
export interface IrUpstreamTls {
  /** Sent, and checked unless there are alternative names. */
  readonly sni: string;
  /** The name of a secret with certificates of authorities, or `system`. None: nothing is checked. */
  readonly ca?: string;
  /** Any one has to be in the certificate; none: the SNI. */
  readonly subjectAltNames: readonly IrSubjectAltName[];
  /** The name of the secret that is shown to upstreams. */
  readonly clientCertificate?: string;
  readonly alpn: readonly string[];
}

export interface IrSubjectAltName {
  readonly kind: "dns" | "uri";
  readonly value: string;
}
