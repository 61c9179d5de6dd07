import fc, { type Arbitrary } from "fast-check";
import type { Step } from "../../diff/case.ts";
import { maybe, one } from "./fields.ts";

/** Tells requests apart that are under way at the same time; the steps of a case are compared in its order. */
export const REQUEST_NUMBER = "x-n";

/**
 * Fields of a connection make a message of HTTP/2 invalid (RFC 9113, section 8.2.2), as do absolute targets; that ends the
 * connection. Where names with underscores are dropped, Envoy logs every later end of the request as a violation.
 */
const INVALID =
  /^(?::|(?:connection|keep-alive|proxy-connection|transfer-encoding|upgrade|x-under_score):)/;
const INVALID_PERCENT = 3;
/** Of a hundred requests on a shared connection, those that go out in one piece with the next one. */
const WITH_NEXT_PERCENT = 40;

/** Long enough for a proxy to have read what was sent. */
const APART: Step = { pause_ms: 40 };

type Exchange = (request: Step) => Step[];

/** How a request goes out: whole, with trailers, in pieces that come apart or together, or given up. */
const exchange: Arbitrary<Exchange> = fc.oneof(
  { weight: 14, arbitrary: fc.constant<Exchange>((request) => [request]) },
  {
    weight: 3,
    arbitrary: one(["x-t: 1"], ["x-t: 1", "x-u: 2"]).map((trailers): Exchange => (request) => [
      { ...request, trailers },
    ]),
  },
  {
    weight: 3,
    arbitrary: fc.tuple(one(true, false), ends()).map(
      ([together, end]): Exchange =>
        (request) =>
          inPieces({ ...request, open: true }, [{ data: "abc", open: true }, end], together),
    ),
  },
  {
    weight: 2,
    // In one piece with a request that the proxy answers, Envoy takes back the answer as well.
    arbitrary: one("CANCEL", "NO_ERROR", "INTERNAL_ERROR").map(
      (rst): Exchange =>
        (request) =>
          inPieces({ ...request, open: true }, [{ rst }], false),
    ),
  },
);

function ends(): Arbitrary<Step> {
  return one<Step>({ data: "de" }, { trailers: ["x-t: 1"] }, { data: "", trailers: ["x-t: 1"] });
}

/** Apart, a proxy has done with the first piece what it does before the next one comes. */
function inPieces(first: Step, rest: readonly Step[], together: boolean): Step[] {
  if (!together) return [{ ...first, seen: true }, ...rest.flatMap((step) => [step, APART])];
  const all = [first, ...rest];
  return all.map((step, index) => (index < rest.length ? { ...step, together } : step));
}

/**
 * Requests of HTTP/1 as a client over HTTP/2 sends them, on one connection where some are under way at once, or each on a
 * connection of its own.
 */
export function overHttp2(requests: readonly Step[], shared: boolean): Arbitrary<Step[]> {
  const each = requests.map((request, index) =>
    fc
      .record({
        inSteps: exchange,
        invalid: maybe(INVALID_PERCENT, fc.constant(true)),
        withNext: maybe(WITH_NEXT_PERCENT, fc.constant(true)),
      })
      .map(({ inSteps, invalid = false, withNext = false }) => {
        const steps = inSteps(toHttp2(request, index + 1, invalid));
        // Envoy loses its answer to what comes in one piece with what ends the connection.
        return { steps, withNext, isWhole: steps.length === 1 && !invalid };
      }),
  );
  return fc.tuple(...each).map((all) =>
    all.flatMap(({ steps, withNext, isWhole }, index) => {
      if (!shared) return steps.map((step) => ({ on: index + 1, ...step }));
      // Those in pieces wait for what becomes of their first one.
      return withNext && isWhole && all[index + 1]?.isWhole === true
        ? [{ ...steps[0]!, together: true as const }]
        : steps;
    }),
  );
}

/** Names in small letters, no chunks, no version; what HTTP/2 does not have stays in an `invalid` one. */
function toHttp2(step: Step, number: number, invalid: boolean): Step {
  const { version: _, ...request } = step;
  const lines = (request.headers ?? []).map((line) =>
    line.replace(/^[^:]*/, (name) => name.toLowerCase()),
  );
  const headers = invalid ? lines : lines.filter((line) => !INVALID.test(line)).filter(oneExpect);
  const isChunked = lines.some((line) => line.startsWith("transfer-encoding:"));
  return {
    ...request,
    ...(!invalid && { request: inOriginForm(request.request!) }),
    headers: [...headers, `${REQUEST_NUMBER}: ${String(number).padStart(2, "0")}`],
    ...(isChunked && { body: "abc" }),
  };
}

/** Of two lines Envoy joins what is not empty, and may find what neither says. */
function oneExpect(line: string, index: number, all: readonly string[]): boolean {
  return !line.startsWith("expect:") || all.findIndex((own) => own.startsWith("expect:")) === index;
}

/** Bytes that are no UTF-8 are something else to CEL in each proxy. */
function inOriginForm(request: string): string {
  return request.replace(/ (?:https?:\/\/[^/]*)?\/?/i, " /").replaceAll("\u00e9", "\u00c3\u00a9");
}
