import {
  AccessLogFile,
  DEFAULT_FLUSH_OPTIONS,
} from "../../packages/proxy/src/observe/access-log/access-log-file.ts";
/**
 * Time per access log line: formatting alone, and with the write into a file's buffer (to /dev/null). Prints, asserts
 * nothing.
 *
 *   node bench/micro/access-log.ts [rounds]
 */
import { DEFAULT_FORMAT } from "../../packages/proxy/src/observe/access-log/compile.ts";
import { SampleWorker } from "../../packages/proxy/src/observe/access-log/sample-worker.ts";
import { BUILT_IN_COMMANDS } from "../../packages/proxy/src/observe/format/commands/table.ts";
import { buildFormatter } from "../../packages/proxy/src/observe/format/formatter.ts";
import { parseFormat } from "../../packages/proxy/src/observe/format/parse.ts";
import type { FormatPlan, JsonField } from "../../packages/proxy/src/observe/format/plan.ts";
import {
  sampleContext,
  sampleHeaders,
} from "../../packages/proxy/src/observe/format/sample-context.ts";

const HEAD =
  "GET /api/v1/users/12345?fields=name,email HTTP/1.1 www.example.com 7b47904e-dc2d-4cae-83a7-da73a38dd92c " +
  "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0 text/html,application/xhtml+xml";

const JSON_FIELDS: { readonly [key: string]: string } = {
  start: "%START_TIME%",
  method: "%REQ(:METHOD)%",
  path: "%REQ(:PATH)%",
  protocol: "%PROTOCOL%",
  code: "%RESPONSE_CODE%",
  flags: "%RESPONSE_FLAGS%",
  sent: "%BYTES_SENT%",
  duration: "%DURATION%",
  agent: "%REQ(USER-AGENT)%",
  upstream: "%UPSTREAM_HOST%",
};

/** Contexts whose header values are slices of a head of their own, as the codec gives them. */
const contexts = Array.from({ length: 64 }, (_, i) => {
  const head = HEAD.replace("12345", String(10_000 + i));
  const agent = head.indexOf("Mozilla");
  const id = head.indexOf("7b47904e");
  const context = sampleContext({
    requestHeaders: sampleHeaders(
      ":method",
      head.slice(0, 3),
      ":path",
      head.slice(4, 42),
      ":authority",
      head.slice(52, 67),
      "accept",
      head.slice(-33),
      "user-agent",
      head.slice(agent, agent + 67),
      "x-request-id",
      head.slice(id, id + 36),
    ),
  });
  context.streamInfo.startTimeMs += i;
  return context;
});

function textPlan(format: string): FormatPlan {
  const parsed = parseFormat(format, BUILT_IN_COMMANDS);
  if ("error" in parsed) throw new Error(parsed.error);
  return { kind: "text", parts: parsed.parts, absent: "-" };
}

function jsonPlan(fields: { readonly [key: string]: string }): FormatPlan {
  const compiled = Object.entries(fields).map(([key, format]): JsonField => {
    const parsed = parseFormat(format, BUILT_IN_COMMANDS);
    if ("error" in parsed || typeof parsed.parts[0] !== "object")
      throw new Error(`no lone command: ${format}`);
    return { key: JSON.stringify(key), value: { kind: "command", command: parsed.parts[0] } };
  });
  return { kind: "json", root: { kind: "object", fields: compiled }, omitEmpty: false };
}

/** Microseconds per call, the best of five runs. */
function measure(rounds: number, call: (index: number) => void): string {
  let best = Infinity;
  for (let run = 0; run < 5; run++) {
    const start = process.hrtime.bigint();
    for (let i = 0; i < rounds; i++) call(i);
    best = Math.min(best, Number(process.hrtime.bigint() - start) / 1000 / rounds);
  }
  return best.toFixed(3);
}

const rounds = Number(process.argv[2] ?? 200_000);
const worker = new SampleWorker();
const scope = { base: 0, histogramBase: 0, prefix: "filesystem." };
const file = new AccessLogFile(
  { kind: "file", path: "/dev/null" },
  DEFAULT_FLUSH_OPTIONS,
  worker,
  scope,
);
let bytes = 0;
for (const [name, plan] of [
  ["default format", textPlan(DEFAULT_FORMAT)],
  ["JSON, 10 fields", jsonPlan(JSON_FIELDS)],
] as const) {
  const formatter = buildFormatter(plan, worker);
  const format = measure(rounds, (i) => (bytes += formatter.text(contexts[i & 63]!).length));
  const write = measure(rounds, (i) => file.write(formatter.text(contexts[i & 63]!)));
  console.log(`${name}: ${format} us to format, ${write} us with the write into the buffer`);
}
file.close();
console.log(`(${bytes} bytes formatted)`);
