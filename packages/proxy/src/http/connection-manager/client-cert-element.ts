import type { CertificateFacts, TlsInfo } from "../../observe/tls-info.ts";
import type {
  ClientCertField,
  ForwardClientCertConfig,
  ForwardClientCertDetails,
} from "./header-rules-model.ts";

/**
 * The element of x-forwarded-client-cert that tells of a connection's client: as text `By=…;Hash=…;Subject="…"`, or as an
 * object of JSON. It is put together once per connection.
 */
export class ClientCertElement {
  readonly details: ForwardClientCertDetails;
  readonly #fields: readonly ClientCertField[];
  readonly #json: boolean;
  readonly #known = new WeakMap<TlsInfo, string>();

  constructor(config: ForwardClientCertConfig) {
    this.details = config.details;
    this.#fields = config.fields;
    this.#json = config.format === "json";
  }

  /** The whole value, for a header that has no other element. */
  of(tls: TlsInfo): string {
    const element = this.#element(tls);
    return this.#json ? `[${element}]` : element;
  }

  /** Text goes behind text, and an object into an array; what cannot be joined so is joined as text. */
  appendedTo(before: string, tls: TlsInfo): string {
    if (before === "") return this.of(tls);
    if (!this.#json) return `${before},${this.#element(tls)}`;
    if (before.startsWith("[") && before.endsWith("]"))
      return before === "[]" ? this.of(tls) : `${before.slice(0, -1)},${this.#element(tls)}]`;
    return `${before},${textElement(tls, this.#fields)}`;
  }

  #element(tls: TlsInfo): string {
    let element = this.#known.get(tls);
    if (element === undefined) {
      element = this.#json ? jsonElement(tls, this.#fields) : textElement(tls, this.#fields);
      this.#known.set(tls, element);
    }
    return element;
  }
}

function textElement(tls: TlsInfo, fields: readonly ClientCertField[]): string {
  const peer = tls.peerCertificate!;
  const parts = (tls.localCertificate?.uriNames ?? []).map((uri) => `By=${uri}`);
  parts.push(`Hash=${peer.sha256}`);
  for (const field of fields) parts.push(...textParts(field, peer, tls));
  return parts.join(";");
}

function textParts(field: ClientCertField, peer: CertificateFacts, tls: TlsInfo): string[] {
  switch (field) {
    case "cert":
      return [`Cert="${peer.urlEncodedPem}"`];
    case "chain":
      return [`Chain="${tls.peerCertificateChain.map((one) => one.urlEncodedPem).join("")}"`];
    case "subject":
      return [`Subject="${peer.subject}"`];
    case "issuer":
      return [`Issuer="${peer.issuer}"`];
    case "dns":
      return peer.dnsNames.map((name) => `DNS=${name}`);
    case "uri":
      return peer.uriNames.length === 0 ? ["URI="] : peer.uriNames.map((name) => `URI=${name}`);
  }
}

function jsonElement(tls: TlsInfo, fields: readonly ClientCertField[]): string {
  const peer = tls.peerCertificate!;
  const by = tls.localCertificate?.uriNames ?? [];
  const element: Record<string, string | readonly string[]> = {
    ...(by.length > 0 && { by }),
    hash: peer.sha256,
  };
  for (const field of fields) {
    const value = jsonValue(field, peer, tls);
    if (value.length > 0) element[field] = value;
  }
  return JSON.stringify(element);
}

function jsonValue(
  field: ClientCertField,
  peer: CertificateFacts,
  tls: TlsInfo,
): string | readonly string[] {
  switch (field) {
    case "cert":
      return decodeURIComponent(peer.urlEncodedPem);
    case "chain":
      return tls.peerCertificateChain.map((one) => decodeURIComponent(one.urlEncodedPem));
    case "subject":
      return peer.subject;
    case "issuer":
      return peer.issuer;
    case "dns":
      return peer.dnsNames;
    case "uri":
      return peer.uriNames;
  }
}
