import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { parse, stringify } from "yaml";
import { CONTROLLER_NAME } from "../../resources/kinds.ts";
import type { Resource } from "../../resources/object.ts";
import type { StatusFields } from "../../status/object-status.ts";
import { testCertificate } from "../test-certificates.ts";
import { GatewayTranslation } from "../translate-gateways.ts";
import { randomGateways } from "./random-gateways.ts";
import { statusFacts } from "./status-facts.ts";

const egctl = fileURLToPath(new URL("../../../../../.interop/bin/egctl", import.meta.url));
const skip = existsSync(egctl) ? false : ".interop/bin/egctl is not there";

const ORIGINAL_CONTROLLER = "gateway.envoyproxy.io/gatewayclass-controller";
const GATEWAYS = 150;
const OPAQUE = { type: "Opaque" };
const SEED = 20_260_701;

test("Gateways by chance are told what the original tells them", { skip }, async () => {
  const objects = [...(await surroundings()), ...randomGateways(SEED, GATEWAYS)];
  const original = originalStatuses([gatewayClass(ORIGINAL_CONTROLLER), ...objects]);
  const translation = new GatewayTranslation([gatewayClass(CONTROLLER_NAME), ...objects], {
    network: "own",
  });
  assert.ok(original.length > GATEWAYS / 2, String(original.length));
  for (const { metadata, status } of original) {
    const key = `infra/${metadata.name}`;
    const ours = translation.status("Gateway", key)?.status ?? {};
    const about = JSON.stringify(objects.find((one) => one.metadata.name === metadata.name));
    assert.deepEqual(facts(ours, status), facts(status, status), about);
  }
});

/** Listeners alone: the original says of a Gateway as a whole what its references are in words of its own. */
function facts(status: Partial<StatusFields>, other: Partial<StatusFields>): string[] {
  return [...statusFacts(status, other)].filter((fact) => fact.startsWith("listener ")).toSorted();
}

interface OriginalGateway {
  readonly metadata: { readonly name: string };
  readonly status: Partial<StatusFields>;
}

function originalStatuses(objects: readonly Resource[]): readonly OriginalGateway[] {
  const folder = mkdtempSync(join(tmpdir(), "nuncio-egctl-"));
  try {
    const file = join(folder, "in.yaml");
    writeFileSync(file, objects.map((one) => stringify(one)).join("---\n"));
    const command = ["x", "translate", "--from", "gateway-api", "--to", "gateway-api", "-f", file];
    const output = execFileSync(egctl, [...command, "-o", "yaml"], {
      encoding: "utf8",
      maxBuffer: Infinity,
    });
    return (parse(output) as { readonly gateways: readonly OriginalGateway[] }).gateways;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function gatewayClass(controllerName: string): Resource {
  return object("GatewayClass", undefined, "envoy-gateway-class", { spec: { controllerName } });
}

/** What the Gateways refer to. */
async function surroundings(): Promise<Resource[]> {
  const a = await testCertificate(["a.example.com"]);
  const b = await testCertificate(["b.example.com"]);
  const wild = await testCertificate(["*.example.com"]);
  const namespaces = ["infra", "granted", "closed"];
  return [
    ...namespaces.flatMap((namespace) => [
      object("Namespace", undefined, namespace, {}),
      secret(namespace, "a", a.certificate, a.key),
      secret(namespace, "b", b.certificate, b.key),
      secret(namespace, "wild", wild.certificate, wild.key),
      object("ConfigMap", namespace, "ca", { data: { "ca.crt": a.certificate } }),
    ]),
    secret("infra", "mismatch", a.certificate, b.key),
    { ...secret("infra", "opaque", a.certificate, a.key), ...OPAQUE },
    object("ReferenceGrant", "granted", "gateways", {
      spec: {
        from: [{ group: "gateway.networking.k8s.io", kind: "Gateway", namespace: "infra" }],
        to: [
          { group: "", kind: "Secret" },
          { group: "", kind: "ConfigMap" },
        ],
      },
    }),
  ];
}

function secret(namespace: string, name: string, certificate: string, key: string): Resource {
  const base64 = (text: string): string => Buffer.from(text).toString("base64");
  return object("Secret", namespace, name, {
    type: "kubernetes.io/tls",
    data: { "tls.crt": base64(certificate), "tls.key": base64(key) },
  });
}

const CORE = new Set(["Namespace", "Secret", "ConfigMap"]);

function object(
  kind: string,
  namespace: string | undefined,
  name: string,
  fields: object,
): Resource {
  const version = kind === "ReferenceGrant" ? "v1beta1" : "v1";
  return {
    apiVersion: CORE.has(kind) ? "v1" : `gateway.networking.k8s.io/${version}`,
    kind,
    metadata: { name, ...(namespace !== undefined && { namespace }) },
    ...fields,
  };
}
