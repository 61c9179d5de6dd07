import { json } from "../handler.ts";
import type { AdminHandler } from "../handler.ts";

export const runtime: AdminHandler = {
  path: "/runtime",
  help: "print runtime values",
  mutates: false,
  params: [],
  handle: (_request, providers) => {
    const { layers, entries } = providers.runtime();
    const sorted = [...entries].sort(([a], [b]) => (a < b ? -1 : 1));
    return json({
      layers,
      entries: Object.fromEntries(
        sorted.map(([key, values]) => [
          key,
          { final_value: values.findLast((value) => value !== "") ?? "", layer_values: values },
        ]),
      ),
    });
  },
};
