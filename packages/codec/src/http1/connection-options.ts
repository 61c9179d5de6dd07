/** What the `connection` lines of a message say, as bits. */
export const ConnectionOption = {
  Close: 1,
  KeepAlive: 2,
  Upgrade: 4,
  /** Names some other header, which is thereby hop-by-hop. */
  Nominates: 8,
  /** Names a header that routing or trust depends on: such a request is refused, as Envoy does. */
  Forbidden: 16,
} as const;

/** Low bits hold `ConnectionOption`, the rest counts tokens. */
const COUNT_SHIFT = 8;

/** Headers whose removal by the peer would be an attack; pseudo headers likewise. */
const FORBIDDEN = new Set(["x-forwarded-for", "x-forwarded-host", "x-forwarded-proto"]);

/** Reads one `connection` value (RFC 9110 7.6.1) and adds what it says to `seen`, which starts as 0. */
export function addConnectionOptions(seen: number, value: string): number {
  if (value === "keep-alive") return (seen | ConnectionOption.KeepAlive) + (1 << COUNT_SHIFT);
  let result = seen;
  let start = 0;
  while (start < value.length) {
    let end = value.indexOf(",", start);
    if (end < 0) end = value.length;
    const token = value.slice(start, end).trim().toLowerCase();
    if (token !== "") result = (result | optionOf(token)) + (1 << COUNT_SHIFT);
    start = end + 1;
  }
  return result;
}

/** The number of tokens that were added. */
export function connectionTokenCount(seen: number): number {
  return seen >> COUNT_SHIFT;
}

function optionOf(token: string): number {
  switch (token) {
    case "close":
      return ConnectionOption.Close;
    case "keep-alive":
      return ConnectionOption.KeepAlive;
    case "upgrade":
      return ConnectionOption.Upgrade;
    default:
      return token.charCodeAt(0) === COLON || FORBIDDEN.has(token)
        ? ConnectionOption.Forbidden
        : ConnectionOption.Nominates;
  }
}

const COLON = 58;
