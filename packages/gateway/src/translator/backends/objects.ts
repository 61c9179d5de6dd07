import type { Resource } from "../../resources/object.ts";

/** What is read of a Service, and of a ServiceImport. */
export interface ServiceObject extends Resource {
  readonly spec: {
    readonly type?: string;
    readonly ports?: readonly ServicePort[];
    readonly ipFamilies?: readonly string[];
  };
}

export interface ServicePort {
  readonly name?: string;
  readonly port: number;
  readonly protocol?: string;
  readonly appProtocol?: string;
}

/** `discovery.k8s.io/v1 EndpointSlice` */
export interface EndpointSliceObject extends Resource {
  readonly addressType: string;
  readonly ports?: readonly { readonly name?: string; readonly port?: number }[] | null;
  readonly endpoints?: readonly SliceEndpoint[] | null;
}

export interface SliceEndpoint {
  readonly addresses: readonly string[];
  readonly conditions?: {
    readonly ready?: boolean;
    readonly serving?: boolean;
    readonly terminating?: boolean;
  };
  readonly zone?: string;
}

/** `gateway.nuncio.dev/v1alpha1 Backend` */
export interface BackendObject extends Resource {
  readonly spec: {
    readonly endpoints?: readonly BackendEndpoint[];
    readonly appProtocols?: readonly string[];
    readonly fallback?: boolean;
    readonly tls?: BackendTls;
  };
}

/** One of `fqdn`, `ip`, `unix`. */
export interface BackendEndpoint {
  readonly fqdn?: { readonly hostname: string; readonly port: number };
  readonly ip?: { readonly address: string; readonly port: number };
  readonly unix?: { readonly path: string };
  readonly zone?: string;
}

export interface BackendTls {
  readonly caCertificateRefs?: readonly LocalObjectReference[];
  readonly wellKnownCACertificates?: string;
  readonly insecureSkipVerify?: boolean;
  readonly sni?: string;
  readonly clientCertificateRef?: {
    readonly group?: string;
    readonly kind?: string;
    readonly name: string;
    readonly namespace?: string;
  };
}

export interface LocalObjectReference {
  readonly group: string;
  readonly kind: string;
  readonly name: string;
}

/** `gateway.networking.k8s.io/v1 BackendTLSPolicy` */
export interface BackendTlsPolicyObject extends Resource {
  readonly spec: {
    readonly targetRefs: readonly (LocalObjectReference & { readonly sectionName?: string })[];
    readonly validation: {
      readonly caCertificateRefs?: readonly LocalObjectReference[];
      readonly wellKnownCACertificates?: string;
      readonly hostname: string;
      readonly subjectAltNames?: readonly {
        readonly type: string;
        readonly hostname?: string;
        readonly uri?: string;
      }[];
    };
    readonly options?: Readonly<Record<string, string>>;
  };
}
