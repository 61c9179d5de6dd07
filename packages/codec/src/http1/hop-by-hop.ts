import type { HeaderMap } from "../header-map.ts";

/**
 * Removes what belongs to one connection only (RFC 9110 7.6.1): connection, keep-alive, proxy-connection,
 * transfer-encoding, upgrade, te (but of one with the member `trailers` that stays, as in Envoy), and every header that
 * `connection` names.
 *
 * The codecs say by `hasHopByHop` whether there is anything to do. Unlike Envoy, the headers named by a
 * response's `connection` go too, as the RFC demands. Returns true when `connection` named the host, which is
 * empty then.
 */
export function stripHopByHop(headers: HeaderMap): boolean {
  let nominated: Set<string> | null = null;
  let hasTe = false;
  const entries = headers.entries;
  for (let i = 0; i < entries.length; i += 2) {
    if (entries[i] === "connection") nominated = addNominated(nominated, entries[i + 1]!);
    else if (entries[i] === "te") hasTe = true;
  }
  if (hasTe) leaveTrailers(headers);
  const namesHost = nominated !== null && nominated.has("host");
  if (namesHost) headers.authority = "";
  headers.removeIf(
    (name) =>
      name === "connection" ||
      name === "upgrade" ||
      isHopByHop(name) ||
      (nominated !== null && isNominated(nominated, name)),
  );
  return namesHost;
}

/**
 * The same for a message that switches protocols: `connection` and `upgrade` are for the next hop, too, so they stay as
 * they are, and with them what `connection` names and, as in Envoy, `te`. Several lines of them become one.
 */
export function stripForUpgrade(headers: HeaderMap): void {
  const connection = headers.getAll("connection");
  const upgrade = headers.getAll("upgrade");
  const te = headers.getAll("te");
  headers.removeIf(isHopByHop);
  if (connection.length > 1) headers.set("connection", joined(connection));
  if (upgrade.length > 1) headers.set("upgrade", joined(upgrade));
  if (te.length > 1) headers.set("te", joined(te));
}

/** Empty lines say nothing. */
function joined(values: readonly string[]): string {
  return values.filter((value) => value !== "").join(",");
}

/** One line that says `trailers`, or none, instead of all `te` lines. */
function leaveTrailers(headers: HeaderMap): void {
  if (headers.getAll("te").some(acceptsTrailers)) headers.set("te", "trailers");
  else headers.remove("te");
}

function isHopByHop(name: string): boolean {
  switch (name) {
    case "keep-alive":
    case "proxy-connection":
    case "transfer-encoding":
      return true;
    default:
      return false;
  }
}

/** `te` and `upgrade` have rules of their own, whether they are named or not. */
function isNominated(nominated: Set<string>, name: string): boolean {
  return name !== "te" && name !== "upgrade" && nominated.has(name);
}

/** The value has the member `trailers`, which has no parameters. */
function acceptsTrailers(value: string): boolean {
  return value.split(",").some((member) => member.trim().toLowerCase() === "trailers");
}

function addNominated(nominated: Set<string> | null, value: string): Set<string> | null {
  if (value === "keep-alive" || value === "close") return nominated;
  const names = nominated ?? new Set<string>();
  for (const token of value.split(",")) names.add(token.trim().toLowerCase());
  return names;
}
