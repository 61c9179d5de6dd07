import { defineStats } from "../definition.ts";

/** `cluster.<name>.<match>.*`: the hosts that an entry of `transport_socket_matches` was chosen for. */
export const TRANSPORT_SOCKET_MATCH_STATS = defineStats({ total_match_count: "counter" });
