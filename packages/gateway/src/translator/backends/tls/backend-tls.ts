import type { Backend, BackendTLSSettings, Secret } from "#gen/resources";
import type { Read } from "../../../incremental/stage.ts";
import { NUNCIO_GROUP } from "../../../resources/kinds.ts";
import {
  namespaceOf,
  objectKey,
  type ObjectKey,
  type ObjectRef,
} from "../../../resources/object.ts";
import { readKeyPair } from "../../certificates/key-pair.ts";
import type { BackendSources } from "../backend-references.ts";
import { checkAuthorities } from "./check-authorities.ts";

/** `spec.tls` of a Backend, looked up. */
export interface CheckedBackendTls {
  /** Empty: no name is sent, and none is checked. */
  readonly sni: string;
  /** Those of the system, or objects that have some; none: any certificate is taken. */
  readonly authorities?: "system" | readonly ObjectRef[];
  /** The Secret that is shown to the hosts. */
  readonly clientCertificate?: ObjectKey;
}

/** What `spec.tls` of a Backend asks for; or what is wrong with it; undefined where there is none. */
export function checkBackendTls(
  read: Read,
  sources: BackendSources,
  backend: Backend,
): CheckedBackendTls | { readonly problem: string } | undefined {
  const { tls } = backend.spec;
  if (tls === undefined) return undefined;
  const namespace = namespaceOf(backend);
  const where = "tls.caCertificateRefs";
  const refs = tls.caCertificateRefs ?? [];
  const found = checkAuthorities(read, sources.store, { refs, namespace, where });
  const [problem] = found.problems;
  if (problem !== undefined) return { problem: problem.message };
  const name = serverName(backend, tls);
  if (name === undefined)
    return { problem: "tls.sni: expected the name that hosts have, got none" };
  const shown = clientCertificate(read, sources, tls, namespace);
  if (shown !== undefined && "problem" in shown) return shown;
  const isChecked = !tls.insecureSkipVerify;
  return {
    sni: name,
    ...(isChecked && { authorities: refs.length > 0 ? found.sources : "system" }),
    ...(shown !== undefined && { clientCertificate: shown.key }),
  };
}

/** Undefined: there is none, or more than one, and certificates are to be checked. */
function serverName({ spec }: Backend, tls: BackendTLSSettings): string | undefined {
  if (tls.sni !== undefined) return tls.sni;
  const names = new Set(spec.endpoints.map(({ fqdn }) => fqdn?.hostname.toLowerCase()));
  const [only] = names;
  if (names.size === 1 && only !== undefined) return only;
  return tls.insecureSkipVerify ? "" : undefined;
}

function clientCertificate(
  read: Read,
  { store, grants }: BackendSources,
  { clientCertificateRef: ref }: BackendTLSSettings,
  namespace: string,
): { readonly key: ObjectKey } | { readonly problem: string } | undefined {
  if (ref === undefined) return undefined;
  const { group, kind, name } = ref;
  const where = "tls.clientCertificateRef";
  if (group !== "" || kind !== "Secret")
    return { problem: `${where}: expected a Secret, got ${group}/${kind}` };
  const target = { group, kind, namespace: ref.namespace ?? namespace, name };
  const key = objectKey(target.namespace, name);
  if (!grants.permits(read, { group: NUNCIO_GROUP, kind: "Backend", namespace }, target))
    return { problem: `${where}: no ReferenceGrant allows Backends of ${namespace} to use ${key}` };
  const secret = read.one(store.table<Secret>("Secret"), key);
  if (secret === undefined) return { problem: `${where}: Secret ${key} does not exist` };
  const pair = readKeyPair(secret);
  return "problem" in pair ? { problem: `${where}: Secret ${key}: ${pair.problem}` } : { key };
}
