import { Client, credentials, Metadata, type ServiceError } from "@grpc/grpc-js";
import { route, type Feature } from "./feature.ts";

const HEADERS = [{ name: "version", value: "2" }];
const EXACT = { type: "Exact", service: "shop.Cart", method: "Add" };
const SERVICE = { type: "Exact", service: "shop.Stock" };
const METHOD = { type: "Exact", method: "Ping" };
const EXPRESSION = { type: "RegularExpression", service: "shop\\.v[0-9]+\\..*", method: "Get.*" };

/** Calls, and the server that answers each; a number is the status of one that is not answered. */
const CALLS: Readonly<Record<string, string | number>> = {
  "/shop.Cart/Add": "exact-0",
  "/shop.Cart/Adding": 12,
  "/shop.Cart/add": 12,
  "/shop.Carts/Add": 12,
  "/shop.Stock/Anything": "service-0",
  "/shop.Stocks/Anything": 12,
  "/any.Service/Ping": "method-0",
  "/any.Service/Pings": 12,
  "/shop.v1.Goods/GetAll": "expression-0",
  "/shop.v1.Goods/ListAll": 12,
  "/shop.vx.Goods/GetAll": 12,
  "/shop.Cart/Add version 2": "newer-0",
  "/shop.Gone/Get": 14,
};

/** Methods of gRPC with messages of its own client. */
export const GRPC_METHODS: Feature = {
  name: "methods of gRPC",
  services: { exact: 1, service: 1, method: 1, expression: 1, newer: 1 },
  objects: [
    route("GRPCRoute", [
      methodRule(EXACT, "exact"),
      methodRule(SERVICE, "service"),
      methodRule(METHOD, "method"),
      methodRule(EXPRESSION, "expression"),
      methodRule(EXACT, "newer", { headers: HEADERS }),
      methodRule({ type: "Exact", service: "shop.Gone" }, "gone"),
    ]),
  ],
  ask: async (port) => {
    const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
    try {
      const seen: Record<string, string | number> = {};
      for (const named of Object.keys(CALLS)) seen[named] = await call(client, named);
      return seen;
    } finally {
      client.close();
    }
  },
  expected: CALLS,
};

function methodRule(method: object, service: string, more: object = {}): object {
  return { matches: [{ method, ...more }], backendRefs: [{ name: service, port: 80 }] };
}

function call(client: Client, named: string): Promise<string | number> {
  const [path = "", ...header] = named.split(" ");
  const metadata = new Metadata();
  if (header.length > 0) metadata.set(header[0]!, header[1]!);
  const asIs = (bytes: Buffer): Buffer => bytes;
  return new Promise((resolve) => {
    const answered = (error: ServiceError | null, message?: Buffer): void =>
      resolve(error === null ? String(message) : error.code);
    client.makeUnaryRequest(path, asIs, asIs, Buffer.from("who"), metadata, answered);
  });
}
