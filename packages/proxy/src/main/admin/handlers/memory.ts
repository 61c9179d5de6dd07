import { json } from "../handler.ts";
import type { AdminHandler } from "../handler.ts";

/** `envoy.admin.v3.Memory`. V8 has no page heap and no thread caches; those figures are 0. */
export const memory: AdminHandler = {
  path: "/memory",
  help: "print current allocation/heap usage",
  mutates: false,
  params: [],
  handle: async (_request, providers) => {
    const { allocated, heapSize, physical } = await providers.memory();
    return json({
      allocated: String(allocated),
      heap_size: String(heapSize),
      pageheap_unmapped: "0",
      pageheap_free: "0",
      total_thread_cache: "0",
      total_physical_bytes: String(physical),
    });
  },
};
