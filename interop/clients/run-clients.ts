import { attempt, missingCheck, type CheckResult } from "../check.ts";
import { makeCertificate, type Certificate } from "../harness/certificate.ts";
import { findCounterpart, type Counterpart } from "../harness/counterparts.ts";
import type { ProxyKind } from "../harness/proxy-process.ts";
import { makeTempFolder, removeTempFolder } from "../harness/temp-folder.ts";
import { checkChromium } from "./chromium.ts";
import { checkConformance } from "./conformance/run-conformance.ts";
import { checkCurl } from "./curl.ts";
import { withFronts, type Fronts } from "./fronts.ts";
import { checkGrpcGo } from "./grpc-go.ts";
import { checkH2load } from "./h2load.ts";
import { startOrigin } from "./origin.ts";
import { checkPython } from "./python.ts";
import { checkWebSockets } from "./websocket.ts";

/** Clients that others wrote, through the proxy to origins that others wrote, without TLS and with it. */
export async function runClients(kind: ProxyKind): Promise<CheckResult[]> {
  const folder = makeTempFolder("clients");
  try {
    const certificate = findCounterpart("openssl") === null ? null : makeCertificate(folder);
    return [
      ...(await checkAll(kind, null)),
      ...(certificate === null
        ? [missingCheck("clients over TLS", "openssl")]
        : await checkAll(kind, certificate)),
    ];
  } finally {
    removeTempFolder(folder);
  }
}

async function checkAll(kind: ProxyKind, certificate: Certificate | null): Promise<CheckResult[]> {
  const results: CheckResult[] = [];
  const origin = await startOrigin();
  const name = certificate === null ? "clients" : "clients over TLS";
  const served = await attempt(name, () =>
    withFronts(kind, origin, certificate, async (fronts) => {
      for (const { needs, check } of CHECKS)
        results.push(...(await checkWith(needs, () => check(fronts))));
      results.push(...(await checkWebSockets(fronts)));
    }),
  );
  await origin.close();
  results.push(...(await checkWith("grpc-peer", () => checkGrpcGo(kind, certificate))));
  results.push(
    ...(await checkWith("connectconformance", async () => [
      await checkConformance(kind, certificate !== null),
    ])),
  );
  return served.outcome === "passed" ? results : [...results, served];
}

interface ClientCheck {
  readonly needs: Counterpart;
  readonly check: (fronts: Fronts) => Promise<CheckResult[]>;
}

const CHECKS: readonly ClientCheck[] = [
  { needs: "curl", check: checkCurl },
  { needs: "python", check: checkPython },
  { needs: "h2load", check: checkH2load },
  { needs: "chromium", check: checkPages },
];

async function checkWith(
  needs: Counterpart,
  check: () => Promise<CheckResult[]>,
): Promise<CheckResult[]> {
  return findCounterpart(needs) === null ? [missingCheck(needs, needs)] : check();
}

async function checkPages({ toHttp1, toHttp2, certificate }: Fronts): Promise<CheckResult[]> {
  if (certificate === null) return [];
  return [
    await checkChromium("Chromium to HTTP/1.1", toHttp1, certificate),
    await checkChromium("Chromium to HTTP/2", toHttp2, certificate),
  ];
}
