import type { Gateway } from "#gen/resources";
import type { Read } from "../../incremental/stage.ts";
import { keyOf, namespaceOf } from "../../resources/object.ts";
import { finding, type Finding } from "../../status/condition.ts";
import { readCertificate, type Objects } from "./listener-certificates.ts";

/** `spec.tls.backend.clientCertificateRef`: the name of the secret that upstreams are shown; or why there is none. */
export function clientCertificate(
  read: Read,
  objects: Objects,
  gateway: Gateway,
): { readonly secret?: string; readonly problem?: Finding } {
  const ref = gateway.spec.tls?.backend?.clientCertificateRef;
  if (ref === undefined) return {};
  const key = keyOf(gateway);
  const owner = { kind: "Gateway", key } as const;
  const from = { namespace: namespaceOf(gateway), owner };
  const found = readCertificate(read, objects, from, ref);
  if (!("reason" in found)) return { secret: `${key}/secret/${found.secret}` };
  const reason = found.reason === "RefNotPermitted" ? found.reason : "InvalidClientCertificateRef";
  const message = `tls.backend.clientCertificateRef: ${found.message}`;
  return { problem: finding("ResolvedRefs", "False", reason, message) };
}
