/** A field: its number, its type, and the `oneof` that it is in. Message types have a dot, `*` stands for repeated ones. */
export type FieldDeclaration = readonly [number: number, type: string, oneof?: string];

export type MessageDeclarations = Readonly<
  Record<string, Readonly<Record<string, FieldDeclaration>>>
>;

/** Package mvccpb. Enums are declared as int32, which is the same on the wire. */
export const KV_MESSAGES: MessageDeclarations = {
  KeyValue: {
    key: [1, "bytes"],
    create_revision: [2, "int64"],
    mod_revision: [3, "int64"],
    version: [4, "int64"],
    value: [5, "bytes"],
    lease: [6, "int64"],
  },
  Event: { type: [1, "int32"], kv: [2, "mvccpb.KeyValue"] },
};

/** Package etcdserverpb. */
export const RPC_MESSAGES: MessageDeclarations = {
  ResponseHeader: { cluster_id: [1, "uint64"], revision: [3, "int64"] },
  RangeRequest: {
    key: [1, "bytes"],
    range_end: [2, "bytes"],
    limit: [3, "int64"],
    revision: [4, "int64"],
    keys_only: [8, "bool"],
  },
  RangeResponse: {
    header: [1, "etcdserverpb.ResponseHeader"],
    kvs: [2, "*mvccpb.KeyValue"],
    more: [3, "bool"],
    count: [4, "int64"],
  },
  PutRequest: { key: [1, "bytes"], value: [2, "bytes"], lease: [3, "int64"] },
  PutResponse: {},
  DeleteRangeRequest: { key: [1, "bytes"] },
  DeleteRangeResponse: {},
  RequestOp: {
    request_range: [1, "etcdserverpb.RangeRequest", "request"],
    request_put: [2, "etcdserverpb.PutRequest", "request"],
    request_delete_range: [3, "etcdserverpb.DeleteRangeRequest", "request"],
  },
  ResponseOp: {
    response_range: [1, "etcdserverpb.RangeResponse", "response"],
    response_put: [2, "etcdserverpb.PutResponse", "response"],
    response_delete_range: [3, "etcdserverpb.DeleteRangeResponse", "response"],
  },
  Compare: {
    target: [2, "int32"],
    key: [3, "bytes"],
    create_revision: [5, "int64", "target_union"],
    mod_revision: [6, "int64", "target_union"],
  },
  TxnRequest: {
    compare: [1, "*etcdserverpb.Compare"],
    success: [2, "*etcdserverpb.RequestOp"],
    failure: [3, "*etcdserverpb.RequestOp"],
  },
  TxnResponse: {
    header: [1, "etcdserverpb.ResponseHeader"],
    succeeded: [2, "bool"],
    responses: [3, "*etcdserverpb.ResponseOp"],
  },
  WatchCreateRequest: {
    key: [1, "bytes"],
    range_end: [2, "bytes"],
    start_revision: [3, "int64"],
    progress_notify: [4, "bool"],
    fragment: [8, "bool"],
  },
  WatchRequest: { create_request: [1, "etcdserverpb.WatchCreateRequest", "request_union"] },
  WatchResponse: {
    header: [1, "etcdserverpb.ResponseHeader"],
    created: [3, "bool"],
    canceled: [4, "bool"],
    compact_revision: [5, "int64"],
    cancel_reason: [6, "string"],
    fragment: [7, "bool"],
    events: [11, "*mvccpb.Event"],
  },
  LeaseGrantRequest: { TTL: [1, "int64"] },
  LeaseGrantResponse: { ID: [2, "int64"] },
  LeaseRevokeRequest: { ID: [1, "int64"] },
  LeaseRevokeResponse: {},
  LeaseKeepAliveRequest: { ID: [1, "int64"] },
  LeaseKeepAliveResponse: { TTL: [3, "int64"] },
  AuthenticateRequest: { name: [1, "string"], password: [2, "string"] },
  AuthenticateResponse: { token: [2, "string"] },
};

export const SERVICES: Readonly<
  Record<string, Readonly<Record<string, readonly [input: string, output: string, kind: string]>>>
> = {
  KV: {
    Range: ["RangeRequest", "RangeResponse", "unary"],
    Txn: ["TxnRequest", "TxnResponse", "unary"],
  },
  Watch: { Watch: ["WatchRequest", "WatchResponse", "stream"] },
  Lease: {
    LeaseGrant: ["LeaseGrantRequest", "LeaseGrantResponse", "unary"],
    LeaseRevoke: ["LeaseRevokeRequest", "LeaseRevokeResponse", "unary"],
    LeaseKeepAlive: ["LeaseKeepAliveRequest", "LeaseKeepAliveResponse", "stream"],
  },
  Auth: { Authenticate: ["AuthenticateRequest", "AuthenticateResponse", "unary"] },
};
