import type { Gateway, NuncioProxy, NuncioProxySpec } from "#gen/resources";
import type { Cells } from "../../incremental/cells.ts";
import type { Read } from "../../incremental/stage.ts";
import { namespaceOf, objectKey, type ObjectKey } from "../../resources/object.ts";
import type { ResourceStore } from "../../resources/store.ts";
import type { TranslatedClass } from "../classes/translated-class.ts";

interface ParameterSources {
  readonly store: ResourceStore;
  readonly classes: Cells<TranslatedClass>;
}

/** What NuncioProxies say of a Gateway: each value of its own goes before that of its class. */
export function gatewayParameters(
  read: Read,
  { store, classes }: ParameterSources,
  gateway: Gateway,
): NuncioProxySpec {
  const { gatewayClassName, infrastructure } = gateway.spec;
  const ref = infrastructure?.parametersRef;
  const own = ref === undefined ? undefined : objectKey(namespaceOf(gateway), ref.name);
  return {
    ...specOf(read, store, read.one(classes, gatewayClassName)?.parameters),
    ...specOf(read, store, own),
  };
}

function specOf(
  read: Read,
  store: ResourceStore,
  key: ObjectKey | undefined,
): NuncioProxySpec | undefined {
  if (key === undefined) return undefined;
  return read.one(store.table<NuncioProxy>("NuncioProxy"), key)?.spec;
}
