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

const scripts: Arbitrary<Answer[]> = fc.array(answer, { minLength: 1, maxLength: 3 });

/** The script of an upstream that answers. */
export const answers: Arbitrary<UpstreamScript> = scripts;

/** The same, or one that does not: nobody listens, there is no host, or the connection ends instead. */
export const faultyAnswers: Arbitrary<UpstreamScript> = fc.oneof(
  { weight: 6, arbitrary: scripts },
  { weight: 1, arbitrary: fc.constant<UpstreamScript>("refuse") },
  { weight: 1, arbitrary: fc.constant<UpstreamScript>("none") },
  { weight: 1, arbitrary: fc.constant<UpstreamScript>([{ silent: true, afterwards: "close" }]) },
  { weight: 1, arbitrary: fc.constant<UpstreamScript>([{ afterwards: "close" }]) },
);
