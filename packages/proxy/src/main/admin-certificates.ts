import { create, type Message } from "@bufbuild/protobuf";
import { timestampFromDate } from "@bufbuild/protobuf/wkt";
import { envoyTypes } from "@nuncio/api";
import { readCertificateFields } from "../transport/tls/certificate-fields.ts";
import type { ShownCertificate } from "../transport/tls/config/secret-reader.ts";
import type { TlsContexts } from "../transport/tls/config/tls-contexts.ts";
import { nameText } from "../transport/tls/validation/alternative-names.ts";

const DAY_MS = 86_400_000;

/** What /certs shows: `envoy.admin.v3.Certificate` for each context that has any. `now` is for what is left. */
export function certificateMessages(contexts: TlsContexts, now: Date): Message[] {
  return contexts.all
    .filter(({ certificates }) => certificates.length > 0)
    .map(({ certificates }) => {
      const of = (role: ShownCertificate["role"]): Message[] =>
        certificates.filter((shown) => shown.role === role).map((shown) => details(shown, now));
      return make("Certificate", { caCert: of("ca"), certChain: of("leaf") });
    });
}

function details({ path, certificate }: ShownCertificate, now: Date): Message {
  const { validFromDate, validToDate } = certificate;
  const leftMs = validToDate.getTime() - now.getTime();
  return make("CertificateDetails", {
    path,
    serialNumber: certificate.serialNumber.toLowerCase(),
    subjectAltNames: alternativeNames(certificate.raw),
    daysUntilExpiration: BigInt(Math.max(0, Math.floor(leftMs / DAY_MS))),
    validFrom: timestampFromDate(validFromDate),
    expirationTime: timestampFromDate(validToDate),
  });
}

/** By kind. */
const KINDS = { dns: "dns", uri: "uri", ip: "ipAddress" } as const;

function alternativeNames(raw: Buffer): Message[] {
  const names = readCertificateFields(raw).alternativeNames;
  return (["dns", "uri", "ip"] as const).flatMap((type) =>
    names
      .filter((name) => name.type === type)
      .map((name) =>
        make("SubjectAlternateName", { name: { case: KINDS[type], value: nameText(name) } }),
      ),
  );
}

function make(name: string, fields: Record<string, unknown>): Message {
  const desc = envoyTypes().getMessage(`envoy.admin.v3.${name}`);
  if (desc === undefined) throw new Error(`no type named ${name}`);
  return create(desc, fields);
}
