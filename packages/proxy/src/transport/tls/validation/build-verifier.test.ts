import assert from "node:assert/strict";
import { createHash, X509Certificate } from "node:crypto";
import { test } from "node:test";
import type { PeerCertificates, VerifyFailure } from "../peer-verifier.ts";
import { CertificateAuthority, expired, type Identity } from "../testing/certificate-authority.ts";
import { downstreamTls, NO_RULES, upstreamTls } from "../testing/tls-configs.ts";
import { buildVerifier } from "./build-verifier.ts";
import type { VerificationConfig } from "./model.ts";

const BLOCK = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** A peer as OpenSSL shows it; `chainError` is what OpenSSL has against it. */
function peer(identity: Identity, more: Partial<PeerCertificates> = {}): PeerCertificates {
  const chain = identity.chain.match(BLOCK)!.map((pem) => new X509Certificate(pem));
  return {
    leaf: chain[0]!,
    chain: () => chain,
    chainError: null,
    chainErrorText: "",
    serverName: "",
    expectedNames: null,
    ...more,
  };
}

/** The verdict of a server that trusts `trustedCa` and has these rules: null, or stat and text. */
function verdict(
  trustedCa: string,
  rules: Partial<VerificationConfig>,
  who: PeerCertificates,
): readonly [VerifyFailure["stat"], string] | null {
  const config = downstreamTls([], { trustedCa, verification: { ...NO_RULES, ...rules } });
  const buildString = (prefix: unknown) => (text: string) => text.startsWith(prefix as string);
  const failure = buildVerifier(config, buildString, () => Date.now())!.verify(who);
  return failure === null ? null : [failure.stat, failure.text];
}

/** The verdict of the own check of chains, whose depth limit never matters. */
function chainVerdict(
  trustedCa: string,
  identity: Identity,
  rules: Partial<VerificationConfig> = {},
): string | null {
  const failure = verdict(trustedCa, { maxVerifyDepth: 100, ...rules }, peer(identity));
  if (failure === null) return null;
  assert.equal(failure[0], "fail_verify_error");
  return failure[1].replace("X509_verify_cert: certificate verification error at depth ", "");
}

void test("without trusted certificates and rules there is nothing to ask", () => {
  const nobody = buildVerifier(
    downstreamTls([]),
    () => () => true,
    () => 0,
  );
  assert.equal(nobody, null);
});

void test("OpenSSL's verdict counts where nothing else is asked", async () => {
  const ca = await CertificateAuthority.create();
  const leaf = await ca.issue();
  assert.equal(verdict(ca.certificate, {}, peer(leaf)), null);
  assert.deepEqual(
    verdict(
      ca.certificate,
      {},
      peer(leaf, { chainError: "CERT_REVOKED", chainErrorText: "certificate revoked" }),
    ),
    [
      "fail_verify_error",
      "X509_verify_cert: certificate verification error at depth 0: " +
        "certificate revocation check against provided CRLs failed: certificate revoked",
    ],
  );
});

void test("names", async () => {
  const ca = await CertificateAuthority.create();
  const who = peer(
    await ca.issue({
      dnsNames: ["a.test", "*.b.test"],
      uris: ["spiffe://td/x"],
      ips: ["10.0.0.1", "::1"],
      emails: ["a@b.test"],
      userPrincipalNames: ["user"],
    }),
  );
  const named = (rule: VerificationConfig["alternativeNames"][number]): boolean =>
    verdict(ca.certificate, { alternativeNames: [rule] }, who) === null;
  const dns = (name: string): boolean => named({ type: "dns_exact", name });
  assert.deepEqual(
    ["a.test", "A.TEST", "x.b.test", "*.b.test", "x.y.b.test", "b.test", ".b.test"].map(dns),
    [true, true, true, true, false, false, false],
  );
  assert.ok(named({ type: "dns", oid: "", matcher: "*.b" }));
  assert.ok(named({ type: "uri", oid: "", matcher: "spiffe://td/" }));
  assert.ok(!named({ type: "uri", oid: "", matcher: "a.test" }));
  assert.ok(named({ type: "ip", oid: "", matcher: "10.0.0.1" }));
  assert.ok(named({ type: "ip", oid: "", matcher: "::1" }));
  assert.ok(named({ type: "email", oid: "", matcher: "a@" }));
  assert.ok(named({ type: "other", oid: "1.3.6.1.4.1.311.20.2.3", matcher: "user" }));
  assert.ok(!named({ type: "other", oid: "1.2.3", matcher: "user" }));
  assert.deepEqual(
    verdict(ca.certificate, { alternativeNames: [{ type: "dns_exact", name: "x" }] }, who),
    [
      "fail_verify_san",
      "SAN matcher, certificate SANs are [spiffe://td/x, a.test, *.b.test, 10.0.0.1, ::1, a@b.test, user]",
    ],
  );
});

