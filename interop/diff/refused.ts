import type { ProxyKind } from "../harness/proxy-process.ts";
import type { DiffCase } from "./case.ts";
import { verdictsOf, type Verdict } from "./verdict.ts";

const REASON_CHARS_MAX = 300;

/** A case whose configuration at least one side refuses; what each says, or `yes`. */
export interface Refusal {
  readonly name: string;
  readonly left: string;
  readonly right: string;
}

/** Validates each case's configuration on its own, to find those that keep a whole batch from starting. */
export async function refusedCases(
  cases: readonly DiffCase[],
  sides: { readonly left: ProxyKind; readonly right: ProxyKind },
): Promise<Refusal[]> {
  const [left, right] = await verdictsOf([sides.left, sides.right], cases);
  return cases
    .map(({ name }, index) => ({
      name,
      left: inWords(left![index]!),
      right: inWords(right![index]!),
    }))
    .filter((refusal) => refusal.left !== "yes" || refusal.right !== "yes");
}

function inWords({ verdict, output }: Verdict): string {
  if (verdict === "accepts") return "yes";
  if (output.length <= 2 * REASON_CHARS_MAX) return `no: ${output}`;
  // Nuncio says why at the beginning, Envoy after the whole configuration.
  return `no: ${output.slice(0, REASON_CHARS_MAX)} … ${output.slice(-REASON_CHARS_MAX)}`;
}
