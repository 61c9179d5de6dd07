import type { ObjectKey } from "../resources/object.ts";

/** What is to be kept from sight, or comes with it. Texts are PEM. */
export type IrSecret = IrCertificate | IrAuthorities;

export interface IrCertificate {
  readonly kind: "certificate";
  readonly name: string;
  readonly gateway: ObjectKey;
  readonly certificateChain: string;
  readonly privateKey: string;
}

/** Certificates of authorities. */
export interface IrAuthorities {
  readonly kind: "authorities";
  readonly name: string;
  readonly gateway: ObjectKey;
  readonly certificates: string;
}
