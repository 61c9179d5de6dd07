import fc, { type Arbitrary } from "fast-check";
import type { Answer, UpstreamScript } from "../../diff/upstream-script.ts";
import { one } from "./fields.ts";

/** What an upstream answers. Most answers are plain: the rest is about what the proxy does to heads. */
const answer: Arbitrary<Answer> = fc.oneof(
  { weight: 6, arbitrary: fc.constant<Answer>({}) },
  {
    weight: 4,
    arbitrary: fc
      .tuple(
        one(200, 201, 204, 206, 302, 304, 404, 500, 503),
        fc.subarray(
          [
            "Server: upstream",
            "X-A: a",
            "X-A: b",
            "x-b: 1",
            "Content-Type: text/plain",
            "Set-Cookie: c=1",
            "Set-Cookie: d=2; Path=/",
            "Location: http://a.test/b",
            "Connection: keep-alive",
            "Date: Mon, 01 Jan 2024 00:00:00 GMT",
            "X-Envoy-Upstream-Service-Time: 9",
            "X-Request-Id: theirs",
            "Via: 1.1 them",
          ],
          { maxLength: 4 },
        ),
      )
      .map(([status, headers]) => ({ status, headers })),
  },
  {
    weight: 1,
    arbitrary: fc.constant<Answer>({ chunks: ["one", "two"], trailers: ["X-T: 1"] }),
  },
);

/** What only an upstream that speaks HTTP/2 can do; over HTTP/1 these are plain answers. */
const http2Answer: Arbitrary<Answer> = one<Answer>(
  { body: "b", trailers: ["x-t: 1", "x-u: 2"] },
  { body: "", trailers: ["grpc-status: 5"], headers: ["content-type: application/grpc"] },
  { chunks: ["one", "two"] },
  { interim: "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n" },
  { rst: "REFUSED_STREAM", body: "" },
  { rst: "INTERNAL_ERROR" },
  { silent: true, rst: "CANCEL" },
  { silent: true, rst: "NO_ERROR" },
  { goaway: "NO_ERROR" },
);

function scripts(http2: boolean): Arbitrary<Answer[]> {
  const some = http2
    ? fc.oneof({ weight: 5, arbitrary: answer.map(toHttp2) }, { weight: 2, arbitrary: http2Answer })
    : answer;
  return fc.array(some, { minLength: 1, maxLength: 3 });
}

/** Without what makes a response of HTTP/2 invalid: that would be the end of most connections. */
function toHttp2({ headers = [], trailers = [], ...rest }: Answer): Answer {
  const small = (line: string): string => line.replace(/^[^:]*/, (name) => name.toLowerCase());
  return {
    ...rest,
    headers: headers.map(small).filter((line) => !line.startsWith("connection:")),
    trailers: trailers.map(small),
  };
}

/** The script of an upstream that answers. */
export function answers(http2: boolean): Arbitrary<UpstreamScript> {
  return scripts(http2);
}

/** The same, or one that does not: nobody listens, there is no host, or the connection ends instead. */
export function faultyAnswers(http2: boolean): Arbitrary<UpstreamScript> {
  return fc.oneof(
    { weight: 6, arbitrary: scripts(http2) },
    { weight: 1, arbitrary: fc.constant<UpstreamScript>("refuse") },
    { weight: 1, arbitrary: fc.constant<UpstreamScript>("none") },
    { weight: 1, arbitrary: fc.constant<UpstreamScript>([{ silent: true, afterwards: "close" }]) },
    { weight: 1, arbitrary: fc.constant<UpstreamScript>([{ afterwards: "close" }]) },
  );
}

/** The same script for requests in any order: one answer, which touches no other request of its connection. */
export function withoutChance(script: UpstreamScript): UpstreamScript {
  if (!Array.isArray(script)) return script;
  const { afterwards: _, goaway: __, ...first } = script[0]!;
  return [first.silent === true && first.rst === undefined ? {} : first];
}
