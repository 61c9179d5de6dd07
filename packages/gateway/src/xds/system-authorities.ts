import { getCACertificates } from "node:tls";
import type { IrAuthorities } from "../ir/secret.ts";
import { SYSTEM_AUTHORITIES } from "./upstream-tls.ts";

let known: IrAuthorities | undefined;

/** The authorities that this machine trusts; those that come with Node where it knows none. */
export function systemAuthorities(): IrAuthorities {
  if (known === undefined) {
    const system = getCACertificates("system");
    const certificates = system.length > 0 ? system : getCACertificates("bundled");
    known = {
      kind: "authorities",
      name: SYSTEM_AUTHORITIES,
      gateway: "",
      certificates: certificates.map((pem) => `${pem.trim()}\n`).join(""),
    };
  }
  return known;
}
