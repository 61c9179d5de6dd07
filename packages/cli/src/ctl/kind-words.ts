import { RESOURCE_KINDS, type ResourceKind } from "@nuncio/gateway";

/** As `kubectl` has them. */
const SHORT: { readonly [word: string]: string } = {
  gc: "GatewayClass",
  gtw: "Gateway",
  lset: "ListenerSet",
  btlspolicy: "BackendTLSPolicy",
  ns: "Namespace",
  svc: "Service",
  cm: "ConfigMap",
};

/** The kind that a word stands for: `httproute`, `httproutes`, `HTTPRoute`; undefined: none. */
export function kindOfWord(text: string): ResourceKind | undefined {
  const word = text.toLowerCase();
  return RESOURCE_KINDS.find(
    ({ kind, plural }) => word === kind.toLowerCase() || word === plural || SHORT[word] === kind,
  );
}
