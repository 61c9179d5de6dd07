import assert from "node:assert/strict";
import { attempt, type CheckResult } from "../check.ts";
import { findCounterpart } from "../harness/counterparts.ts";
import { runCommand, type Printed } from "./command.ts";
import type { Fronts } from "./fronts.ts";
import { patternBytes, sha256 } from "./pattern.ts";

const LARGE = 5_000_000;
const SMALL = 100_000;
const PARALLEL = 40;

interface Way {
  readonly name: string;
  readonly flags: readonly string[];
  readonly version: "1.1" | "2";
  readonly upstream: "http1" | "http2";
  readonly base: string;
}

interface Echo {
  readonly method: string;
  readonly url: string;
  readonly headers: { readonly [name: string]: string };
  readonly bytes: number;
  readonly sha256: string;
}

/** curl over each protocol to origins of each protocol: what is up- and downloaded is compared byte by byte. */
export async function checkCurl(fronts: Fronts): Promise<CheckResult[]> {
  const results: CheckResult[] = [];
  for (const way of waysThrough(fronts)) {
    const check = async (what: string, run: (way: Way) => Promise<void>): Promise<void> => {
      results.push(await attempt(`curl ${way.name}: ${what}`, () => run(way)));
    };
    await check("GET with a query and headers", checkGet);
    await check("a large download", checkDownload);
    await check("a large upload", checkUpload);
    await check("an upload of unknown length", checkUploadUnknown);
    await check("HEAD", checkHead);
    await check("a range", checkRange);
    // Without TLS curl 7.88 does not get over a second request on a connection of HTTP/2.
    const isH2c = way.version === "2" && fronts.certificate === null;
    if (!isH2c) await check("many at once", checkParallel);
    if (way.version === "1.1") await check("100-continue", checkContinue);
    if (way.version === "2" && way.upstream === "http2") await check("trailers", checkTrailers);
  }
  return results;
}

function waysThrough({ toHttp1, toHttp2, certificate }: Fronts): Way[] {
  const isTls = certificate !== null;
  const trust = isTls ? ["--cacert", certificate.certFile] : [];
  const protocols = [
    { version: "1.1", flags: ["--http1.1"] },
    { version: "2", flags: [isTls ? "--http2" : "--http2-prior-knowledge"] },
  ] as const;
  return protocols.flatMap(({ version, flags }) =>
    (["http1", "http2"] as const).map((upstream) => ({
      name: `${isTls ? "TLS, " : ""}HTTP/${version} to ${upstream === "http1" ? "HTTP/1.1" : "HTTP/2"}`,
      flags: [...flags, ...trust],
      version,
      upstream,
      base: `${isTls ? "https" : "http"}://localhost:${upstream === "http1" ? toHttp1 : toHttp2}`,
    })),
  );
}

function curl(way: Way, args: readonly string[], input?: Buffer): Promise<Printed> {
  const always = ["-sS", "--fail", "-4", "--max-time", "40", ...way.flags];
  return runCommand([findCounterpart("curl")!, ...always, ...args], input);
}

async function checkGet(way: Way): Promise<void> {
  const url = `${way.base}/echo/a%20b?c=d&c=e`;
  const { stdout } = await curl(way, [
    "-H",
    "X-Who: curl",
    "-w",
    "\n%{http_version} %{http_code}",
    url,
  ]);
  const [body = "", summary] = stdout.toString("utf8").split("\n");
  assert.equal(summary, `${way.version} 200`);
  const seen = JSON.parse(body) as Echo;
  assert.equal(`${seen.method} ${seen.url}`, "GET /echo/a%20b?c=d&c=e");
  assert.equal(seen.headers["x-who"], "curl");
  assert.equal(
    seen.headers[way.upstream === "http1" ? "host" : ":authority"],
    way.base.split("//")[1],
  );
  assert.equal(seen.headers["x-forwarded-proto"], way.base.startsWith("https") ? "https" : "http");
}

async function checkDownload(way: Way): Promise<void> {
  const { stdout } = await curl(way, [`${way.base}/bytes/${LARGE}`]);
  assert.equal(stdout.length, LARGE);
  const wanted = patternBytes(LARGE);
  const wrongAt = stdout.findIndex((byte, at) => byte !== wanted[at]);
  if (wrongAt < 0) return;
  // Where it comes from says what went wrong: bytes of another place, or of nowhere.
  const from = wanted.indexOf(stdout.subarray(wrongAt, wrongAt + 32));
  assert.fail(`byte ${wrongAt} is wrong; what is there stood at ${from}`);
}

async function checkUpload(way: Way): Promise<void> {
  const body = patternBytes(LARGE);
  const { stdout } = await curl(way, ["--data-binary", "@-", `${way.base}/echo`], body);
  const seen = JSON.parse(stdout.toString("utf8")) as Echo;
  assert.deepEqual([seen.method, seen.bytes, seen.sha256], ["POST", LARGE, sha256(body)]);
  assert.equal(seen.headers["content-length"], String(LARGE));
}

async function checkUploadUnknown(way: Way): Promise<void> {
  const body = patternBytes(LARGE);
  const { stdout } = await curl(way, ["-T", "-", `${way.base}/echo`], body);
  const seen = JSON.parse(stdout.toString("utf8")) as Echo;
  assert.deepEqual([seen.method, seen.bytes, seen.sha256], ["PUT", LARGE, sha256(body)]);
  assert.equal(seen.headers["content-length"], undefined);
}

async function checkHead(way: Way): Promise<void> {
  const { stdout } = await curl(way, ["-I", `${way.base}/bytes/1234`]);
  const text = stdout.toString("latin1");
  assert.match(text, new RegExp(`^HTTP/${way.version} 200`));
  assert.match(text, /^content-length: 1234\r$/im);
}

async function checkRange(way: Way): Promise<void> {
  const { stdout } = await curl(way, [
    "-r",
    "1000-1999",
    "-w",
    "%{http_code}",
    `${way.base}/bytes/5000`,
  ]);
  const wanted = Buffer.concat([patternBytes(5000).subarray(1000, 2000), Buffer.from("206")]);
  assert.deepEqual(stdout, wanted);
}

/** Over HTTP/2 they share a connection. */
async function checkParallel(way: Way): Promise<void> {
  const format = "%{http_code} %{size_download}\n";
  const args = ["-Z", "--parallel-max", String(PARALLEL), "-o", "/dev/null", "-w", format];
  const { stdout } = await curl(way, [...args, `${way.base}/bytes/${SMALL}?[1-${PARALLEL}]`]);
  const lines = stdout.toString("latin1").trimEnd().split("\n");
  assert.deepEqual(
    lines,
    Array.from({ length: PARALLEL }, () => `200 ${SMALL}`),
  );
}

async function checkContinue(way: Way): Promise<void> {
  const args = [
    "-v",
    "-H",
    "Expect: 100-continue",
    "--expect100-timeout",
    "20",
    "--data-binary",
    "@-",
  ];
  const { stdout, stderr } = await curl(way, [...args, `${way.base}/echo`], patternBytes(SMALL));
  assert.match(stderr, /^< HTTP\/1.1 100 Continue\r?$/m);
  const seen = JSON.parse(stdout.toString("utf8")) as Echo;
  assert.equal(seen.sha256, sha256(patternBytes(SMALL)));
}

async function checkTrailers(way: Way): Promise<void> {
  const { stdout } = await curl(way, ["-D", "-", "-H", "TE: trailers", `${way.base}/trailers`]);
  assert.match(stdout.toString("latin1"), /x-checksum: of both\r\n/);
  assert.match(stdout.toString("latin1"), /first,second/);
}
