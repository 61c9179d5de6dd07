import type { ScopeSlots } from "../../../observe/stats/definition.ts";

/** An HTTP inspector as main posts it to the workers; there is nothing to configure. */
export interface HttpInspectorConfig {
  readonly scope: ScopeSlots;
}
