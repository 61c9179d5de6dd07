import type { Service, ServiceImport } from "#gen/resources";

/** What has ports, and EndpointSlices. */
export type ServiceObject = (Service | ServiceImport) & {
  readonly spec?: {
    /** Of a Service that has more than one, the one that is used goes first. */
    readonly ipFamilies?: readonly string[];
  };
};

export type ServicePort = NonNullable<NonNullable<ServiceObject["spec"]>["ports"]>[number];
