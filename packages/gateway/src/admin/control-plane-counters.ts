import { shortNameOfUrl, type XdsCallbacks } from "@nuncio/xds";

/** What a control plane counts since its start. */
export class ControlPlaneCounters {
  /** How often something was computed again. */
  changes = 0;
  /** CPU time of that, on this thread. */
  changeCpuMicroseconds = 0;
  /** By `CDS` and so on, as all below. */
  readonly responses = new Map<string, number>();
  readonly resources = new Map<string, number>();
  readonly acks = new Map<string, number>();
  readonly nacks = new Map<string, number>();

  /** Runs what computes a change. */
  change(compute: () => void): void {
    const before = process.threadCpuUsage();
    try {
      compute();
    } finally {
      const { user, system } = process.threadCpuUsage(before);
      this.changes += 1;
      this.changeCpuMicroseconds += user + system;
    }
  }

  /** For the server. */
  readonly callbacks: Required<Pick<XdsCallbacks, "onRequest" | "onResponse">> = {
    onRequest: (_, { typeUrl, responseNonce, errorDetail }) => {
      if (responseNonce === "") return;
      add(errorDetail === undefined ? this.acks : this.nacks, typeUrl, 1);
    },
    onResponse: (_, { typeUrl, resources }) => {
      add(this.responses, typeUrl, 1);
      add(this.resources, typeUrl, resources.length);
    },
  };
}

function add(counts: Map<string, number>, typeUrl: string, count: number): void {
  const type = shortNameOfUrl(typeUrl);
  counts.set(type, (counts.get(type) ?? 0) + count);
}
