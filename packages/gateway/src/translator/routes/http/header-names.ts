import type { RuleFaults } from "./faults.ts";

/** RFC 9110, section 5.6.2. */
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/** False where a text is no name of a header, which is a fault. */
export function checkHeaderName(name: string, where: string, faults: RuleFaults): boolean {
  if (TOKEN.test(name)) return true;
  faults.unsupported(where, `expected the name of a header, got "${name}"`);
  return false;
}
