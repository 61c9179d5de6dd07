import { addressJson } from "../address-json.ts";
import { json, text } from "../handler.ts";
import type { AdminHandler } from "../handler.ts";

/** Names and addresses, or `envoy.admin.v3.Listeners` with `format=json`. */
export const listeners: AdminHandler = {
  path: "/listeners",
  help: "print listener info",
  mutates: false,
  params: [{ id: "format", help: "File format to use", values: ["text", "json"] }],
  handle: ({ params }, providers) => {
    const all = [...providers.listeners()];
    if (params.get("format") !== "json") {
      const lines = all.flatMap(({ name, addresses }) =>
        addresses.map((address) => `${name}::${address.text}\n`),
      );
      return text(lines.join(""));
    }
    if (all.length === 0) return json({});
    return json({
      listener_statuses: all.map(({ name, addresses: [first, ...more] }) => ({
        name,
        ...(first !== undefined && { local_address: addressJson(first) }),
        ...(more.length > 0 && { additional_local_addresses: more.map(addressJson) }),
      })),
    });
  },
};
