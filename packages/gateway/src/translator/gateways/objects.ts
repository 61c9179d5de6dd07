import type { Resource } from "../../resources/object.ts";
import type { LabelSelector } from "../translated-gateway.ts";

/** What is read of `gateway.networking.k8s.io/v1 GatewayClass`. */
export interface GatewayClassObject extends Resource {
  readonly spec: {
    readonly controllerName: string;
    readonly parametersRef?: LocalReference & { readonly namespace?: string };
  };
}

/** What is read of `gateway.networking.k8s.io/v1 Gateway`. */
export interface GatewayObject extends Resource {
  readonly spec: {
    readonly gatewayClassName: string;
    readonly listeners: readonly ListenerSpec[];
    readonly addresses?: readonly AddressSpec[];
    readonly infrastructure?: {
      readonly labels?: Readonly<Record<string, string>>;
      readonly annotations?: Readonly<Record<string, string>>;
      readonly parametersRef?: LocalReference;
    };
    readonly allowedListeners?: { readonly namespaces?: NamespacesSpec };
    readonly tls?: {
      readonly frontend?: {
        readonly default?: TlsConfigSpec;
        readonly perPort?: readonly { readonly port: number; readonly tls: TlsConfigSpec }[];
      };
      readonly backend?: { readonly clientCertificateRef?: ReferenceSpec };
    };
    readonly defaultScope?: string;
  };
}

/** What is read of `gateway.networking.k8s.io/v1 ListenerSet`. */
export interface ListenerSetObject extends Resource {
  readonly spec: {
    readonly parentRef: ReferenceSpec;
    readonly listeners: readonly ListenerSpec[];
  };
}

/** A listener of a Gateway or a ListenerSet. */
export interface ListenerSpec {
  readonly name: string;
  readonly hostname?: string;
  readonly port: number;
  readonly protocol: string;
  readonly tls?: {
    readonly mode?: string;
    readonly certificateRefs?: readonly ReferenceSpec[];
    readonly options?: Readonly<Record<string, string>>;
  };
  readonly allowedRoutes?: {
    readonly namespaces?: NamespacesSpec;
    readonly kinds?: readonly { readonly group?: string; readonly kind: string }[];
  };
}

export interface NamespacesSpec {
  readonly from?: string;
  readonly selector?: LabelSelector;
}

export interface AddressSpec {
  /** `IPAddress` unless given. */
  readonly type?: string;
  readonly value?: string;
}

export interface TlsConfigSpec {
  readonly validation?: {
    readonly caCertificateRefs: readonly ReferenceSpec[];
    readonly mode?: string;
  };
}

/** A reference whose group, kind and namespace have defaults that depend on where it stands. */
export interface ReferenceSpec {
  readonly group?: string;
  readonly kind?: string;
  readonly namespace?: string;
  readonly name: string;
}

/** A reference to an object of the same namespace. */
export interface LocalReference {
  readonly group: string;
  readonly kind: string;
  readonly name: string;
}
