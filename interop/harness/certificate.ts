import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { findCounterpart } from "./counterparts.ts";

/** A certificate for `localhost` and 127.0.0.1 that signs itself, made for one run. */
export interface Certificate {
  /** Files in PEM. */
  readonly certFile: string;
  readonly keyFile: string;
  readonly cert: string;
  readonly key: string;
  /** SHA-256 of its public key, base 64: by which Chromium is told whom to trust. */
  readonly keyHash: string;
}

/** Makes it with OpenSSL's command line; ECDSA P-256 unless `rsa`. Throws when there is no OpenSSL. */
export function makeCertificate(folder: string, kind: "ecdsa" | "rsa" = "ecdsa"): Certificate {
  const certFile = join(folder, `${kind}.pem`);
  const keyFile = join(folder, `${kind}.key`);
  const algorithm =
    kind === "rsa" ? ["rsa:2048"] : ["ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"];
  openssl(
    [
      "req",
      "-x509",
      "-newkey",
      ...algorithm,
      "-nodes",
      "-days",
      "2",
      "-subj",
      "/CN=localhost",
    ].concat([
      "-addext",
      "subjectAltName=DNS:localhost,IP:127.0.0.1",
      "-keyout",
      keyFile,
      "-out",
      certFile,
    ]),
  );
  const publicKey = openssl(["x509", "-in", certFile, "-pubkey", "-noout"]);
  const der = openssl(["pkey", "-pubin", "-outform", "DER"], publicKey);
  const keyHash = openssl(["dgst", "-sha256", "-binary"], der).toString("base64");
  const text = (file: string): string => readFileSync(file, "latin1");
  return { certFile, keyFile, cert: text(certFile), key: text(keyFile), keyHash };
}

function openssl(args: readonly string[], input?: Buffer): Buffer {
  const program = findCounterpart("openssl");
  if (program === null) throw new Error("openssl is not installed");
  return execFileSync(program, args, { input, stdio: ["pipe", "pipe", "ignore"], timeout: 20_000 });
}
