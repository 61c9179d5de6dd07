import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { test } from "node:test";
import { toJson } from "@nuncio/api";
import type { TlsContexts } from "../transport/tls/config/tls-contexts.ts";
import { CertificateAuthority } from "../transport/tls/testing/certificate-authority.ts";
import { certificateMessages } from "./admin-certificates.ts";

const DAY_MS = 86_400_000;

void test("the certificates of contexts that have any, with the days they have left", async () => {
  const now = new Date("2030-01-01T00:00:00Z");
  const ca = await CertificateAuthority.create("CA", {
    serialNumber: "0a",
    notBefore: new Date(now.getTime() - DAY_MS),
    notAfter: new Date(now.getTime() - 1000),
  });
  const leaf = await ca.issue({
    serialNumber: "0b",
    dnsNames: ["a.test"],
    uris: ["spiffe://td/a"],
    ips: ["::1"],
    notBefore: new Date(now.getTime() - DAY_MS),
    notAfter: new Date(now.getTime() + 3.5 * DAY_MS),
  });
  const shown = (role: "ca" | "leaf", path: string, pem: string): object => ({
    role,
    path,
    certificate: new X509Certificate(pem),
    gaugeName: "",
  });
  const all = [
    {
      certificates: [
        shown("ca", "ca.pem", ca.certificate),
        shown("leaf", "<inline>", leaf.certificate),
      ],
    },
    { certificates: [] },
  ];
  const messages = certificateMessages({ all } as unknown as TlsContexts, now);
  assert.deepEqual(
    messages.map((message) => toJson(message)),
    [
      {
        ca_cert: [
          {
            path: "ca.pem",
            serial_number: "0a",
            valid_from: "2029-12-31T00:00:00Z",
            expiration_time: "2029-12-31T23:59:59Z",
          },
        ],
        cert_chain: [
          {
            path: "<inline>",
            serial_number: "0b",
            subject_alt_names: [{ dns: "a.test" }, { uri: "spiffe://td/a" }, { ip_address: "::1" }],
            days_until_expiration: "3",
            valid_from: "2029-12-31T00:00:00Z",
            expiration_time: "2030-01-04T12:00:00Z",
          },
        ],
      },
    ],
  );
});
