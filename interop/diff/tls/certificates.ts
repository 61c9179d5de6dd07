import { createHash, X509Certificate } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  CertificateAuthority,
  encryptKey,
  expired,
  type CertificateOptions,
} from "../../../packages/proxy/src/transport/tls/testing/certificate-authority.ts";
import { pkcs12File } from "../../../packages/proxy/src/transport/tls/testing/pkcs12-file.ts";
import { makeTempFolder } from "../../harness/temp-folder.ts";

/**
 * What the certificates of all cases are: `${certs}/NAME.pem` is the chain, `NAME.key` its key. Names that begin with
 * `other` come of an authority that nobody trusts unless a case says so, those with `middle` of an intermediate.
 */
const LEAVES: { readonly [name: string]: CertificateOptions } = {
  server: { subject: "CN=server,O=Diff", dnsNames: ["server.test", "*.wild.test"] },
  "server-rsa": { subject: "CN=server-rsa", dnsNames: ["server.test"], key: "rsa-2048" },
  second: { subject: "CN=second", dnsNames: ["second.test"] },
  "small-rsa": { subject: "CN=small", key: "rsa-1024" },
  "ecdsa-p384": { subject: "CN=p384", key: "ecdsa-p384" },
  "ecdsa-p521": { subject: "CN=p521", key: "ecdsa-p521" },
  nameless: { subject: "CN=nameless.test" },
  upstream: {
    subject: "CN=upstream",
    dnsNames: ["up.test", "a.test", "*.many.test"],
    ips: ["127.0.0.1"],
  },
  client: {
    subject: "CN=client,OU=Tests,O=Diff",
    uris: ["spiffe://td.test/client", "spiffe://td.test/second"],
    dnsNames: ["client.test", "*.clients.test"],
    emails: ["client@mail.test"],
    ips: ["10.0.0.1", "::1"],
    userPrincipalNames: ["client-upn"],
  },
  "client-bare": { subject: "CN=bare" },
  "client-expired": { subject: "CN=expired", dnsNames: ["client.test"], ...expired() },
  "client-revoked": { subject: "CN=revoked", dnsNames: ["client.test"] },
  "client-for-servers": {
    subject: "CN=for-servers",
    extendedKeyUsages: ["1.3.6.1.5.5.7.3.1"],
  },
  "middle-client": {
    subject: "CN=below-middle",
    dnsNames: ["client.test"],
    uris: ["spiffe://td.test/middle"],
  },
  "other-client": {
    subject: "CN=other",
    dnsNames: ["client.test"],
    uris: ["spiffe://other.test/x"],
  },
  "other-expired": { subject: "CN=other-expired", dnsNames: ["client.test"], ...expired() },
  "other-server": { subject: "CN=other-server", dnsNames: ["server.test", "up.test"] },
};

let made: Promise<string> | undefined;

/** The folder of the certificates, which are made once: both proxies of a run have the same. It goes with the process. */
export function certificateFolder(): Promise<string> {
  return (made ??= makeCertificates());
}

async function makeCertificates(): Promise<string> {
  const folder = makeTempFolder("certificates");
  const write = (name: string, content: string | Buffer): void =>
    writeFileSync(join(folder, name), content);
  const authority = await CertificateAuthority.create("Diff CA");
  const other = await CertificateAuthority.create("Other CA");
  const middle = await authority.intermediate("Middle CA");
  write("ca.pem", authority.certificate);
  write("ca.base64", authority.certificate.replaceAll(/-----.*-----|\n/g, ""));
  write("other-ca.pem", other.certificate);
  write("middle-ca.pem", middle.certificate);
  write("junk.pem", "no certificate\n");
  write("empty.pem", "");
  for (const [name, options] of Object.entries(LEAVES)) {
    const issuer = name.startsWith("other")
      ? other
      : name.startsWith("middle")
        ? middle
        : authority;
    const leaf = await issuer.issue(options);
    write(`${name}.pem`, leaf.chain);
    write(`${name}.leaf.pem`, leaf.certificate);
    write(`${name}.key`, leaf.key);
    if (name === "client-revoked") {
      write("crl.pem", await authority.revocationList([leaf]));
      write(
        "crls.pem",
        (await authority.revocationList([leaf])) + (await middle.revocationList([])),
      );
      write("crl-old.pem", await authority.revocationList([], new Date(Date.now() - 86_400_000)));
    }
    if (name === "server") {
      write("server.encrypted.key", encryptKey(leaf.key, "secret"));
      write("password", "secret");
      write("server.p12", pkcs12File(leaf, "secret"));
      write("wrong-password", "guess");
    }
    if (name === "client") writePins(leaf.certificate, write);
  }
  write("ticket.key", Buffer.alloc(80, 7));
  write("short-ticket.key", Buffer.alloc(48, 7));
  return folder;
}

/** Pins stand in a configuration as texts: files of their own, which `${certs:client.hash}` puts in their place. */
function writePins(certificate: string, write: (name: string, content: string) => void): void {
  const x509 = new X509Certificate(certificate);
  const info = x509.publicKey.export({ type: "spki", format: "der" });
  write("client.hash", x509.fingerprint256.replaceAll(":", "").toLowerCase());
  write("client.spki", createHash("sha256").update(info).digest("base64"));
}