void test("the name that a request or the context expects", async () => {
  const ca = await CertificateAuthority.create();
  const leaf = await ca.issue({ dnsNames: ["a.test"], ips: ["10.0.0.1"] });
  for (const [names, accepted] of [
    [["a.test"], true],
    [["10.0.0.1"], true],
    [["b.test", "a.test"], true],
    [["b.test"], false],
  ] as const) {
    const failure = verdict(ca.certificate, {}, peer(leaf, { expectedNames: names }));
    assert.equal(failure?.[0], accepted ? undefined : "fail_verify_san");
  }
  const rules = {
    ...NO_RULES,
    alternativeNames: [{ type: "dns_exact", name: "other.test" } as const],
  };
  const config = upstreamTls({
    trustedCa: ca.certificate,
    verification: rules,
    autoSniSanValidation: true,
  });
  const verifier = buildVerifier(
    config,
    () => () => false,
    () => Date.now(),
  )!;
  const asked = { serverName: "a.test", expectedNames: ["a.test"] };
  assert.equal(verifier.verify(peer(leaf, asked)), null);
  assert.equal(verifier.verify(peer(leaf))?.stat, "fail_verify_san");
});

void test("pins: one of all must fit", async () => {
  const ca = await CertificateAuthority.create();
  const leaf = await ca.issue();
  const x509 = new X509Certificate(leaf.certificate);
  const hash = x509.fingerprint256.replaceAll(":", "").toLowerCase();
  const info = x509.publicKey.export({ type: "spki", format: "der" });
  const pin = createHash("sha256").update(info).digest("base64");
  const none = "0".repeat(64);
  assert.equal(verdict("", { certificateHashes: [none, hash] }, peer(leaf)), null);
  assert.equal(verdict("", { certificateHashes: [none], publicKeyPins: [pin] }, peer(leaf)), null);
  assert.deepEqual(verdict("", { certificateHashes: [none] }, peer(leaf)), [
    "fail_verify_cert_hash",
    "cert hash and spki",
  ]);
});

void test("with ACCEPT_UNTRUSTED failures are tolerated, and said", async () => {
  const ca = await CertificateAuthority.create();
  const rules = { ...NO_RULES, acceptUntrusted: true };
  const config = downstreamTls([], { trustedCa: ca.certificate, verification: rules });
  const who = peer(await ca.issue(), { chainError: "X", chainErrorText: "text" });
  const failure = buildVerifier(
    config,
    () => () => false,
    () => 0,
  )!.verify(who);
  assert.deepEqual([failure!.stat, failure!.tolerated], ["fail_verify_error", true]);
});

void test("the own check of chains", async () => {
  const root = await CertificateAuthority.create("Root");
  const middle = await root.intermediate("Middle");
  const other = await CertificateAuthority.create("Other");
  const leaf = await middle.issue();
  assert.equal(chainVerdict(root.certificate, leaf), null);
  // An intermediate that is trusted is enough.
  assert.equal(chainVerdict(middle.certificate, { ...leaf, chain: leaf.certificate }), null);
  assert.equal(
    chainVerdict(root.certificate, { ...leaf, chain: leaf.certificate }),
    "0: unable to get local issuer certificate",
  );
  assert.equal(chainVerdict(other.certificate, leaf), "1: unable to get local issuer certificate");
  const impostor = await CertificateAuthority.create("Middle");
  assert.equal(
    chainVerdict(root.certificate, await impostor.issue()),
    "0: unable to get local issuer certificate",
  );
  assert.equal(
    chainVerdict(root.certificate, { ...leaf, chain: other.certificate }),
    "0: self signed certificate",
  );
  assert.equal(
    chainVerdict(
      root.certificate,
      await middle.issue({ extendedKeyUsages: ["1.3.6.1.5.5.7.3.1"] }),
    ),
    "0: unsupported certificate purpose",
  );
  assert.equal(chainVerdict(root.certificate, leaf, { maxVerifyDepth: 2 }), null);
  assert.equal(
    chainVerdict(root.certificate, leaf, { maxVerifyDepth: 1 }),
    "1: unable to get local issuer certificate",
  );
});

