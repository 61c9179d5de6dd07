import { create, createFileRegistry, type Message } from "@bufbuild/protobuf";
import type { GenMessage, GenService } from "@bufbuild/protobuf/codegenv2";
import {
  type DescriptorProto,
  DescriptorProtoSchema,
  FieldDescriptorProto_Label,
  FieldDescriptorProto_Type,
  FileDescriptorSetSchema,
} from "@bufbuild/protobuf/wkt";
import {
  KV_MESSAGES,
  RPC_MESSAGES,
  SERVICES,
  type FieldDeclaration,
  type MessageDeclarations,
} from "./declarations.ts";
import type * as api from "./messages.ts";

interface Unary<I extends Message, O extends Message> {
  readonly methodKind: "unary";
  readonly input: GenMessage<I>;
  readonly output: GenMessage<O>;
}

interface Stream<I extends Message, O extends Message> {
  readonly methodKind: "bidi_streaming";
  readonly input: GenMessage<I>;
  readonly output: GenMessage<O>;
}

/** The services of etcd's v3 API, with the methods that are used here. */
export interface EtcdServices {
  readonly KV: GenService<{
    range: Unary<api.RangeRequest, api.RangeResponse>;
    txn: Unary<api.TxnRequest, api.TxnResponse>;
  }>;
  readonly Watch: GenService<{ watch: Stream<api.WatchRequest, api.WatchResponse> }>;
  readonly Lease: GenService<{
    leaseGrant: Unary<api.LeaseGrantRequest, api.LeaseGrantResponse>;
    leaseRevoke: Unary<api.LeaseRevokeRequest, Message>;
    leaseKeepAlive: Stream<api.LeaseKeepAliveRequest, api.LeaseKeepAliveResponse>;
  }>;
  readonly Auth: GenService<{
    authenticate: Unary<api.AuthenticateRequest, api.AuthenticateResponse>;
  }>;
}

const TYPES: { readonly [type: string]: FieldDescriptorProto_Type } = {
  bytes: FieldDescriptorProto_Type.BYTES,
  string: FieldDescriptorProto_Type.STRING,
  bool: FieldDescriptorProto_Type.BOOL,
  int32: FieldDescriptorProto_Type.INT32,
  int64: FieldDescriptorProto_Type.INT64,
  uint64: FieldDescriptorProto_Type.UINT64,
};

let made: EtcdServices | undefined;

/** Made at the first call: whoever has no etcd does not pay for it. */
export function etcdServices(): EtcdServices {
  made ??= makeServices();
  return made;
}

function makeServices(): EtcdServices {
  const registry = createFileRegistry(
    create(FileDescriptorSetSchema, {
      file: [
        {
          name: "mvccpb/kv.proto",
          package: "mvccpb",
          syntax: "proto3",
          messageType: messagesOf(KV_MESSAGES),
        },
        {
          name: "etcdserverpb/rpc.proto",
          package: "etcdserverpb",
          syntax: "proto3",
          dependency: ["mvccpb/kv.proto"],
          messageType: messagesOf(RPC_MESSAGES),
          service: Object.entries(SERVICES).map(([name, methods]) => ({
            name,
            method: Object.entries(methods).map(([method, [input, output, kind]]) => ({
              name: method,
              inputType: `.etcdserverpb.${input}`,
              outputType: `.etcdserverpb.${output}`,
              clientStreaming: kind === "stream",
              serverStreaming: kind === "stream",
            })),
          })),
        },
      ],
    }),
  );
  const services = Object.keys(SERVICES).map((name) => [
    name,
    registry.getService(`etcdserverpb.${name}`),
  ]);
  return Object.fromEntries(services) as EtcdServices;
}

function messagesOf(declarations: MessageDeclarations): DescriptorProto[] {
  return Object.entries(declarations).map(([name, fields]) => {
    const groups = [...new Set(Object.values(fields).flatMap(([, , oneof]) => oneof ?? []))];
    return create(DescriptorProtoSchema, {
      name,
      oneofDecl: groups.map((group) => ({ name: group })),
      field: Object.entries(fields).map(([field, declared]) => fieldOf(field, declared, groups)),
    });
  });
}

function fieldOf(
  name: string,
  [number, declared, oneof]: FieldDeclaration,
  groups: readonly string[],
): object {
  const type = declared.replace("*", "");
  const isMessage = type.includes(".");
  return {
    name,
    number,
    label:
      type === declared ? FieldDescriptorProto_Label.OPTIONAL : FieldDescriptorProto_Label.REPEATED,
    type: isMessage ? FieldDescriptorProto_Type.MESSAGE : TYPES[type]!,
    ...(isMessage ? { typeName: `.${type}` } : {}),
    ...(oneof === undefined ? {} : { oneofIndex: groups.indexOf(oneof) }),
  };
}
