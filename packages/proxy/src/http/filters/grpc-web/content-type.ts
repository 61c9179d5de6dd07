/** How the messages of gRPC-Web stand in a body (gRPC-Web protocol, "Content-Type"). */
export type WebForm = "binary" | "text";

const FORMS: ReadonlyMap<string, WebForm> = new Map([
  ["application/grpc-web", "binary"],
  ["application/grpc-web+proto", "binary"],
  ["application/grpc-web-text", "text"],
  ["application/grpc-web-text+proto", "text"],
]);

/** The form that a content type names; null when it is not one of gRPC-Web, of which Envoy knows these four. */
export function webFormOf(contentType: string | undefined): WebForm | null {
  return contentType === undefined ? null : (FORMS.get(contentType) ?? null);
}

/** The content type of a response. */
export const RESPONSE_TYPES: { readonly [form in WebForm]: string } = {
  binary: "application/grpc-web+proto",
  text: "application/grpc-web-text+proto",
};
