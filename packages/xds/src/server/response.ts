import type { CachedResource } from "./cached-resource.ts";

/** What a stream sends, in either variant of the protocol; a transport makes the message of it. */
export interface XdsResponse {
  readonly typeUrl: string;
  /** `version_info`, or `system_version_info` in the delta variant. */
  readonly version: string;
  readonly nonce: string;
  readonly resources: readonly CachedResource[];
  /** Delta only: names of resources that are gone, or were asked for and are not there. */
  readonly removed: readonly string[];
  /** Delta only: resources of which nothing is sent but that they go on to live. */
  readonly heartbeats: readonly CachedResource[];
}

/** A response before it has a nonce. */
export type ResponseDraft = Omit<XdsResponse, "nonce" | "typeUrl">;
