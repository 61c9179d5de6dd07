import { isIPv6 } from "node:net";

/** `scheme://host[:port]` and whatever follows but a fragment; no user information. */
const ABSOLUTE =
  /^[A-Za-z][A-Za-z0-9+.-]*:\/\/(?:[A-Za-z0-9.-]+|\[([0-9A-Fa-f:.]+)\])(?::(\d+))?(?:[/?][\x21\x22\x24-\x7e]*)?$/;

/** `partial-URI`: no colon before the first slash. */
const RELATIVE = /^(?![^/]*:)[!$%&'()*+,\-./0-9:;=?@A-Z_a-z~]*$/;

const PORT_MAX = 65_535;

/**
 * Whether a value may stand in `referer` (RFC 9110 10.1.3): an absolute URI, or a partial one, without fragment and user
 * information. Envoy removes others.
 */
export function isReferer(value: string): boolean {
  const absolute = ABSOLUTE.exec(value);
  if (absolute === null) return RELATIVE.test(value);
  const [, ipv6, port] = absolute;
  if (port !== undefined && Number(port) > PORT_MAX) return false;
  return ipv6 === undefined || isIPv6(ipv6);
}
