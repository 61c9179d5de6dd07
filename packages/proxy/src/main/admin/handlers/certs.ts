import { toJson } from "@nuncio/api";
import { json } from "../handler.ts";
import type { AdminHandler } from "../handler.ts";

export const certs: AdminHandler = {
  path: "/certs",
  help: "print certs on machine",
  mutates: false,
  params: [],
  handle: (_request, providers) =>
    json({ certificates: [...providers.certificates()].map((certificate) => toJson(certificate)) }),
};
