import type { HeaderMap } from "@nuncio/codec";
import type { DecoderFilterCallbacks } from "../filter.ts";
import type { MirrorPolicy } from "../mirror/mirror-policy.ts";
import { MirrorStream, type MirroredStream } from "./mirror-stream.ts";
import type { Router } from "./router.ts";

/** The mirrors of one request that wait for the rest of it. */
export class Mirrors {
  readonly #streams: readonly MirrorStream[];

  private constructor(streams: readonly MirrorStream[]) {
    this.#streams = streams;
  }

  /**
   * Sends a request to the clusters that its policies name. `headers` are a copy of its own. Null when no mirror needs to hear
   * of the request any more.
   */
  static start(
    router: Router,
    policies: readonly MirrorPolicy[],
    callbacks: DecoderFilterCallbacks,
    headers: HeaderMap,
    source: MirroredStream,
    timeoutMs: number,
    endStream: boolean,
  ): Mirrors | null {
    const { clusters, hostIp } = router.services;
    const streams: MirrorStream[] = [];
    for (const policy of policies) {
      if (!policy.applies(callbacks.random)) continue;
      const name = policy.clusterName(headers);
      const cluster = name === "" ? undefined : clusters.get(name);
      if (cluster === undefined) continue;
      const own = headers.clone();
      policy.prepare(own, callbacks.streamInfo, hostIp);
      const stream = new MirrorStream(
        router,
        cluster,
        own,
        source,
        callbacks.streamInfo.protocol,
        timeoutMs,
      );
      stream.awaitsSwitch = callbacks.streamInfo.upgradeType !== "";
      stream.start(endStream);
      streams.push(stream);
    }
    return endStream || streams.length === 0 ? null : new Mirrors(streams);
  }

  data(data: Buffer, endStream: boolean): void {
    for (const stream of this.#streams) stream.data(data, endStream);
  }

  trailers(trailers: HeaderMap): void {
    for (const stream of this.#streams) stream.trailers(trailers);
  }

  /** The request will not be completed; those who have all of it go on. */
  cancel(): void {
    for (const stream of this.#streams) stream.cancel();
  }
}
