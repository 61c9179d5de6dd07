import type { ConfigMap, Secret } from "#gen/resources";
import type { Read } from "../../incremental/stage.ts";
import { objectKey, type ObjectRef } from "../../resources/object.ts";
import type { ResourceStore } from "../../resources/store.ts";
import { configMapText, secretText } from "./objects.ts";
import { certificatesPem, readCertificates } from "./pem.ts";

/** The member with certificates of authorities (Gateway API: `caCertificateRefs`). */
const AUTHORITIES = "ca.crt";

/** True for kinds that may hold certificates of authorities. */
export function holdsAuthorities({ group, kind }: ObjectRef): boolean {
  return group === "" && (kind === "ConfigMap" || kind === "Secret");
}

/** The certificates of authorities of a ConfigMap or Secret, as PEM; or what is wrong with them. */
export function readAuthorities(
  read: Read,
  store: ResourceStore,
  { kind, namespace, name }: ObjectRef,
): { readonly certificates: string } | { readonly problem: string } {
  const key = objectKey(namespace, name);
  const text = kind === "Secret" ? ofSecret(read, store, key) : ofConfigMap(read, store, key);
  if (text === "absent") return { problem: `${kind} ${key} does not exist` };
  if (text === undefined || text.value === "")
    return { problem: `${kind} ${key}: expected ${AUTHORITIES}, found none` };
  const found = readCertificates(text.value);
  return "problem" in found
    ? { problem: `${kind} ${key}: ${AUTHORITIES}: ${found.problem}` }
    : { certificates: certificatesPem(found.certificates) };
}

type Text = "absent" | { readonly value: string } | undefined;

function ofSecret(read: Read, store: ResourceStore, key: string): Text {
  const secret = read.one(store.table<Secret>("Secret"), key);
  return secret === undefined ? "absent" : some(secretText(secret, AUTHORITIES));
}

function ofConfigMap(read: Read, store: ResourceStore, key: string): Text {
  const configMap = read.one(store.table<ConfigMap>("ConfigMap"), key);
  return configMap === undefined ? "absent" : some(configMapText(configMap, AUTHORITIES));
}

function some(value: string | undefined): Text {
  return value === undefined ? undefined : { value };
}
