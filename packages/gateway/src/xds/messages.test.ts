import { fromBinary } from "@bufbuild/protobuf";
import { envoyTypes, toJson, typeNameOfUrl } from "@nuncio/api";
import { shortNameOfUrl } from "@nuncio/xds";
import { StageOrder } from "../incremental/stage-order.ts";
import { goldenCases } from "../testing/golden.ts";
import { pieceTables, type PieceLists } from "../testing/pieces.ts";
import { xdsStages, type GatewayResource } from "./xds-stages.ts";

goldenCases(new URL("testdata/", import.meta.url), ([lists]) => {
  const stages = xdsStages(pieceTables(lists as PieceLists));
  new StageOrder(stages).settle();
  const resources = stages.flatMap((stage) => [...stage.values()]);
  const byType = Map.groupBy(resources, ({ resource }) => shortNameOfUrl(resource.typeUrl));
  return Object.fromEntries(
    Array.from(byType, ([type, ofType]) => [type, ofType.map(readable)] as const),
  );
});

function readable({ resource: { typeUrl, value } }: GatewayResource): unknown {
  return toJson(fromBinary(envoyTypes().getMessage(typeNameOfUrl(typeUrl))!, value));
}
