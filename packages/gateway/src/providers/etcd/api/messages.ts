import type { Message } from "@bufbuild/protobuf";

// What is used of etcd's v3 API (etcdserverpb/rpc.proto, mvccpb/kv.proto), by its own names.

export type KeyValue = Message<"mvccpb.KeyValue"> & {
  key: Uint8Array;
  /** The revision at which the key was made; 0: the key is not there. */
  createRevision: bigint;
  modRevision: bigint;
  /** Counts changes since the key was made. */
  version: bigint;
  value: Uint8Array;
  /** With which the key goes; 0: none. */
  lease: bigint;
};

export type Event = Message<"mvccpb.Event"> & {
  type: EventType;
  /** Of a key that is gone: its name and the revision. */
  kv?: KeyValue;
};

export type EventType = 0 | 1;
export const DELETE: EventType = 1;

export type ResponseHeader = Message<"etcdserverpb.ResponseHeader"> & {
  clusterId: bigint;
  revision: bigint;
};

export type RangeRequest = Message<"etcdserverpb.RangeRequest"> & {
  key: Uint8Array;
  rangeEnd: Uint8Array;
  limit: bigint;
  revision: bigint;
  keysOnly: boolean;
};

export type RangeResponse = Message<"etcdserverpb.RangeResponse"> & {
  header?: ResponseHeader;
  kvs: KeyValue[];
  more: boolean;
  /** Of all keys in the range. */
  count: bigint;
};

export type PutRequest = Message<"etcdserverpb.PutRequest"> & {
  key: Uint8Array;
  value: Uint8Array;
  lease: bigint;
};

export type DeleteRangeRequest = Message<"etcdserverpb.DeleteRangeRequest"> & { key: Uint8Array };

export type RequestOp = Message<"etcdserverpb.RequestOp"> & {
  request:
    | { case: "requestRange"; value: RangeRequest }
    | { case: "requestPut"; value: PutRequest }
    | { case: "requestDeleteRange"; value: DeleteRangeRequest }
    | { case: undefined; value?: undefined };
};

export type ResponseOp = Message<"etcdserverpb.ResponseOp"> & {
  response:
    | { case: "responseRange"; value: RangeResponse }
    | { case: "responsePut" | "responseDeleteRange"; value: Message }
    | { case: undefined; value?: undefined };
};

/** Only `EQUAL` is used of `CompareResult`: it is 0. */
export type Compare = Message<"etcdserverpb.Compare"> & {
  target: CompareTarget;
  key: Uint8Array;
  targetUnion:
    | { case: "createRevision" | "modRevision"; value: bigint }
    | { case: undefined; value?: undefined };
};

export type CompareTarget = 1 | 2;
export const CREATE: CompareTarget = 1;
export const MOD: CompareTarget = 2;

export type TxnRequest = Message<"etcdserverpb.TxnRequest"> & {
  compare: Compare[];
  success: RequestOp[];
  failure: RequestOp[];
};

export type TxnResponse = Message<"etcdserverpb.TxnResponse"> & {
  header?: ResponseHeader;
  succeeded: boolean;
  responses: ResponseOp[];
};

export type WatchCreateRequest = Message<"etcdserverpb.WatchCreateRequest"> & {
  key: Uint8Array;
  rangeEnd: Uint8Array;
  startRevision: bigint;
  /** A response without events comes now and then, so that the revision to go on from is no old one. */
  progressNotify: boolean;
  /** Large responses come in pieces. */
  fragment: boolean;
};

export type WatchRequest = Message<"etcdserverpb.WatchRequest"> & {
  requestUnion:
    | { case: "createRequest"; value: WatchCreateRequest }
    | { case: undefined; value?: undefined };
};

export type WatchResponse = Message<"etcdserverpb.WatchResponse"> & {
  header?: ResponseHeader;
  created: boolean;
  canceled: boolean;
  /** Not 0: what was asked for is forgotten up to here. */
  compactRevision: bigint;
  cancelReason: string;
  /** More of the same revision follows. */
  fragment: boolean;
  events: Event[];
};

/** `TTL` and `ID` are spelled so by etcd. */
export type LeaseGrantRequest = Message<"etcdserverpb.LeaseGrantRequest"> & { TTL: bigint };

export type LeaseGrantResponse = Message<"etcdserverpb.LeaseGrantResponse"> & { ID: bigint };

export type LeaseRevokeRequest = Message<"etcdserverpb.LeaseRevokeRequest"> & { ID: bigint };

export type LeaseKeepAliveRequest = Message<"etcdserverpb.LeaseKeepAliveRequest"> & { ID: bigint };

export type LeaseKeepAliveResponse = Message<"etcdserverpb.LeaseKeepAliveResponse"> & {
  /** 0: the lease is no more. */
  TTL: bigint;
};

export type AuthenticateRequest = Message<"etcdserverpb.AuthenticateRequest"> & {
  name: string;
  password: string;
};

export type AuthenticateResponse = Message<"etcdserverpb.AuthenticateResponse"> & { token: string };
