import { chance, type Scene } from "./scene.ts";

/** More often those that are there. */
const AUTHORITIES = [
  { kind: "ConfigMap", name: "authorities" },
  { kind: "ConfigMap", name: "authorities" },
  { kind: "ConfigMap", name: "missing" },
  { kind: "Thing", name: "authorities" },
];

/** What clients have to show at ports of HTTPS: for all of them, and for one on its own. */
export function randomClientValidation(scene: Scene): object {
  if (!chance(scene, 12)) return {};
  const { random } = scene;
  const perPort = [{ port: random.pick([443, 8443]), tls: validation(scene) }];
  return {
    tls: {
      frontend: { default: validation(scene), ...(chance(scene, 40) && { perPort }) },
    },
  };
}

function validation(scene: Scene): object {
  const { random } = scene;
  const caCertificateRefs = [{ group: "", ...random.pick(AUTHORITIES) }];
  const mode = random.oneIn(4) && { mode: "AllowInsecureFallback" };
  return { validation: { ...mode, caCertificateRefs } };
}
