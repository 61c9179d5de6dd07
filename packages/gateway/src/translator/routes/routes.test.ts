import { goldenCases } from "../../testing/golden.ts";
import { plainCells, translated } from "../testing/translate-routes.ts";

goldenCases(new URL("testdata/", import.meta.url), (documents) => {
  const { routes } = translated(documents);
  return plainCells(routes.routes);
});
