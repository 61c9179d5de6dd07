import type { ObjectKey } from "../../../resources/object.ts";

/** What a secret of a cluster is made of. */
export interface SecretOrigin {
  readonly gateway: ObjectKey;
  readonly kind: "policy" | "backend" | "client";
  readonly key: ObjectKey;
}

const PLACES = {
  policy: "backendtlspolicy",
  backend: "backend",
  client: "backend-client-certificate",
} as const;

/** Certificates of authorities that a policy names. */
export function policySecretName(gateway: ObjectKey, policy: ObjectKey): string {
  return `${gateway}/${PLACES.policy}/${policy}`;
}

/** Certificates of authorities that a Backend names. */
export function backendSecretName(gateway: ObjectKey, backend: ObjectKey): string {
  return `${gateway}/${PLACES.backend}/${backend}`;
}

/** A Secret that a Backend names for what is shown to its hosts. */
export function clientSecretName(gateway: ObjectKey, secret: ObjectKey): string {
  return `${gateway}/${PLACES.client}/${secret}`;
}

/** Undefined: a secret of another room. */
export function secretOrigin(name: string): SecretOrigin | undefined {
  const [gatewayNamespace, gatewayName, place, namespace, object] = name.split("/");
  const kinds = Object.keys(PLACES) as (keyof typeof PLACES)[];
  const kind = kinds.find((one) => PLACES[one] === place);
  if (kind === undefined) return undefined;
  return {
    gateway: `${gatewayNamespace}/${gatewayName}`,
    kind,
    key: `${namespace}/${object}`,
  };
}
