import { create, createFileRegistry, type DescFile, type Message } from "@bufbuild/protobuf";
import {
  FieldDescriptorProto_Label,
  FieldDescriptorProto_Type,
  file_google_protobuf_duration,
  FileDescriptorProtoSchema,
  type Duration,
} from "@bufbuild/protobuf/wkt";

const PACKAGE = "nuncio.extensions.resource_monitors.event_loop_delay.v1";
const FILE = "nuncio/extensions/resource_monitors/event_loop_delay/v1/event_loop_delay.proto";

/** Type name of `EventLoopDelayConfig`. */
export const EVENT_LOOP_DELAY_TYPE: `${typeof PACKAGE}.EventLoopDelayConfig` = `${PACKAGE}.EventLoopDelayConfig`;

/** The resource monitor that measures by how much the event loops of the workers are late. */
export type EventLoopDelayConfig = Message<typeof EVENT_LOOP_DELAY_TYPE> & {
  /** The delay at which the pressure is 1; 0.1 s when unset. */
  maxDelay?: Duration;
};

/** Messages that Envoy does not have: the configuration of what only Nuncio has. */
export function nuncioFiles(): DescFile[] {
  const proto = create(FileDescriptorProtoSchema, {
    name: FILE,
    package: PACKAGE,
    syntax: "proto3",
    dependency: [file_google_protobuf_duration.proto.name],
    messageType: [
      {
        name: "EventLoopDelayConfig",
        field: [
          {
            name: "max_delay",
            jsonName: "maxDelay",
            number: 1,
            label: FieldDescriptorProto_Label.OPTIONAL,
            type: FieldDescriptorProto_Type.MESSAGE,
            typeName: ".google.protobuf.Duration",
          },
        ],
      },
    ],
  });
  const file = createFileRegistry(proto, () => file_google_protobuf_duration).getFile(FILE);
  if (file === undefined) throw new Error(`no descriptor made for ${FILE}`);
  return [file];
}
