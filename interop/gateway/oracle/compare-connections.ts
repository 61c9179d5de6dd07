import type { Difference } from "../../diff/compare.ts";
import { chainFor, CLOSED, serverNamesFor, type Chain, type Connections } from "./connections.ts";
import type { OracleDifference } from "./difference.ts";
import type { Specification } from "./specification/specification.ts";

/** Connections that try all names of a port go to the same route, and to backends with the same weights. */
export function compareConnections(
  theirs: Connections,
  ours: Connections,
  specification: Specification,
): OracleDifference[] {
  return [...new Set([...theirs.keys(), ...ours.keys()])].flatMap((port) => {
    const left = theirs.get(port) ?? [];
    const right = ours.get(port) ?? [];
    return serverNamesFor([...left, ...right]).flatMap((serverName) => {
      const found = chainFor(right, serverName);
      const differences = compareChains(chainFor(left, serverName), found);
      const others = compareChains(specification.chain(port, serverName), found);
      const asSpecified = others.length === 0;
      return (differences.length === 0 ? others : differences).map(({ at, ...rest }) => ({
        at: `connections ${port} ${serverName || "-"} ${at}`,
        ...rest,
        asSpecified,
      }));
    });
  });
}

/** Another route is one difference, whatever its backends are. */
function compareChains(theirs: Chain, ours: Chain): Difference[] {
  if (isClosed(theirs) && isClosed(ours)) return [];
  if (theirs.to !== ours.to) return [{ at: "route", left: told(theirs), right: told(ours) }];
  const [left, right] = [shares(theirs), shares(ours)];
  return [
    ...(left === right ? [] : [{ at: `backends of ${ours.to}`, left, right }]),
    ...(theirs.missing === ours.missing
      ? []
      : [{ at: "missing backends", left: String(theirs.missing), right: String(ours.missing) }]),
  ];
}

function told(chain: Chain): string {
  return isHttp(chain) || isClosed(chain) ? chain.to : `${chain.to}: ${shares(chain)}`;
}

function isClosed({ to }: Chain): boolean {
  return to.startsWith(CLOSED.to);
}

function isHttp({ to }: Chain): boolean {
  return to.startsWith("http");
}

function shares({ backends }: Chain): string {
  const list = Array.from(backends, ([to, weight]) => `${to}*${weight}`);
  return list.length === 0 ? "no backends" : list.toSorted().join(" ");
}
