import type { DocumentKeyPair } from "../documents/random-document.ts";
import { route, rule, type Feature } from "./feature.ts";
import { get } from "./get.ts";

/** The name that is in the certificate of all servers. */
const RIGHT_NAME = "localhost";
const WRONG_NAME = "wrong.example.com";

/**
 * TLS towards Services: only servers with the right name and authority are sent anything.
 *
 * @param shown what servers show; signed by itself
 * @param stranger of another authority
 */
export function backendTls(shown: DocumentKeyPair, stranger: DocumentKeyPair): Feature {
  const policies = {
    right: { hostname: RIGHT_NAME, ca: "right" },
    "wrong-name": { hostname: WRONG_NAME, ca: "right" },
    "wrong-authority": { hostname: RIGHT_NAME, ca: "wrong" },
    "other-name": { hostname: WRONG_NAME, ca: "right", alternative: RIGHT_NAME },
    "wrong-other-name": { hostname: RIGHT_NAME, ca: "right", alternative: WRONG_NAME },
    "no-authority": { hostname: RIGHT_NAME, ca: "missing" },
  };
  const names = [...Object.keys(policies), "plain"];
  return {
    name: "TLS towards backends",
    services: Object.fromEntries(names.map((name) => [name, 1])),
    objects: [
      authorities("right", shown),
      authorities("wrong", stranger),
      ...Object.entries(policies).map(([name, validation]) => policy(name, validation)),
      route(
        "HTTPRoute",
        names.map((name) => rule(`/${name}`, name)),
      ),
    ],
    ask: async (port) => {
      const seen: Record<string, string> = {};
      for (const name of names) {
        const { status, headers } = await get(port, `/${name}`);
        seen[name] = `${status} ${String(headers["x-tls"] ?? "-")}`;
      }
      return seen;
    },
    expected: {
      right: `200 ${RIGHT_NAME}`,
      "wrong-name": "503 -",
      "wrong-authority": "503 -",
      "other-name": `200 ${WRONG_NAME}`,
      "wrong-other-name": "503 -",
      "no-authority": "500 -",
      plain: "200 -",
    },
  };
}

function authorities(name: string, { cert }: DocumentKeyPair): object {
  const metadata = { name, namespace: "default" };
  return { apiVersion: "v1", kind: "ConfigMap", metadata, data: { "ca.crt": cert } };
}

function policy(
  name: string,
  { hostname, ca, alternative }: { hostname: string; ca: string; alternative?: string },
): object {
  const subjectAltNames = [{ type: "Hostname", hostname: alternative }];
  return {
    apiVersion: "gateway.networking.k8s.io/v1",
    kind: "BackendTLSPolicy",
    metadata: { name, namespace: "default" },
    spec: {
      targetRefs: [{ group: "", kind: "Service", name }],
      validation: {
        hostname,
        caCertificateRefs: [{ group: "", kind: "ConfigMap", name: ca }],
        ...(alternative !== undefined && { subjectAltNames }),
      },
    },
  };
}
