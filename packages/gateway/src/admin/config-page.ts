import type { ControlPlane } from "../control-plane.ts";
import { XDS_TREE_TYPES, xdsTree } from "../offline/xds-tree.ts";
import { json, text, type AdminPage } from "./page.ts";

/** What data planes are given, by Gateway and type. */
export function configPage({ pipeline, listeningOn }: ConfigSource): AdminPage {
  return {
    help: `what data planes are given; ?type=${XDS_TREE_TYPES.join("|")}, ?gateway=NAMESPACE/NAME`,
    answer: (query) => {
      const wanted = query.getAll("type");
      const types = XDS_TREE_TYPES.filter((type) => wanted.length === 0 || wanted.includes(type));
      const other = wanted.find((type) => !types.some((known) => known === type));
      if (other !== undefined)
        return text(`type: expected ${XDS_TREE_TYPES.join(", ")}; got "${other}"\n`, 400);
      const xds = listeningOn() ?? { host: "127.0.0.1", port: 0 };
      const tree = xdsTree(pipeline.pieces, { types, showSecrets: false, xds });
      const gateway = query.get("gateway");
      if (gateway === null) return json(tree);
      if (!Object.hasOwn(tree, gateway))
        return text(`gateway: expected one that is served, got "${gateway}"\n`, 404);
      return json({ [gateway]: tree[gateway] });
    },
  };
}

type ConfigSource = Pick<ControlPlane, "pipeline" | "listeningOn">;
