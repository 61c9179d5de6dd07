/** What Envoy's library says where OpenSSL says something else, by Node's code of the error. */
const TEXTS: { readonly [code: string]: string } = {
  DEPTH_ZERO_SELF_SIGNED_CERT: "self signed certificate",
  SELF_SIGNED_CERT_IN_CHAIN: "self signed certificate in certificate chain",
  // OpenSSL is made to go on behind the first error, and this one is the next.
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "unable to get local issuer certificate",
  INVALID_CA: "invalid CA certificate",
  INVALID_PURPOSE: "unsupported certificate purpose",
};

/** The text of an error that OpenSSL found in a chain, in the words of Envoy's library and without Node's advice. */
export function chainErrorText(code: string, message: string): string {
  return TEXTS[code] ?? message.replace(/; .*$/u, "");
}
