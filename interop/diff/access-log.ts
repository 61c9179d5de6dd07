/** Fields whose number depends on the clock; that there is a number is still compared. */
const TIMES = new Set([
  "duration",
  "request_duration",
  "response_duration",
  "response_tx_duration",
]);

/** Depends on how a proxy packs header fields. */
const PACKED_SIZE = "upstream_wire_sent";

/** The fields of one JSON access log line as the harness compares them, in order; the raw line when it is no JSON. */
export function parseLogLine(line: string, toHttp2: boolean): [string, string][] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch {
    return [["line", showLine(line)]];
  }
  if (typeof parsed !== "object" || parsed === null) return [["line", showLine(line)]];
  const fields = Object.entries(parsed as Record<string, unknown>);
  return [
    ["keys", fields.map(([name]) => name).join(" ")],
    ...fields.map(([name, value]): [string, string] => [
      name,
      toHttp2 && name === PACKED_SIZE ? "<number>" : showField(name, value),
    ]),
  ];
}

/** A line of text; in Envoy's default format the duration and the upstream's time are left out. */
function showLine(line: string): string {
  return line
    .replace(/(\] "[^"]*" \d+ \S+ \d+ \d+) \d+ (?:\d+|-) "/, '$1 <number> <number> "')
    .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/, (time) => time.replaceAll(/\d/g, "9"));
}

/**
 * A field called `any ...` shows the sort of its value, each number in it replaced; one called `about ...` shows its
 * milliseconds in half seconds.
 */
function showField(name: string, value: unknown): string {
  if (name.startsWith("any "))
    return JSON.stringify(value)
      .replaceAll(/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "<uuid>")
      .replaceAll(/\d+/g, "<number>");
  if (name.startsWith("about ") && typeof value === "number")
    return `about ${Math.round(value / 500) / 2} s`;
  if (TIMES.has(name) && typeof value === "number") return "<number>";
  if (name === "start" && typeof value === "string") return value.replaceAll(/\d/g, "9");
  return JSON.stringify(value);
}
