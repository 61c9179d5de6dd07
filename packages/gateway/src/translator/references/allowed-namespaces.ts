import type { Read } from "../../incremental/stage.ts";
import type { ResourceStore } from "../../resources/store.ts";
import type { AllowedNamespaces } from "../translated-gateway.ts";
import { selects } from "./label-selector.ts";

/** An object of this namespace may attach. Reads the labels of the namespace only where they decide. */
export function allowsNamespace(
  read: Read,
  store: ResourceStore,
  allowed: AllowedNamespaces,
  namespace: string,
): boolean {
  switch (allowed.from) {
    case "All":
      return true;
    case "None":
      return false;
    case "Same":
      return allowed.namespace === namespace;
    case "Selector":
      return selects(allowed.selector, namespaceLabels(read, store, namespace));
  }
}

/** Kubernetes gives each namespace a label with its name; one of files that has none, or is not there, has it as well. */
function namespaceLabels(
  read: Read,
  store: ResourceStore,
  namespace: string,
): Readonly<Record<string, string>> {
  const labels = read.one(store.table("Namespace"), namespace)?.metadata.labels;
  return { "kubernetes.io/metadata.name": namespace, ...labels };
}
