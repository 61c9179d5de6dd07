import type { RuleFaults } from "./faults.ts";

/** RFC 9110, section 5.6.2. */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** False where a text is no name of a header, or of a cookie (RFC 6265, section 4.1.1), which is a fault. */
export function checkHeaderName(
  name: string,
  where: string,
  faults: RuleFaults,
  what: "header" | "cookie" = "header",
): boolean {
  if (TOKEN.test(name)) return true;
  faults.unsupported(where, `expected the name of a ${what}, got "${name}"`);
  return false;
}
