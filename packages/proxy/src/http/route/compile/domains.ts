import type { Problems } from "@nuncio/api";
import type { VirtualHost } from "@nuncio/api/types/envoy/config/route/v3/route_components_pb";
import { toByteString } from "../../../observe/format/byte-string.ts";
import { lowerAscii } from "../matchers/ascii.ts";

/** Finds domains that stand in more than one place of a table. */
export class DomainCheck {
  readonly #tableName: string;
  readonly #problems: Problems;
  readonly #seen = new Set<string>();

  constructor(tableName: string, problems: Problems) {
    this.#tableName = tableName;
    this.#problems = problems;
  }

  /** The domains of a virtual host, lower case, without those that are taken. */
  compile(message: VirtualHost): string[] {
    const domains: string[] = [];
    for (const [index, text] of message.domains.entries()) {
      const domain = lowerAscii(toByteString(text));
      if (this.#seen.has(domain))
        this.#problems.error(message, "domains", conflictText(domain, this.#tableName), index);
      else domains.push(domain);
      this.#seen.add(domain);
    }
    return domains;
  }
}

/** What is wrong with the domains of virtual hosts that come from more than one place; null for nothing. */
export function domainConflict(
  tableName: string,
  virtualHosts: readonly { readonly domains: readonly string[] }[],
): string | null {
  const seen = new Set<string>();
  for (const { domains } of virtualHosts) {
    for (const domain of domains) {
      if (seen.has(domain)) return conflictText(domain, tableName);
      seen.add(domain);
    }
  }
  return null;
}

function conflictText(domain: string, tableName: string): string {
  if (domain === "*") return `Only a single wildcard domain is permitted in route ${tableName}`;
  const rule = "Only unique values for domains are permitted";
  return `${rule}. Duplicate entry of domain ${domain} in route ${tableName}`;
}
