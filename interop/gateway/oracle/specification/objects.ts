import type { DocumentObject } from "../../documents/scene.ts";
import { takesNamespace, type Namespaces } from "./namespaces.ts";

/** A reference as routes, listeners and policies have them; what is left out is as the CRDs have it. */
export interface Ref {
  readonly group?: string;
  readonly kind?: string;
  readonly namespace?: string;
  readonly name: string;
  readonly sectionName?: string;
  readonly port?: number;
  readonly weight?: number;
}

/** A listener of a Gateway. */
export interface Listener {
  readonly name: string;
  readonly protocol: string;
  readonly port: number;
  readonly hostname?: string;
  readonly tls?: {
    readonly mode?: string;
    readonly certificateRefs?: readonly Ref[];
    readonly options?: Readonly<Record<string, string>>;
  };
  readonly allowedRoutes?: {
    readonly namespaces?: Namespaces;
    readonly kinds?: readonly { readonly group?: string; readonly kind: string }[];
  };
}

/** A rule of a route of any kind. */
export interface Rule {
  readonly matches?: readonly Match[];
  readonly filters?: readonly Filter[];
  readonly backendRefs?: readonly RuleBackend[];
  readonly sessionPersistence?: {
    readonly type?: string;
    readonly absoluteTimeout?: string;
    readonly cookieConfig?: { readonly lifetimeType?: string };
  };
}

/** A filter of a rule, or of a backend. */
export interface Filter {
  readonly type: string;
  readonly requestMirror?: {
    readonly backendRef?: Ref;
    readonly percent?: number;
    readonly fraction?: { readonly numerator: number; readonly denominator?: number };
  };
  readonly urlRewrite?: {
    readonly hostname?: string;
    readonly path?: { readonly replaceFullPath?: string; readonly replacePrefixMatch?: string };
  };
  readonly requestHeaderModifier?: HeaderModifier;
  readonly responseHeaderModifier?: HeaderModifier;
}

interface HeaderModifier {
  readonly set?: readonly { readonly name: string }[];
  readonly add?: readonly { readonly name: string }[];
  readonly remove?: readonly string[];
}

export interface RuleBackend extends Ref {
  readonly filters?: readonly Filter[];
}

/** A match of an HTTPRoute, or of a GRPCRoute: they differ in what a method is. */
export interface Match {
  readonly path?: { readonly type?: string; readonly value?: string };
  readonly method?: string | { readonly service?: string; readonly method?: string };
  readonly headers?: readonly object[];
  readonly queryParams?: readonly object[];
}

interface Named {
  readonly namespace: string;
  readonly name: string;
  /** `namespace/name` */
  readonly key: string;
}

export interface Gateway extends Named {
  readonly tls?: {
    readonly frontend?: {
      readonly default?: FrontendTls;
      readonly perPort?: readonly { readonly tls?: FrontendTls }[];
    };
  };
  readonly allowedListeners?: { readonly namespaces?: Namespaces };
  readonly listeners: readonly Listener[];
}

/** Listeners beside those of a Gateway. */
export interface ListenerSet extends Named {
  readonly parentRef: Ref;
  readonly listeners: readonly Listener[];
}

interface FrontendTls {
  readonly validation?: { readonly caCertificateRefs?: readonly Ref[] };
}

export interface Route extends Named {
  readonly kind: string;
  readonly parentRefs: readonly Ref[];
  readonly hostnames: readonly string[];
  readonly rules: readonly Rule[];
}

export interface Policy extends Named {
  readonly targetRefs: readonly Ref[];
  readonly options?: Readonly<Record<string, string>>;
  readonly validation: {
    readonly hostname: string;
    readonly caCertificateRefs?: readonly Ref[];
    readonly wellKnownCACertificates?: string;
    readonly subjectAltNames?: readonly { readonly hostname?: string; readonly uri?: string }[];
  };
}

interface Grant extends Named {
  readonly from: readonly { group: string; kind: string; namespace: string }[];
  readonly to: readonly { group: string; kind: string; name?: string }[];
}

interface Service extends Named {
  readonly ports: readonly { name: string; protocol: string; port: number; appProtocol?: string }[];
}

/** By time, then by namespace and name. */
function age({ metadata: { creationTimestamp = "", namespace, name } }: DocumentObject): string {
  return `${creationTimestamp} ${namespace}/${name}`;
}

/** The objects of a document by what they are, the older ones first. */
export class DocumentObjects {
  readonly gateways: readonly Gateway[];
  readonly listenerSets: readonly ListenerSet[];
  readonly #labels: ReadonlyMap<string, Readonly<Record<string, string>>>;
  readonly routes: readonly Route[];
  readonly policies: readonly Policy[];
  readonly grants: readonly Grant[];
  readonly services: ReadonlyMap<string, Service>;
  /** `Secret namespace/name`, of Secrets and ConfigMaps. */
  readonly stores: ReadonlySet<string>;

  constructor(objects: readonly DocumentObject[]) {
    const ofKind = <T extends Named>(...kinds: string[]): T[] =>
      objects
        .filter(({ kind }) => kinds.some((one) => kind.endsWith(one)))
        .toSorted((a, b) => (age(a) < age(b) ? -1 : 1))
        .map(({ kind, metadata: { name, namespace = "" }, spec }) => ({
          ...DEFAULTS,
          ...spec,
          kind,
          name,
          namespace,
          key: `${namespace}/${name}`,
        })) as unknown as T[];
    this.gateways = ofKind<Gateway>("Gateway");
    this.listenerSets = ofKind<ListenerSet>("ListenerSet");
    this.#labels = new Map(
      objects
        .filter(({ kind }) => kind === "Namespace")
        .map(({ metadata: { name, labels = {} } }) => [name, labels]),
    );
    this.routes = ofKind<Route>("Route");
    this.policies = ofKind<Policy>("BackendTLSPolicy");
    this.grants = ofKind<Grant>("ReferenceGrant");
    this.services = new Map(ofKind<Service>("Service").map((one) => [one.key, one]));
    this.stores = new Set(
      ofKind<Named & { kind: string }>("Secret", "ConfigMap").map(
        ({ kind, key }) => `${kind} ${key}`,
      ),
    );
  }

  /** Whether an object of the namespace `own` takes those of another. */
  takes(allowed: Namespaces, own: string, namespace: string): boolean {
    return takesNamespace(allowed, own, { namespace, labels: this.#labels.get(namespace) });
  }

  /** Whether an object of a namespace may refer to one (ReferenceGrant). */
  permits(
    from: { kind: string; namespace: string },
    to: Required<Pick<Ref, "kind" | "namespace" | "name">>,
  ): boolean {
    if (from.namespace === to.namespace) return true;
    return this.grants.some(
      (grant) =>
        grant.namespace === to.namespace &&
        grant.from.some(
          ({ kind, namespace }) => kind === from.kind && namespace === from.namespace,
        ) &&
        grant.to.some(({ kind, name = to.name }) => kind === to.kind && name === to.name),
    );
  }
}

const DEFAULTS = { listeners: [], parentRefs: [], hostnames: [], rules: [], targetRefs: [] };
