import type { IrFraction, IrMirror } from "../../../ir/route.ts";
import type { RequestMirrorFilter } from "../objects.ts";
import type { RuleContext } from "./rule-context.ts";

const DEFAULT_DENOMINATOR = 100;

/** Undefined: nothing is to be mirrored, or it cannot be. */
export function mirror(
  { backendRef, percent, fraction }: RequestMirrorFilter,
  where: string,
  { kind, backends }: RuleContext,
): IrMirror | undefined {
  const cluster = backends.resolve(backendRef, {
    protocol: kind === "GRPCRoute" ? "grpc" : "http",
    where: `${where}.backendRef`,
  });
  const share = mirrored(percent, fraction);
  if (cluster === null || share.numerator === 0) return undefined;
  return share.numerator < share.denominator ? { cluster, fraction: share } : { cluster };
}

function mirrored(
  percent: number | undefined,
  fraction: RequestMirrorFilter["fraction"],
): IrFraction {
  if (fraction === undefined) return { numerator: percent ?? 100, denominator: 100 };
  const { numerator, denominator = DEFAULT_DENOMINATOR } = fraction;
  return { numerator, denominator };
}
