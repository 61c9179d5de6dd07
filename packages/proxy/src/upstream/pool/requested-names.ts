import { isIP } from "node:net";
import type { HeaderMap } from "@nuncio/codec";
import type { Cluster } from "../cluster.ts";

/** What a request wants of the TLS below it (`auto_sni`, `auto_san_validation`). */
export interface RequestedNames {
  /** Empty: what the cluster's context says. */
  readonly serverName: string;
  /** One of these has to be in the certificate; null asks for nothing. */
  readonly expectedNames: readonly string[] | null;
}

/** The names that a request brings; null when its cluster does not ask for them, or it has none. */
export function requestedNames(cluster: Cluster, headers: HeaderMap): RequestedNames | null {
  const rules = cluster.config.http.serverNames;
  if (rules === null) return null;
  const given = rules.header === "" ? "" : (headers.get(rules.header) ?? "");
  const name = hostOf(given === "" ? headers.authority : given).toLowerCase();
  const serverName = rules.autoSni && isIP(name) === 0 ? name : "";
  const expectedNames = rules.autoSanValidation && name !== "" ? [name] : null;
  return serverName === "" && expectedNames === null ? null : { serverName, expectedNames };
}

/** An authority without its port and brackets. */
function hostOf(authority: string): string {
  if (authority.startsWith("[")) return authority.slice(1, Math.max(1, authority.indexOf("]")));
  const colon = authority.lastIndexOf(":");
  return colon < 0 ? authority : authority.slice(0, colon);
}
