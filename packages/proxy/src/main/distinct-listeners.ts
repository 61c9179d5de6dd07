import type { Listener } from "@nuncio/api/types/envoy/config/listener/v3/listener_pb";
import { listenAddressText } from "../config/address.ts";
import type { CompileContext } from "../config/context.ts";
import type { ListenerConfig } from "../listener/model.ts";
import { addressKey, isAnyPort } from "./listener-addresses.ts";

/**
 * The listeners that there will be, as Envoy adds them one after the other: of several with one name the first stays, and
 * one on an address of another is refused. Port 0 is a different one each time.
 * @param compiled as `messages`; null where compiling failed
 */
export function distinctListeners(
  messages: readonly Listener[],
  compiled: readonly (ListenerConfig | null)[],
  ctx: CompileContext,
): ListenerConfig[] {
  const listeners: ListenerConfig[] = [];
  const names = new Set<string>();
  const taken = new Set<string>();
  for (const [index, config] of compiled.entries()) {
    const message = messages[index]!;
    if (config === null || names.has(message.name)) continue;
    if (message.name !== "") names.add(message.name);
    const double = config.addresses.find(
      (address) => !isAnyPort(address) && taken.has(addressKey(address)),
    );
    if (double !== undefined) {
      const text = `error adding listener: '${config.name}' has duplicate address '${listenAddressText(double)}' as existing listener`;
      ctx.problems.error(message, "address", text);
    }
    for (const address of config.addresses) taken.add(addressKey(address));
    listeners.push(config);
  }
  return listeners;
}