void test("an expired chain may be accepted, an untrusted one that expired may not", async () => {
  const ca = await CertificateAuthority.create();
  const other = await CertificateAuthority.create("Other");
  const old = await ca.issue(expired());
  const rules = { allowExpiredCertificate: true };
  assert.equal(chainVerdict(ca.certificate, old), "0: certificate has expired");
  assert.equal(chainVerdict(ca.certificate, old, rules), null);
  assert.equal(
    chainVerdict(ca.certificate, await other.issue(expired()), rules),
    "0: unable to get local issuer certificate",
  );
  const leaf = new X509Certificate(old.certificate);
  for (const [more, text] of [
    [{}, "certificate has expired"],
    [{ spiffe: { trustDomains: [] } }, "certificate has expired"],
    [rules, undefined],
  ] as const) {
    const config = downstreamTls([], {
      trustedCa: ca.certificate,
      verification: { ...NO_RULES, ...more },
    });
    const verifier = buildVerifier(
      config,
      () => () => true,
      () => Date.now(),
    )!;
    assert.equal(verifier.verifyResumed(leaf)?.text.split(": ").at(-1), text, "when it is resumed");
  }
  const early = await ca.issue({ notBefore: new Date(Date.now() + 86_400_000) });
  assert.equal(chainVerdict(ca.certificate, early), "0: certificate is not yet valid");
});

void test("an authority that may not issue, or not so deep", async () => {
  const root = await CertificateAuthority.create("Root");
  const noSigner = await root.intermediate("Middle", { keyUsages: 1 });
  assert.equal(chainVerdict(root.certificate, await noSigner.issue()), "1: invalid CA certificate");
});

void test("revocation lists for leaves alone", async () => {
  const ca = await CertificateAuthority.create();
  const other = await CertificateAuthority.create("Other");
  const good = await ca.issue();
  const bad = await ca.issue();
  const prefix = "0: certificate revocation check against provided CRLs failed: ";
  const leafCrl = await ca.revocationList([bad]);
  assert.equal(chainVerdict(ca.certificate, good, { leafCrl }), null);
  assert.equal(chainVerdict(ca.certificate, bad, { leafCrl }), `${prefix}certificate revoked`);
  assert.equal(
    chainVerdict(ca.certificate, good, { leafCrl: await other.revocationList([]) }),
    `${prefix}unable to get certificate CRL`,
  );
  const old = await ca.revocationList([], new Date(Date.now() - 1000));
  assert.equal(chainVerdict(ca.certificate, good, { leafCrl: old }), `${prefix}CRL has expired`);
  const namesake = await CertificateAuthority.create();
  assert.equal(
    chainVerdict(ca.certificate, good, { leafCrl: await namesake.revocationList([]) }),
    `${prefix}CRL signature failure`,
  );
});

void test("SPIFFE: the trust domain of the first URI says whom to trust", async () => {
  const a = await CertificateAuthority.create("A");
  const b = await CertificateAuthority.create("B");
  const spiffe = {
    trustDomains: [
      { name: "a.test", trustBundle: a.certificate },
      { name: "b.test", trustBundle: b.certificate },
    ],
  };
  const trusted = a.certificate + b.certificate;
  const judge = async (
    ca: CertificateAuthority,
    uris: readonly string[],
    rules: Partial<VerificationConfig> = {},
  ): Promise<string | undefined> =>
    verdict(trusted, { spiffe, ...rules }, peer(await ca.issue({ uris })))?.[1];
  assert.equal(await judge(a, ["spiffe://a.test/x"]), undefined);
  assert.equal(await judge(b, ["spiffe://b.test/x", "spiffe://a.test/x"]), undefined);
  assert.match((await judge(a, ["spiffe://b.test/x"]))!, /unable to get local issuer certificate$/);
  for (const uris of [[], ["spiffe://c.test/x"], ["http://a.test/x"], ["spiffe://a.test"]])
    assert.equal(await judge(a, uris), "no trust bundle store");
  const alternativeNames = [{ type: "uri", oid: "", matcher: "spiffe://a.test/y" } as const];
  assert.equal(await judge(a, ["spiffe://a.test/x"], { alternativeNames }), "SAN match");
  const middle = await a.intermediate("Middle");
  const own = { spiffe: { trustDomains: [{ name: "a.test", trustBundle: middle.certificate }] } };
  assert.match(
    (await judge(middle, ["spiffe://a.test/x"], own))!,
    /depth 1: unable to get issuer certificate$/,
  );
});
