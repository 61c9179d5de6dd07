import { get as getHttp } from "node:http";
import { connect } from "node:http2";
import { get as getHttps } from "node:https";
import { GRPC_MESSAGE, type H2Load } from "./load/h2load.ts";
import type { Load } from "./load/load.ts";
import type { WrkLoad } from "./load/wrk.ts";

const WITHIN_MS = 5_000;

/** One request whose answer is looked at closely: the right status, and the whole body. */
export function checkAnswer(load: Load, port: number): Promise<void> {
  switch (load.tool) {
    case "wrk":
      return checkHttp1(load, port);
    case "h2load":
      return checkHttp2(load, port);
    case "peer":
    case "udp":
      // It looks at every answer itself.
      return Promise.resolve();
  }
}

function checkHttp1(load: WrkLoad, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const get = load.tls === true ? getHttps : getHttp;
    const target = { host: "127.0.0.1", port, path: load.path, agent: false, timeout: WITHIN_MS };
    const request = get({ ...target, rejectUnauthorized: false }, (response) => {
      let bytes = 0;
      response.on("data", (piece: Buffer) => {
        bytes += piece.length;
      });
      response.on("end", () => settle(resolve, reject, load, response.statusCode, bytes));
    });
    request.on("timeout", () => request.destroy(new Error("no answer within 5 s")));
    request.on("error", reject);
  });
}

/** Of gRPC the trailers too. */
function checkHttp2(load: H2Load, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const origin = `${load.tls ? "https" : "http"}://127.0.0.1:${port}`;
    const session = connect(origin, { rejectUnauthorized: false });
    const fail = (error: Error): void => {
      session.destroy();
      reject(error);
    };
    session.on("error", fail);
    session.setTimeout(WITHIN_MS, () => fail(new Error("no answer within 5 s")));
    const isGrpc = load.grpc === true;
    const grpc = { ":method": "POST", "content-type": "application/grpc", te: "trailers" };
    const request = session.request(
      { ":path": load.path, ...(isGrpc ? grpc : {}) },
      { endStream: !isGrpc },
    );
    if (isGrpc) request.end(GRPC_MESSAGE);
    let status = 0;
    let bytes = 0;
    let grpcStatus = isGrpc ? "none" : "0";
    request.on("response", (headers) => {
      status = Number(headers[":status"]);
    });
    request.on("trailers", (trailers: { [name: string]: unknown }) => {
      grpcStatus = String(trailers["grpc-status"]);
    });
    request.on("data", (piece: Buffer) => {
      bytes += piece.length;
    });
    request.on("error", fail);
    request.on("end", () => {
      session.close();
      if (grpcStatus === "0") settle(resolve, reject, load, status, bytes);
      else reject(new Error(`expected grpc-status 0, seen ${grpcStatus}`));
    });
  });
}

function settle(
  resolve: () => void,
  reject: (error: Error) => void,
  { responseBytes }: { readonly responseBytes: number },
  status: number | undefined,
  bytes: number,
): void {
  if (status === 200 && bytes === responseBytes) resolve();
  else reject(new Error(`expected 200 and ${responseBytes} bytes, seen ${status} and ${bytes}`));
}
