import { goldenCases } from "./golden.ts";

goldenCases(new URL("testdata/", import.meta.url), (documents) => ({
  documents,
  count: documents.length,
  left: undefined,
}));
