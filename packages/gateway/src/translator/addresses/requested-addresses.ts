import { isIP } from "node:net";
import type { GatewaySpecAddress } from "#gen/resources";
import type { StatusAddress } from "../../status/object-status.ts";

/** `spec.addresses` of a Gateway. Entries without a value ask for any address, as a Gateway without entries does. */
export function requestedAddresses(specs: readonly GatewaySpecAddress[] = []): {
  readonly requested: readonly StatusAddress[];
  /** Types that are not supported: the Gateway is not accepted. */
  readonly unsupported: readonly string[];
} {
  const requested: StatusAddress[] = [];
  const unsupported: string[] = [];
  for (const { type, value = "" } of specs) {
    if (type !== "IPAddress" && type !== "Hostname") unsupported.push(type);
    else if (value !== "") requested.push({ type, value });
  }
  return { requested, unsupported };
}

/** IP addresses to listen on; undefined: none is asked for, so any will do. */
export function listenAddresses(
  requested: readonly StatusAddress[],
): readonly string[] | undefined {
  if (requested.length === 0) return undefined;
  return requested.filter(isUsable).map(({ value }) => value);
}

/** Why some of the addresses cannot be listened on. */
export function unusableAddresses(requested: readonly StatusAddress[]): string[] {
  return requested
    .filter((address) => !isUsable(address))
    .map(({ type, value }) =>
      type === "Hostname"
        ? `${value}: a name cannot be listened on, expected an IP address`
        : `${value}: expected an IP address`,
    );
}

function isUsable({ type, value }: StatusAddress): boolean {
  return type === "IPAddress" && isIP(value) !== 0;
}
