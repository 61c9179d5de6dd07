import type { Gateway, NuncioProxy } from "#gen/resources";
import { keyOf, objectKey } from "../resources/object.ts";
import type { Check, Finding } from "./mistake.ts";
import { withoutEffect } from "./without-effect.ts";

/** NuncioProxies that nobody names, and pools of those whose Gateways have addresses of their own. */
export const checkParameters: Check = ({ store, references }) =>
  [...store.table<NuncioProxy>("NuncioProxy").values()].flatMap((proxy): Finding[] => {
    const names = references.filter(
      ({ field, to }) =>
        field === "parametersRef" && objectKey(to.namespace, to.name) === keyOf(proxy),
    );
    if (names.length === 0) {
      const message = "no parametersRef of a Gateway or GatewayClass names it";
      return [
        withoutEffect(proxy, [], message, "a Gateway names it in infrastructure.parametersRef"),
      ];
    }
    const hasAddresses = names.every(({ from }) => {
      const { addresses = [] } = from.kind === "Gateway" ? (from as Gateway).spec : {};
      return addresses.some(({ value }) => value !== undefined);
    });
    if (proxy.spec.addressPool === undefined || !hasAddresses) return [];
    const message = "all Gateways that name it have addresses of their own";
    return [withoutEffect(proxy, ["spec", "addressPool"], message)];
  });
