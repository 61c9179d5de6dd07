import { json } from "../handler.ts";
import type { AdminHandler } from "../handler.ts";

/** `envoy.admin.v3.UnreadyTargetsDumps`; `{}` once start-up is over. */
export const initDump: AdminHandler = {
  path: "/init_dump",
  help: "dump current Envoy init manager information (experimental)",
  mutates: false,
  params: [
    {
      id: "mask",
      help: "The desired component to dump unready targets: only those whose name begins with it",
    },
  ],
  handle: ({ params }, providers) => {
    const mask = params.get("mask") ?? "";
    const targets = [...providers.unreadyTargets()].filter(({ name }) => name.startsWith(mask));
    if (targets.length === 0) return json({});
    return json({
      unready_targets_dumps: targets.map(({ name, targetNames }) => ({
        name,
        target_names: targetNames,
      })),
    });
  },
};
