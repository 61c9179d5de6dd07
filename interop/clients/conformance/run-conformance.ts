import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { checkResult, type CheckResult } from "../../check.ts";
import { runToEnd } from "../../harness/child-process.ts";
import { findCounterpart } from "../../harness/counterparts.ts";
import type { ProxyKind } from "../../harness/proxy-process.ts";
import { makeTempFolder, removeTempFolder } from "../../harness/temp-folder.ts";

const ENDS_WITHIN_MS = 300_000;
const OUTPUT_SHOWN_CHARS = 2_000;
const PROTOCOLS = ["PROTOCOL_CONNECT", "PROTOCOL_GRPC", "PROTOCOL_GRPC_WEB"];
/** Fewer mean that the runner left most of them out. */
const CASES_MIN = 1_500;

/** The conformance suite of Connect and gRPC: its reference client, the proxy, and its reference server. */
export async function checkConformance(kind: ProxyKind, tls: boolean): Promise<CheckResult> {
  const name = `connectrpc conformance${tls ? " over TLS" : ""}`;
  const folder = makeTempFolder("conformance");
  try {
    const features = {
      versions: ["HTTP_VERSION_1", "HTTP_VERSION_2"],
      protocols: PROTOCOLS,
      codecs: ["CODEC_PROTO", "CODEC_JSON"],
      compressions: ["COMPRESSION_IDENTITY", "COMPRESSION_GZIP"],
      supports_tls: tls,
      supports_h2c: !tls,
      supports_tls_client_certs: tls,
    };
    const config = join(folder, "conformance.yaml");
    writeFileSync(config, stringify({ features }));
    const server = [process.execPath, join(import.meta.dirname, "proxied-server.ts"), kind];
    const { code, output } = await runToEnd(
      [
        findCounterpart("connectconformance")!,
        "--mode",
        "server",
        "--conf",
        config,
        // Each is a proxy and a server. More at once, on few and busy cores, start later than the runner waits.
        "--max-servers",
        "2",
        "--",
        ...server,
      ],
      ENDS_WITHIN_MS,
    );
    return checkResult(name, problemIn(code, output));
  } finally {
    removeTempFolder(folder);
  }
}

/** The runner ends with `Total cases: N` and `N passed, N failed`. */
function problemIn(code: number, output: string): string | null {
  const cases = Number(/^Total cases: (\d+)/m.exec(output)?.[1] ?? 0);
  if (code !== 0) return `code ${code}: ${output.slice(-OUTPUT_SHOWN_CHARS)}`;
  return cases >= CASES_MIN ? null : `expected ${CASES_MIN} cases or more, seen ${cases}`;
}
