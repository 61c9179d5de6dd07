// Writes packages/api/gen/**/*_pb.d.ts: TypeScript types of every message in the committed descriptor set. Only the
// compiler reads them. Runs at install on any Node from 20 on, so it is plain JavaScript. The types of the gateway's
// resources are written beside it (generate-resource-types.mjs).

import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { create, fromBinary } from "@bufbuild/protobuf";
import { FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { CodeGeneratorRequestSchema } from "@bufbuild/protobuf/wkt/google/protobuf/compiler/plugin_pb.js";
import { generateResourceTypes } from "./generate-resource-types.mjs";

const api = join(dirname(fileURLToPath(import.meta.url)), "../packages/api");

const generator = await loadGenerator();
if (generator === null) {
  console.log(
    "types of the Envoy API and of resources are not generated: development dependencies are not installed",
  );
} else {
  const files = generate(generator, readSet());
  write(files);
  console.log(`wrote the types of the Envoy API: ${files.length} files in packages/api/gen`);
  const { parse } = await import("yaml");
  generateResourceTypes(parse);
}

async function loadGenerator() {
  try {
    const module = await import("@bufbuild/protoc-gen-es/dist/cjs/src/protoc-gen-es-plugin.js");
    return module.protocGenEs;
  } catch (error) {
    if (error.code === "ERR_MODULE_NOT_FOUND") return null;
    throw error;
  }
}

function readSet() {
  const packed = readFileSync(join(api, "descriptors/envoy.binpb.gz"));
  return fromBinary(FileDescriptorSetSchema, gunzipSync(packed));
}

/** Runs the generator as protoc would; the well-known types come with its runtime. */
function generate(plugin, set) {
  const names = set.file.map((file) => file.name);
  const request = create(CodeGeneratorRequestSchema, {
    fileToGenerate: names.filter((name) => !name.startsWith("google/protobuf/")),
    protoFile: set.file,
    parameter: "target=dts,import_extension=js",
  });
  return plugin.run(request).file;
}

function write(files) {
  const target = join(api, "gen");
  rmSync(target, { recursive: true, force: true });
  for (const { name, content } of files) {
    const path = join(target, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  }
}
