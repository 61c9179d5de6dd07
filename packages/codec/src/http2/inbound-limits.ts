import type { Http2ConnectionError, Http2Counters } from "./callbacks.ts";
import { ConnectionErrors } from "./connection-errors.ts";
import { FrameFlag, FrameType } from "./frames.ts";
import type { Http2Options } from "./options.ts";
import { TokenBucket } from "./token-bucket.ts";

/** Counts what a peer may send for nothing: Envoy's limits of frames, and buckets of resets and settings. */
export class InboundLimits {
  /** Streams so far, of either side. */
  openedStreams = 0;
  readonly #options: Http2Options;
  readonly #counters: Http2Counters;
  readonly #streamResets: TokenBucket;
  readonly #ownResets: TokenBucket;
  readonly #settings: TokenBucket;
  #messageFrames = 0;
  #emptyFrames = 0;
  #priorityFrames = 0;
  #windowUpdateFrames = 0;
  #ignoredFrames = 0;

  constructor(options: Http2Options, counters: Http2Counters) {
    this.#options = options;
    this.#counters = counters;
    this.#streamResets = new TokenBucket(options.streamResetBurst, options.streamResetsPerSecond);
    this.#ownResets = new TokenBucket(options.ownResetBurst, options.ownResetsPerSecond);
    this.#settings = new TokenBucket(options.settingsBurst, options.settingsPerSecond);
  }

  /** DATA, HEADERS and CONTINUATION frames; `length` without padding. */
  content(length: number, flags: number): Http2ConnectionError | null {
    if (length > 0 || (flags & FrameFlag.EndStream) !== 0) {
      this.#messageFrames++;
      this.#emptyFrames = 0;
      return null;
    }
    const limit = this.#options.maxConsecutiveInboundFramesWithEmptyPayload;
    if (++this.#emptyFrames <= limit) return null;
    this.#counters.add("inbound_empty_frames_flood", 1);
    return ConnectionErrors.EmptyFramesFlood;
  }

  /** PRIORITY and WINDOW_UPDATE frames. */
  control(type: number, dataFramesSent: number): Http2ConnectionError | null {
    const options = this.#options;
    if (type === FrameType.Priority) {
      const limit = options.maxInboundPriorityFramesPerStream * (1 + this.openedStreams);
      if (++this.#priorityFrames <= limit) return null;
      this.#counters.add("inbound_priority_frames_flood", 1);
      return ConnectionErrors.PriorityFramesFlood;
    }
    const perData = options.maxInboundWindowUpdateFramesPerDataFrameSent;
    const limit = 5 + 2 * (this.openedStreams + perData * dataFramesSent);
    if (++this.#windowUpdateFrames <= limit) return null;
    this.#counters.add("inbound_window_update_frames_flood", 1);
    return ConnectionErrors.WindowUpdateFramesFlood;
  }

  /** Frames that mean nothing: of unknown types, answers to no question, the end of what had ended before. */
  ignored(): Http2ConnectionError | null {
    const limit = this.#options.maxInboundIgnoredFramesPerMessageFrame * (1 + this.#messageFrames);
    return ++this.#ignoredFrames <= limit ? null : ConnectionErrors.IgnoredFramesFlood;
  }

  /** The peer gave up a stream, or opened one too many. */
  streamReset(nowMs: number): Http2ConnectionError | null {
    return this.#streamResets.take(nowMs) ? null : ConnectionErrors.StreamResetFlood;
  }

  /** The peer made us reset a stream. */
  ownReset(nowMs: number): Http2ConnectionError | null {
    return this.#ownResets.take(nowMs) ? null : ConnectionErrors.OwnResetFlood;
  }

  settings(nowMs: number): Http2ConnectionError | null {
    return this.#settings.take(nowMs) ? null : ConnectionErrors.SettingsFlood;
  }
}
