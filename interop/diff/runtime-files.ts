import { mkdirSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { request as httpRequest } from "node:http";
import { dirname, join } from "node:path";

/** How long a proxy is given to hear of a change of the runtime on all of its threads. */
const HEARD_MS = 150;

/** Values of the runtime as files below `root`, which is a link: it is replaced by a rename, as Envoy wants it. */
export function writeRuntime(root: string, files: Readonly<Record<string, string>>): void {
  const folder = join(dirname(root), `runtime-${performance.now()}`);
  mkdirSync(folder, { recursive: true });
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  symlinkSync(folder, `${root}.new`);
  renameSync(`${root}.new`, root);
}

/** The same for a proxy that runs. */
export async function replaceRuntime(
  root: string,
  files: Readonly<Record<string, string>>,
): Promise<void> {
  writeRuntime(root, files);
  await heard();
}

/** Sets values by the admin interface. Throws when it does not take them. */
export async function modifyRuntime(
  adminPort: number,
  values: Readonly<Record<string, string>>,
): Promise<void> {
  const query = new URLSearchParams(values).toString().replaceAll("+", "%20");
  const code = await post(adminPort, `/runtime_modify?${query}`);
  if (code !== 200) throw new Error(`/runtime_modify answered ${code}`);
  await heard();
}

function post(port: number, path: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = httpRequest({ host: "127.0.0.1", port, path, method: "POST", agent: false });
    sent.on("response", (response) => {
      response.resume();
      response.on("end", () => resolve(response.statusCode ?? 0));
    });
    sent.on("error", reject);
    sent.end();
  });
}

function heard(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, HEARD_MS));
}
